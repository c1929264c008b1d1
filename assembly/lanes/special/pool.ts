// What the rare functions share. They are written for few bytes: plain multiplications and additions, the same in both
// builds, one polynomial loop for all, f64 alone. Errors are the largest found against 200-bit arithmetic, in ulp of f64,
// over 10^6 random arguments of every magnitude and the neighbourhoods of roots and seams; an f32 goes through f64, two
// lanes at a time, and comes out within 0.51 ulp.

/** The polynomial with the n coefficients at c, n even: the even and the odd powers side by side. */
export function poly64(c: usize, n: usize, z: v128): v128 {
  const z2 = f64x2.mul(z, z);
  let at = c + ((n - 2) << 3);
  let even = splat64(at);
  let odd = splat64(at, 1);
  while (at != c) {
    at -= 16;
    even = f64x2.add(f64x2.mul(even, z2), splat64(at));
    odd = f64x2.add(f64x2.mul(odd, z2), splat64(at, 1));
  }
  return f64x2.add(even, f64x2.mul(odd, z));
}

/** a b - product where `product` is a b rounded: Dekker (1971), exact unless something over- or underflows. */
export function lost64(a: v128, b: v128, product: v128): v128 {
  const a1 = upper64(a);
  const a2 = f64x2.sub(a, a1);
  const b1 = upper64(b);
  const b2 = f64x2.sub(b, b1);
  const cross = f64x2.add(f64x2.mul(a1, b2), f64x2.mul(a2, b1));
  return f64x2.add(f64x2.add(f64x2.sub(f64x2.mul(a1, b1), product), cross), f64x2.mul(a2, b2));
}

/** The upper 26 bits of the significand. */
// @ts-ignore: decorator
@inline
export function upper64(x: v128): v128 {
  return v128.and(x, i64x2.splat(0xfffffffff8000000));
}

/** The sign bit of each lane. */
// @ts-ignore: decorator
@inline
export function sign64(x: v128): v128 {
  return v128.and(x, f64x2.splat(-0.0));
}

/** A vector full of constant i of a pool. */
// @ts-ignore: decorator
@inline
export function splat64(pool: usize, i: usize = 0): v128 {
  return v128.load64_splat(pool + (i << 3));
}
