import { indexingData, samplesOf, TOP, type IndexingSetting } from "../../problems.js";
import type { Work } from "../../serve.js";

/** Loops over typed arrays along an axis of a matrix. */
export function indexing(setting: IndexingSetting): Work {
  const { operation, rows, columns, axis } = setting;
  const { x, y, index, sequence } = indexingData(setting);
  const lengths: Partial<Record<IndexingSetting["operation"], number>> = {
    cat: 2 * x.length,
    topk: rows * TOP,
    cdist: rows * rows,
  };
  const out = new Float32Array(lengths[operation] ?? x.length);
  const runs: Readonly<Record<IndexingSetting["operation"], () => void>> = {
    cumsum: () => (axis === 0 ? sumDown(out, x, columns) : sumAlong(out, x, columns)),
    logcumsumexp: () => (axis === 0 ? logsDown(out, x, columns) : logsAlong(out, x, columns)),
    cat: () => join(out, x, y, axis === 0 ? x.length : columns),
    gather: () => {
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          const at = index[i * columns + j]!;
          out[i * columns + j] = x[axis === 0 ? at * columns + j : i * columns + at]!;
        }
    },
    scatterAdd: () => {
      out.fill(0);
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          const at = index[i * columns + j]!;
          out[axis === 0 ? at * columns + j : i * columns + at]! += x[i * columns + j]!;
        }
    },
    scatter: () => {
      out.fill(0);
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          const at = index[i * columns + j]!;
          out[axis === 0 ? at * columns + j : i * columns + at] = x[i * columns + j]!;
        }
    },
    sort: () => {
      out.set(x);
      for (let i = 0; i < rows; i++) out.subarray(i * columns, (i + 1) * columns).sort();
    },
    topk: () => {
      for (let i = 0; i < rows; i++) greatest(out, i * TOP, x, i * columns, columns);
    },
    searchsorted: () => {
      for (let i = 0; i < x.length; i++) out[i] = placeOf(x[i]!, sequence);
    },
    cross: () => {
      for (let i = 0; i < x.length; i += 3) {
        const [a, b, c, d, e, f] = [x[i]!, x[i + 1]!, x[i + 2]!, y[i]!, y[i + 1]!, y[i + 2]!];
        out[i] = b * f - c * e;
        out[i + 1] = c * d - a * f;
        out[i + 2] = a * e - b * d;
      }
    },
    cdist: () => {
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < rows; j++) {
          let sum = 0;
          for (let k = 0; k < columns; k++) {
            const difference = x[i * columns + k]! - y[j * columns + k]!;
            sum += difference * difference;
          }
          out[i * rows + j] = Math.sqrt(sum);
        }
    },
  };
  const run = runs[operation];
  return { run, check: () => (run(), samplesOf(out)) };
}

function sumAlong(out: Float32Array, x: Float32Array, columns: number): void {
  for (let start = 0; start < x.length; start += columns) {
    let sum = 0;
    for (let i = start; i < start + columns; i++) out[i] = sum += x[i]!;
  }
}

/** In the order of memory, with the totals in f64. */
function sumDown(out: Float32Array, x: Float32Array, columns: number): void {
  const totals = new Float64Array(columns);
  for (let start = 0; start < x.length; start += columns) {
    for (let j = 0; j < columns; j++) out[start + j] = totals[j]! += x[start + j]!;
  }
}

function logSum(a: number, b: number): number {
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

function logsAlong(out: Float32Array, x: Float32Array, columns: number): void {
  for (let start = 0; start < x.length; start += columns) {
    let sum = -Infinity;
    for (let i = start; i < start + columns; i++) out[i] = sum = i === start ? x[i]! : logSum(sum, x[i]!);
  }
}

function logsDown(out: Float32Array, x: Float32Array, columns: number): void {
  out.set(x.subarray(0, columns));
  for (let i = columns; i < x.length; i++) out[i] = logSum(out[i - columns]!, x[i]!);
}

/** The number of elements of an ascending sequence that are less. */
function placeOf(value: number, sequence: Float32Array): number {
  let [low, high] = [0, sequence.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sequence[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `run` elements of either at a time. */
function join(out: Float32Array, x: Float32Array, y: Float32Array, run: number): void {
  for (let start = 0; start < x.length; start += run) {
    out.set(x.subarray(start, start + run), 2 * start);
    out.set(y.subarray(start, start + run), 2 * start + run);
  }
}

/** The greatest elements in descending order, kept in order while the row is read once. */
function greatest(out: Float32Array, to: number, x: Float32Array, from: number, n: number): void {
  let held = 0;
  for (let i = from; i < from + n; i++) {
    const value = x[i]!;
    if (held === TOP && value <= out[to + TOP - 1]!) continue;
    let slot = to + (held < TOP ? held++ : TOP - 1);
    for (; slot > to && out[slot - 1]! < value; slot--) out[slot] = out[slot - 1]!;
    out[slot] = value;
  }
}
