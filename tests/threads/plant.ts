import { EmittedRecord, Team } from "../../assembly/abi/team.js";
import { moduleOf } from "../../bindings/compile/emit/module.js";
import { scope } from "../../bindings/index.js";
import { allocateBlock, heap, kernels } from "../../bindings/runtime/instance.js";
import { word } from "./support.js";

/** Gives the workers, and them alone, another body for every function that has been emitted last. Returns what undoes it. */
export function plant(body: readonly number[]): () => void {
  let record = heap.u32[word(Team.Emitted)]!;
  while (heap.u32[(record + EmittedRecord.Next) >>> 2]) record = heap.u32[(record + EmittedRecord.Next) >>> 2]!;
  const count = heap.u32[(record + EmittedRecord.Functions) >>> 2]!;
  const first = (record + EmittedRecord.Places) >>> 2;
  const places = heap.u32.slice(first, first + count);
  const module = moduleOf(Array.from(places, () => body), true); // prettier-ignore
  const start = EmittedRecord.Places + 4 * count;
  const planted = allocateBlock(start + module.length);
  const number = ++heap.u32[word(Team.LastEmitted)]!;
  heap.u32.set([0, number, count, module.length, ...places], planted >>> 2);
  heap.u8.set(module, planted + start);
  heap.u32[(record + EmittedRecord.Next) >>> 2] = planted;
  return () => {
    heap.u32[(record + EmittedRecord.Next) >>> 2] = 0;
    kernels.release(planted);
  };
}

/** What a call throws at last, of a thousand. */
export function failureOf(call: () => void): unknown {
  for (let i = 0; i < 1000; i++) {
    try {
      scope(call);
    } catch (error) {
      return error;
    }
  }
  return undefined;
}
