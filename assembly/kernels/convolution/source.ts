// A block of the source as the tiles read it: with its padding, and with what one tap reads side by side.

import { tick } from "../../control";
import { Axis, hasTap, phasesOf, planeOf, planesOf, Plan, positionsOf, stepsOf } from "./plan";
import { ENTRY, WIDE } from "./tile";

/** Bytes of a block of the source that leave room in the caches for what it meets. */
const BLOCK: i32 = 98304;

/** Bytes of a block, at most: more, where taps lie far apart outside of an image, would not be counted in 32 bits. */
const MOST: f64 = 1073741824;
/** What one that would have more is said to have: nobody has as many. */
export const ENDLESS: usize = usize.MAX_VALUE;

/** The most terms in one chain of sums, and columns of a block. */
const DEPTH: i32 = 512;
const BREADTH: i32 = 512;

/** The most positions of a block that is not copied. */
const POSITIONS: i32 = 4096;

// @ts-ignore: decorator
@inline
export function lanesOf<T>(): i32 {
  return <i32>(16 / sizeof<T>());
}

/** Divides the work into blocks: one length as far as it goes, which is a multiple of `unit`. */
function shared(length: i32, most: i32, unit: i32): i32 {
  const parts = max(1, (length + most - 1) / max(1, most));
  return max(1, ((length + parts - 1) / parts + unit - 1) & -unit);
}

/**
 * Decides on blocks, once the axes are complete; returns the bytes that one of the source needs, or `ENDLESS`. `part`: the
 * positions are summed over, so that no vector may overlap another, and all channels may be in one block.
 */
export function divide<T>(p: Plan, part: bool): usize {
  const rows = p.rows;
  const columns = p.columns;
  const lanes = lanesOf<T>();
  const taps = rows.kernel * columns.kernel;
  const down = positionsOf(rows, 0);
  const across = positionsOf(columns, 0);
  const whole = part ? across % lanes == 0 : across >= lanes;
  p.inPlace = whole && staysInside(rows) && staysInside(columns);
  columns.block = shared(across, BREADTH, lanes);
  // A last block of less than a vector would overlap the one before it, in which all channels have been summed. The loop ends
  // soon: no number of columns leaves so little to every length of blocks.
  while (p.inPlace && isNarrow(across % columns.block, lanes)) columns.block -= lanes;
  columns.room = p.inPlace ? columns.source : columns.block + columns.span;
  p.line = <usize>columns.room * sizeof<T>();
  p.depth = part ? max(1, p.channels) : shared(p.channels, max(1, DEPTH / max(1, taps)), 1);
  const planes = planesOf(rows) * planesOf(columns);
  const wide = <f64>planesOf(rows) * <f64>planesOf(columns) * <f64>columns.room * <f64>sizeof<T>();
  const least = wide * <f64>(rows.span + 8);
  if (!p.inPlace && least * <f64>p.depth > MOST) {
    if (part || least > MOST) return ENDLESS;
    p.depth = 1;
  }
  if (p.inPlace) {
    rows.block = shared(down, max(1, POSITIONS / columns.block), 1);
    rows.room = rows.source;
  } else {
    const line = planes * <i32>p.line;
    const beside = part ? p.outputs * columns.block * <i32>sizeof<T>() : 0;
    const fitting = BLOCK / (line * p.depth + beside) - rows.span;
    rows.block = shared(down, max(fitting, 8), 1);
    rows.room = rows.block + rows.span;
    p.depth = min(p.depth, shared(p.channels, max(1, BLOCK / (line * rows.room)), 1));
  }
  p.plane = <usize>rows.room * p.line;
  p.channel = <usize>planes * p.plane;
  return p.inPlace ? 0 : <usize>p.depth * p.channel;
}

/** Whether a last block of so many columns has some, but not enough for a vector. */
function isNarrow(columns: i32, lanes: i32): bool {
  return columns > 0 && columns < lanes;
}

/** Whether no tap reads outside the source, nor needs it in another order. */
function staysInside(axis: Axis): bool {
  if (axis.stride > 1) return false;
  return axis.least >= 0 && axis.least + axis.span + axis.target <= axis.source;
}

/** Bytes of the list of shifts. */
export function bytesOfShifts(p: Plan): usize {
  return (((<usize>(p.depth * p.rows.kernel * p.columns.kernel)) << 2) + 15) & -16;
}

/** Entries behind those of a list of vectors, which repeat the last: tiles need not look where the list ends. */
const BEYOND: i32 = WIDE - 1;

/** Bytes of the list of vectors, in which there is room for one of taps. */
export function bytesOfVectors<T>(p: Plan): usize {
  const vectors = p.rows.block * ((p.columns.block + lanesOf<T>() - 1) / lanesOf<T>());
  return max(<usize>(vectors + BEYOND), <usize>(p.rows.kernel * p.columns.kernel)) * ENTRY;
}

