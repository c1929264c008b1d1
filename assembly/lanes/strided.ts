// Vectors of elements that lie `step` bytes apart (0 repeats one element), whole or in part: the way in and out of the
// lanes wherever memory is not contiguous, and for the last few elements everywhere.

/** Loads `count` elements of T (at most a vector of them) from `x`, and nothing else; the lanes beyond are 0. */
// @ts-ignore: decorator
@inline
export function gather<T>(x: usize, step: isize, count: usize): v128 {
  return count == 16 / sizeof<T>() && step == sizeof<T>() ? v128.load(x) : gatherSome<T>(x, step, count);
}

/** Stores the first `count` elements of T in `v` to `out`, and touches nothing else. */
// @ts-ignore: decorator
@inline
export function scatter<T>(out: usize, step: isize, v: v128, count: usize): void {
  if (count == 16 / sizeof<T>() && step == sizeof<T>()) v128.store(out, v);
  else scatterSome<T>(out, step, v, count);
}

/** A vector full of the element at `x`. */
export function splat<T>(x: usize): v128 {
  if (sizeof<T>() == 8) return v128.load64_splat(x);
  return sizeof<T>() == 4 ? v128.load32_splat(x) : v128.load8_splat(x);
}

/** All ones in the first `count` lanes of a vector of T. */
export function first<T>(count: usize): v128 {
  if (sizeof<T>() == 8) return i64x2.gt_s(i64x2.splat(count), i64x2(0, 1));
  return i32x4.gt_s(i32x4.splat(<i32>count), i32x4(0, 1, 2, 3));
}

// @ts-ignore: decorator
@inline
function gatherSome<T>(x: usize, step: isize, count: usize): v128 {
  if (sizeof<T>() == 8) {
    const pair = v128.load64_zero(x);
    return count > 1 ? v128.load_lane<u64>(x + step, pair, 1) : pair;
  }
  let v = v128.load32_zero(x);
  if (count < 2) return v;
  v = v128.load_lane<u32>(x + step, v, 1);
  if (count < 3) return v;
  v = v128.load_lane<u32>(x + 2 * step, v, 2);
  return count < 4 ? v : v128.load_lane<u32>(x + 3 * step, v, 3);
}

// @ts-ignore: decorator
@inline
function scatterSome<T>(out: usize, step: isize, v: v128, count: usize): void {
  if (sizeof<T>() == 8) {
    v128.store_lane<u64>(out, v, 0);
    if (count > 1) v128.store_lane<u64>(out + step, v, 1);
    return;
  }
  v128.store_lane<u32>(out, v, 0);
  if (count < 2) return;
  v128.store_lane<u32>(out + step, v, 1);
  if (count < 3) return;
  v128.store_lane<u32>(out + 2 * step, v, 2);
  if (count > 3) v128.store_lane<u32>(out + 3 * step, v, 3);
}
