// The order of the elements along the middle dimension of [Outer, Count, Inner].

import { DType } from "../../abi/dtype";
import { AxisWord, Head } from "../../abi/form";
import { Status } from "../../abi/status";
import { outOfMemory, workspace } from "../../arena";
import { tick } from "../../control";
import { dtypeOf, shiftOf } from "../box/walk";
import { keyOf } from "./keys";
import { select } from "./select";
import { COUNTS, sortPairs } from "./sort";

/** So many of a much longer row are selected; more of them are the beginning of the whole, sorted. */
const FEW: usize = 64;

/** Runs an Argsort instruction: F32, F64 or I32. */
export function argsort(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype > DType.I32) return Status.Unsupported;
  const shift = shiftOf(dtype);
  let x = load<usize>(instruction, AxisWord.X << 2);
  let out = load<usize>(instruction, AxisWord.Out << 2);
  const count = load<usize>(instruction, AxisWord.Count << 2);
  const inner = load<usize>(instruction, AxisWord.Inner << 2);
  const kept = load<usize>(instruction, AxisWord.Length << 2);
  const mask: u64 = load<u32>(instruction, Head.Extra << 2) ? -1 : 0;
  if (!(kept * inner)) return Status.Ok;
  const few = kept <= FEW && kept << 2 <= count;
  const need = few ? kept << 4 : (count << 4) + COUNTS;
  const place = workspace(need);
  if (!place) return outOfMemory(need);
  const step = inner << shift;
  for (let outer = load<usize>(instruction, AxisWord.Outer << 2); outer; outer--) {
    for (let j: usize = 0; j < inner; j++) {
      tick();
      const column = x + (j << shift);
      let sorted = place + (kept << 3);
      if (!few) sorted = sort(dtype, column, step, count, mask, place);
      else if (dtype == DType.F32) select<f32>(column, step, count, kept, mask, place);
      else if (dtype == DType.F64) select<f64>(column, step, count, kept, mask, place);
      else select<i32>(column, step, count, kept, mask, place);
      for (let i: usize = 0; i < kept; i++) {
        store<u32>(out + ((i * inner + j) << 2), load<u32>(sorted + (i << 3)));
      }
    }
    x += count * step;
    out += (kept * inner) << 2;
  }
  return Status.Ok;
}

/** The address of n pairs, each a position in its low half, in the order of the elements. */
function sort(dtype: i32, x: usize, step: usize, n: usize, mask: u64, place: usize): usize {
  const spare = place + (n << 3);
  const counts = spare + (n << 3);
  for (let i: usize = 0; i < n; i++) store<u64>(place + (i << 3), i);
  if (dtype == DType.F32) {
    pair<f32>(place, x, step, n, mask, 32);
  } else if (dtype == DType.I32) {
    pair<i32>(place, x, step, n, mask, 32);
  } else {
    pair<f64>(place, x, step, n, mask, 32);
    // By the low half of the key first; those that agree in the high half keep that order.
    const sorted = sortPairs(place, spare, counts, n);
    pair<f64>(sorted, x, step, n, mask, 0);
    return sortPairs(sorted, sorted == place ? spare : place, counts, n);
  }
  return sortPairs(place, spare, counts, n);
}

/** Puts 32 bits of the key of the element at each position into the high half of its pair. */
function pair<T>(pairs: usize, x: usize, step: usize, n: usize, mask: u64, shift: u64): void {
  for (const end = pairs + (n << 3); pairs != end; pairs += 8) {
    const index = load<u32>(pairs);
    store<u32>(pairs, <u32>(((keyOf<T>(x + <usize>index * step) ^ mask) << shift) >> 32), 4);
  }
}
