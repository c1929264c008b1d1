import { checkFunction, checkList } from "../core/checks.js";
import { constant } from "../core/values/create.js";
import { defaultDType } from "../core/dtype.js";
import { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import { mapTree, tensorsOf } from "../core/tree.js";
import { alongside, positionsOf, type Differentiable, type Gradient } from "./calls/arguments.js";
import { Call, type AnyFunction, type CallGraph } from "./calls/call.js";
import { handedOut } from "./calls/handles.js";
import { pushforward } from "./transforms/pushforward.js";
import { keepingGraph, type Residual } from "./calls/residual.js";

/**
 * The value of f at `primals`, and its derivative along `tangents`: the Jacobian-vector product, by forward mode. Primals
 * are the list of f's arguments, trees of tensors and numbers; tangents are like them, of the same shapes. Returns
 * [value, tangent], trees as f returns them; the tangent of what does not depend on the primals is zero. Calls nest with all
 * other derivatives in any order. Throws when a tangent does not fit its primal, or a primal is of an integer type.
 */
export function jvp<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  primals: Differentiable<A>,
  tangents: Differentiable<A>,
): [Y, Gradient<Y>];
export function jvp(f: AnyFunction, primals: readonly unknown[], tangents: readonly unknown[]): unknown {
  return pushedForward("jvp", f, primals, tangents);
}

/** `jvp`, also for other derivatives, in whose name errors are. */
export function pushedForward(
  name: string,
  f: AnyFunction,
  primals: readonly unknown[],
  tangents: readonly unknown[],
): [value: unknown, tangent: unknown] {
  checkFunction(name, "a function", f);
  checkList(name, "primals", primals);
  checkList(name, "tangents", tangents);
  return ownedBy(name, () => {
    const call = new Call(name, f, primals, positionsOf(primals));
    const directions = directionsOf(call, tangents);
    const graph = call.graphOf(tensorsOf(call.result), directions);
    const tangent = pushed(call, graph, directions, graph.foreign);
    const results: [unknown, unknown] = [call.releasing(graph.foreign)(call.result), tangent];
    call.end(graph);
    return results;
  });
}

/** f's derivative at a point, a linear function of tangents. It holds what f computed there until it is disposed of. */
export type Linearized<A extends readonly unknown[], Y> = ((...tangents: Differentiable<A>) => Gradient<Y>) & Residual;

/**
 * The value of f at the primals, and f's derivative there as a linear function of tangents: f runs once, the derivative
 * as often as it is called. Otherwise as `jvp`.
 */
export function linearize<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  ...primals: Differentiable<A> & readonly unknown[]
): [Y, Linearized<A, Y>];
export function linearize(f: AnyFunction, ...primals: readonly unknown[]): unknown {
  return linearized("linearize", f, primals);
}

/** `linearize`, also for other derivatives, in whose name errors are. */
export function linearized(name: string, f: AnyFunction, primals: readonly unknown[]): ReturnType<typeof keepingGraph> {
  return keepingGraph(name, f, primals, (call, graph, tangents) => {
    const directions = directionsOf(call, tangents);
    return pushed(call, graph, directions, graph.foreign || directions.some((x) => x.node !== null));
  });
}

/** The tangents of a call's arguments: all of these are differentiable, so none is without. */
function directionsOf(call: Call, tangents: readonly unknown[]): Tensor[] {
  return alongside(call.name, call.treesOf(call.sources), tangents) as Tensor[];
}

/** The tangent of a call's result, a tree like it. */
function pushed(call: Call, graph: CallGraph, directions: readonly Tensor[], asGraph: boolean): unknown {
  const found = pushforward(graph.outputs, graph.sources, directions, graph.path, asGraph);
  const tangents = handedOut(found, tensorsOf(call.result), directions);
  let next = 0;
  return mapTree(call.result, (leaf) => (leaf instanceof Tensor ? tangents[next++] : constant(0, defaultDType)));
}
