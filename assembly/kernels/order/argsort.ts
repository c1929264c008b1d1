// The order of the elements along the middle dimension of [Outer, Count, Inner].

import { AxisWord, DType, Head, Status } from "../../abi";
import { outOfMemory, workspace } from "../../arena";
import { dtypeOf } from "../walk";
import { keyOf } from "./keys";
import { select } from "./select";
import { COUNTS, sortPairs } from "./sort";

/** So many of a much longer row are selected; more of them are the beginning of the whole, sorted. */
const FEW: usize = 32;

/** Runs an Argsort instruction: F32, F64 or I32. */
export function argsort(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return typed<f32>(instruction);
  if (dtype == DType.F64) return typed<f64>(instruction);
  if (dtype == DType.I32) return typed<i32>(instruction);
  return Status.Unsupported;
}

function typed<T>(instruction: usize): i32 {
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
  for (let outer = load<usize>(instruction, AxisWord.Outer << 2); outer; outer--) {
    for (let j: usize = 0; j < inner; j++) {
      const column = x + (j << alignof<T>());
      let sorted = place + (kept << 3);
      if (few) select<T>(column, inner << alignof<T>(), count, kept, mask, place);
      else sorted = sort<T>(column, inner << alignof<T>(), count, mask, place);
      for (let i: usize = 0; i < kept; i++) {
        store<u32>(out + ((i * inner + j) << 2), load<u32>(sorted + (i << 3)));
      }
    }
    x += (count * inner) << alignof<T>();
    out += (kept * inner) << 2;
  }
  return Status.Ok;
}

/** The address of n pairs, each a position in its low half, in the order of the elements. */
function sort<T>(x: usize, step: usize, n: usize, mask: u64, place: usize): usize {
  const spare = place + (n << 3);
  const counts = spare + (n << 3);
  for (let i: usize = 0; i < n; i++) {
    store<u64>(place + (i << 3), ((keyOf<T>(x + i * step) ^ mask) << 32) | (<u64>i));
  }
  let sorted = sortPairs(place, spare, counts, n);
  if (sizeof<T>() == 8) {
    // That was the low half of the key. Those that agree in the high half keep this order.
    for (let i: usize = 0; i < n; i++) {
      const index = load<u32>(sorted + (i << 3));
      const high = (keyOf<T>(x + <usize>index * step) ^ mask) & 0xffffffff00000000;
      store<u64>(sorted + (i << 3), high | (<u64>index));
    }
    sorted = sortPairs(sorted, sorted == place ? spare : place, counts, n);
  }
  return sorted;
}
