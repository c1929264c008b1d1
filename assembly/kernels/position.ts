// Positions of the largest and smallest elements: of the first among equals, and of the first NaN if there is one.

import { extremeRow, Nan } from "./extreme";

/** Elements of which the extreme is found before its position is sought, in the one block that holds it. */
const BLOCK: usize = 1024;

/** Position of the first extreme, or of the first NaN, of `n` contiguous elements of T, at least one. */
export function argRow<T, F>(x: usize, n: usize): usize {
  let best = extremeRow<T, F>(x, min(n, BLOCK));
  let start: usize = 0;
  for (let i = BLOCK; i < n; i += BLOCK) {
    const next = extremeRow<T, F>(x + (i << alignof<T>()), min(n - i, BLOCK));
    if (!changetype<F>(0).beats<T>(next, best)) continue;
    best = next;
    start = i;
  }
  return start + find<T>(x + (start << alignof<T>()), min(n - start, BLOCK), best);
}

/** Position of the first of `n` elements that equals `wanted`; one of them does. */
function find<T>(x: usize, n: usize, wanted: T): usize {
  const lanes: usize = 16 / sizeof<T>();
  const nan = wanted != wanted;
  const w = v128.splat<T>(wanted);
  let i: usize = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    const at = x + (i << alignof<T>());
    const low = v128.or(Same.as<T>(v128.load(at, 0), w, nan), Same.as<T>(v128.load(at, 16), w, nan));
    const high = v128.or(Same.as<T>(v128.load(at, 32), w, nan), Same.as<T>(v128.load(at, 48), w, nan));
    if (v128.any_true(v128.or(low, high))) break;
  }
  for (; i + lanes <= n; i += lanes) {
    const mask = Same.as<T>(v128.load(x + (i << alignof<T>())), w, nan);
    const bits = sizeof<T>() == 4 ? i32x4.bitmask(mask) : i64x2.bitmask(mask);
    if (bits) return i + ctz(bits);
  }
  for (; i + 1 < n; i++) {
    const v = load<T>(x + (i << alignof<T>()));
    if (nan ? v != v : v == wanted) break;
  }
  return i;
}

/**
 * Positions of the first extremes of the columns of a contiguous [rows, columns]; out is i32 [columns]. The last strip may
 * overlap the one before.
 */
export function argColumns<T, F>(out: usize, x: usize, rows: usize, columns: usize): void {
  const wide: usize = 64 / sizeof<T>();
  for (let i: usize = 0; i < columns; i += wide) {
    const at = columns < wide ? i : min(i, columns - wide);
    const slot = out + (at << 2);
    const first = x + (at << alignof<T>());
    const pitch = columns << alignof<T>();
    if (columns < wide || strip<T, F>(slot, first, rows, pitch)) {
      for (let j: usize = 0; j < min(columns, wide); j++) {
        store<u32>(slot + (j << 2), column<T, F>(first + (j << alignof<T>()), rows, pitch));
      }
    }
  }
}

/** Four vectors of columns; answers whether there may be a NaN, and then the output is worth nothing. */
function strip<T, F>(out: usize, x: usize, rows: usize, pitch: usize): bool {
  const f = changetype<F>(0);
  let a = v128.load(x, 0);
  let b = v128.load(x, 16);
  let c = v128.load(x, 32);
  let d = v128.load(x, 48);
  let nan = Nan.four<T>(a, b, c, d);
  let i = i32x4.splat(0);
  let j = i;
  let k = i;
  let l = i;
  for (let row: usize = 1; row < rows; row++) {
    const at = x + row * pitch;
    const n = i32x4.splat(<i32>row);
    const p = v128.load(at, 0);
    const q = v128.load(at, 16);
    const r = v128.load(at, 32);
    const s = v128.load(at, 48);
    // Rows only grow, so that the later of two positions is the larger.
    if (sizeof<T>() == 4) {
      i = i32x4.max_s(i, v128.and(f.above<T>(p, a), n));
      j = i32x4.max_s(j, v128.and(f.above<T>(q, b), n));
      k = i32x4.max_s(k, v128.and(f.above<T>(r, c), n));
      l = i32x4.max_s(l, v128.and(f.above<T>(s, d), n));
    } else {
      i = i32x4.max_s(i, v128.and(v128.shuffle<u32>(f.above<T>(p, a), f.above<T>(q, b), 0, 2, 4, 6), n));
      j = i32x4.max_s(j, v128.and(v128.shuffle<u32>(f.above<T>(r, c), f.above<T>(s, d), 0, 2, 4, 6), n));
    }
    a = f.quick<T>(a, p);
    b = f.quick<T>(b, q);
    c = f.quick<T>(c, r);
    d = f.quick<T>(d, s);
    nan = v128.add<T>(nan, Nan.four<T>(p, q, r, s));
  }
  v128.store(out, i, 0);
  v128.store(out, j, 16);
  if (sizeof<T>() == 4) {
    v128.store(out, k, 32);
    v128.store(out, l, 48);
  }
  return isFloat<T>() && v128.any_true(Nan.of<T>(nan));
}

/** One column. */
function column<T, F>(x: usize, rows: usize, pitch: usize): usize {
  let best = load<T>(x);
  let place: usize = 0;
  for (let i: usize = 1; i < rows; i++) {
    const v = load<T>(x + i * pitch);
    if (!changetype<F>(0).beats<T>(v, best)) continue;
    best = v;
    place = i;
  }
  return place;
}

class Same {
  /** All ones where x equals w, or where it is NaN. */
  @inline static as<T>(x: v128, w: v128, nan: bool): v128 {
    return nan ? v128.ne<T>(x, x) : v128.eq<T>(x, w);
  }
}
