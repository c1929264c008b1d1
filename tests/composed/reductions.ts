import * as w from "../../bindings/index.js";
import { build, get } from "../support/plain.js";
import { line, reduced, lines, sum, anyType, counts, SHAPES, FULL, last } from "./lines.js";
import { on, type Composed } from "./reference.js";

const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);

/** Reductions, running reductions and what else is done with each line along an axis. */
export const reductionsComposed: Readonly<Record<string, Composed>> = {
  vectorNorm: on(
    SHAPES,
    (x) => w.linalg.vectorNorm(x, 3, -1),
    (x) => reduced(x, last(x), (l) => Math.cbrt(sum(l.map((v) => Math.abs(v) ** 3)))),
  ),
  norm: on(
    SHAPES,
    (x) => w.norm(x, 2, 0),
    (x) => reduced(x, 0, (l) => Math.sqrt(sum(l.map((v) => v * v)))),
  ),
  nanmedian: on(
    FULL,
    (x) => w.nanmedian(x, 0).values,
    (x) => reduced(x, 0, (l) => sorted(l)[(l.length - 1) >> 1]!),
    anyType,
  ),
  nanquantile: on(
    FULL,
    (x) => w.nanquantile(x, 0.3, -1),
    (x) =>
      reduced(x, last(x), (l) => {
        const [at, order] = [0.3 * (l.length - 1), sorted(l)];
        const low = Math.floor(at);
        return order[low]! + (at - low) * (order[low + 1]! - order[low]!);
      }),
  ),
  nansum: on(
    SHAPES,
    (x) => w.nansum(x, -1),
    (x) => reduced(x, last(x), sum),
    counts,
  ),
  nanmean: on(
    FULL,
    (x) => w.nanmean(x, -1),
    (x) => reduced(x, last(x), (l) => sum(l) / l.length),
  ),
  countNonzero: on(
    SHAPES,
    (x) => w.countNonzero(x, -1),
    (x) => reduced(x, last(x), (l) => l.filter((v) => v !== 0).length),
    { result: "i32", constant: true, integers: () => "i32" },
  ),
  maxDim: on(
    FULL,
    (x) => w.maxDim(x, 1).values,
    (x) => reduced(x, 1, (l) => Math.max(...l)),
    anyType,
  ),
  minDim: on(
    FULL,
    (x) => w.minDim(x, 1).values,
    (x) => reduced(x, 1, (l) => Math.min(...l)),
    anyType,
  ),
  median: on(
    FULL,
    (x) => w.median(x, -1).values,
    (x) => reduced(x, last(x), (l) => sorted(l)[(l.length - 1) >> 1]!),
    anyType,
  ),
  kthvalue: on(
    FULL,
    (x) => w.kthvalue(x, 2, 0).values,
    (x) => reduced(x, 0, (l) => sorted(l)[1]!),
    anyType,
  ),
  quantile: on(
    FULL,
    (x) => w.quantile(x, 0.3, -1),
    (x) =>
      reduced(x, last(x), (l) => {
        const p = 0.3 * (l.length - 1),
          s = sorted(l),
          i = Math.floor(p);
        return s[i]! + (p - i) * (s[Math.min(i + 1, l.length - 1)]! - s[i]!);
      }),
  ),
  cummax: on(
    SHAPES,
    (x) => w.cummax(x, 0).values,
    (x) => lines(x, 0, x.shape[0]!, (l, i) => Math.max(...l.slice(0, i + 1))),
    anyType,
  ),
  cummin: on(
    SHAPES,
    (x) => w.cummin(x, -1).values,
    (x) => lines(x, last(x), x.shape[last(x)]!, (l, i) => Math.min(...l.slice(0, i + 1))),
    anyType,
  ),
  logcumsumexp: on(
    SHAPES,
    (x) => w.logcumsumexp(x, -1),
    (x) => lines(x, last(x), x.shape[last(x)]!, (l, i) => Math.log(sum(l.slice(0, i + 1).map(Math.exp)))),
  ),
  diff: on(
    [[[3, 4]], [[1, 2, 3]], [[2, 0]]],
    (x) => w.diff(x, 1, -1),
    (x) => lines(x, last(x), Math.max(0, x.shape[last(x)]! - 1), (l, i) => l[i + 1]! - l[i]!),
  ),

  cosineSimilarity: on(
    [
      [
        [3, 2],
        [3, 2],
      ],
    ],
    (x, y) => w.cosineSimilarity(x, y),
    (x, y) =>
      build([3], ([i]) => {
        const [a, b] = [line(x, [i!], 1), line(y, [i!], 1)];
        return sum(a.map((v, k) => v * b[k]!)) / (Math.max(Math.hypot(...a), 1e-8) * Math.max(Math.hypot(...b), 1e-8));
      }),
  ),
  normalize: on(
    [[[3, 4]]],
    (x) => w.normalize(x),
    (x) => lines(x, 1, 4, (l, i) => l[i]! / Math.max(Math.hypot(...l), 1e-12)),
  ),
  glu: on(
    [[[2, 4]], [[0, 2]]],
    (x) => w.glu(x),
    (x) => lines(x, last(x), x.shape[last(x)]! / 2, (l, i) => l[i]! / (1 + Math.exp(-l[i + l.length / 2]!))),
  ),
  prelu: on(
    [
      [[2, 3, 2], [3]],
      [[4], [1]],
    ],
    (x, p) => w.prelu(x, p),
    (x, p) =>
      build(x.shape, (at) => {
        const v = get(x, at);
        return v > 0 ? v : v * p.data[p.shape[0] === 1 ? 0 : at[1]!]!;
      }),
  ),
  searchsorted: on(
    [[[3, 4]]],
    (x) => w.searchsorted(w.arange(-8, 8, 2, { dtype: "f64" }), x),
    (x) => build(x.shape, (at) => [-8, -6, -4, -2, 0, 2, 4, 6].filter((s) => s < get(x, at)).length),
    { result: "i32", constant: true, integers: () => "i32" },
  ),
};
