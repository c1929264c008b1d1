// A vector of f32 as two vectors of f64, in which it is added up or multiplied; other dtypes stay as they are, and then
// the first of the two does for all.

@unmanaged
export class Wide {
  /** The first half of the lanes. */
  @inline static low<T>(v: v128): v128 {
    return isFloat<T>() && sizeof<T>() == 4 ? f64x2.promote_low_f32x4(v) : v;
  }

  /** The second half of the lanes. */
  @inline static high<T>(v: v128): v128 {
    return isFloat<T>() && sizeof<T>() == 4 ? f64x2.promote_low_f32x4(v128.shuffle<u64>(v, v, 1, 0)) : v;
  }

  /** Both halves as a vector of T. */
  @inline static join<T>(low: v128, high: v128): v128 {
    return isFloat<T>() && sizeof<T>() == 4
      ? v128.shuffle<u64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
      : low;
  }

  /** How many bytes of elements make one vector. */
  @inline static bytes<T>(): usize {
    return isFloat<T>() && sizeof<T>() == 4 ? 8 : 16;
  }

  /** So many bytes at `x` as one vector. */
  @inline static load<T>(x: usize): v128 {
    return isFloat<T>() && sizeof<T>() == 4 ? f64x2.promote_low_f32x4(v128.load64_zero(x)) : v128.load(x);
  }
}
