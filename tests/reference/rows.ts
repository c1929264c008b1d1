import { logsumexp } from "../../bindings/index.js";
import { build, count, get, type Plain } from "../support/plain.js";
import type { Reference, References } from "./reference.js";

/** A row of a matrix, the last axis of an array. */
function rowsOf(x: Plain): number[][] {
  const columns = x.shape.at(-1)!;
  return Array.from({ length: columns === 0 ? 0 : x.data.length / columns }, (_, i) => [
    ...x.data.slice(i * columns, (i + 1) * columns),
  ]);
}

/** The array whose rows are what `row` makes of the rows of the inputs. */
function byRow(inputs: readonly Plain[], row: (...rows: number[][]) => number[]): Plain {
  const rows = inputs.map(rowsOf);
  return { shape: inputs[0]!.shape, data: rows[0]!.flatMap((_, i) => row(...rows.map((all) => all[i]!))) };
}

function total(row: readonly number[]): number {
  return row.reduce((sum, value) => sum + value, 0);
}

function logSumExp(row: readonly number[]): number {
  const peak = Math.max(...row);
  return peak + Math.log(total(row.map((value) => Math.exp(value - peak))));
}

function softmaxOf(row: readonly number[]): number[] {
  const peak = Math.max(...row);
  const e = row.map((value) => Math.exp(value - peak));
  return e.map((value) => value / total(e));
}

/** Everything is rounded relative to numbers about as large as the largest. */
function magnitude(x: Plain): Plain {
  const largest = Math.max(1, ...x.data.map(Math.abs));
  return { shape: x.shape, data: x.data.map(() => largest) };
}

const COLUMNS = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 130];
const range = [-30, 30] as const;

const fused = {
  ulps: 8,
  scale: (inputs: readonly Plain[]) => magnitude(inputs[0]!),
  oneDType: true,
} satisfies Partial<Reference<null>>;

const perRow = {
  ...fused,
  scale: ([x]: readonly Plain[]) => magnitude({ ...x!, shape: x!.shape.slice(0, -1), data: [...lastOf(x!)] }),
};

/** One element of each row's scale. */
function lastOf(x: Plain): number[] {
  const largest = Math.max(1, ...x.data.map(Math.abs));
  return new Array<number>(count(x.shape.slice(0, -1))).fill(largest);
}

/** A target counts from 0. */
function targets(x: Plain, target: Plain): readonly number[] {
  if (target.data.some((t) => t < 0 || t >= x.shape[1]!)) throw new RangeError("no such class");
  return target.data;
}

export const rowsReferences = {
  softmax: {
    value: (inputs) => byRow(inputs, softmaxOf),
    ...fused,
    large: COLUMNS.map((n) => ({ inputs: [{ shape: [2, n], range }], params: null })),
  },
  logSoftmax: {
    value: (inputs) => byRow(inputs, (x) => x.map((value) => value - logSumExp(x))),
    ...fused,
    large: COLUMNS.map((n) => ({ inputs: [{ shape: [2, n], range }], params: null })),
  },
  logsumexp: {
    value: ([x]) => ({
      shape: x!.shape.slice(0, -1),
      data:
        x!.shape.at(-1) === 0
          ? new Array<number>(count(x!.shape.slice(0, -1))).fill(-Infinity)
          : rowsOf(x!).map(logSumExp),
    }),
    ...perRow,
    large: COLUMNS.map((n) => ({ inputs: [{ shape: [2, n], range }], params: null })),
    call: ([x]) => logsumexp(x!, -1),
  },
  softmaxBackward: {
    value: (inputs) =>
      byRow(inputs, (y, g) => {
        const common = total(y.map((value, i) => value * g[i]!));
        return y.map((value, i) => value * (g[i]! - common));
      }),
    ...fused,
    scale: ([y, g]) => ({ shape: y!.shape, data: y!.data.map(() => 1 + total(g!.data.map(Math.abs))) }),
    large: COLUMNS.map((n) => ({
      inputs: [{ shape: [2, n], range: [0, 1] as const }, { shape: [2, n] }],
      params: null,
    })),
  },
  logSoftmaxBackward: {
    value: (inputs) => byRow(inputs, (y, g) => g.map((value, i) => value - Math.exp(y[i]!) * total(g))),
    ...fused,
    scale: ([y, g]) => ({ shape: y!.shape, data: y!.data.map(() => 1 + total(g!.data.map(Math.abs))) }),
    large: COLUMNS.map((n) => ({
      inputs: [{ shape: [2, n], range: [-4, 0] as const }, { shape: [2, n] }],
      params: null,
    })),
  },
  crossEntropy: {
    value([x, target]) {
      const chosen = targets(x!, target!);
      return { shape: [x!.shape[0]!], data: rowsOf(x!).map((row, i) => logSumExp(row) - row[chosen[i]!]!) };
    },
    ...perRow,
    large: COLUMNS.map((n) => ({
      inputs: [
        { shape: [4, n], range },
        { shape: [4], dtype: "i32", range: [0, n] as const },
      ],
      params: null,
    })),
  },
  crossEntropyBackward: {
    value([x, target, g]) {
      const chosen = targets(x!, target!);
      const p = byRow([x!], softmaxOf);
      return build(x!.shape, ([i, j]) => (get(p, [i!, j!]) - Number(chosen[i!] === j)) * g!.data[i!]!);
    },
    ...fused,
    large: COLUMNS.map((n) => ({
      inputs: [{ shape: [4, n], range }, { shape: [4], dtype: "i32", range: [0, n] as const }, { shape: [4] }],
      params: null,
    })),
  },
} satisfies Partial<References>;
