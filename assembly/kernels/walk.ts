// The walk over the box of a Map instruction. It needs no memory, and hands every innermost row to a class F, the family
// of the opcode, which has one method: row(instruction, n, out, s0, x1, s1, x2, s2, x3, s3) computes n >= 1 elements that
// lie s0, s1, s2, s3 bytes apart, and answers a Status. It is called as `changetype<F>(0).row(...)`.

import { Head, MapWord, Op } from "../abi";
import { outOfMemory, workspace } from "../arena";
import { NARROW, PAD, spread, stage, STAGE, TILE, WIDTH } from "./stage";

/**
 * Runs a Map instruction of family F with so many inputs; stops at the first row that answers something else than Ok.
 * The shifts are logarithms of the bytes of an element: of the output, the first input, and the other inputs.
 */
// prettier-ignore
export function walk<F>(instruction: usize, inputs: i32, outShift: usize, firstShift: usize, otherShift: usize): i32 {
  const out = load<usize>(instruction, MapWord.Out << 2);
  const x1 = load<usize>(instruction, MapWord.X1 << 2);
  const x2 = load<usize>(instruction, MapWord.X2 << 2);
  const x3 = load<usize>(instruction, MapWord.X3 << 2);
  const rank = rankOf(instruction);
  const box = instruction + (MapWord.Box << 2);
  const shifts = <usize>inputs | (outShift << 4) | (firstShift << 8) | (otherShift << 12);
  if (rank == 0) return changetype<F>(0).row(instruction, 1, out, 0, x1, 0, x2, 0, x3, 0);
  if (rank == 1) return plane<F>(instruction, shifts, box, 1, out, 0, x1, 0, x2, 0, x3, 0);
  return dimension<F>(instruction, shifts, box, rank - 2, out, x1, x2, x3);
}

/** The dtype in the head of an instruction. */
export function dtypeOf(instruction: usize): i32 {
  return load<i32>(instruction, Head.DType << 2);
}

/** Logarithm of the bytes of an element: 2, 3, 2, 0, 0 in the order of `DType`. */
export function shiftOf(dtype: i32): usize {
  return (0x00232 >> (dtype << 2)) & 15;
}

/** Walks the dimension that `word` stands at; `outer` more lie between it and the last two. */
// prettier-ignore
function dimension<F>(
  instruction: usize, shifts: usize, word: usize, outer: usize, out: usize, x1: usize, x2: usize, x3: usize,
): i32 {
  const rank = rankOf(instruction);
  const s0 = stride(word, rank, (shifts >> 4) & 15);
  const s1 = stride(word, 2 * rank, (shifts >> 8) & 15);
  const s2 = (shifts & 15) > 1 ? stride(word, 3 * rank, shifts >> 12) : 0;
  const s3 = (shifts & 15) > 2 ? stride(word, 4 * rank, shifts >> 12) : 0;
  let n = load<usize>(word);
  word += 4;
  if (!outer) return plane<F>(instruction, shifts, word, n, out, s0, x1, s1, x2, s2, x3, s3);
  for (; n; n--) {
    const status = dimension<F>(instruction, shifts, word, outer - 1, out, x1, x2, x3);
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
function plane<F>(
  instruction: usize, shifts: usize, word: usize, rows: usize,
  out: usize, r0: isize, x1: usize, r1: isize, x2: usize, r2: isize, x3: usize, r3: isize,
): i32 {
  const rank = rankOf(instruction);
  const s0 = stride(word, rank, (shifts >> 4) & 15);
  const s1 = stride(word, 2 * rank, (shifts >> 8) & 15);
  const s2 = (shifts & 15) > 1 ? stride(word, 3 * rank, shifts >> 12) : 0;
  const s3 = (shifts & 15) > 2 ? stride(word, 4 * rank, shifts >> 12) : 0;
  const columns = load<usize>(word);
  if (!columns) return 0;
  const whole = rows > 1 && columns < NARROW && r0 == s0 * columns;
  const stage1 = whole ? r1 != s1 * columns : runsDown(r1, s1);
  const stage2 = whole ? r2 != s2 * columns : runsDown(r2, s2);
  const stage3 = whole ? r3 != s3 * columns : runsDown(r3, s3);
  if (rows < 2 || !(stage1 || stage2 || stage3)) {
    for (let i: usize = 0; i < rows; i++) {
      const status = changetype<F>(0).row(
        instruction, columns, out + i * r0, s0, x1 + i * r1, s1, x2 + i * r2, s2, x3 + i * r3, s3,
      );
      if (status) return status;
    }
    return 0;
  }
  const memory = workspace(3 * STAGE);
  if (!memory) return outOfMemory(3 * STAGE);
  const height = TILE / (whole ? columns : WIDTH);
  const f1 = (shifts >> 8) & 15;
  const f2 = shifts >> 12;
  const p1 = whole ? columns << f1 : (WIDTH << f1) + PAD;
  const p2 = whole ? columns << f2 : (WIDTH << f2) + PAD;
  for (let j: usize = 0; j < columns; j += WIDTH) {
    const n = min(columns - j, WIDTH);
    for (let i: usize = 0; i < rows; i += height) {
      let m = min(rows - i, height);
      const y = out + i * r0 + j * s0;
      let a = x1 + i * r1 + j * s1;
      let b = x2 + i * r2 + j * s2;
      let c = x3 + i * r3 + j * s3;
      // What is the same in every row is staged once.
      if (stage1 && (r1 || !i)) stage(f1, memory, p1, a, r1, s1, m, n);
      if (stage2 && (r2 || !i)) stage(f2, memory + STAGE, p2, b, r2, s2, m, n);
      if (stage3 && (r3 || !i)) stage(f2, memory + 2 * STAGE, p2, c, r3, s3, m, n);
      if (stage1) a = memory;
      if (stage2) b = memory + STAGE;
      if (stage3) c = memory + 2 * STAGE;
      const u1 = stage1 ? 1 << f1 : s1;
      const u2 = stage2 ? 1 << f2 : s2;
      const u3 = stage3 ? 1 << f2 : s3;
      let length = n;
      if (whole) {
        length *= m;
        m = 1;
      }
      if (load<i32>(instruction, Head.Op << 2) == Op.Copy && s0 == 1 << f1) {
        spread(y, r0, memory, p1, m, length << f1);
        continue;
      }
      for (let k: usize = 0; k < m; k++) {
        const status = changetype<F>(0).row(
          instruction, length, y + k * r0, s0,
          a + k * (stage1 ? p1 : r1), u1, b + k * (stage2 ? p2 : r2), u2, c + k * (stage3 ? p2 : r3), u3,
        );
        if (status) return status;
      }
    }
  }
  return 0;
}

/** Whether neighbours down a column lie closer together than neighbours in a row. */
function runsDown(row: isize, column: isize): bool {
  return row != 0 && abs(row) < abs(column);
}

function rankOf(instruction: usize): usize {
  return load<usize>(instruction, MapWord.Rank << 2);
}

/** Stride in bytes of the operand whose strides lie `offset` words behind the sizes. */
function stride(word: usize, offset: usize, shift: usize): isize {
  return load<isize>(word + (offset << 2)) << (<isize>shift);
}
