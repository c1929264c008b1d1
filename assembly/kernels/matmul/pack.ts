/** Copies into the layouts that the tiles read fast, and out of the tiles that hang over an edge. Strides are in bytes. */
import { PANEL } from "./tile";

/**
 * Packs [k, columns] of B into a panel: k rows of `PANEL` bytes, zero beyond `columns`.
 */
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
  let done = 0;
  if (full && row == sizeof<T>()) {
    done = k & -(16 / <i32>sizeof<T>());
    transpose<T>(to, from, column, done);
    if (sizeof<T>() == 4) transpose<T>(to + 16, from + 4 * column, column, done);
    else transpose<T>(to + 16, from + 2 * column, column, done);
    if (done == k) return;
  }
  if (!full) memory.fill(to, 0, <usize>k * PANEL);
  for (let j = 0; j < columns; j++) {
    let source = from + <usize>j * column + <usize>done * row;
    let target = to + <usize>j * sizeof<T>() + <usize>done * PANEL;
    for (let l = done; l < k; l++) {
      store<T>(target, load<T>(source));
      source += row;
      target += PANEL;
    }
  }
}

/** Half a panel (one vector across) from columns that are contiguous along k; k is a multiple of the lanes. */
function transpose<T>(to: usize, from: usize, column: usize, k: i32): void {
  let from1 = from + column;
  if (sizeof<T>() == 8) {
    for (; k; k -= 2) {
      const x0 = v128.load(from), x1 = v128.load(from1);
      v128.store(to, v128.shuffle<f64>(x0, x1, 0, 2));
      v128.store(to, v128.shuffle<f64>(x0, x1, 1, 3), PANEL);
      from += 16;
      from1 += 16;
      to += 2 * PANEL;
    }
    return;
  }
  let from2 = from1 + column, from3 = from2 + column;
  for (; k; k -= 4) {
    const x0 = v128.load(from), x1 = v128.load(from1), x2 = v128.load(from2), x3 = v128.load(from3);
    const low01 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5), low23 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5);
    const high01 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7), high23 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
    v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), PANEL);
    v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 2 * PANEL);
    v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 3 * PANEL);
    from += 16;
    from1 += 16;
    from2 += 16;
    from3 += 16;
    to += 4 * PANEL;
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
    let from = tile + <usize>j * sizeof<T>();
    let to = c + <usize>j * cColumn;
    for (let i = 0; i < rows; i++) {
      store<T>(to, more ? load<T>(to) + load<T>(from) : load<T>(from));
      from += PANEL;
      to += cRow;
    }
  }
}
