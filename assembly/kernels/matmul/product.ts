// One matrix product: blocked for the caches, packed where the strides call for it, computed tile by tile.

import { tick } from "../../control";
import { finish, save } from "./epilogue";
import { packPanel, packPanels, packRows, scatter } from "./pack";
import { pairedTile } from "./paired-tile";
import { PANEL, repeat, ROW_PANELS, rowTile, SHORT, shortTile, step, TALL, tallTile } from "./tile";
import { multiplyVector, vectorScratch } from "./vector";
import { Product } from "./work";

/** The most terms of a sum that form one chain. */
const DEPTH: i32 = 512;

/** Rows of A in a block, which with `DEPTH` stay in the second cache. */
const ROWS: i32 = 60;

/** Rows that the last block may have beyond these, rather than leave them to one that is hardly worth reading B for. */
const MORE: i32 = 12;

/** Bytes across a block of B, which with `DEPTH` takes a mebibyte. */
const BREADTH: usize = 2048;

/** Bytes for a tile on its way to C: a tall one, or a row tile. */
const TILE: usize = PAIRED ? 384 : 256;

/**
 * Terms of a sum that form one chain: as few chains as `DEPTH` allows, of one length as far as they can. The sums of the
 * chains are added in order. Of all the blocking this alone shows in the bits.
 */
function depthFor(k: i32): i32 {
  if (k <= DEPTH) return k;
  const chains = (k + DEPTH - 1) / DEPTH;
  return (k + chains - 1) / chains;
}

/** Whether what C holds must be set aside, so that the product is whole before it is added. */
function mustSave(m: i32, n: i32, k: i32): bool {
  return n == 1 || k == 0 || k > DEPTH;
}

/** Bytes of scratch memory for a product of this size, the `Product` included. */
export function scratch<T>(m: i32, n: i32, k: i32, accumulates: bool): usize {
  const saved = accumulates && mustSave(m, n, k) ? <usize>m * min(<usize>n * sizeof<T>(), BREADTH) : 0;
  return saved + ownScratch<T>(m, n, k);
}

function ownScratch<T>(m: i32, n: i32, k: i32): usize {
  if (n == 1) return offsetof<Product>() + vectorScratch<T>(k);
  return (
    offsetof<Product>() + TILE + bytesOfB<T>(n, k) + <usize>(min(m, ROWS + MORE) + TALL) * min(k, DEPTH) * sizeof<T>()
  );
}

function bytesOfB<T>(n: i32, k: i32): usize {
  return min((<usize>n * sizeof<T>() + PANEL - 1) & -PANEL, BREADTH) * min(k, DEPTH);
}

/** Decides what is packed and where, once the sizes and strides are set. */
export function prepare<T>(p: Product, accumulates: bool): void {
  p.saves = accumulates && mustSave(p.m, p.n, p.k);
  p.more = accumulates && !p.saves;
  p.old = changetype<usize>(p) + ownScratch<T>(p.m, p.n, p.k);
  const width = <i32>(PANEL / sizeof<T>());
  // Measured: read in place, a panel with long strides evicts itself from the first cache; with a page or so to a row it
  // costs more than packing even for few rows of A. The same goes for columns of A.
  const awkward = p.bColumn != sizeof<T>() || p.n < width;
  p.packB = awkward || (p.m >= 64 && p.bRow >= 512) || (p.m >= 8 && p.bRow >= 4096);
  p.packA =
    p.aRow == sizeof<T>() &&
    ((p.n >= 64 && p.aColumn >= 256 && <usize>p.k * p.aColumn >= 32768) || (p.n >= 16 && p.aColumn >= 2048));
  p.tile = changetype<usize>(p) + offsetof<Product>();
  p.packedB = p.tile + TILE;
  p.packedA = p.packedB + bytesOfB<T>(p.n, p.k);
}

/** An estimate, in cycles, of a product of this size. */
export function cost<T>(m: i32, n: i32, k: i32, packs: bool, scatters: bool): f32 {
  const width = <i32>(PANEL / sizeof<T>());
  const panels = (n + width - 1) / width;
  let steps: f32 = m < SHORT ? <f32>m * <f32>((panels + 3) & -4) : <f32>((m + 1) & -2) * <f32>panels;
  if (packs) steps += 0.5 * <f32>n;
  return steps * <f32>k + (scatters ? 1.5 * <f32>m * <f32>n : 0);
}

