// What the rare functions share. They are generic over T = f32 or f64, and written for few bytes: plain multiplications and
// additions, nearly the same in both builds, and one polynomial loop for all. Errors are the largest found by
// `npm run accuracy` and a denser search, in ulp, f32 and f64.

/** The polynomial with the n coefficients of T at c, n even: the even and the odd powers side by side. */
// @ts-ignore: decorator
@inline
export function polynomial<T>(c: usize, n: usize, z: v128): v128 {
  const z2 = v128.mul<T>(z, z);
  let at = c + ((n - 2) << alignof<T>());
  let even = pooled<T>(at);
  let odd = pooled<T>(at + sizeof<T>());
  while (at != c) {
    at -= 2 * sizeof<T>();
    even = v128.add<T>(v128.mul<T>(even, z2), pooled<T>(at));
    odd = v128.add<T>(v128.mul<T>(odd, z2), pooled<T>(at + sizeof<T>()));
  }
  return v128.add<T>(even, v128.mul<T>(odd, z));
}

/** a b - product where `product` is a b rounded: Dekker (1971), exact unless something over- or underflows. */
export function lost<T>(a: v128, b: v128, product: v128): v128 {
  const a1 = upper<T>(a);
  const a2 = v128.sub<T>(a, a1);
  const b1 = upper<T>(b);
  const b2 = v128.sub<T>(b, b1);
  const cross = v128.add<T>(v128.mul<T>(a1, b2), v128.mul<T>(a2, b1));
  return v128.add<T>(v128.add<T>(v128.sub<T>(v128.mul<T>(a1, b1), product), cross), v128.mul<T>(a2, b2));
}

/** The upper half of the significand. */
// @ts-ignore: decorator
@inline
export function upper<T>(x: v128): v128 {
  return v128.and(x, sizeof<T>() == 4 ? i32x4.splat(0xfffff000) : i64x2.splat(0xfffffffff8000000));
}

/** The sign bit of each lane. */
// @ts-ignore: decorator
@inline
export function signOf<T>(x: v128): v128 {
  return v128.and(x, fill<T>(-0.0));
}

/** All ones in the lanes whose sign bit is set. */
// @ts-ignore: decorator
@inline
export function negative<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.shr_s(x, 31) : i64x2.shr_s(x, 63);
}

/** A vector full of a number. */
// @ts-ignore: decorator
@inline
export function fill<T>(x: f64): v128 {
  return v128.splat<T>(<T>x);
}

// @ts-ignore: decorator
@inline
function pooled<T>(at: usize): v128 {
  return sizeof<T>() == 4 ? v128.load32_splat(at) : v128.load64_splat(at);
}
