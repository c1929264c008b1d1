// Largest and smallest elements, and where they are. NaN counts as the extreme, and is tracked beside the comparison, which
// is much cheaper than a comparison that propagates it. Of zeros with different signs either may come out.

/** The extreme of `n` contiguous elements of T, at least one; F is Maximum or Minimum. */
export function extremeRow<T, F>(x: usize, n: usize): T {
  const f = changetype<F>(0);
  const lanes: usize = 16 / sizeof<T>();
  let a = v128.splat<T>(load<T>(x));
  let b = a;
  let c = a;
  let d = a;
  let nan = Nan.of<T>(a);
  for (const end = x + ((n & ~(4 * lanes - 1)) << alignof<T>()); x != end; x += 64) {
    const p = v128.load(x, 0);
    const q = v128.load(x, 16);
    const r = v128.load(x, 32);
    const s = v128.load(x, 48);
    a = f.quick<T>(a, p);
    b = f.quick<T>(b, q);
    c = f.quick<T>(c, r);
    d = f.quick<T>(d, s);
    nan = v128.or(nan, v128.or(v128.or(Nan.of<T>(p), Nan.of<T>(q)), v128.or(Nan.of<T>(r), Nan.of<T>(s))));
  }
  a = f.quick<T>(f.quick<T>(a, b), f.quick<T>(c, d));
  for (n &= 4 * lanes - 1; n >= lanes; n -= lanes) {
    const p = v128.load(x);
    a = f.quick<T>(a, p);
    nan = v128.or(nan, Nan.of<T>(p));
    x += 16;
  }
  for (; n; n--) {
    const p = v128.splat<T>(load<T>(x));
    a = f.quick<T>(a, p);
    nan = v128.or(nan, Nan.of<T>(p));
    x += sizeof<T>();
  }
  a = f.quick<T>(a, v128.shuffle<u64>(a, a, 1, 0));
  if (sizeof<T>() == 4) a = f.quick<T>(a, v128.shuffle<u32>(a, a, 1, 0, 3, 2));
  if (isFloat<T>() && v128.any_true(nan)) return <T>NaN;
  return v128.extract_lane<T>(a, 0);
}

/** The extremes of the columns of a contiguous [rows, columns], at least one row; out is [columns]. */
export function extremeColumns<T, F>(out: usize, x: usize, rows: usize, columns: usize): void {
  const lanes: usize = 16 / sizeof<T>();
  const pitch = columns << alignof<T>();
  let left = columns;
  for (; left >= 4 * lanes; left -= 4 * lanes) {
    wide<T, F>(out, x, rows, pitch);
    out += 64;
    x += 64;
  }
  for (; left >= lanes; left -= lanes) {
    v128.store(out, narrow<T, F>(x, rows, pitch));
    out += 16;
    x += 16;
  }
  if (left && columns >= lanes) {
    const back = (lanes - left) << alignof<T>();
    v128.store(out - back, narrow<T, F>(x - back, rows, pitch));
    return;
  }
  for (; left; left--) {
    store<T>(out, column<T, F>(x, rows, pitch));
    out += sizeof<T>();
    x += sizeof<T>();
  }
}

/** Position of the first extreme, or of the first NaN, of `n` contiguous elements of T, at least one. */
export function argRow<T, F>(x: usize, n: usize): usize {
  const lanes: usize = 16 / sizeof<T>();
  const best = extremeRow<T, F>(x, n);
  const nan = best != best;
  const wanted = v128.splat<T>(best);
  for (let i: usize = 0; i + lanes <= n; i += lanes) {
    const v = v128.load(x + (i << alignof<T>()));
    const mask = nan ? v128.ne<T>(v, v) : v128.eq<T>(v, wanted);
    const bits = sizeof<T>() == 4 ? i32x4.bitmask(mask) : i64x2.bitmask(mask);
    if (bits) return i + ctz(bits);
  }
  let i = n & ~(lanes - 1);
  for (; i + 1 < n; i++) {
    const v = load<T>(x + (i << alignof<T>()));
    if (nan ? v != v : v == best) break;
  }
  return i;
}

/** Positions of the first extremes of the columns of a contiguous [rows, columns]; out is i32 [columns]. */
export function argColumns<T, F>(out: usize, x: usize, rows: usize, columns: usize): void {
  const f = changetype<F>(0);
  memory.fill(out, 0, columns << 2);
  for (let i: usize = 1; i < rows; i++) {
    for (let j: usize = 0; j < columns; j++) {
      const v = load<T>(x + ((i * columns + j) << alignof<T>()));
      const slot = out + (j << 2);
      const best = load<T>(x + ((load<usize>(slot) * columns + j) << alignof<T>()));
      if (f.beats<T>(v, best)) store<u32>(slot, i);
    }
  }
}

/** Four vectors of columns. */
function wide<T, F>(out: usize, x: usize, rows: usize, pitch: usize): void {
  const f = changetype<F>(0);
  const end = x + rows * pitch;
  let a = v128.load(x, 0);
  let b = v128.load(x, 16);
  let c = v128.load(x, 32);
  let d = v128.load(x, 48);
  let i = Nan.of<T>(a);
  let j = Nan.of<T>(b);
  let k = Nan.of<T>(c);
  let l = Nan.of<T>(d);
  for (x += pitch; x != end; x += pitch) {
    const p = v128.load(x, 0);
    const q = v128.load(x, 16);
    const r = v128.load(x, 32);
    const s = v128.load(x, 48);
    a = f.quick<T>(a, p);
    b = f.quick<T>(b, q);
    c = f.quick<T>(c, r);
    d = f.quick<T>(d, s);
    i = v128.or(i, Nan.of<T>(p));
    j = v128.or(j, Nan.of<T>(q));
    k = v128.or(k, Nan.of<T>(r));
    l = v128.or(l, Nan.of<T>(s));
  }
  v128.store(out, v128.or(a, i), 0);
  v128.store(out, v128.or(b, j), 16);
  v128.store(out, v128.or(c, k), 32);
  v128.store(out, v128.or(d, l), 48);
}

/** One vector of columns. */
function narrow<T, F>(x: usize, rows: usize, pitch: usize): v128 {
  const end = x + rows * pitch;
  let a = v128.load(x);
  let nan = Nan.of<T>(a);
  for (x += pitch; x != end; x += pitch) {
    const p = v128.load(x);
    a = changetype<F>(0).quick<T>(a, p);
    nan = v128.or(nan, Nan.of<T>(p));
  }
  return v128.or(a, nan);
}

/** One column. */
function column<T, F>(x: usize, rows: usize, pitch: usize): T {
  const end = x + rows * pitch;
  let a = load<T>(x);
  for (x += pitch; x != end; x += pitch) {
    const p = load<T>(x);
    if (changetype<F>(0).beats<T>(p, a)) a = p;
  }
  return a;
}

class Nan {
  /** All ones, which is itself a NaN, where x is NaN. */
  @inline static of<T>(x: v128): v128 {
    return isFloat<T>() ? v128.ne<T>(x, x) : v128.splat<T>(0);
  }
}
