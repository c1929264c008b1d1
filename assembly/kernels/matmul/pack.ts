// Copies into the layouts that the tiles read fast, and out of tiles that do not fit into C. Strides are in bytes.

import { PANEL } from "./tile";

/** Packs k rows of B, `columns` wide, into a panel: rows of `PANEL` bytes, zero from `columns` on. */
export function packPanel<T>(to: usize, from: usize, columns: i32, column: usize, row: usize, k: i32): void {
  const full = columns == <i32>(PANEL / sizeof<T>());
  if (full && column == sizeof<T>()) {
    while (k) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += row;
      to += PANEL;
      k--;
    }
    return;
  }
  if (full && row == sizeof<T>()) {
    const lanes = 16 / <i32>sizeof<T>();
    const half = column * lanes;
    for (; k >= lanes; k -= lanes) {
      transpose<T>(to, from, column);
      transpose<T>(to + 16, from + half, column);
      from += 16;
      to += lanes * PANEL;
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
  const x1 = v128.load(from += column);
  if (sizeof<T>() == 8) {
    v128.store(to, v128.shuffle<i64>(x0, x1, 0, 2));
    v128.store(to, v128.shuffle<i64>(x0, x1, 1, 3), PANEL);
  } else {
    const x2 = v128.load(from += column);
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
 * Packs [height, k] of A, whose rows are neighbours in memory, so that those of one k stay side by side.
 * They take 16 to 24 bytes, or 32 to 48: the last vector overlaps the one before it.
 */
export function packRows<T>(to: usize, from: usize, column: usize, height: i32, k: i32): void {
  const size = <usize>height * sizeof<T>();
  const last = size - 16;
  while (k) {
    v128.store(to, v128.load(from));
    if (sizeof<T>() == 8) v128.store(to, v128.load(from, 16), 16);
    v128.store(to + last, v128.load(from + last));
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
      let left = v128.load(tile);
      let right = v128.load(tile, 16);
      if (more) {
        left = v128.add<T>(v128.load(c), left);
        right = v128.add<T>(v128.load(c, 16), right);
      }
      v128.store(c, left);
      v128.store(c, right, 16);
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
