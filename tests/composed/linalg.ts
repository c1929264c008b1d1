import { linalg, type Tensor } from "../../bindings/index.js";
import {
  choleskyOf,
  columnsOf,
  determinant,
  each,
  eighOf,
  eliminated,
  exponentialOf,
  inverse,
  product,
  qrOf,
  svdOf,
  type Matrix,
} from "../reference/linalg.js";
import type { Plain } from "../support/plain.js";
import { on, type Composed } from "./reference.js";

/** Functions of the namespace `linalg`, the first case of one number so that none of it is singular. */
const SQUARE = [[[1, 1]], [[3, 3]], [[2, 2, 2]], [[0, 2, 2]], [[0, 0]]] as const;
const ANY = [[[1, 1]], [[4, 2]], [[2, 2, 3]], [[3, 0]]] as const;
const SYSTEM = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [3, 3],
    [3, 2],
  ],
  [
    [2, 1, 3, 3],
    [2, 3, 1],
  ],
  [[2, 2, 2], [2]],
] as const;
const tolerance = { tolerance: 1e-10 } as const;

const turned = (x: Tensor): Tensor => x.transpose(-2, -1);
const gram = (x: Matrix): Matrix => product(x, columnsOf(x)).map((row, i) => row.map((v, j) => v + Number(i === j)));
/** A positive definite matrix. */
const positive = (x: Tensor): Tensor => x.matmul(turned(x)).add(linalg.matrixPower(x, 0));
const size = (x: Plain): [m: number, n: number] => x.shape.slice(-2) as [number, number];
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Of each matrix another of its shape, or numbers. */
function of(f: (x: Matrix) => number[], shape: (m: number, n: number) => readonly number[] = (m, n) => [m, n]) {
  return (x: Plain): Plain => each([x], shape(...size(x)), f);
}
const less = (m: number, n: number): readonly number[] => [Math.min(m, n)];
const singular = (x: Matrix): number[] => {
  const n = x[0]!.length;
  return n <= x.length ? svdOf(x, n).s : svdOf(columnsOf(x), x.length).s;
};
/** The system of a batch, which is repeated over, in the shape of its solution. */
function solved(triangle: (x: Matrix) => Matrix) {
  return (a: Plain, b: Plain): Plain => {
    const vector = b.shape.length === 1;
    const columns = vector ? [...b.shape, 1] : b.shape;
    const lead = [...a.shape.slice(0, -2)];
    const extra = columns.length > 2 ? columns.slice(0, -2) : [];
    const batch = lead.map((n, i) => Math.max(n, extra[i - lead.length + extra.length] ?? 1));
    const repeated = (x: Plain, shape: readonly number[]): Plain => {
      const [m, n] = shape.slice(-2) as [number, number];
      const count = batch.reduce((total, length) => total * length, 1);
      const own = shape.slice(0, -2).reduce((total, length) => total * length, 1);
      // Here the batch of A is [2, 1] and that of B [2], or one is missing.
      const at = (i: number): number =>
        own === count ? i : own === 1 ? 0 : shape.length > 3 ? Math.floor(i / 2) : i % own;
      const parts = Array.from({ length: count }, (_, i) => x.data.slice(at(i) * m * n, (at(i) + 1) * m * n));
      return { shape: [...batch, m, n], data: parts.flat() };
    };
    const y = each([repeated(a, a.shape), repeated(b, columns)], columns.slice(-2), (p, q) =>
      eliminated(triangle(p), q).x.flat(),
    );
    return vector ? { ...y, shape: y.shape.slice(0, -1) } : y;
  };
}

