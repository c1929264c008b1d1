// Vectors of n f64 that lie contiguously: what all of linear algebra is made of here.

/** Σ x y. */
export function dot(x: usize, y: usize, n: usize): f64 {
  let even = f64x2.splat(0);
  let odd = even;
  for (; n >= 4; n -= 4) {
    even = f64x2.add(even, f64x2.mul(v128.load(x, 0), v128.load(y, 0)));
    odd = f64x2.add(odd, f64x2.mul(v128.load(x, 16), v128.load(y, 16)));
    x += 32;
    y += 32;
  }
  even = f64x2.add(even, odd);
  let sum = f64x2.extract_lane(even, 0) + f64x2.extract_lane(even, 1);
  for (; n; n--) {
    sum += load<f64>(x) * load<f64>(y);
    x += 8;
    y += 8;
  }
  return sum;
}

/** y += a x. */
export function addTimes(y: usize, a: f64, x: usize, n: usize): void {
  const factor = f64x2.splat(a);
  for (; n >= 4; n -= 4) {
    v128.store(y, f64x2.add(v128.load(y, 0), f64x2.mul(factor, v128.load(x, 0))), 0);
    v128.store(y, f64x2.add(v128.load(y, 16), f64x2.mul(factor, v128.load(x, 16))), 16);
    x += 32;
    y += 32;
  }
  for (; n; n--) {
    store<f64>(y, load<f64>(y) + a * load<f64>(x));
    x += 8;
    y += 8;
  }
}

/** x /= a. */
export function divide(x: usize, a: f64, n: usize): void {
  const divisor = f64x2.splat(a);
  for (; n >= 2; n -= 2) {
    v128.store(x, f64x2.div(v128.load(x), divisor));
    x += 16;
  }
  for (; n; n--) {
    store<f64>(x, load<f64>(x) / a);
    x += 8;
  }
}

/** x, y = c x - s y, s x + c y. With c = 0 and s = 1 they change places, one with the other sign. */
export function rotate(x: usize, y: usize, c: f64, s: f64, n: usize): void {
  const cosine = f64x2.splat(c);
  const sine = f64x2.splat(s);
  for (; n >= 2; n -= 2) {
    const a = v128.load(x);
    const b = v128.load(y);
    v128.store(x, f64x2.sub(f64x2.mul(cosine, a), f64x2.mul(sine, b)));
    v128.store(y, f64x2.add(f64x2.mul(sine, a), f64x2.mul(cosine, b)));
    x += 16;
    y += 16;
  }
  for (; n; n--) {
    const a = load<f64>(x);
    const b = load<f64>(y);
    store<f64>(x, c * a - s * b);
    store<f64>(y, s * a + c * b);
    x += 8;
    y += 8;
  }
}
