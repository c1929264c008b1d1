// A matrix by a vector, and a vector by a vector: memory is read once, in the order in which it lies.
//
// An element is made of the same chains as in a larger product, but each chain runs in as many parts as a vector has
// lanes: part r adds the terms l = r, r + lanes, .. of the chain, each as a[i, l] * b[l] + part, from 0. They are added in
// pairs at its end. So a matrix may be read along its rows, with a part in each lane, or along its columns, with an output
// in each lane and a vector for each part, to the same bits.

import { move } from "../box/move";
import { repeat, step } from "./tile";
import { Product } from "./work";

/** Rows that are read side by side. */
const ROWS: i32 = 8;

/** Bytes across the outputs of `panel`. */
const PANEL: usize = 32;

/** Bytes of output that are summed together, where outputs lie along memory. */
const BREADTH: i32 = 4096;

/** The least number of bytes for which that is worth the memory traffic of the sums. */
const BROAD: i32 = 512;

/** Bytes of scratch memory beyond the `Product`. */
export function vectorScratch<T>(k: i32): usize {
  return BREADTH * lanesOf<T>() + 64 + <usize>(ROWS + 1) * (min(k, depthOf<T>()) + lanesOf<T>()) * sizeof<T>();
}

// @ts-ignore: decorator
@inline
function lanesOf<T>(): i32 {
  return <i32>(16 / sizeof<T>());
}

/** Terms of a chain: as many in each of its parts as in a chain of a larger product. */
// @ts-ignore: decorator
@inline
function depthOf<T>(): i32 {
  return 512 * lanesOf<T>();
}

/** Computes C [m, 1] = A B, with scratch memory from `place` on. */
export function multiplyVector<T>(p: Product, place: usize): void {
  const width = <i32>(PANEL / sizeof<T>());
  const parts = place;
  const sums = parts + BREADTH * lanesOf<T>();
  const room = sums + 64;
  const aColumn = p.aColumn;
  const cRow = p.cRow;
  // One long sum: four chains abreast, since one alone would wait for itself.
  let start = 0;
  if (p.m == 1 && aColumn == sizeof<T>() && p.bRow == sizeof<T>()) {
    for (; start + 4 * depthOf<T>() <= p.k; start += 4 * depthOf<T>()) {
      const at = <usize>start * sizeof<T>();
      fourChains<T>(sums, p.a + at, p.b + at, depthOf<T>());
      for (let q = 0; q < 4; q++) put<T>(p.c, cRow, sums + <usize>q * sizeof<T>(), 1, start + q > 0);
    }
  }
  const down = p.aRow == sizeof<T>() && aColumn != sizeof<T>() && p.m >= width;
  const inPlace = p.bRow == sizeof<T>() && (p.k & (lanesOf<T>() - 1)) == 0;
  for (let l = start; l < p.k; l += depthOf<T>()) {
    const k = min(p.k - l, depthOf<T>());
    const line = <usize>((k + lanesOf<T>() - 1) & -lanesOf<T>()) * sizeof<T>();
    const a = p.a + <usize>l * aColumn;
    let x = p.b + <usize>l * p.bRow;
    if (!inPlace) {
      pack<T>(room, x, p.bRow, k, <T>-0.0);
      x = room;
    }
    for (let i = 0; i < p.m;) {
      // The last rows are computed together with some before them, again; few rows one by one.
      const bytes = min(BREADTH, (p.m - i) * <i32>sizeof<T>()) & -(<i32>PANEL);
      if (down && bytes >= BROAD) {
        columns<T>(parts, bytes, a + <usize>i * sizeof<T>(), aColumn, x, k);
        put<T>(p.c + <usize>i * cRow, cRow, parts, bytes / <i32>sizeof<T>(), l > 0);
        i += bytes / <i32>sizeof<T>();
        continue;
      }
      const height = down ? width : p.m < ROWS ? 1 : ROWS;
      const top = min(i, p.m - height);
      let from = a + <usize>top * p.aRow;
      if (down) panel<T>(sums, from, aColumn, x, k);
      else {
        let row = p.aRow;
        if (aColumn != sizeof<T>()) {
          const packed = room + line;
          for (let r = 0; r < height; r++) {
            pack<T>(packed + <usize>r * line, from + <usize>r * row, aColumn, k, 0);
          }
          from = packed;
          row = line;
        }
        if (height == 1) oneRow<T>(sums, from, x, k);
        else eightRows<T>(sums, from, row, x, k);
      }
      put<T>(p.c + <usize>i * cRow, cRow, sums + <usize>(i - top) * sizeof<T>(), height - (i - top), l > 0);
      i += height - (i - top);
    }
  }
}

/** Copies k elements, `step` bytes apart, and fills the last vector up. */
function pack<T>(to: usize, from: usize, step: usize, k: i32, rest: T): void {
  if (step == sizeof<T>()) {
    move(to, from, <usize>k * sizeof<T>());
    to += <usize>k * sizeof<T>();
  } else {
    for (let l = 0; l < k; l++) {
      store<T>(to, load<T>(from));
      to += sizeof<T>();
      from += step;
    }
  }
  for (; k & (lanesOf<T>() - 1); k++) {
    store<T>(to, rest);
    to += sizeof<T>();
  }
}

