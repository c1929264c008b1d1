import * as w from "../../bindings/index.js";
import { build, count, get, positions, rank, type Plain, type Position } from "../support/plain.js";
import { on, type Composed } from "./reference.js";

const without = (shape: readonly number[], axis: number): number[] => shape.filter((_, i) => i !== axis);
const put = (at: Position, axis: number, i: number): number[] => [...at.slice(0, axis), i, ...at.slice(axis)];
const line = (x: Plain, at: Position, axis: number): number[] =>
  Array.from({ length: x.shape[axis]! }, (_, i) => get(x, put(at, axis, i)));
/** Each line along an axis becomes a number. */
const reduced = (x: Plain, axis: number, f: (line: number[]) => number): Plain =>
  build(without(x.shape, axis), (at) => f(line(x, at, axis)));
/** Each line along an axis becomes another one. */
const lines = (x: Plain, axis: number, length: number, f: (line: number[], i: number) => number): Plain =>
  build(x.shape.map((n, i) => (i === axis ? length : n)), (at) => f(line(x, without(at, axis), axis), at[axis]!)); // prettier-ignore
const product = (x: Plain, y: Plain, n: number, k: number, m: number, xAt: (i: number, j: number) => Position, yAt: (i: number, j: number) => Position): Plain =>
  build([n, m], ([i, j]) => { let sum = 0; for (let l = 0; l < k; l++) sum += get(x, xAt(i!, l)) * get(y, yAt(l, j!)); return sum; }); // prettier-ignore
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
const flat = (shape: number[], data: number[]): Plain => ({ shape, data });
const anyType = { integers: (dtype: w.DTypeName): w.DTypeName => dtype } as const;
const counts = {
  integers: (dtype: w.DTypeName): w.DTypeName => (dtype === "u8" || dtype === "bool" ? "i32" : dtype),
} as const;
const SHAPES = [[[3, 4]], [[2, 1, 3]], [[2, 0]], [[0, 3]]] as const;
const FULL = [[[3, 4]], [[2, 5, 3]]] as const;
const last = (x: Plain): number => x.shape.length - 1;
const mod = (i: number, n: number): number => ((i % n) + n) % n;

