// Blocks of the scores of attention, for the pass forward and the adjoint.

import { AttentionWord, Mask } from "../../abi/form";
import { each, expBelow, peakRow, scaleRow, sumExponentials } from "../rows/exponentials";
import { multiply, prepare, scratch } from "../matmul/product";
import { Product } from "../matmul/work";

/** Queries of a block, fewer where attention is causal and all keys fit into one block, and the keys of a block. */
const QUERIES: i32 = 64;
const FEWER: i32 = 16;
export const KEYS: i32 = 128;

/** What the passes know of one example. It stands at the beginning of the scratch memory. */
@unmanaged
export class Pass {
  queries: i32;
  /** Queries of a block. */
  block: i32;
  keys: i32;
  depth: i32;
  width: i32;
  causal: bool;
  /** A member of `Mask`. */
  kind: i32;
  /** Bytes from one row of the mask to the next. */
  maskLine: usize;
  scale: f64;
  q: usize;
  k: usize;
  v: usize;
  mask: usize;
  /** A block of queries times the scale; of scores [queries, keys], without gaps; of their adjoint; for each query two numbers. */
  scaled: usize;
  scores: usize;
  slopes: usize;
  peaks: usize;
  sums: usize;
  product: usize;
}

/** Bytes of scratch memory; `adjoint`: with what that needs besides. */
export function lay<T>(p: Pass, instruction: usize, adjoint: bool): usize {
  p.queries = load<i32>(instruction, AttentionWord.Queries << 2);
  p.keys = load<i32>(instruction, AttentionWord.Keys << 2);
  p.depth = load<i32>(instruction, AttentionWord.Depth << 2);
  p.width = load<i32>(instruction, AttentionWord.Width << 2);
  p.causal = load<i32>(instruction, AttentionWord.Causal << 2) != 0;
  p.kind = load<i32>(instruction, AttentionWord.MaskKind << 2);
  const item: usize = p.kind == Mask.Bool ? 1 : sizeof<T>();
  p.maskLine = <usize>(load<i32>(instruction, AttentionWord.MaskRows << 2) > 1 ? p.keys : 0) * item;
  p.scale = load<f64>(instruction, AttentionWord.Scale << 2);
  p.block = p.causal && p.keys <= KEYS ? FEWER : QUERIES;
  const rows = min(p.queries, p.block);
  const columns = min(p.keys, KEYS);
  const block = (<usize>(rows * columns) * sizeof<T>() + 63) & -64;
  p.scaled = (changetype<usize>(p) + offsetof<Pass>() + 63) & -64;
  p.scores = p.scaled + ((<usize>(rows * p.depth) * sizeof<T>() + 63) & -64);
  p.slopes = p.scores + block;
  p.peaks = p.slopes + (adjoint ? block : 0);
  p.sums = p.peaks + ((<usize>p.queries) << 3);
  p.product = p.sums + ((<usize>p.queries) << 3);
  const both = max(p.depth, p.width);
  const most = max(room<T>(rows, columns, both), max(room<T>(rows, both, columns), room<T>(columns, both, rows)));
  return p.product + most - changetype<usize>(p);
}

/** Scratch memory for a product of at most these sizes. */
function room<T>(m: i32, n: i32, k: i32): usize {
  return max(scratch<T>(m, n, k, true), scratch<T>(m, 1, k, true)) + 64;
}

/** c [m, n], without gaps, = a [m, k] b [k, n], or with `more` is added to; strides in bytes. */
// prettier-ignore
export function product<T>(
  pass: Pass, m: i32, n: i32, k: i32, a: usize, aRow: usize, aColumn: usize, b: usize, bRow: usize, bColumn: usize, c: usize,
  more: bool,
): void {
  const p = changetype<Product>(pass.product);
  p.m = m;
  p.n = n;
  p.k = k;
  p.a = a;
  p.aRow = aRow;
  p.aColumn = aColumn;
  p.b = b;
  p.bRow = bRow;
  p.bColumn = bColumn;
  p.c = c;
  p.cRow = <usize>n * sizeof<T>();
  p.cColumn = sizeof<T>();
  p.exchanged = false;
  p.bias = 0;
  p.activation = 0;
  prepare<T>(p, more);
  multiply<T>(p);
}

/** Multiplies the queries i to i + rows by the scale. */
export function scaleQueries<T>(p: Pass, i: i32, rows: i32): void {
  const from = p.q + <usize>(i * p.depth) * sizeof<T>();
  scaleRow<T>(p.scaled, from, <usize>(rows * p.depth), <T>p.scale);
}

/** The scores of `rows` queries from i on, whose scaled ones are at hand, by `columns` keys from j on; masked ones are -inf. */
export function scoreBlock<T>(p: Pass, i: i32, rows: i32, j: i32, columns: i32): void {
  const line = <usize>p.depth * sizeof<T>();
  const keys = p.k + <usize>j * line;
  product<T>(p, rows, columns, p.depth, p.scaled, line, sizeof<T>(), keys, sizeof<T>(), line, p.scores, false);
  for (let r = 0; r < rows; r++) {
    const to = p.scores + <usize>(r * columns) * sizeof<T>();
    if (p.kind == Mask.Bool) {
      const mask = p.mask + <usize>(i + r) * p.maskLine + <usize>j;
      for (let c = 0; c < columns; c++) if (!load<u8>(mask + <usize>c)) put<T>(to, c, -(<T>Infinity));
    } else if (p.kind == Mask.Added) {
      const mask = p.mask + <usize>(i + r) * p.maskLine + <usize>j * sizeof<T>();
      each<T, Plus>(to, to, mask, <usize>columns, 0, 0);
    }
    if (p.causal) for (let c = max(0, i + r + 1 - j); c < columns; c++) put<T>(to, c, -(<T>Infinity));
  }
}

/** The key behind the last that one of these queries may attend to. */
export function lastKey(p: Pass, i: i32, rows: i32): i32 {
  return p.causal ? min(p.keys, i + rows) : p.keys;
}

// @ts-ignore: decorator
@inline
function put<T>(to: usize, at: i32, value: T): void {
  store<T>(to + ((<usize>at) << alignof<T>()), value);
}

/**
 * Takes a row of scores into the largest one and the sum of exponentials of its query, and with `keep` makes the scores
 * exponentials. What was summed before counts times the result.
 */
export function addRow<T>(p: Pass, query: i32, row: usize, columns: i32, keep: bool): T {
  const place = p.peaks + ((<usize>query) << 3);
  const sum = p.sums + ((<usize>query) << 3);
  const before = load<T>(place);
  const peak = max<T>(before, peakRow<T>(row, <usize>columns));
  if (peak == -(<T>Infinity)) {
    if (keep) memory.fill(row, 0, <usize>columns * sizeof<T>());
    return 1;
  }
  const scale = v128.extract_lane<T>(expBelow<T>(v128.splat<T>(before - peak)), 0);
  store<T>(place, peak);
  store<f64>(sum, load<f64>(sum) * <f64>scale + sumExponentials<T>(keep ? row : 0, row, <usize>columns, peak));
  return scale;
}

/** x + y. */
@unmanaged
class Plus {

  @inline apply<T>(x: v128, y: v128, s: v128, t: v128): v128 {
    return v128.add<T>(x, y);
  }
}