/** Computes C. */
export function multiply<T>(p: Product): void {
  if (p.n == 1 || p.k == 0) {
    if (p.saves) save<T>(p, 0, p.n);
    if (p.k == 0) memory.fill(p.c, 0, <usize>p.m * p.n * sizeof<T>());
    else multiplyVector<T>(p, p.tile);
    finish<T>(p, 0, p.n);
    return;
  }
  if (p.k == 1) {
    outer<T>(p);
    finish<T>(p, 0, p.n);
    return;
  }
  const depth = depthFor(p.k);
  const rows = p.m < SHORT;
  const across = rows ? ROW_PANELS * <i32>(PANEL / sizeof<T>()) : <i32>(BREADTH / sizeof<T>());
  for (let j = 0; j < p.n; j += across) {
    const jEnd = min(j + across, p.n);
    if (p.saves) save<T>(p, j, jEnd);
    for (let l = 0; l < p.k; l += depth) {
      const k = min(p.k - l, depth);
      if (p.packB) packBlock<T>(p, j, jEnd, l, k);
      if (rows) multiplyRows<T>(p, j, jEnd, l, k);
      else {
        for (let i = 0, end = 0; i < p.m; i = end) {
          end = p.m - i <= ROWS + MORE ? p.m : i + ROWS;
          multiplyBlock<T>(p, i, end, j, jEnd, l, k);
        }
      }
    }
    finish<T>(p, j, jEnd);
  }
}

/** The product of a column and a row: chains of one term, each of which is written as memory lies. */
function outer<T>(p: Product): void {
  const size = sizeof<T>();
  // C^T = B^T A^T.
  const turned = p.cColumn != size;
  const rows = turned ? p.n : p.m;
  const columns = turned ? p.m : p.n;
  const aStep = turned ? p.bColumn : p.aRow;
  const bStep = turned ? p.aRow : p.bColumn;
  const line = turned ? p.cColumn : p.cRow;
  const zero = v128.splat<T>(0);
  const most = <i32>(BREADTH / size);
  for (let j = 0; j < columns; j += most) {
    tick();
    const n = min(columns - j, most);
    let b = (turned ? p.a : p.b) + <usize>j * bStep;
    if (bStep != size) {
      for (let i = 0; i < n; i++) store<T>(p.packedB + <usize>i * size, load<T>(b + <usize>i * bStep));
      b = p.packedB;
    }
    let a = turned ? p.b : p.a;
    let c = p.c + <usize>j * size;
    for (let i = 0; i < rows; i++) {
      const x = repeat<T>(a);
      const end = c + <usize>n * size;
      let y = b;
      let to = c;
      for (; to + 16 <= end; to += 16) {
        const v = step<T>(x, v128.load(y), zero);
        v128.store(to, p.more ? v128.add<T>(v128.load(to), v) : v);
        y += 16;
      }
      for (; to != end; to += size) {
        const v = v128.extract_lane<T>(step<T>(x, repeat<T>(y), zero), 0);
        store<T>(to, p.more ? load<T>(to) + v : v);
        y += size;
      }
      a += aStep;
      c += line;
    }
  }
}

/**
 * The column at which the panel for column j begins. A panel that would hang over the edge begins earlier and covers
 * some columns again; only a matrix narrower than a panel has one that is filled up with zeros.
 */
// @ts-ignore: decorator
@inline
function begin<T>(p: Product, j: i32): i32 {
  return max(min(j, p.n - <i32>(PANEL / sizeof<T>())), 0);
}

function packBlock<T>(p: Product, j: i32, jEnd: i32, l: i32, k: i32): void {
  const width = <i32>(PANEL / sizeof<T>());
  const b = p.b + <usize>l * p.bRow;
  const contiguous = p.bColumn == sizeof<T>() && p.n >= width;
  let to = p.packedB;
  while (j < jEnd) {
    const panels = contiguous ? max(1, min(8, (jEnd - j) / width)) : 1;
    const from = b + <usize>begin<T>(p, j) * p.bColumn;
    if (contiguous) packPanels(to, from, panels, p.bRow, k);
    else packPanel<T>(to, from, min(width, p.n), p.bColumn, p.bRow, k);
    to += <usize>(panels * k) * PANEL;
    j += panels * width;
  }
}

/** Tall tiles among `rows` rows: as many as leave to the short ones what these can do with little waste. */
function tallTiles(rows: i32): i32 {
  const tiles = rows / TALL;
  const rest = rows % TALL;
  if (FUSED) return rest == 0 || rest == 3 || rest == 4 ? tiles : max(tiles - 1, 0);
  return rest == 0 ? tiles : max(tiles + rest - 4, 0);
}

