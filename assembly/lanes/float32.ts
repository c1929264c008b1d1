// What the functions of f32 are written in.

/** a * b + c, fused where that is fast. */
// @ts-ignore: decorator
@inline
export function madd32(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** c - a * b, fused where that is fast. */
// @ts-ignore: decorator
@inline
export function nmadd32(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
}

/** A vector full of constant i of a pool: one load, where V8 needs three to five instructions for a `v128.const`. */
// @ts-ignore: decorator
@inline
export function splat32(pool: usize, i: usize = 0): v128 {
  return v128.load32_splat(pool + (i << 2));
}

/** c[0] + c[1] x + c[2] x². */
// @ts-ignore: decorator
@inline
export function quadratic32(c: usize, x: v128): v128 {
  return madd32(madd32(splat32(c, 2), x, splat32(c, 1)), x, splat32(c, 0));
}

/** c[i] + c[i + 1] x. */
// @ts-ignore: decorator
@inline
export function linear32(c: usize, i: usize, x: v128): v128 {
  return madd32(splat32(c, i + 1), x, splat32(c, i));
}

/** x within [pool[least], pool[most]]; NaN stays NaN, since `pmin` and `pmax` answer their first operand then. */
// @ts-ignore: decorator
@inline
export function clamp32(x: v128, least: usize, most: usize): v128 {
  return f32x4.pmax(f32x4.pmin(x, splat32(most)), splat32(least));
}