/** Copies sums to C, or adds them there. */
function put<T>(c: usize, cRow: usize, from: usize, count: i32, more: bool): void {
  if (!more && cRow == sizeof<T>()) return move(c, from, <usize>count * sizeof<T>());
  for (; count; count--) {
    store<T>(c, more ? load<T>(c) + load<T>(from) : load<T>(from));
    from += sizeof<T>();
    c += cRow;
  }
}

/** The last vector of a row: k elements of it, and zeros. */
// @ts-ignore: decorator
@inline
function tail<T>(from: usize, k: i32): v128 {
  if (sizeof<T>() == 8) return v128.load64_zero(from);
  if (k == 1) return v128.load32_zero(from);
  const two = v128.load64_zero(from);
  return k == 2 ? two : v128.load32_lane(from, two, 2, 8);
}

// @ts-ignore: decorator
@inline
function fold<T>(to: usize, parts: v128): void {
  if (sizeof<T>() == 8) {
    v128.store64_lane(to, v128.add<T>(parts, v128.shuffle<i64>(parts, parts, 1, 0)), 0);
    return;
  }
  const pairs = v128.add<T>(parts, v128.shuffle<i32>(parts, parts, 1, 0, 3, 2));
  v128.store32_lane(to, v128.add<T>(pairs, v128.shuffle<i32>(pairs, pairs, 2, 3, 0, 1)), 0);
}

/** Eight sums of k terms. x is filled up to whole vectors with -0, which times 0 adds nothing, not even a sign. */
function eightRows<T>(to: usize, a: usize, row: usize, x: usize, k: i32): void {
  let c0 = v128.splat<T>(0),
    c1 = v128.splat<T>(0),
    c2 = v128.splat<T>(0),
    c3 = v128.splat<T>(0);
  let c4 = v128.splat<T>(0),
    c5 = v128.splat<T>(0),
    c6 = v128.splat<T>(0),
    c7 = v128.splat<T>(0);
  for (let n = k / lanesOf<T>(); n; n--) {
    const y = v128.load(x);
    let at = a;
    c0 = step<T>(v128.load(at), y, c0);
    c1 = step<T>(v128.load((at += row)), y, c1);
    c2 = step<T>(v128.load((at += row)), y, c2);
    c3 = step<T>(v128.load((at += row)), y, c3);
    c4 = step<T>(v128.load((at += row)), y, c4);
    c5 = step<T>(v128.load((at += row)), y, c5);
    c6 = step<T>(v128.load((at += row)), y, c6);
    c7 = step<T>(v128.load((at += row)), y, c7);
    a += 16;
    x += 16;
  }
  k &= lanesOf<T>() - 1;
  if (k) {
    const y = v128.load(x);
    c0 = step<T>(tail<T>(a, k), y, c0);
    c1 = step<T>(tail<T>((a += row), k), y, c1);
    c2 = step<T>(tail<T>((a += row), k), y, c2);
    c3 = step<T>(tail<T>((a += row), k), y, c3);
    c4 = step<T>(tail<T>((a += row), k), y, c4);
    c5 = step<T>(tail<T>((a += row), k), y, c5);
    c6 = step<T>(tail<T>((a += row), k), y, c6);
    c7 = step<T>(tail<T>((a += row), k), y, c7);
  }
  fold<T>(to, c0);
  fold<T>(to + sizeof<T>(), c1);
  fold<T>(to + 2 * sizeof<T>(), c2);
  fold<T>(to + 3 * sizeof<T>(), c3);
  fold<T>(to + 4 * sizeof<T>(), c4);
  fold<T>(to + 5 * sizeof<T>(), c5);
  fold<T>(to + 6 * sizeof<T>(), c6);
  fold<T>(to + 7 * sizeof<T>(), c7);
}

/** One sum of k terms. */
function oneRow<T>(to: usize, a: usize, x: usize, k: i32): void {
  let c = v128.splat<T>(0);
  for (let n = k / lanesOf<T>(); n; n--) {
    c = step<T>(v128.load(a), v128.load(x), c);
    a += 16;
    x += 16;
  }
  k &= lanesOf<T>() - 1;
  if (k) c = step<T>(tail<T>(a, k), v128.load(x), c);
  fold<T>(to, c);
}

/** Four sums of k terms each, whole vectors, one behind the other. */
function fourChains<T>(to: usize, a: usize, x: usize, k: i32): void {
  let c0 = v128.splat<T>(0),
    c1 = v128.splat<T>(0),
    c2 = v128.splat<T>(0),
    c3 = v128.splat<T>(0);
  const leap = <usize>k * sizeof<T>();
  for (let n = k / lanesOf<T>(); n; n--) {
    let at = a;
    let y = x;
    c0 = step<T>(v128.load(at), v128.load(y), c0);
    c1 = step<T>(v128.load((at += leap)), v128.load((y += leap)), c1);
    c2 = step<T>(v128.load((at += leap)), v128.load((y += leap)), c2);
    c3 = step<T>(v128.load(at + leap), v128.load(y + leap), c3);
    a += 16;
    x += 16;
  }
  fold<T>(to, c0);
  fold<T>(to + sizeof<T>(), c1);
  fold<T>(to + 2 * sizeof<T>(), c2);
  fold<T>(to + 3 * sizeof<T>(), c3);
}

