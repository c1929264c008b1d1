// Indices along an axis, I32: a negative one counts from the end, where that is allowed.

import { Status } from "../../abi/status";
import { fail } from "../../control";

/**
 * Whether all indices lie on an axis of `length` elements, fewer than 2^31, or up to `back` from its end, which is `length` or 0;
 * else the failure of the first that does not.
 */
export function checkIndices(index: usize, count: usize, length: usize, back: usize): i32 {
  // From -back to length - 1, in one unsigned comparison.
  const shift = i32x4.splat(<i32>back);
  const span = i32x4.splat(<i32>(length + back));
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    if (!i32x4.all_true(i32x4.lt_u(i32x4.add(v128.load(index + (i << 2)), shift), span))) break;
  }
  for (; i < count; i++) {
    const value = load<i32>(index + (i << 2));
    if (<u32>(value + <i32>back) >= <u32>(length + back))
      return fail(back ? Status.IndexOutOfRange : Status.OutsideFromStart, i, <f64>value, length);
  }
  return Status.Ok;
}

/** The place that an index names; for one out of range, at least `length`. */
// @ts-ignore: decorator
@inline
export function position(index: i32, length: usize): usize {
  return <usize>index + (length & (<usize>(index >> 31)));
}
