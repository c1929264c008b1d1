// The adjoint of a convolution by the weight: for each output and tap, the product of the adjoint of the result with the
// shifted image, summed over positions, images and lanes. Images are summed in sections, so that threads may share them: where the
// outputs are few, each that did some outputs of all images would have to copy all of the source.

import { ConvolutionWord, Head } from "../../abi/form";
import { shiftOf, word } from "../box/walk";
import { Plan } from "./plan";
import { copySource, lanesOf, listVectors } from "./source";
import { BROAD, ENTRY, HIGH, sumTile } from "./tile";

/** The most sections: enough for as many threads. And the most bytes that the sums of all sections may take. */
const SECTIONS: usize = 16;
const SUMS: usize = 1 << 20;

/** Bytes of the weight. */
export function bytesOfWeight(instruction: usize): usize {
  const size = word(instruction, ConvolutionWord.KernelHeight) * word(instruction, ConvolutionWord.KernelWidth);
  const outputs = word(instruction, ConvolutionWord.Groups) * word(instruction, ConvolutionWord.Outputs);
  return (outputs * word(instruction, ConvolutionWord.Channels) * size) << shiftOf(word(instruction, Head.DType));
}

/** Images of a section: all of them where threads had better share the outputs. */
export function sectionOf(instruction: usize): usize {
  const count = word(instruction, ConvolutionWord.Count);
  const most = min(min(count, SECTIONS), SUMS / max(1, bytesOfWeight(instruction)));
  if (most < 2 || most * HIGH < word(instruction, ConvolutionWord.Outputs)) return count;
  return (count + most - 1) / most;
}

/** Adds element by element what lies at another address. */
export function addTo<T>(to: usize, from: usize, bytes: usize): void {
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, v128.add<T>(v128.load(to), v128.load(from)));
  for (; to < end; to += sizeof<T>(), from += sizeof<T>()) store<T>(to, load<T>(to) + load<T>(from));
}

/** Bytes of the adjoint of the result that are read at once, where it must be copied: rows filled up to whole vectors. */
export function bytesOfResult<T>(p: Plan): usize {
  if (p.columns.target % lanesOf<T>() == 0) return 0;
  return <usize>(p.outputs * p.rows.block * p.columns.block) * sizeof<T>();
}

/** weight [outputs, channels, taps] += the products of source [channels, ..] and result [outputs, ..]. */
export function addProducts<T>(p: Plan, source: usize, result: usize, weight: usize): void {
  const plane = <usize>(p.rows.source * p.columns.source) * sizeof<T>();
  const target = <usize>(p.rows.target * p.columns.target) * sizeof<T>();
  const lanes = lanesOf<T>();
  const copies = p.columns.target % lanes != 0;
  for (let j = 0; j < p.rows.target; j += p.rows.block) {
    const rows = min(p.rows.block, p.rows.target - j);
    for (let i = 0; i < p.columns.target; i += p.columns.block) {
      const columns = min(p.columns.block, p.columns.target - i);
      // Where lines are divided each is read by itself, since the next does not follow it.
      const together = copies || columns == p.columns.target ? rows : 1;
      let g = result + <usize>(j * p.columns.target + i) * sizeof<T>();
      const width = (columns + lanes - 1) & -lanes;
      const gRow = copies ? <usize>(rows * width) * sizeof<T>() : target;
      if (copies) {
        copyResult<T>(p, g, target, rows, columns, width);
        g = p.weights;
      }
      for (let c = 0; c < p.channels; c += p.depth) {
        const channels = min(p.depth, p.channels - c);
        const from = source + <usize>c * plane;
        if (!p.inPlace) copySource<T>(p, from, channels, j, i);
        const x = p.inPlace ? from : p.block;
        const first = weight + <usize>(c * p.rows.kernel * p.columns.kernel) * sizeof<T>();
        for (let row = 0; row < rows; row += together) {
          const count = listVectors<T>(p, 0, 0, j + row, i, together, columns, true);
          const shift = p.inPlace ? 0 : <usize>row * p.line;
          tiles<T>(p, x + shift, g + <usize>(row * p.columns.target) * sizeof<T>(), gRow, first, channels, count);
        }
      }
    }
  }
}

/** Copies rows of the adjoint of the result with zeros behind them, of the outputs that tiles will read. */
function copyResult<T>(p: Plan, from: usize, plane: usize, rows: i32, columns: i32, width: i32): void {
  const bytes = <usize>columns * sizeof<T>();
  // A tile may begin before the first output that is wanted.
  const first = max(0, min(p.first, p.outputs - HIGH));
  let to = p.weights + <usize>(first * rows * width) * sizeof<T>();
  from += <usize>first * plane;
  for (let o = first; o < min(p.outputs, p.end + HIGH); o++) {
    let line = from;
    for (let row = 0; row < rows; row++) {
      for (let at: usize = 0; at < bytes; at += sizeof<T>()) store<T>(to + at, load<T>(line + at));
      for (let column = columns; column < width; column++) store<T>(to + <usize>column * sizeof<T>(), 0);
      to += <usize>width * sizeof<T>();
      line += <usize>p.columns.target * sizeof<T>();
    }
    from += plane;
  }
}

/** Adds the sums over `count` vectors for every output and every tap of some channels. */
// prettier-ignore
function tiles<T>(p: Plan, x: usize, g: usize, gRow: usize, weight: usize, channels: i32, count: i32): void {
  const taps = p.rows.kernel * p.columns.kernel;
  const size = channels * taps;
  const line = <usize>(p.channels * taps) * sizeof<T>();
  const shifts = p.shifts;
  const sums = p.tile;
  for (let t = 0; t < size; t += BROAD) {
    const last = size - 1;
    const x0 = x + load<u32>(shifts + (<usize>t << 2));
    const x1 = x + load<u32>(shifts + (<usize>min(t + 1, last) << 2));
    const some = min(BROAD, size - t);
    for (let o = p.first; o < p.end;) {
      const top = p.outputs < HIGH ? o : min(o, p.outputs - HIGH);
      sumTile<T>(g + <usize>top * gRow, p.outputs < HIGH ? 0 : gRow, x0, x1, p.vectors, ENTRY, count, sums);
      const end = p.outputs < HIGH ? o + 1 : min(top + HIGH, p.end);
      for (; o < end; o++) {
        let to = weight + <usize>o * line + <usize>t * sizeof<T>();
        let from = sums + <usize>(o - top) * sizeof<T>();
        for (let q = 0; q < some; q++) {
          store<T>(to, load<T>(to) + load<T>(from));
          to += sizeof<T>();
          from += HIGH * sizeof<T>();
        }
      }
    }
  }
}
