import * as w from "../../bindings/index.js";
import { get, mapped, positions, type Plain } from "../support/plain.js";
import { on, type Composed } from "./reference.js";

const mean = (x: Plain): Plain => ({ shape: [], data: [x.data.reduce((a, b) => a + b, 0) / x.data.length] });
const PAIR = [[[3, 4], [3, 4]], [[], []], [[2, 1, 3], [2, 1, 3]]] as const; // prettier-ignore
const chances = (shape: readonly number[]) => ({ shape, range: [0.1, 0.9] as const });
const PROBABLE = [[chances([3, 4]), chances([3, 4])]] as const;
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const signs = { shape: [4], range: [-2, 2] as const };

/** The mean of a loss, element by element. */
function loss(
  cases: Parameters<typeof on>[0],
  call: (x: w.Tensor, y: w.Tensor) => w.Tensor,
  f: (x: number, y: number) => number,
): Composed {
  return on(
    cases,
    (x, y) => call(x, y),
    (...inputs) => mean(mapped(inputs, f)),
  );
}

const logSoftmax = (row: number[]): number[] => {
  const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
  return row.map((x) => x - total);
};
const rowOf = (x: Plain, i: number): number[] => positions([x.shape[1]!]).map(([j]) => get(x, [i, j!]));
const targets = { shape: [5], dtype: "i32", range: [0, 3] as const } as const;
const weight = { shape: [3], range: [0.5, 2] as const };

/** Σ w loss / Σ w over the rows whose target is not 1. */
function weightedNll(x: Plain, y: Plain, k: Plain, score: (row: number[]) => number[]): Plain {
  const counted = positions([5])
    .map(([i]) => i!)
    .filter((i) => y.data[i] !== 1);
  const of = (i: number): number => k.data[y.data[i]!]!;
  const total = counted.reduce((sum, i) => sum - of(i) * score(rowOf(x, i))[y.data[i]!]!, 0);
  return { shape: [], data: [total / counted.reduce((sum, i) => sum + of(i), 0)] };
}

/** The losses. */
export const lossesComposed: Readonly<Record<string, Composed>> = {
  l1Loss: loss(
    PAIR,
    (x, y) => w.l1Loss(x, y),
    (x, y) => Math.abs(x - y),
  ),
  huberLoss: loss(
    PAIR,
    (x, y) => w.huberLoss(x, y, { delta: 2 }),
    (x, y) => {
      const d = Math.abs(x - y);
      return d < 2 ? (d * d) / 2 : 2 * (d - 1);
    },
  ),
  smoothL1Loss: loss(
    PAIR,
    (x, y) => w.smoothL1Loss(x, y, { beta: 3 }),
    (x, y) => {
      const d = Math.abs(x - y);
      return d < 3 ? (d * d) / 6 : d - 1.5;
    },
  ),
  binaryCrossEntropy: loss(
    PROBABLE,
    (x, y) => w.binaryCrossEntropy(x, y),
    (x, y) => -(y * Math.log(x) + (1 - y) * Math.log(1 - x)),
  ),
  binaryCrossEntropyWithLogits: loss(
    PAIR,
    (x, y) => w.binaryCrossEntropyWithLogits(x, y, { posWeight: 3 }),
    (x, y) => 3 * y * softplus(-x) + (1 - y) * softplus(x),
  ),
  klDiv: loss(
    PROBABLE,
    (x, y) => w.klDiv(x, y),
    (x, y) => y * (Math.log(y) - x),
  ),
  hingeLoss: loss(
    PAIR,
    (x, y) => w.hingeLoss(x, y),
    (x, y) => Math.max(0, 1 - x * y),
  ),
  hingeEmbeddingLoss: {
    ...loss(
      [[[4], signs]],
      (x, y) => w.hingeEmbeddingLoss(x, w.sign(y)),
      (x, y) => (y > 0 ? x : Math.max(0, 1 - x)),
    ),
    like: 0,
  },
  poissonNllLoss: loss(
    PROBABLE,
    (x, y) => w.poissonNllLoss(x, y),
    (x, y) => Math.exp(x) - y * x,
  ),
  sigmoidFocalLoss: loss(
    PROBABLE,
    (x, y) => w.sigmoidFocalLoss(x, y, { reduction: "mean" }),
    (x, y) => {
      const p = 1 / (1 + Math.exp(-x));
      return (
        (0.25 * y + 0.75 * (1 - y)) * (p * (1 - y) + (1 - p) * y) ** 2 * (y * softplus(-x) + (1 - y) * softplus(x))
      );
    },
  ),
  gaussianNllLoss: on(
    [[[3, 2], [3, 2], chances([3, 2])]],
    (x, y, v) => w.gaussianNllLoss(x, y, v),
    (...inputs) => mean(mapped(inputs, (x, y, v) => (Math.log(v) + (x - y) ** 2 / v) / 2)),
  ),
  marginRankingLoss: on(
    [[[4], [4], signs]],
    (a, b, y) => w.marginRankingLoss(a, b, w.sign(y), { margin: 0.5 }),
    (...inputs) => mean(mapped(inputs, (a, b, y) => Math.max(0, 0.5 - Math.sign(y) * (a - b)))),
  ),
  tripletMarginLoss: on(
    [
      [
        [3, 2],
        [3, 2],
        [3, 2],
      ],
    ],
    (a, p, n) => w.tripletMarginLoss(a, p, n),
    (a, p, n) =>
      mean({
        shape: [3],
        data: positions([3]).map(([i]) => {
          const d = (x: Plain) => Math.hypot(...rowOf(a, i!).map((v, k) => v - get(x, [i!, k]) + 1e-6));
          return Math.max(0, d(p) - d(n) + 1);
        }),
      }),
  ),
  crossEntropy: on(
    [[[5, 3], targets, weight]],
    (x, y, k) => w.crossEntropy(x, y, { weight: k, ignoreIndex: 1 }),
    (x, y, k) => weightedNll(x, y, k, logSoftmax),
  ),
  nllLoss: on(
    [[[5, 3], targets, weight]],
    (x, y, k) => w.nllLoss(x, y, { weight: k, ignoreIndex: 1 }),
    (x, y, k) => weightedNll(x, y, k, (row) => row),
  ),
};
