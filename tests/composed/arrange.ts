import * as w from "../../bindings/index.js";
import { build, count, get, positions } from "../support/plain.js";
import { lines, sum, flat, anyType, counts, SHAPES, last, mod } from "./lines.js";
import { on, type Composed } from "./reference.js";

/** Functions that put elements elsewhere. */
export const arrangeComposed: Readonly<Record<string, Composed>> = {
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
    (x, y) => w.cat(w.meshgrid([x, y])),
    (x, y) => {
      const n = count(x.shape);
      return build([2 * n, count(y.shape)], ([i, j]) => (i! < n ? x.data[i!]! : y.data[j!]!));
    },
    anyType,
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
};
