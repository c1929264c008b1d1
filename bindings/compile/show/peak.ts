import type { Value } from "../capture/graph.js";
import { blockBytes, type Plan } from "../plan/plan.js";

/**
 * The most bytes that are alive in the slab during any step, each value in whole blocks of 64: written, and read by this or a later
 * one. No slab can be smaller, unless steps write over what they read.
 */
export function peakOf({ graph, places }: Plan): number {
  const last = new Map<Value, number>();
  for (const [at, { inputs, outputs }] of graph.steps.entries()) {
    for (const value of [...outputs, ...inputs.map((x) => x.value)]) last.set(value, at);
  }
  let [live, peak] = [0, 0];
  const alive = new Set<Value>();
  for (const [at, { outputs }] of graph.steps.entries()) {
    for (const value of outputs) {
      if (places.get(value)?.kind !== "slab") continue;
      alive.add(value);
      live += blockBytes(value);
    }
    peak = Math.max(peak, live);
    for (const value of alive) {
      if (last.get(value)! > at) continue;
      alive.delete(value);
      live -= blockBytes(value);
    }
  }
  return peak;
}
