// Tiles of an operand in working memory, laid out as a kernel wants to read them: transpositions are shuffled in registers,
// and what is repeated is written out.

import { move, repeat } from "./move";
import { splat } from "../../lanes/strided";

/** Elements of a tile, at most, and the columns of one that is part of longer rows. */
export const TILE: usize = 4096;
export const WIDTH: usize = 64;
/** Bytes of a staged tile, at most: its rows may be a cache line longer than their elements, lest they share cache sets. */
export const STAGE: usize = (TILE / WIDTH) * (8 * WIDTH + 64);
/** Bytes of working memory: the tiles of three operands, and three words about each. */
export const WORK: usize = 3 * STAGE + 36;
/** Bytes between the rows of a tile that is part of longer rows, beyond their elements. */
const PAD: usize = 64;
/** Rows shorter than this many elements are not worth a call each. */
export const NARROW: usize = 128;

/**
 * Stages the tile of an operand in its part of working memory if `staged`; writes behind the tiles where the operand is to
 * be read, and how far apart its rows and their elements then lie. A tile whose rows are all the same is made once.
 */
// prettier-ignore
export function stageOperand(
  memory: usize, operand: usize, staged: i32, whole: bool, fresh: bool,
  shift: usize, x: usize, r: isize, s: isize, rows: usize, columns: usize,
): void {
  const words = memory + 3 * STAGE + 12 * operand;
  if (staged) {
    const tile = memory + operand * STAGE;
    const pitch = whole ? columns << shift : (WIDTH << shift) + PAD;
    if (r || fresh) stage(shift, tile, pitch, x, r, s, rows, columns);
    x = tile;
    r = pitch;
    s = 1 << shift;
  }
  store<usize>(words, x, 0);
  store<isize>(words, r, 4);
  store<isize>(words, s, 8);
}

/**
 * Writes [rows, columns] elements of 1 << shift bytes to `out`, rows `pitch` bytes apart and dense in themselves, from `x`,
 * where neighbours in a column lie r bytes apart and neighbours in a row s.
 */
// prettier-ignore
function stage(
  shift: usize, out: usize, pitch: usize, x: usize, r: isize, s: isize, rows: usize, columns: usize,
): void {
  if (s == (1 << shift)) for (let i: usize = 0; i < rows; i++) move(out + i * pitch, x + i * r, columns << shift);
  else if (shift == 2) typed<u32>(out, pitch, x, r, s, rows, columns);
  else if (shift == 3) typed<u64>(out, pitch, x, r, s, rows, columns);
  else if (shift == 1) typed<u16>(out, pitch, x, r, s, rows, columns);
  else typed<u8>(out, pitch, x, r, s, rows, columns);
}

/** Copies rows of `bytes` bytes from a staged tile: a plain loop, since a call for each row would cost as much again. */
export function spread(out: usize, step: isize, x: usize, pitch: usize, rows: usize, bytes: usize): void {
  const most = bytes & -64;
  for (; rows; rows--) {
    for (let k: usize = 0; k < most; k += 64) {
      const a = v128.load(x + k, 0);
      const b = v128.load(x + k, 16);
      const c = v128.load(x + k, 32);
      const d = v128.load(x + k, 48);
      v128.store(out + k, a, 0);
      v128.store(out + k, b, 16);
      v128.store(out + k, c, 32);
      v128.store(out + k, d, 48);
    }
    if (most != bytes) move(out + most, x + most, bytes - most);
    x += pitch;
    out += step;
  }
}

