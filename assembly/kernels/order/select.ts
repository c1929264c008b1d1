// The first few of a row in ascending order of their keys, without sorting the others.

import { splat } from "../../lanes/strided";
import { keyOf } from "./keys";

/** Bytes that are compared with the last of those kept at once. */
const BLOCK: usize = 64;

/**
 * Of n elements that lie `step` bytes apart, those with the least keys, in order; of equals the first. A key is that of the
 * element, exclusive-or `mask`. Writes `kept` keys (u64) to `keys`, and the positions behind them, 8 bytes each.
 */
export function select<T>(x: usize, step: usize, n: usize, kept: usize, mask: u64, keys: usize): void {
  const lanes: usize = BLOCK / sizeof<T>();
  const last = keys + ((kept - 1) << 3);
  let held: usize = 0;
  let worst: u64 = 0;
  let bound = i64x2.splat(0);
  for (let i: usize = 0; i < n;) {
    const end = min(i + lanes, n);
    if (step == sizeof<T>() && held == kept && end - i == lanes && beyond<T>(x + (i << alignof<T>()), bound, mask)) {
      i = end;
      continue;
    }
    for (; i < end; i++) {
      const key = keyOf<T>(x + i * step) ^ mask;
      if (held == kept && key >= worst) continue;
      if (held < kept) held++;
      insert(keys, held, kept, key, i);
      if (held < kept) continue;
      worst = load<u64>(last);
      bound = splat<T>(x + load<usize>(last + (kept << 3)) * step);
    }
  }
}

/** Whether no element of a block can precede the bound. Where a NaN is in play the answer is no, and keys decide. */
// @ts-ignore: decorator
@inline
function beyond<T>(x: usize, bound: v128, mask: u64): bool {
  const a = v128.load(x, 0);
  const b = v128.load(x, 16);
  const c = v128.load(x, 32);
  const d = v128.load(x, 48);
  const all = mask
    ? v128.and(
        v128.and(v128.le<T>(a, bound), v128.le<T>(b, bound)),
        v128.and(v128.le<T>(c, bound), v128.le<T>(d, bound)),
      )
    : v128.and(
        v128.and(v128.ge<T>(a, bound), v128.ge<T>(b, bound)),
        v128.and(v128.ge<T>(c, bound), v128.ge<T>(d, bound)),
      );
  return i32x4.all_true(all);
}

/** Puts a key into its place among those held, behind its equals; the last of `held` gives way. */
// @ts-ignore: decorator
@inline
function insert(keys: usize, held: usize, kept: usize, key: u64, index: usize): void {
  const behind = kept << 3;
  let slot = keys + ((held - 1) << 3);
  for (; slot > keys && load<u64>(slot - 8) > key; slot -= 8) {
    store<u64>(slot, load<u64>(slot - 8));
    store<u32>(slot + behind, load<u32>(slot + behind - 8));
  }
  store<u64>(slot, key);
  store<u32>(slot + behind, index);
}
