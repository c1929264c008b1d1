// The place of a number in the order of its type, as an unsigned integer of its size.

/**
 * The key of the element at `x`: larger for a greater number, the same for zeros of both signs, largest and the same for
 * every NaN. A float's bits, read as an integer, ascend where it is positive and descend where it is negative.
 */
// @ts-ignore: decorator
@inline
export function keyOf<T>(x: usize): u64 {
  if (isInteger<T>()) return load<u32>(x) ^ 0x80000000;
  // -0 + 0 is 0.
  const value = <T>(load<T>(x) + <T>0);
  if (value != value) return sizeof<T>() == 4 ? <u64>u32.MAX_VALUE : u64.MAX_VALUE;
  if (sizeof<T>() == 4) {
    const bits = reinterpret<i32>(<f32>value);
    return <u64>(<u32>(bits ^ ((bits >> 31) | i32.MIN_VALUE)));
  }
  const bits = reinterpret<i64>(<f64>value);
  return <u64>(bits ^ ((bits >> 63) | i64.MIN_VALUE));
}
