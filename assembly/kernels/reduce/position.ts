// Positions of the largest and smallest elements: of the first among equals, and of the first NaN if there is one.

import { extremeRow, Nan } from "./extreme";
import { move, repeat } from "../box/move";
import { SPAN } from "./span";

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
 * Positions of the first extremes of the columns of [rows, columns], at least one row, rows `step` elements apart; out is
 * i32 [columns]. A tile of columns may overlap the one before.
 */
// prettier-ignore
export function argColumns<T, F>(
  out: usize, x: usize, rows: usize, columns: usize, step: usize, work: usize,
): void {
  const width = columns << alignof<T>();
  const pitch = step << alignof<T>();
  let most = SPAN;
  let n = width;
  for (let i: usize = 0; i < width; i += n) {
    if (width >= 16) n = max(min(width - i, most) & -16, 16);
    const at = min(i, width - n);
    const slot = out + ((at >> alignof<T>()) << 2);
    if (n < 16 || stream<T, F>(slot, x + at, rows, n, pitch, work)) {
      if (n > 64) {
        // Where there is a NaN, fewer columns are taken together, so that few are sought in one by one.
        most = 64;
        n = 0;
        continue;
      }
      for (let j: usize = 0; j < n >> alignof<T>(); j++) {
        store<u32>(slot + (j << 2), column<T, F>(x + at + (j << alignof<T>()), rows, pitch));
      }
    }
  }
}

/** `width` bytes of whole rows; answers whether there may be a NaN, and then the output is worth nothing. */
// prettier-ignore
function stream<T, F>(out: usize, x: usize, rows: usize, width: usize, pitch: usize, best: usize): bool {
  const f = changetype<F>(0);
  let nan = v128.splat<T>(0);
  move(best, x, width);
  repeat(out, nan, (width >> alignof<T>()) << 2);
  for (let row: usize = 0; row < rows; row += 4) {
    // The first once more in place of those that are missing.
    const x1 = row + 1 < rows ? x + pitch : x;
    const x2 = row + 2 < rows ? x + 2 * pitch : x;
    const x3 = row + 3 < rows ? x + 3 * pitch : x;
    for (let i: usize = 0; i != width; i += 16) {
      const a = v128.load(x + i);
      const b = v128.load(x1 + i);
      const c = v128.load(x2 + i);
      const d = v128.load(x3 + i);
      nan = v128.add<T>(nan, Nan.four<T>(a, b, c, d));
      const ab = f.quick<T>(a, b);
      const most = f.quick<T>(ab, f.quick<T>(c, d));
      const before = v128.load(best + i);
      let better = f.above<T>(most, before);
      if (!v128.any_true(better)) continue;
      v128.store(best + i, f.quick<T>(before, most));
      // All ones are -1: so many rows are not yet the best.
      let later = i32x4.add(v128.ne<T>(a, most), v128.ne<T>(ab, most));
      later = i32x4.sub(i32x4.splat(<i32>row), i32x4.add(later, v128.ne<T>(f.quick<T>(ab, c), most)));
      const slot = out + ((i >> alignof<T>()) << 2);
      if (sizeof<T>() == 4) {
        v128.store(slot, v128.bitselect(later, v128.load(slot), better));
      } else {
        later = v128.shuffle<u32>(later, later, 0, 2, 0, 2);
        better = v128.shuffle<u32>(better, better, 0, 2, 0, 2);
        v128.store64_lane(slot, v128.bitselect(later, v128.load64_zero(slot), better), 0);
      }
    }
    x += 4 * pitch;
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