/** Functions of whole tensors that are composed of primitives. */
export const otherComposed: Readonly<Record<string, Composed>> = {
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

  roll: on(
    SHAPES,
    (x) => w.roll(x, [-1, 4], [0, 1]),
    (x) =>
      build(x.shape, (at) =>
        get(
          x,
          at.map((i, d) => (d > 1 ? i : mod(i - (d ? 4 : -1), x.shape[d]!))),
        ),
      ),
    anyType,
  ),
  rot90: on(
    [[[3, 4]], [[2, 3, 1]], [[0, 3]]],
    (x) => w.rot90(x, 1),
    (x) =>
      build([x.shape[1]!, x.shape[0]!, ...x.shape.slice(2)], ([i, j, ...rest]) =>
        get(x, [j!, x.shape[1]! - 1 - i!, ...rest]),
      ),
    anyType,
  ),
  repeat: on(
    SHAPES,
    (x) => w.repeat(x, [2, ...x.shape.map((_, d) => d + 1)]),
    (x) =>
      build([2, ...x.shape.map((n, d) => n * (d + 1))], ([, ...at]) =>
        get(
          x,
          at.map((i, d) => i % x.shape[d]!),
        ),
      ),
    anyType,
  ),
  tile: on(
    SHAPES,
    (x) => w.tile(x, [3]),
    (x) => lines(x, last(x), 3 * x.shape[last(x)]!, (l, i) => l[i % l.length]!),
    anyType,
  ),
  repeatInterleave: on(
    SHAPES,
    (x) => w.repeatInterleave(x, 2, 1),
    (x) => lines(x, 1, 2 * x.shape[1]!, (l, i) => l[i >> 1]!),
    anyType,
  ),
  moveAxis: on(
    [[[2, 3, 4]], [[2, 0, 3]]],
    (x) => w.moveAxis(x, [0, 1], [-1, 0]),
    (x) => build([x.shape[1]!, x.shape[2]!, x.shape[0]!], ([j, k, i]) => get(x, [i!, j!, k!])),
    anyType,
  ),
  unflatten: on(
    [[[2, 6]], [[0, 4]]],
    (x) => w.unflatten(x, 1, [-1, 2]),
    (x) => flat([x.shape[0]!, x.shape[1]! / 2, 2], [...x.data]),
    anyType,
  ),
  pixelShuffle: on(
    [[[2, 8, 2, 3]]],
    (x) => w.pixelShuffle(x, 2),
    (x) => build([2, 2, 4, 6], ([n, c, i, j]) => get(x, [n!, 4 * c! + 2 * (i! % 2) + (j! % 2), i! >> 1, j! >> 1])),
    anyType,
  ),
  pixelUnshuffle: on(
    [[[8, 2, 3]]],
    (x) => w.pixelUnshuffle(w.pixelShuffle(x, 2), 2),
    (x) => x,
    anyType,
  ),
  meshgrid: on(
    [
      [[3], [2]],
      [[0], [2]],
      [[], [3]],
    ],
    (x, y) => w.meshgrid([x, y])[1]!,
    (x, y) => build([count(x.shape), count(y.shape)], ([, j]) => y.data[j!]!),
    { like: 1, constant: true, ...anyType },
  ),
  split: on(
    [[[5, 2]], [[4]], [[1, 3]]],
    (x) => w.cat(w.split(x, 2).reverse()),
    (x) => {
      const n = x.shape[0]!,
        parts: number[][] = [];
      for (let i = 0; i < n; i += 2) parts.unshift(Array.from({ length: Math.min(2, n - i) }, (_, j) => i + j));
      return build(x.shape, ([i, ...rest]) => get(x, [parts.flat()[i!]!, ...rest]));
    },
    anyType,
  ),
  chunk: on(
    [[[5, 2]], [[7]]],
    (x) => w.chunk(x, 3)[0]!,
    (x) => build([Math.ceil(x.shape[0]! / 3), ...x.shape.slice(1)], (at) => get(x, at)),
    anyType,
  ),
  unbind: on(
    [[[3, 2]]],
    (x) => w.stack(w.unbind(x, 1)),
    (x) => build([2, 3], ([i, j]) => get(x, [j!, i!])),
    anyType,
  ),

  triu: on(
    [[[3, 4]], [[2, 3, 3]], [[0, 3]]],
    (x) => w.triu(x, 1),
    (x) => build(x.shape, (at) => (at[last(x)]! - at[last(x) - 1]! >= 1 ? get(x, at) : 0)),
    anyType,
  ),
  tril: on(
    [[[3, 4]], [[2, 3, 3]], [[3, 0]]],
    (x) => w.tril(x, -1),
    (x) => build(x.shape, (at) => (at[last(x)]! - at[last(x) - 1]! <= -1 ? get(x, at) : 0)),
    anyType,
  ),
  diagonal: on(
    [[[3, 4]], [[4, 3, 2]], [[0, 3]]],
    (x) => w.diagonal(x),
    (x) =>
      build([...x.shape.slice(2), Math.min(x.shape[0]!, x.shape[1]!)], (at) =>
        get(x, [at[at.length - 1]!, at[at.length - 1]!, ...at.slice(0, -1)]),
      ),
    anyType,
  ),
  diagEmbed: on(
    [[[3]], [[2, 3]], [[0]]],
    (x) => w.diagEmbed(x, 1),
    (x) => {
      const n = x.shape[last(x)]! + 1;
      return build([...x.shape.slice(0, -1), n, n], (at) => {
        const [i, j] = at.slice(-2);
        return j === i! + 1 ? get(x, [...at.slice(0, -2), i!]) : 0;
      });
    },
  ),
  trace: on(
    [[[3, 4]], [[0, 2]]],
    (x) => w.trace(x),
    (x) => flat([], [sum(positions([Math.min(...x.shape)]).map(([i]) => get(x, [i!, i!])))]),
    counts,
  ),

  sliceAssign: on(
    [
      [
        [4, 5],
        [1, 2],
      ],
      [[3, 4], [2]],
    ],
    (x, v) =>
      w.sliceAssign(
        x,
        [
          [1, 3],
          [-1, 1, -1],
        ].slice(0, 2) as never,
        w.slice(v, "...", [0, 1]),
      ),
    (x, v) =>
      build(x.shape, ([i, j]) =>
        i! >= 1 && i! < 3 && j! > 1
          ? get(
              v,
              v.shape.map(() => 0),
            )
          : get(x, [i!, j!]),
      ),
    { like: 0 },
  ),
  sliceAssignSteps: on(
    [[[5, 4], []]],
    (x, v) => w.sliceAssign(x, [[0, null, 2]], v),
    (x, v) => build(x.shape, ([i, j]) => (i! % 2 === 0 ? v.data[0]! : get(x, [i!, j!]))),
    { like: 0 },
  ),
  scatter: on(
    [
      [[4, 3], { shape: [2, 3], dtype: "i32", range: [-4, 4] }, [3, 3]],
      [[4, 3], { shape: [3, 2], dtype: "i32", range: [0, 4] }, [3, 2]],
    ],
    (x, i, s) => w.scatter(x, 0, i, s),
    (x, index, s) => {
      const data = [...x.data];
      for (const at of positions(index.shape))
        data[rank(x.shape, [mod(get(index, at), x.shape[0]!), at[1]!])] = get(s, at);
      return flat([...x.shape], data);
    },
    { like: 0 },
  ),
  indexAdd: on(
    [[[4, 3], { shape: [5], dtype: "i32", range: [-4, 4] }, [5, 3]]],
    (x, i, s) => w.indexAdd(x, 0, i, s, { alpha: 2 }),
    (x, index, s) => {
      const data = [...x.data];
      for (const at of positions(s.shape))
        data[rank(x.shape, [mod(get(index, [at[0]!]), 4), at[1]!])]! += 2 * get(s, at);
      return flat([4, 3], data);
    },
    { like: 0 },
  ),
  segmentSum: on(
    [[[5, 2], { shape: [5], dtype: "i32", range: [0, 3] }]],
    (x, i) => w.segmentSum(x, i, 4),
    (x, index) =>
      build([4, 2], ([i, j]) => sum(positions([5]).map(([k]) => (get(index, [k!]) === i ? get(x, [k!, j!]) : 0)))),
  ),
  indexing: on(
    [[[4, 3], { shape: [2, 2], dtype: "i32", range: [-4, 4] }]],
    (x, i) => w.slice(x, i, 1),
    (x, index) => build([2, 2], (at) => get(x, [mod(get(index, at), 4), 1])),
    anyType,
  ),
  maskedSelect: on(
    [[[4, 3]], [[0, 2]]],
    (x) => w.maskedSelect(x, w.gt(x, 0)),
    (x) => {
      const data = x.data.filter((v) => v > 0);
      return flat([data.length], data);
    },
    anyType,
  ),

  bmm: on(
    [
      [
        [2, 3, 4],
        [2, 4, 2],
      ],
    ],
    (x, y) => w.bmm(x, y),
    (x, y) =>
      build([2, 3, 2], ([b, i, j]) => sum(positions([4]).map(([k]) => get(x, [b!, i!, k!]) * get(y, [b!, k!, j!])))),
  ),
  inner: on(
    [
      [
        [2, 4],
        [3, 4],
      ],
    ],
    (x, y) => w.inner(x, y),
    (x, y) =>
      product(
        x,
        y,
        2,
        4,
        3,
        (i, k) => [i, k],
        (k, j) => [j, k],
      ),
  ),
  tensordot: on(
    [
      [
        [2, 3],
        [3, 4],
      ],
      [
        [2, 0],
        [0, 3],
      ],
    ],
    (x, y) => w.tensordot(x, y, 1),
    (x, y) =>
      product(
        x,
        y,
        2,
        x.shape[1]!,
        y.shape[1]!,
        (i, k) => [i, k],
        (k, j) => [k, j],
      ),
  ),
  einsum: on(
    [
      [[2, 3], [3, 4], [4]],
      [[2, 1], [1, 0], [0]],
    ],
    (a, b, c) => w.einsum("ij,jk,k->i", a, b, c),
    (a, b, c) =>
      build([2], ([i]) => sum(positions(b.shape).map(([j, k]) => get(a, [i!, j!]) * get(b, [j!, k!]) * get(c, [k!])))),
  ),
  einsumDiagonal: on(
    [[[3, 2, 3], [2]]],
    (a, b) => w.einsum("i...i,...->i...", a, b),
    (a, b) => build([3, 2], ([i, k]) => get(a, [i!, k!, i!]) * get(b, [k!])),
  ),
  einsumSix: on(
    [[[2, 3], [3, 2], [2, 2], [2, 3], [3, 2], [2]]],
    (...xs) => w.einsum("ab,bc,cd,de,ef,f", ...xs),
    (...xs) => {
      const step = (v: number[], m: Plain) =>
        Array.from({ length: m.shape[0]! }, (_, i) => sum(v.map((x, j) => x * get(m, [i, j]))));
      return flat(
        [2],
        xs
          .slice(0, 5)
          .reverse()
          .reduce(step, [...xs[5]!.data]),
      );
    },
  ),
  kron: on(
    [
      [
        [2, 3],
        [2, 2],
      ],
      [[2], [2, 2]],
    ],
    (x, y) => w.kron(x, y),
    (x, y) => {
      const p = x.shape.length === 2 ? x.shape : [1, ...x.shape];
      const wide = flat([...p], [...x.data]);
      return build([p[0]! * 2, p[1]! * 2], ([i, j]) => get(wide, [i! >> 1, j! >> 1]) * get(y, [i! % 2, j! % 2]));
    },
    counts,
  ),
  cross: on(
    [[[2, 3], [3]]],
    (x, y) => w.cross(x, y),
    (x, y) =>
      build(
        [2, 3],
        ([n, i]) =>
          get(x, [n!, (i! + 1) % 3]) * y.data[(i! + 2) % 3]! - get(x, [n!, (i! + 2) % 3]) * y.data[(i! + 1) % 3]!,
      ),
    counts,
  ),
  bilinear: on(
    [
      [
        [2, 3],
        [2, 4],
        [5, 3, 4],
      ],
    ],
    (x, y, m) => w.bilinear(x, y, m),
    (x, y, m) =>
      build([2, 5], ([n, o]) =>
        sum(positions([3, 4]).map(([i, j]) => get(x, [n!, i!]) * get(m, [o!, i!, j!]) * get(y, [n!, j!]))),
      ),
  ),
  addmm: on(
    [[[3], [2, 4], [4, 3]]],
    (x, a, b) => w.addmm(x, a, b, { beta: 2, alpha: 3 }),
    (x, a, b) =>
      build(
        [2, 3],
        ([i, j]) => 2 * x.data[j!]! + 3 * sum(positions([4]).map(([k]) => get(a, [i!, k!]) * get(b, [k!, j!]))),
      ),
  ),
  cdist: on(
    [
      [
        [3, 2],
        [4, 2],
      ],
    ],
    (x, y) => w.cdist(x, y),
    (x, y) =>
      build([3, 4], ([i, j]) => Math.hypot(get(x, [i!, 0]) - get(y, [j!, 0]), get(x, [i!, 1]) - get(y, [j!, 1]))),
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
