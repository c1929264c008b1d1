import { checkFunction } from "../../core/checks.js";
import { dispose as disposeOf, ownedBy } from "../../core/running/scopes.js";
import { tensorsOf } from "../../core/tree.js";
import { GradientError } from "../../errors.js";
import { positionsOf } from "./arguments.js";
import { Call, type AnyFunction, type CallGraph } from "./call.js";

/** What a derivative that is kept can do beside being called. */
export interface Residual {
  /** Frees what f computed; the derivative cannot be called any more. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * Calls f once and keeps its graph: the value of f, and a function that `derive` makes of that graph, as often as it is
 * called.
 */
export function keepingGraph(
  name: string,
  f: AnyFunction,
  primals: readonly unknown[],
  derive: (call: Call, graph: CallGraph, args: readonly unknown[]) => unknown,
): readonly [value: unknown, derivative: ((...args: readonly unknown[]) => unknown) & Residual] {
  checkFunction(name, "a function", f);
  const { call, graph, value } = ownedBy(name, () => {
    const made = new Call(name, f, primals, positionsOf(primals));
    const found = made.graphOf(tensorsOf(made.result));
    const released = made.releasing(found.foreign)(made.result);
    // The plain tensors among these survive, with all that their graphs saved.
    return { call: made, graph: found, value: released, held: [made.result, made.sources] };
  });
  const ends = new Set([...tensorsOf(call.result), ...call.sources]);
  // The values on the way are nobody else's; what `inPlaceOf` passed on holds no handle.
  const onTheWay = graph.path.nodes.filter((node) => !node.uncounted && !ends.has(node.output));
  let live = true;
  const derivative = (...args: readonly unknown[]): unknown => {
    if (!live) throw new GradientError(name, "a derivative that still holds its values", "one that was disposed of");
    return ownedBy(name, () => derive(call, graph, args));
  };
  const dispose = (): void => {
    if (live && !graph.foreign) {
      call.end(graph);
      for (const { output } of onTheWay) disposeOf(output);
    }
    live = false;
  };
  return [value, Object.assign(derivative, { dispose, [Symbol.dispose]: dispose })];
}
