import { alongside, type Differentiable, type Gradient } from "./calls/arguments.js";
import type { AnyFunction } from "./calls/call.js";
import { handedOut } from "./calls/handles.js";
import { pullback } from "./transforms/pullback.js";
import { keepingGraph, type Residual } from "./calls/residual.js";

/** f's derivative at a point, as a function from adjoints of f's result to the list of those of its arguments. */
export type Pulled<A extends readonly unknown[], Y> = ((adjoint: Differentiable<Y>) => Gradient<A>) & Residual;

/**
 * The value of f at the primals, and the function that pulls adjoints back: vector-Jacobian products, by reverse mode. f
 * may return a tree of tensors; the adjoint is like it, of the same shapes, and the result is the list of the adjoints of
 * f's arguments, trees like these. It can be called as often as you like, and holds what f computed until it is disposed of.
 */
export function vjp<A extends readonly unknown[], Y>(
  f: (...args: A) => Y,
  ...primals: Differentiable<A> & readonly unknown[]
): [Y, Pulled<A, Y>];
export function vjp(f: AnyFunction, ...primals: readonly unknown[]): unknown {
  return keepingGraph("vjp", f, primals, (call, graph, [adjoint]) => {
    const given = alongside("vjp", call.result, adjoint);
    const live = graph.outputs.flatMap((node, i) => (node && given[i] ? [{ node, g: given[i] }] : []));
    const adjoints = live.map(({ g }) => g);
    const found = pullback(
      live.map(({ node }) => node),
      adjoints,
      graph.sources,
      graph.path,
      graph.foreign || adjoints.some((g) => g.node !== null),
    );
    return call.treesOf(handedOut(found, call.sources, adjoints));
  });
}
