import * as w from "../../bindings/index.js";
import { build, get, positions, type Plain, type Position } from "../support/plain.js";
import { sum, flat, counts } from "./lines.js";
import { on, type Composed } from "./reference.js";

const product = (x: Plain, y: Plain, n: number, k: number, m: number, xAt: (i: number, j: number) => Position, yAt: (i: number, j: number) => Position): Plain =>
  build([n, m], ([i, j]) => { let sum = 0; for (let l = 0; l < k; l++) sum += get(x, xAt(i!, l)) * get(y, yAt(l, j!)); return sum; }); // prettier-ignore

/** Products of vectors and matrices. */
export const productsComposed: Readonly<Record<string, Composed>> = {
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
  mm: on(
    [[[2, 3], [3, 4]], [[0, 3], [3, 2]], [[2, 0], [0, 3]]], // prettier-ignore
    (x, y) => w.mm(x, y),
    (x, y) => product(x, y, x.shape[0]!, x.shape[1]!, y.shape[1]!, (i, k) => [i, k], (k, j) => [k, j]), // prettier-ignore
  ),
  mv: on(
    [[[2, 3], [3]], [[0, 3], [3]], [[2, 0], [0]]], // prettier-ignore
    (x, y) => w.mv(x, y),
    (x, y) => build([x.shape[0]!], ([i]) => sum(positions(y.shape).map(([k]) => get(x, [i!, k!]) * get(y, [k!])))),
  ),
  addmv: on(
    [[[2], [2, 3], [3]], [[], [2, 3], [3]]], // prettier-ignore
    (x, a, v) => w.addmv(x, a, v, { alpha: 2, beta: 0.5 }),
    (x, a, v) =>
      build([2], ([i]) => {
        const added = sum(positions([3]).map(([k]) => get(a, [i!, k!]) * get(v, [k!])));
        return 0.5 * get(x, x.shape.length === 0 ? [] : [i!]) + 2 * added;
      }),
  ),
  baddbmm: on(
    [[[2, 2, 4], [2, 2, 3], [2, 3, 4]]], // prettier-ignore
    (x, a, b) => w.baddbmm(x, a, b, { alpha: 2, beta: 0.5 }),
    (x, a, b) =>
      build([2, 2, 4], ([n, i, j]) => {
        const added = sum(positions([3]).map(([k]) => get(a, [n!, i!, k!]) * get(b, [n!, k!, j!])));
        return 0.5 * get(x, [n!, i!, j!]) + 2 * added;
      }),
  ),
  vecdot: on(
    [[[2, 3], [2, 3]], [[3], [2, 3]], [[0, 3], [3]]], // prettier-ignore
    (x, y) => w.vecdot(x, y),
    (x, y) => {
      const shape = x.shape.length > y.shape.length ? x.shape : y.shape;
      const at = (t: Plain, i: number, k: number): number => get(t, t.shape.length === 1 ? [k] : [i, k]);
      return build(shape.slice(0, -1), ([i]) => sum(positions([3]).map(([k]) => at(x, i!, k!) * at(y, i!, k!))));
    },
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
};