/** Rows i to iEnd of C, columns j to jEnd, k terms from l on; at least `SHORT` rows in all. */
// prettier-ignore
function multiplyBlock<T>(p: Product, iStart: i32, iEnd: i32, jStart: i32, jEnd: i32, l: i32, k: i32): void {
  const width = <i32>(PANEL / sizeof<T>());
  const line = <usize>k * sizeof<T>();
  const a = p.a + <usize>l * p.aColumn;
  const b = p.b + <usize>l * p.bRow;
  const tall = tallTiles(iEnd - iStart);
  tick();
  const tallEnd = iStart + tall * TALL;
  if (p.packA) {
    packRows<T>(p.packedA, a + <usize>iStart * p.aRow, tall, TALL, p.aColumn, k);
    for (let i = tallEnd; i < iEnd; i += SHORT) {
      const from = a + <usize>min(i, iEnd - SHORT) * p.aRow;
      packRows<T>(p.packedA + <usize>(i - iStart) * line, from, 1, SHORT, p.aColumn, k);
    }
  }
  const packedA = p.packA;
  const aRow = p.aRow;
  const aColumn = p.aColumn;
  const packedB = p.packB;
  const bStep = packedB ? PANEL : p.bRow;
  const cRow = p.cRow;
  let packed = p.packedB;
  for (let j = jStart; j < jEnd; j += width) {
    const left = begin<T>(p, j);
    const panel = packedB ? packed : b + <usize>left * sizeof<T>();
    const c = p.c + <usize>left * p.cColumn;
    packed += PANEL * k;
    // A panel that begins before the block is not stored whole: there C is complete.
    const whole = p.cColumn == sizeof<T>() && p.n >= width && left >= jStart;
    const direct = whole && l == 0 && !p.more;
    for (let i = iStart; i < iEnd;) {
      // A tile that would hang over the edge begins earlier too, and computes some rows again, to the same bits.
      const height = i < tallEnd ? TALL : SHORT;
      const top = min(i, iEnd - height);
      let from = a + <usize>top * aRow;
      let row = aRow;
      let step = aColumn;
      if (packedA) {
        from = p.packedA + <usize>(i - iStart) * line;
        row = sizeof<T>();
        step = <usize>height * sizeof<T>();
      }
      if (direct) {
        const to = c + <usize>top * cRow;
        compute<T>(height, from, row, step, panel, bStep, k, to, cRow);
      } else if (PAIRED && whole && left == j && top == i) {
        pairedTile<T>(height == TALL, true, from, row, step, panel, bStep, k, c + <usize>top * cRow, cRow);
      } else {
        compute<T>(height, from, row, step, panel, bStep, k, p.tile, PANEL);
        const fresh = p.tile + <usize>(i - top) * PANEL + <usize>(j - left) * sizeof<T>();
        const to = c + <usize>i * cRow + <usize>(j - left) * p.cColumn;
        scatter<T>(fresh, min(height, iEnd - i), min(width, jEnd - j), to, cRow, p.cColumn, l > 0 || p.more);
      }
      i += height;
    }
  }
}

/** The tile of so many rows, `TALL` or `SHORT`. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function compute<T>(
  height: i32, a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  if (PAIRED) pairedTile<T>(height == TALL, false, a, aRow, aStep, b, bStep, k, c, cRow);
  else if (height == TALL) tallTile<T>(a, aRow, aStep, b, bStep, k, c, cRow);
  else shortTile<T>(a, aRow, aStep, b, bStep, k, c, cRow);
}

/** All rows of C, which are few, columns j to jEnd, k terms from l on. */
function multiplyRows<T>(p: Product, j: i32, jEnd: i32, l: i32, k: i32): void {
  const width = <i32>(PANEL / sizeof<T>());
  const size = <i32>sizeof<T>();
  const last = j + ((jEnd - j - 1) & -width);
  const cLast = (begin<T>(p, last) - j) * size;
  const b = p.packB ? p.packedB : p.b + <usize>l * p.bRow + <usize>j * sizeof<T>();
  const bStep = p.packB ? PANEL : p.bRow;
  const panel = p.packB ? <i32>PANEL * k : <i32>PANEL;
  const bLast = p.packB ? (last - j) * size * k : cLast;
  // A panel that begins before j is not stored whole: there C is complete.
  const direct = l == 0 && !p.more && p.cColumn == sizeof<T>() && p.n >= width && cLast >= 0;
  for (let i = 0; i < p.m; i++) {
    const a = p.a + <usize>i * p.aRow + <usize>l * p.aColumn;
    const c = p.c + <usize>i * p.cRow + <usize>j * p.cColumn;
    if (direct) rowTile<T>(a, p.aColumn, b, panel, bLast, bStep, k, c, cLast);
    else {
      rowTile<T>(a, p.aColumn, b, panel, bLast, bStep, k, p.tile, (ROW_PANELS - 1) * <i32>PANEL);
      for (let q = j; q < jEnd; q += width) {
        const fresh = p.tile + <usize>(q - j + q - begin<T>(p, q)) * sizeof<T>();
        scatter<T>(fresh, 1, min(width, jEnd - q), c + <usize>(q - j) * p.cColumn, p.cRow, p.cColumn, l > 0 || p.more);
      }
    }
  }
}
