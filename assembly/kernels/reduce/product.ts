// Products, in an order that depends on the shape alone: in f64 for f32, so that neither the error nor an intermediate
// overflow grows with the length; else in the dtype, where i32 wraps.

import { Wide } from "../../lanes/wide";
import { repeat } from "../box/move";
import { SPAN } from "./span";

/** The product of `n` contiguous elements of T. */
export function productRow<T, A>(x: usize, n: usize): A {
  const one = v128.splat<A>(1);
  let a = one;
  let b = one;
  let c = one;
  let d = one;
  for (const end = x + ((n << alignof<T>()) & ~31); x != end; x += 32) {
    a = v128.mul<A>(a, Wide.load<T>(x));
    b = v128.mul<A>(b, Wide.load<T>(x + 16));
    if (sizeof<A>() == sizeof<T>()) continue;
    c = v128.mul<A>(c, Wide.load<T>(x + 8));
    d = v128.mul<A>(d, Wide.load<T>(x + 24));
  }
  a = v128.mul<A>(v128.mul<A>(a, b), v128.mul<A>(c, d));
  a = v128.mul<A>(a, v128.shuffle<u64>(a, a, 1, 0));
  if (sizeof<A>() == 4) a = v128.mul<A>(a, v128.shuffle<u32>(a, a, 1, 0, 3, 2));
  let total = v128.extract_lane<A>(a, 0);
  for (n &= 32 / sizeof<T>() - 1; n; n--) {
    total *= <A>load<T>(x);
    x += sizeof<T>();
  }
  return total;
}

/**
 * The products of the columns of [rows, columns], rows `step` elements apart; out is [columns]. A tile of columns may
 * overlap the one before.
 */
// prettier-ignore
export function productColumns<T, A>(
  out: usize, x: usize, rows: usize, columns: usize, step: usize, work: usize,
): void {
  const width = columns << alignof<T>();
  const pitch = step << alignof<T>();
  const least = Wide.bytes<T>();
  let n: usize = sizeof<T>();
  for (let i: usize = 0; i < width; i += n) {
    if (width >= least) n = max(min(width - i, SPAN) & -least, least);
    const at = min(i, width - n);
    if (width >= least) stream<T, A>(out + at, x + at, rows, n, pitch, work);
    else store<T>(out + at, <T>column<T, A>(x + at, rows, pitch));
  }
}

/** `width` bytes of whole rows, as they lie in memory. */
// prettier-ignore
function stream<T, A>(out: usize, x: usize, rows: usize, width: usize, pitch: usize, ones: usize): void {
  const totals = ones + SPAN;
  const end = totals + ((width >> alignof<T>()) << alignof<A>());
  repeat(ones, v128.splat<T>(1), width);
  repeat(totals, v128.splat<A>(1), end - totals);
  for (let row: usize = 0; row < rows; row += 4) {
    let a = x;
    let b = row + 1 < rows ? x + pitch : ones;
    let c = row + 2 < rows ? x + 2 * pitch : ones;
    let d = row + 3 < rows ? x + 3 * pitch : ones;
    for (let slot = totals; slot != end; slot += 16) {
      const ab = v128.mul<A>(v128.mul<A>(v128.load(slot), Wide.load<T>(a)), Wide.load<T>(b));
      v128.store(slot, v128.mul<A>(v128.mul<A>(ab, Wide.load<T>(c)), Wide.load<T>(d)));
      a += Wide.bytes<T>();
      b += Wide.bytes<T>();
      c += Wide.bytes<T>();
      d += Wide.bytes<T>();
    }
    x += 4 * pitch;
  }
  for (let slot = totals; slot != end; slot += sizeof<A>()) {
    store<T>(out, <T>load<A>(slot));
    out += sizeof<T>();
  }
}

/** One column. */
function column<T, A>(x: usize, rows: usize, pitch: usize): A {
  let total: A = 1;
  for (; rows; rows--) {
    total *= <A>load<T>(x);
    x += pitch;
  }
  return total;
}