export const linalgComposed: Readonly<Record<string, Composed>> = {
  solve: on(
    SYSTEM,
    (a, b) => linalg.solve(a, b),
    solved((x) => x),
    tolerance,
  ),
  solveTriangular: on(
    SYSTEM,
    (a, b) => linalg.solveTriangular(a, b, { upper: true, unitriangular: true }),
    solved((x) => x.map((row, i) => row.map((value, j) => (i === j ? 1 : j > i ? value : 0)))),
    tolerance,
  ),
  inv: on(
    SQUARE,
    (x) => linalg.inv(x),
    of((x) => inverse(x).flat()),
    tolerance,
  ),
  det: on(
    SQUARE,
    (x) => linalg.det(x),
    of(
      (x) => [determinant(x)],
      () => [],
    ),
    tolerance,
  ),
  slogdet: on(
    SQUARE,
    (x) => linalg.slogdet(x).logabsdet,
    of(
      (x) => [Math.log(Math.abs(determinant(x)))],
      () => [],
    ),
    tolerance,
  ),
  logdet: on(
    SQUARE,
    (x) => linalg.logdet(positive(x)),
    of(
      (x) => [Math.log(determinant(gram(x)))],
      () => [],
    ),
    tolerance,
  ),
  cholesky: on(
    SQUARE,
    (x) => linalg.cholesky(positive(x)),
    of((x) => choleskyOf(gram(x)).flat()),
    tolerance,
  ),
  qr: on(
    [[[1, 1]], [[4, 2]], [[2, 3, 2]]],
    (x) => linalg.qr(x).r,
    of(
      (x) => qrOf(x, x[0]!.length).r.flat(),
      (_, n) => [n, n],
    ),
    tolerance,
  ),
  qrOfR: on(
    [[[4, 2]], [[2, 2, 2]]],
    (x) => linalg.qr(x, { mode: "r" }).r,
    of(
      (x) => qrOf(x, x[0]!.length).r.flat(),
      (_, n) => [n, n],
    ),
    tolerance,
  ),
  eigh: on(
    SQUARE,
    (x) => linalg.eigh(x).eigenvectors.square(),
    of((x) =>
      eighOf(x)
        .v.flat()
        .map((value) => value * value),
    ),
    tolerance,
  ),
  eigvalsh: on(
    SQUARE,
    (x) => linalg.eigvalsh(x),
    of(
      (x) => eighOf(x).w,
      (_, n) => [n],
    ),
    tolerance,
  ),
  svd: on(
    ANY,
    (x) => {
      const { u, s, vh } = linalg.svd(x, { fullMatrices: false });
      return u.mul(s.reshape([...s.shape.slice(0, -1), 1, s.shape.at(-1)!])).matmul(vh);
    },
    of((x) => x.flat()),
    tolerance,
  ),
  svdvals: on(ANY, (x) => linalg.svdvals(x), of(singular, less), tolerance),
  pinv: on(
    [[[1, 1]], [[4, 2]], [[2, 3, 2]]],
    (x) => linalg.pinv(x),
    of(
      (x) => product(inverse(product(columnsOf(x), x)), columnsOf(x)).flat(),
      (m, n) => [n, m],
    ),
    tolerance,
  ),
  lstsq: on(
    SYSTEM,
    (a, b) => linalg.lstsq(a, b),
    solved((x) => x),
    tolerance,
  ),
  matrixPower: on(
    SQUARE,
    (x) => linalg.matrixPower(x, 3),
    of((x) => product(x, product(x, x)).flat()),
    tolerance,
  ),
  matrixExp: on(
    SQUARE,
    (x) => linalg.matrixExp(x),
    of((x) => exponentialOf(x).flat()),
    { ...tolerance, range: [-2, 2] },
  ),
  matrixRank: on(
    ANY,
    (x) => linalg.matrixRank(x),
    of(
      (x) => [Math.min(x.length, x[0]!.length)],
      () => [],
    ),
    {
      constant: true,
      result: "i32",
    },
  ),
  matrixNorm: on(
    [[[1, 1]], [[4, 2]], [[2, 2, 3]]],
    (x) => linalg.matrixNorm(x, "nuc"),
    of(
      (x) => [sum(singular(x))],
      () => [],
    ),
    tolerance,
  ),
  cond: on(
    [[[1, 1]], [[4, 2]], [[2, 2, 3]]],
    (x) => linalg.cond(x),
    of(
      (x) => [Math.max(...singular(x)) / Math.min(...singular(x))],
      () => [],
    ),
    tolerance,
  ),
};