/** Sums of k terms for outputs side by side, a panel of them. */
function panel<T>(to: usize, a: usize, column: usize, x: usize, k: i32): void {
  const lanes = lanesOf<T>();
  let c00 = v128.splat<T>(0),
    c01 = v128.splat<T>(0),
    c10 = v128.splat<T>(0),
    c11 = v128.splat<T>(0);
  let c20 = v128.splat<T>(0),
    c21 = v128.splat<T>(0),
    c30 = v128.splat<T>(0),
    c31 = v128.splat<T>(0);
  for (; k >= lanes; k -= lanes) {
    let at = a;
    let y = repeat<T>(x);
    c00 = step<T>(v128.load(at), y, c00);
    c01 = step<T>(v128.load(at, 16), y, c01);
    at += column;
    y = repeat<T>(x + sizeof<T>());
    c10 = step<T>(v128.load(at), y, c10);
    c11 = step<T>(v128.load(at, 16), y, c11);
    if (sizeof<T>() == 4) {
      at += column;
      y = repeat<T>(x + 8);
      c20 = step<T>(v128.load(at), y, c20);
      c21 = step<T>(v128.load(at, 16), y, c21);
      at += column;
      y = repeat<T>(x + 12);
      c30 = step<T>(v128.load(at), y, c30);
      c31 = step<T>(v128.load(at, 16), y, c31);
    }
    a += column * lanes;
    x += 16;
  }
  if (k) {
    const y = repeat<T>(x);
    c00 = step<T>(v128.load(a), y, c00);
    c01 = step<T>(v128.load(a, 16), y, c01);
  }
  if (sizeof<T>() == 4) {
    if (k > 1) {
      a += column;
      const y = repeat<T>(x + 4);
      c10 = step<T>(v128.load(a), y, c10);
      c11 = step<T>(v128.load(a, 16), y, c11);
    }
    if (k > 2) {
      a += column;
      const y = repeat<T>(x + 8);
      c20 = step<T>(v128.load(a), y, c20);
      c21 = step<T>(v128.load(a, 16), y, c21);
    }
  }
  c00 = v128.add<T>(c00, c10);
  c01 = v128.add<T>(c01, c11);
  if (sizeof<T>() == 4) {
    c00 = v128.add<T>(c00, v128.add<T>(c20, c30));
    c01 = v128.add<T>(c01, v128.add<T>(c21, c31));
  }
  v128.store(to, c00);
  v128.store(to, c01, 16);
}

/** Sums of k terms for as many outputs as `bytes` hold, in whole vectors; `parts` is room for all lanes' parts. */
function columns<T>(parts: usize, bytes: usize, a: usize, column: usize, x: usize, k: i32): void {
  const lanes = lanesOf<T>();
  memory.fill(parts, 0, bytes * lanes);
  const leap = column * lanes;
  let l = 0;
  for (; l + 4 * lanes <= k; l += 4 * lanes) {
    for (let r = 0; r < lanes; r++) {
      const at = x + <usize>(l + r) * sizeof<T>();
      fourColumns<T>(parts + r * bytes, bytes, a + <usize>(l + r) * column, leap, at);
    }
  }
  for (; l < k; l++) {
    oneColumn<T>(parts + (l & (lanes - 1)) * bytes, bytes, a + <usize>l * column, x + <usize>l * sizeof<T>());
  }
  for (const end = parts + bytes; parts != end; parts += 16) {
    let sum = v128.add<T>(v128.load(parts), v128.load(parts + bytes));
    if (sizeof<T>() == 4) {
      const high = v128.add<T>(v128.load(parts + 2 * bytes), v128.load(parts + 3 * bytes));
      sum = v128.add<T>(sum, high);
    }
    v128.store(parts, sum);
  }
}

/** Adds four terms of one part to every output. */
function fourColumns<T>(sums: usize, bytes: usize, a: usize, leap: usize, x: usize): void {
  const x0 = repeat<T>(x);
  const x1 = repeat<T>(x + 16);
  const x2 = repeat<T>(x + 32);
  const x3 = repeat<T>(x + 48);
  for (const end = sums + bytes; sums != end; sums += 16) {
    let at = a;
    let c = step<T>(v128.load(at), x0, v128.load(sums));
    c = step<T>(v128.load((at += leap)), x1, c);
    c = step<T>(v128.load((at += leap)), x2, c);
    v128.store(sums, step<T>(v128.load(at + leap), x3, c));
    a += 16;
  }
}

/** Adds one term of one part to every output. */
function oneColumn<T>(sums: usize, bytes: usize, a: usize, x: usize): void {
  const y = repeat<T>(x);
  for (const end = sums + bytes; sums != end; sums += 16) {
    v128.store(sums, step<T>(v128.load(a), y, v128.load(sums)));
    a += 16;
  }
}
