// Indices along an axis, I32: a negative one counts from the end.

import { Status } from "../abi";
import { fail } from "../control";

/** Whether all indices lie on an axis of `length` elements, fewer than 2^31; else the failure of the first that does not. */
export function checkIndices(index: usize, count: usize, length: usize): i32 {
  // From -length to length - 1, in one unsigned comparison.
  const shift = i32x4.splat(<i32>length);
  const span = i32x4.splat((<i32>length) << 1);
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    if (!i32x4.all_true(i32x4.lt_u(i32x4.add(v128.load(index + (i << 2)), shift), span))) break;
  }
  for (; i < count; i++) {
    const value = load<i32>(index + (i << 2));
    if (position(value, length) >= length) return fail(Status.IndexOutOfRange, i, <f64>value, length);
  }
  return Status.Ok;
}

/** The place that an index names; for one out of range, at least `length`. */
// @ts-ignore: decorator
@inline
export function position(index: i32, length: usize): usize {
  return <usize>index + (length & (<usize>(index >> 31)));
}
