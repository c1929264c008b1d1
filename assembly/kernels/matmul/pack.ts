// Copies into the layouts that the tiles read fast, and out of tiles that do not fit into C. Strides are in bytes.

import { PANEL } from "./tile";

/**
 * Packs k rows of B, contiguous and as wide as some panels, into these: one after the other, each of k rows of `PANEL`
 * bytes. Several at once, since a row may well be a page away from the one before.
 */
export function packPanels(to: usize, from: usize, panels: i32, row: usize, k: i32): void {
  const size = <usize>k * PANEL;
  while (k) {
    let source = from;
    let target = to;
    for (let q = panels; q; q--) {
      v128.store(target, v128.load(source));
      v128.store(target, v128.load(source, 16), 16);
      if (PAIRED) {
        v128.store(target, v128.load(source, 32), 32);
        v128.store(target, v128.load(source, 48), 48);
      }
      source += PANEL;
      target += size;
    }
    from += row;
    to += PANEL;
    k--;
  }
}

/** Packs k rows of B, `columns` wide and at any strides, into one panel, with zeros from `columns` on. */
export function packPanel<T>(to: usize, from: usize, columns: i32, column: usize, row: usize, k: i32): void {
  const full = columns == <i32>(PANEL / sizeof<T>());
  if (full && row == sizeof<T>()) {
    const lanes = 16 / <i32>sizeof<T>();
    const half = column * lanes;
    for (; k >= lanes; k -= lanes) {
      transpose<T>(to, from, column);
      transpose<T>(to + 16, from + half, column);
      if (PAIRED) {
        transpose<T>(to + 32, from + 2 * half, column);
        transpose<T>(to + 48, from + 3 * half, column);
      }
      from += 16;
      to += <usize>lanes * PANEL;
    }
  }
  if (!full) memory.fill(to, 0, <usize>k * PANEL);
  for (; k; k--) {
    let source = from;
    for (let j = 0; j < columns; j++) {
      store<T>(to + <usize>j * sizeof<T>(), load<T>(source));
      source += column;
    }
    from += row;
    to += PANEL;
  }
}

/** Transposes a square of vectors: columns that are contiguous in B become rows of half a panel. */
// @ts-ignore: decorator
@inline
function transpose<T>(to: usize, from: usize, column: usize): void {
  const x0 = v128.load(from);
  const x1 = v128.load((from += column));
  if (sizeof<T>() == 8) {
    v128.store(to, v128.shuffle<i64>(x0, x1, 0, 2));
    v128.store(to, v128.shuffle<i64>(x0, x1, 1, 3), PANEL);
  } else {
    const x2 = v128.load((from += column));
    const x3 = v128.load(from + column);
    const low01 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5);
    const low23 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
    v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
    v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), PANEL);
    const high01 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
    const high23 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 2 * PANEL);
    v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 3 * PANEL);
  }
}

/**
 * Packs k columns of A, whose rows are neighbours in memory, for some tiles of `height` rows: one tile after the other, in
 * each the rows of one k side by side. They take 16 to 24 bytes, or 32 to 48: the last vector overlaps the one before.
 */
// prettier-ignore
export function packRows<T>(to: usize, from: usize, tiles: i32, height: usize, column: usize, k: i32): void {
  const size = height * sizeof<T>();
  const last = size - 16;
  const tile = size * k;
  while (k) {
    let source = from;
    let target = to;
    for (let q = tiles; q; q--) {
      v128.store(target, v128.load(source));
      if (sizeof<T>() == 8) v128.store(target, v128.load(source, 16), 16);
      v128.store(target + last, v128.load(source + last));
      source += size;
      target += tile;
    }
    from += column;
    to += size;
    k--;
  }
}

/** Copies rows and columns of a tile to C, or adds them there. */
// prettier-ignore
export function scatter<T>(
  tile: usize, rows: i32, columns: i32, c: usize, cRow: usize, cColumn: usize, more: bool,
): void {
  if (columns == <i32>(PANEL / sizeof<T>()) && cColumn == sizeof<T>()) {
    while (rows) {
      put<T>(c, tile, more);
      if (PAIRED) put<T>(c + 32, tile + 32, more);
      tile += PANEL;
      c += cRow;
      rows--;
    }
    return;
  }
  for (let j = 0; j < columns; j++) {
    let from = tile;
    let to = c;
    for (let i = 0; i < rows; i++) {
      store<T>(to, more ? load<T>(to) + load<T>(from) : load<T>(from));
      from += PANEL;
      to += cRow;
    }
    tile += sizeof<T>();
    c += cColumn;
  }
}

/** Copies two vectors to C, or adds them there. */
// @ts-ignore: decorator
@inline
function put<T>(c: usize, tile: usize, more: bool): void {
  let left = v128.load(tile);
  let right = v128.load(tile, 16);
  if (more) {
    left = v128.add<T>(v128.load(c), left);
    right = v128.add<T>(v128.load(c, 16), right);
  }
  v128.store(c, left);
  v128.store(c, right, 16);
}
