import type { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/scopes.js";
import { tensorsOf } from "../core/tree.js";
import { GradientError } from "../errors.js";
import { PERMANENT, type Storage } from "../runtime/storage.js";
import { checkFunction, positionsOf } from "./arguments.js";
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
  checkFunction(name, f);
  const others = new Map<Storage, number>();
  for (const { storage } of tensorsOf(primals)) if (storage) others.set(storage, storage.handles);
  const { call, graph, value } = ownedBy(name, () => {
    const made = new Call(name, f, primals, positionsOf(primals));
    const found = made.graphOf(tensorsOf(made.result));
    const released = made.releasing(found.foreign)(made.result);
    // The plain tensors among these survive, with all that their graphs saved.
    return { call: made, graph: found, value: released, held: [made.result, made.sources] };
  });
  const onTheWay = handlesOnTheWay(call, graph, value, others);
  let live = true;
  const derivative = (...args: readonly unknown[]): unknown => {
    if (!live) throw new GradientError(name, "a derivative that still holds its values", "one that was disposed of");
    return ownedBy(name, () => derive(call, graph, args));
  };
  const dispose = (): void => {
    if (live && !graph.foreign) {
      call.end(graph);
      for (const [storage, count] of onTheWay) for (let i = 0; i < count; i++) storage.dropHandle("dispose");
    }
    live = false;
  };
  return [value, Object.assign(derivative, { dispose, [Symbol.dispose]: dispose })];
}

/**
 * How many handles the values on the way have on each storage: those that it has now, less the `others`, the arguments' before the
 * call, the results' and the sources'. Not every value on the way counts for one: see `inPlaceOf`.
 */
function handlesOnTheWay(
  call: Call,
  { path }: CallGraph,
  value: unknown,
  others: Map<Storage, number>,
): Map<Storage, number> {
  for (const x of [...new Set(tensorsOf(value)), ...call.sources]) more(others, x);
  const ends = new Set([...tensorsOf(call.result), ...call.sources]);
  const found = new Map<Storage, number>();
  for (const { output } of path.nodes) if (!ends.has(output)) more(found, output);
  for (const [storage, most] of found) found.set(storage, Math.min(most, storage.handles - (others.get(storage) ?? 0)));
  return found;
}

/** Counts one more handle on the storage of x, if it has one of its own. */
function more(counts: Map<Storage, number>, { storage }: Tensor): void {
  if (storage && storage.handles < PERMANENT) counts.set(storage, (counts.get(storage) ?? 0) + 1);
}