function typed<T>(out: usize, pitch: usize, x: usize, r: isize, s: isize, rows: usize, columns: usize): void {
  // Short rows of one element each are not worth a call.
  if (sizeof<T>() != 2 && s == 0 && columns > 8) {
    for (let i: usize = 0; i < rows; i++) repeat(out + i * pitch, splat<T>(x + i * r), columns << alignof<T>());
    return;
  }
  if (sizeof<T>() == 4 && r == 4 && rows >= 4 && columns >= 4) {
    // Squares to the right of the last whole cache line overlap.
    for (let j: usize = 0, step: usize = 16; j < columns; j += step) {
      if (columns - j < 16) step = 4;
      const from = min(j, columns - step);
      strip<T>(out + (from << 2), pitch, x + from * s, s, rows, step == 16);
    }
    return;
  }
  let whole: usize = 0;
  let across: usize = 0;
  if (sizeof<T>() != 2 && sizeof<T>() != 4 && r == sizeof<T>()) {
    const side: usize = sizeof<T>() == 8 ? 2 : 4;
    whole = rows & ~(side - 1);
    across = columns & -4;
    for (let j: usize = 0; j < across; j += 4) {
      let to = out + (j << alignof<T>());
      let from = x + j * s;
      for (const end = from + (whole << alignof<T>()); from != end; from += side << alignof<T>()) {
        square<T>(to, pitch, from, s);
        if (sizeof<T>() == 8) square<T>(to + 16, pitch, from + 2 * s, s);
        to += side * pitch;
      }
    }
  }
  for (let i: usize = across == columns ? whole : 0; i < rows; i++) {
    for (let j = i < whole ? across : 0; j < columns; j++) {
      store<T>(out + i * pitch + (j << alignof<T>()), load<T>(x + i * r + j * s));
    }
  }
}

/** Transposes 4 columns of at least 4 elements, or with `wide` 16: whole cache lines. The last squares overlap those before. */
// @ts-ignore: decorator
@inline
function strip<T>(out: usize, pitch: usize, x: usize, s: isize, rows: usize, wide: bool): void {
  const last = x + ((rows - 4) << 2);
  while (true) {
    square<T>(out, pitch, x, s);
    if (wide) {
      square<T>(out + 16, pitch, x + 4 * s, s);
      square<T>(out + 32, pitch, x + 8 * s, s);
      square<T>(out + 48, pitch, x + 12 * s, s);
    }
    x += 16;
    out += 4 * pitch;
    if (x > last) {
      const over = (x - last) >> 2;
      if (over == 4) return;
      x = last;
      out -= over * pitch;
    }
  }
}

/** Transposes a square of 4 by 4 elements, of 2 by 2 if they have 8 bytes. */
// @ts-ignore: decorator
@inline
function square<T>(out: usize, pitch: usize, x: usize, step: usize): void {
  if (sizeof<T>() == 8) {
    const a = v128.load(x);
    const b = v128.load(x + step);
    v128.store(out, v128.shuffle<u64>(a, b, 0, 2));
    v128.store(out + pitch, v128.shuffle<u64>(a, b, 1, 3));
    return;
  }
  if (sizeof<T>() == 4) {
    const a = v128.load(x);
    const b = v128.load(x + step);
    const c = v128.load(x + 2 * step);
    const d = v128.load(x + 3 * step);
    const ab = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
    v128.store(out, v128.shuffle<u64>(ab, cd, 0, 2));
    v128.store(out + pitch, v128.shuffle<u64>(ab, cd, 1, 3));
    const AB = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
    const CD = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
    v128.store(out + 2 * pitch, v128.shuffle<u64>(AB, CD, 0, 2));
    v128.store(out + 3 * pitch, v128.shuffle<u64>(AB, CD, 1, 3));
    return;
  }
  let v = v128.load32_zero(x);
  v = v128.load_lane<u32>(x + step, v, 1);
  v = v128.load_lane<u32>(x + 2 * step, v, 2);
  v = v128.load_lane<u32>(x + 3 * step, v, 3);
  v = v128.shuffle<u8>(v, v, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  v128.store_lane<u32>(out, v, 0);
  v128.store_lane<u32>(out + pitch, v, 1);
  v128.store_lane<u32>(out + 2 * pitch, v, 2);
  v128.store_lane<u32>(out + 3 * pitch, v, 3);
}
