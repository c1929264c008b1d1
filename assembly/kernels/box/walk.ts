// The walk over the box of a Map instruction. It hands every innermost row to a function of the kernel. Rows that are too
// short to be worth a call are staged into longer ones, so this is one function for all kernels, which it calls by the
// table of functions. Boxes that are one contiguous row do not come here: `isFlat` tells kernels to take a shorter way.

import { DType } from "../../abi/dtype";
import { Extra, Head, MapWord } from "../../abi/form";
import { Op } from "../../abi/op";
import { outOfMemory, workspace } from "../../arena";
import { NARROW, spread, STAGE, stageOperand, TILE, WIDTH, WORK } from "./stage";

/** Computes n >= 1 elements that lie s0, s1, s2, s3 bytes apart, and answers a Status. */
// prettier-ignore
export type Row = (
  instruction: usize, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, x3: usize, s3: isize,
) => i32;

/** The word at a place of an instruction. */
// @ts-ignore: decorator
@inline
export function word(instruction: usize, at: i32): usize {
  return load<usize>(instruction + ((<usize>at) << 2));
}

/** Whether a Map instruction is marked as one row that is contiguous in all operands. */
// @ts-ignore: decorator
@inline
export function isFlat(instruction: usize): bool {
  return (load<u32>(instruction, Head.Extra << 2) & Extra.Flat) != 0;
}

/**
 * Runs a Map instruction with so many inputs; stops at the first row that answers something else than Ok.
 * The shifts are logarithms of the bytes of an element: of the output, the first input, and the other inputs.
 */
// prettier-ignore
export function walk(
  instruction: usize, inputs: i32, outShift: usize, firstShift: usize, otherShift: usize, row: Row,
): i32 {
  const out = load<usize>(instruction, MapWord.Out << 2);
  const x1 = load<usize>(instruction, MapWord.X1 << 2);
  const x2 = load<usize>(instruction, MapWord.X2 << 2);
  const x3 = load<usize>(instruction, MapWord.X3 << 2);
  const rank = rankOf(instruction);
  const box = instruction + (MapWord.Box << 2);
  const shifts = <usize>inputs | (outShift << 4) | (firstShift << 8) | (otherShift << 12);
  if (rank == 0) return row(instruction, 1, out, 0, x1, 0, x2, 0, x3, 0);
  if (rank == 1) {
    const s0 = load<isize>(box, 4) << (<isize>outShift);
    const s1 = load<isize>(box, 8) << (<isize>firstShift);
    const s2 = inputs > 1 ? load<isize>(box, 12) << (<isize>otherShift) : 0;
    const s3 = inputs > 2 ? load<isize>(box, 16) << (<isize>otherShift) : 0;
    const n = load<usize>(box);
    return n ? row(instruction, n, out, s0, x1, s1, x2, s2, x3, s3) : 0;
  }
  return dimension(instruction, row, shifts, box, rank - 2, out, x1, x2, x3);
}

/** The dtype in the head of an instruction. */
export function dtypeOf(instruction: usize): i32 {
  return load<i32>(instruction, Head.DType << 2);
}

/** The dtype of a floating-point type. */
export function dtypeFor<T>(): i32 {
  return sizeof<T>() == 4 ? DType.F32 : DType.F64;
}

/** Logarithm of the bytes of an element: 2, 3, 2, 0, 0 in the order of `DType`. */
export function shiftOf(dtype: i32): usize {
  return (0x1100232 >> (dtype << 2)) & 15;
}

/** Walks the dimension that `word` stands at; `outer` more lie between it and the last two. */
// prettier-ignore
function dimension(
  instruction: usize, row: Row, shifts: usize, word: usize, outer: usize, out: usize, x1: usize, x2: usize, x3: usize,
): i32 {
  const rank = rankOf(instruction);
  const s0 = stride(word, rank, (shifts >> 4) & 15);
  const s1 = stride(word, 2 * rank, (shifts >> 8) & 15);
  const s2 = (shifts & 15) > 1 ? stride(word, 3 * rank, shifts >> 12) : 0;
  const s3 = (shifts & 15) > 2 ? stride(word, 4 * rank, shifts >> 12) : 0;
  let n = load<usize>(word);
  word += 4;
  if (!outer) return plane(instruction, row, shifts, word, n, out, s0, x1, s1, x2, s2, x3, s3);
  for (; n; n--) {
    const status = dimension(instruction, row, shifts, word, outer - 1, out, x1, x2, x3);
    if (status) return status;
    out += s0;
    x1 += s1;
    x2 += s2;
    x3 += s3;
  }
  return 0;
}