/** Lists, for all phases one after the other, the shifts in the block of the source by channel and tap. */
export function listShifts<T>(p: Plan): void {
  let to = p.shifts;
  for (let r = 0; r < phasesOf(p.rows); r++) {
    for (let q = 0; q < phasesOf(p.columns); q++) {
      for (let c = 0; c < p.depth; c++) {
        for (let k = 0; k < p.rows.kernel; k++) {
          if (!hasTap(p.rows, r, k)) continue;
          for (let l = 0; l < p.columns.kernel; l++) {
            if (!hasTap(p.columns, q, l)) continue;
            const plane = planeOf(p.rows, k) * planesOf(p.columns) + planeOf(p.columns, l);
            const at = <usize>stepsOf(p.rows, r, k) * p.line + <usize>stepsOf(p.columns, q, l) * sizeof<T>();
            store<u32>(to, <u32>(<usize>c * p.channel + <usize>plane * p.plane + at));
            to += 4;
          }
        }
      }
    }
  }
}

/**
 * Lists the vectors of `rows` by `columns` positions of phase (r, q) from (j, i) on, and returns how many there are. The last
 * of a line overlaps the one before, unless they are to `part`, or there is no other.
 */
// prettier-ignore
export function listVectors<T>(p: Plan, r: i32, q: i32, j: i32, i: i32, rows: i32, columns: i32, part: bool): i32 {
  const lanes = lanesOf<T>();
  const down = p.rows.back ? p.rows.stride : 1;
  const across = p.columns.back ? p.columns.stride : 1;
  const firstRow = p.inPlace ? j + p.rows.least : 0;
  const firstColumn = p.inPlace ? i + p.columns.least : 0;
  tick();
  let to = p.vectors;
  for (let row = 0; row < rows; row++) {
    const line = <usize>(firstRow + row) * p.line;
    const target = (r + (j + row) * down) * p.columns.target + q;
    for (let column = 0; column < columns; column += lanes) {
      const overlapping = min(column, columns - lanes);
      const at = part ? column : p.inPlace ? overlapping : max(0, overlapping);
      store<u32>(to, <u32>(line + <usize>(firstColumn + at) * sizeof<T>()));
      store<u32>(to, <u32>(<usize>(target + (i + at) * across) * sizeof<T>()), 4);
      store<i32>(to, column - at, 8);
      store<i32>(to, min(lanes, columns - at), 12);
      to += ENTRY;
    }
  }
  for (let q = 0; q < BEYOND; q++) v128.store(to + <usize>q * ENTRY, v128.load(to - ENTRY));
  return <i32>((to - p.vectors) / ENTRY);
}

/** Copies a block of the source from position (j, i) on: `channels` of them from the address `from`. */
export function copySource<T>(p: Plan, from: usize, channels: i32, j: i32, i: i32): void {
  const rows = p.rows;
  const columns = p.columns;
  const rowStep = planesOf(rows);
  const columnStep = planesOf(columns);
  const sourceLine = <usize>columns.source * sizeof<T>();
  let to = p.block;
  for (let c = 0; c < channels; c++) {
    for (let f = 0; f < rowStep; f++) {
      for (let e = 0; e < columnStep; e++) {
        if (reads(rows, f) && reads(columns, e)) {
          const start = (i + columns.least) * columnStep + e;
          // Of each line, what lies before the source and in it.
          const before = min(columns.room, start >= 0 ? 0 : (-start + columnStep - 1) / columnStep);
          const end = min(columns.room, (columns.source - start + columnStep - 1) / columnStep);
          const first = from + <usize>(start + before * columnStep) * sizeof<T>();
          let line = to;
          let at = (j + rows.least) * rowStep + f;
          for (let t = 0; t < rows.room; t++) {
            if (at < 0 || at >= rows.source) memory.fill(line, 0, p.line);
            else copyLine<T>(line, first + <usize>at * sourceLine, columnStep, before, end, columns.room);
            at += rowStep;
            line += p.line;
          }
        }
        to += p.plane;
      }
    }
    from += <usize>rows.source * sourceLine;
  }
}

/** Whether some tap reads plane f. */
function reads(axis: Axis, f: i32): bool {
  for (let k = 0; k < axis.kernel; k++) if (planeOf(axis, k) == f) return true;
  return false;
}

/** Copies to the elements from `before` to `end` of a line what lies `step` apart, and zeros to the others of `room`. */
// prettier-ignore
function copyLine<T>(to: usize, from: usize, step: i32, before: i32, end: i32, room: i32): void {
  let t = 0;
  for (; t < before; t++) {
    store<T>(to, 0);
    to += sizeof<T>();
  }
  if (step == 1) {
    const lanes = lanesOf<T>();
    for (; t + lanes <= end; t += lanes) {
      v128.store(to, v128.load(from));
      to += 16;
      from += 16;
    }
  }
  for (; t < end; t++) {
    store<T>(to, load<T>(from));
    to += sizeof<T>();
    from += <usize>step * sizeof<T>();
  }
  for (; t < room; t++) {
    store<T>(to, 0);
    to += sizeof<T>();
  }
}
