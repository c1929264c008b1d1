// Largest and smallest elements. NaN counts as the extreme, and is tracked beside the comparison, which is much cheaper
// than a comparison that propagates it. Of zeros with different signs either may come out.

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
  if (sizeof<T>() < 8) a = f.quick<T>(a, v128.shuffle<u32>(a, a, 1, 0, 3, 2));
  if (sizeof<T>() < 4) {
    a = f.quick<T>(a, v128.shuffle<u16>(a, a, 1, 0, 3, 2, 5, 4, 7, 6));
    a = f.quick<T>(a, v128.shuffle<u8>(a, a, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  }
  if (isFloat<T>() && v128.any_true(nan)) return <T>NaN;
  return v128.extract_lane<T>(a, 0);
}

/**
 * The extremes of the columns of a contiguous [rows, columns], at least one row; out is [columns]. The last strip may
 * overlap the one before.
 */
export function extremeColumns<T, F>(out: usize, x: usize, rows: usize, columns: usize): void {
  const pitch = columns << alignof<T>();
  if (pitch >= 128) {
    for (let i: usize = 0; i < pitch; i += 128) {
      const at = min(i, pitch - 128);
      if (isFloat<T>() && wide<T, F>(out + at, x + at, rows, pitch)) {
        for (let k = at; k < at + 128; k += 16) v128.store(out + k, narrow<T, F>(x + k, rows, pitch));
      } else if (!isFloat<T>()) wide<T, F>(out + at, x + at, rows, pitch);
    }
  } else if (pitch >= 16) {
    for (let i: usize = 0; i < pitch; i += 16) {
      const at = min(i, pitch - 16);
      v128.store(out + at, narrow<T, F>(x + at, rows, pitch));
    }
  } else {
    for (let i: usize = 0; i < pitch; i += sizeof<T>()) store<T>(out + i, column<T, F>(x + i, rows, pitch));
  }
}

/** Eight vectors of columns; answers whether there may be a NaN, which the output does not tell. */
function wide<T, F>(out: usize, x: usize, rows: usize, pitch: usize): bool {
  const fold = changetype<F>(0);
  const end = x + rows * pitch;
  let a = v128.load(x, 0);
  let b = v128.load(x, 16);
  let c = v128.load(x, 32);
  let d = v128.load(x, 48);
  let e = v128.load(x, 64);
  let f = v128.load(x, 80);
  let g = v128.load(x, 96);
  let h = v128.load(x, 112);
  let nan = v128.add<T>(Nan.four<T>(a, b, c, d), Nan.four<T>(e, f, g, h));
  for (x += pitch; x != end; x += pitch) {
    const p = v128.load(x, 0);
    const q = v128.load(x, 16);
    const r = v128.load(x, 32);
    const s = v128.load(x, 48);
    a = fold.quick<T>(a, p);
    b = fold.quick<T>(b, q);
    c = fold.quick<T>(c, r);
    d = fold.quick<T>(d, s);
    nan = v128.add<T>(nan, Nan.four<T>(p, q, r, s));
    const t = v128.load(x, 64);
    const u = v128.load(x, 80);
    const v = v128.load(x, 96);
    const w = v128.load(x, 112);
    e = fold.quick<T>(e, t);
    f = fold.quick<T>(f, u);
    g = fold.quick<T>(g, v);
    h = fold.quick<T>(h, w);
    nan = v128.add<T>(nan, Nan.four<T>(t, u, v, w));
  }
  v128.store(out, a, 0);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
  v128.store(out, e, 64);
  v128.store(out, f, 80);
  v128.store(out, g, 96);
  v128.store(out, h, 112);
  return isFloat<T>() && v128.any_true(Nan.of<T>(nan));
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

/** Where there are NaN. */
export class Nan {
  /** All ones, which is itself a NaN, where x is NaN. */
  @inline static of<T>(x: v128): v128 {
    return isFloat<T>() ? v128.ne<T>(x, x) : v128.splat<T>(0);
  }

  /** A sum, which is NaN where any of four is: half as much work as to compare each. Infinities may make one more. */
  @inline static four<T>(p: v128, q: v128, r: v128, s: v128): v128 {
    return isFloat<T>() ? v128.add<T>(v128.add<T>(p, q), v128.add<T>(r, s)) : p;
  }
}