/**
 * Walks `rows` rows of the last dimension. Where an input runs down the columns, or rows are too short to be worth a call,
 * tiles are staged in working memory; tiles of whole rows are then one long row.
 */
// prettier-ignore
function plane(
  instruction: usize, row: Row, shifts: usize, word: usize, rows: usize,
  out: usize, r0: isize, x1: usize, r1: isize, x2: usize, r2: isize, x3: usize, r3: isize,
): i32 {
  const rank = rankOf(instruction);
  const s0 = stride(word, rank, (shifts >> 4) & 15);
  const s1 = stride(word, 2 * rank, (shifts >> 8) & 15);
  const s2 = (shifts & 15) > 1 ? stride(word, 3 * rank, shifts >> 12) : 0;
  const s3 = (shifts & 15) > 2 ? stride(word, 4 * rank, shifts >> 12) : 0;
  const columns = load<usize>(word);
  const whole = columns < NARROW && r0 == s0 * columns;
  const staged = rows > 1 && columns
    ? needs(whole, columns, r1, s1) | (needs(whole, columns, r2, s2) << 1) | (needs(whole, columns, r3, s3) << 2)
    : 0;
  const memory = staged ? workspace(WORK) : 0;
  if (staged && !memory) return outOfMemory(WORK);
  const height = staged ? TILE / (whole ? columns : WIDTH) : rows;
  const width = staged && !whole ? min(columns, WIDTH) : columns;
  const operands = memory + 3 * STAGE;
  for (let j: usize = 0; j < columns; j += width) {
    const n = min(columns - j, width);
    for (let i: usize = 0; i < rows; i += height) {
      let m = min(rows - i, height);
      let length = n;
      let y = out + i * r0 + j * s0;
      let a = x1 + i * r1 + j * s1;
      let b = x2 + i * r2 + j * s2;
      let c = x3 + i * r3 + j * s3;
      let u1 = s1, u2 = s2, u3 = s3, d1 = r1, d2 = r2, d3 = r3;
      if (staged) {
        // What is the same in every row is staged once.
        const fresh = !i;
        const f1 = (shifts >> 8) & 15;
        const f2 = shifts >> 12;
        stageOperand(memory, 0, staged & 1, whole, fresh, f1, a, r1, s1, m, n);
        stageOperand(memory, 1, staged & 2, whole, fresh, f2, b, r2, s2, m, n);
        stageOperand(memory, 2, staged & 4, whole, fresh, f2, c, r3, s3, m, n);
        a = load<usize>(operands, 0);
        d1 = load<isize>(operands, 4);
        u1 = load<isize>(operands, 8);
        b = load<usize>(operands, 12);
        d2 = load<isize>(operands, 16);
        u2 = load<isize>(operands, 20);
        c = load<usize>(operands, 24);
        d3 = load<isize>(operands, 28);
        u3 = load<isize>(operands, 32);
        if (whole) {
          length *= m;
          m = 1;
        }
        if (load<i32>(instruction, Head.Op << 2) == Op.Copy && s0 == 1 << f1) {
          spread(y, r0, a, d1, m, length << f1);
          continue;
        }
      }
      for (; m; m--) {
        const status = row(instruction, length, y, s0, a, u1, b, u2, c, u3);
        if (status) return status;
        y += r0;
        a += d1;
        b += d2;
        c += d3;
      }
    }
  }
  return 0;
}

/** 1 if an input must be staged: in tiles of whole rows if these do not follow each other, else if it runs down. */
function needs(whole: bool, columns: usize, row: isize, column: isize): i32 {
  return i32(whole ? row != column * columns : row != 0 && abs(row) < abs(column));
}

function rankOf(instruction: usize): usize {
  return load<usize>(instruction, MapWord.Rank << 2);
}

/** Stride in bytes of the operand whose strides lie `offset` words behind the sizes. */
function stride(word: usize, offset: usize, shift: usize): isize {
  return load<isize>(word + (offset << 2)) << (<isize>shift);
}
