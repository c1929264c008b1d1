import { operations } from "../../bindings/core/operations.js";
import type { WidthParams } from "../../bindings/primitives/linalg/decompositions.js";
import type { Sample } from "../../bindings/core/graph.js";
import type { Tensor } from "../../bindings/index.js";
import { count, type Plain } from "../support/plain.js";
import type { References } from "./reference.js";

/** A matrix as its rows. */
export type Matrix = number[][];

export function matrix(m: number, n: number, element: (i: number, j: number) => number): Matrix {
  return Array.from({ length: m }, (_, i) => Array.from({ length: n }, (__, j) => element(i, j)));
}

export const unit = (n: number): Matrix => matrix(n, n, (i, j) => Number(i === j));
export const columnsOf = (a: Matrix, n = a[0]?.length ?? 0): Matrix => matrix(n, a.length, (i, j) => a[j]![i]!);

export function product(a: Matrix, b: Matrix, n = b[0]?.length ?? 0): Matrix {
  return matrix(a.length, n, (i, j) => b.reduce((sum, row, l) => sum + a[i]![l]! * row[j]!, 0));
}

const symmetric = (a: Matrix): Matrix => matrix(a.length, a.length, (i, j) => (a[i]![j]! + a[j]![i]!) / 2);

/** The matrices of a batch. */
export function matricesOf({ shape, data }: Plain): Matrix[] {
  const [m, n] = shape.slice(-2) as [number, number];
  const size = m * n;
  return Array.from({ length: count(shape.slice(0, -2)) }, (_, i) =>
    matrix(m, n, (row, column) => data[i * size + row * n + column]!),
  );
}

/** What a function makes of the matrices of each example: numbers, in this shape. */
export function each(
  inputs: readonly Plain[],
  shape: readonly number[],
  f: (...matrices: Matrix[]) => number[],
): Plain {
  const lists = inputs.map(matricesOf);
  return {
    shape: [...inputs[0]!.shape.slice(0, -2), ...shape],
    data: lists[0]!.flatMap((_, i) => f(...lists.map((list) => list[i]!))),
  };
}

/** Elimination with row pivoting: the pivots with their sign, and the solution of a x = b. */
export function eliminated(a: Matrix, b: Matrix): { pivots: number[]; x: Matrix } {
  const rows = a.map((row, i) => [...row, ...b[i]!]);
  const pivots: number[] = [];
  for (let k = 0; k < a.length; k++) {
    let best = k;
    for (let i = k; i < a.length; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[best]![k]!)) best = i;
    [rows[k], rows[best]] = [rows[best]!, rows[k]!];
    const pivot = rows[k]![k]!;
    pivots.push(best === k ? pivot : -pivot);
    for (let i = 0; i < a.length; i++) {
      if (i === k || pivot === 0) continue;
      const factor = rows[i]![k]! / pivot;
      rows[i] = rows[i]!.map((value, j) => (j < k ? value : value - factor * rows[k]![j]!));
    }
  }
  return { pivots, x: rows.map((row, i) => row.slice(a.length).map((value) => value / row[i]!)) };
}

export function determinant(a: Matrix): number {
  return eliminated(a, a).pivots.reduce((total, pivot) => total * pivot, 1);
}

export function inverse(a: Matrix): Matrix {
  return eliminated(a, unit(a.length)).x;
}

export function choleskyOf(a: Matrix): Matrix {
  const l = a.map((row) => row.map(() => 0));
  for (const [i, row] of symmetric(a).entries())
    for (let j = 0; j <= i; j++) {
      const rest = l[j]!.reduce((left, value, k) => (k < j ? left - l[i]![k]! * value : left), row[j]!);
      l[i]![j] = i === j ? Math.sqrt(rest) : rest / l[j]![j]!;
    }
  return l;
}

/** The product of reflections that makes a upper triangular, and the triangle; its diagonal not negative. */
export function qrOf(a: Matrix, n: number): { q: Matrix; r: Matrix } {
  let [q, r] = [unit(a.length), a];
  for (let k = 0; k < n; k++) {
    const v = r.map((row, i) => (i < k ? 0 : row[k]!));
    const norm = Math.hypot(...v);
    if (norm === 0) continue;
    v[k]! += v[k]! < 0 ? -norm : norm;
    const square = v.reduce((sum, value) => sum + value * value, 0);
    const reflected = (x: Matrix): Matrix =>
      x.map((row) => {
        const factor = (2 * row.reduce((sum, value, i) => sum + value * v[i]!, 0)) / square;
        return row.map((value, i) => value - factor * v[i]!);
      });
    // H is symmetric: H r is (rᵀ H)ᵀ.
    [q, r] = [reflected(q), columnsOf(reflected(columnsOf(r, n)), a.length)];
  }
  const sign = (i: number): number => (i < n && r[i]![i]! < 0 ? -1 : 1);
  return {
    q: q.map((row) => row.map((value, j) => sign(j) * value)),
    r: matrix(n, n, (i, j) => (i > j ? 0 : sign(i) * r[i]![j]!)),
  };
}

/** Columns with a first element that is not negative. */
function upright(v: Matrix): Matrix {
  return v.map((row) => row.map((value, j) => (v[0]![j]! < 0 ? -value : value)));
}

/** Eigenvalues in ascending order and eigenvectors, by rotations from both sides (Jacobi 1846). */
export function eighOf(given: Matrix): { w: number[]; v: Matrix } {
  const [a, v] = [symmetric(given), unit(given.length)];
  const n = a.length;
  for (let sweep = 0; sweep < 12; sweep++) {
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p]![q]!) < 1e-18) continue;
        const slope = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
        const t = (slope < 0 ? -1 : 1) / (Math.abs(slope) + Math.sqrt(1 + slope * slope));
        const c = 1 / Math.sqrt(1 + t * t);
        const turn = (x: number[], i: number, j: number): void => {
          [x[i], x[j]] = [c * x[i]! - c * t * x[j]!, c * t * x[i]! + c * x[j]!];
        };
        for (const row of [...a, ...v]) turn(row, p, q);
        for (let k = 0; k < n; k++) {
          const column = [a[p]![k]!, a[q]![k]!];
          turn(column, 0, 1);
          [a[p]![k], a[q]![k]] = [column[0]!, column[1]!];
        }
      }
  }
  const order = a.map((_, i) => i).sort((i, j) => a[i]![i]! - a[j]![j]!);
  return { w: order.map((i) => a[i]![i]!), v: upright(v.map((row) => order.map((i) => row[i]!))) };
}

/** Of matrices whose singular values are not far apart. */
export function svdOf(a: Matrix, n: number): { u: Matrix; s: number[]; v: Matrix } {
  const { w, v } = eighOf(product(columnsOf(a, n), a, n));
  const turned = v.map((row) => [...row].reverse());
  const { q } = qrOf(product(a, turned, n), n);
  const sign = (j: number): number => (q[0]![j]! < 0 ? -1 : 1);
  return {
    u: upright(q),
    s: w.map(Math.sqrt).reverse(),
    v: turned.map((row) => row.map((value, j) => sign(j) * value)),
  };
}

export function exponentialOf(a: Matrix): Matrix {
  let term = unit(a.length);
  let sum = term;
  for (let k = 1; k < 80; k++) {
    term = product(term, a).map((row) => row.map((value) => value / k));
    sum = sum.map((row, i) => row.map((value, j) => value + term[i]![j]!));
  }
  return sum;
}

const squares = (n: number): Sample["inputs"] => [{ shape: [n, n], range: [-1, 1], diagonal: n }];
const SIZES = [1, 2, 5, 8, 17];
const large = SIZES.map((n) => ({ inputs: squares(n), params: null }));

/** Linear algebra loses some digits; how many depends on the largest number. */
function tolerance<P>(value: (inputs: readonly Plain[], params: P) => Plain, ulps = 64) {
  return {
    value,
    ulps,
    scale(inputs: readonly Plain[], params: P) {
      const y = value(inputs, params);
      return { shape: y.shape, data: y.data.map(() => Math.max(1, ...y.data.map(Math.abs))) };
    },
    oneDType: true,
  };
}

const widths = SIZES.slice(0, 4).flatMap((n) => [0, 3].map((more) => ({ m: n + more, n })));
const tall = widths.flatMap(({ m, n }) =>
  [...new Set([m, n])].map((width) => ({
    inputs: [{ shape: [m, n], range: [-1, 1] as const, diagonal: 2 }],
    params: { width },
  })),
);
const EMPTY = [
  { inputs: [{ shape: [0, 3, 2] }], params: { width: 2 } },
  { inputs: [{ shape: [2, 3, 0] }], params: { width: 3 } },
  { inputs: [{ shape: [3, 0] }], params: { width: 0 } },
  { inputs: [{ shape: [0, 0] }], params: { width: 0 } },
];

const one = <P>(name: "cofactor" | "cholesky" | "det" | "slogdet" | "eigh" | "matrixExp") => ({
  call: ([a]: readonly Tensor[], _: P) => operations[name](a!),
});

export const linalgReferences = {
  solve: {
    ...tolerance(([a, b]) => each([a!, b!], b!.shape.slice(-2), (x, y) => eliminated(x, y).x.flat())),
    large: SIZES.map((n) => ({ inputs: [...squares(n), { shape: [n, 5] }], params: null })),
    regular: true,
    call: ([a, b]) => operations.solve(a!, b!),
  },
  solveTriangular: {
    ...tolerance(([t, b], { upper, unit: ones }) =>
      each([t!, b!], b!.shape.slice(-2), (x, y) => {
        const triangle = x.map((row, i) =>
          row.map((value, j) => (i === j ? (ones ? 1 : value) : upper === j > i ? value : 0)),
        );
        return eliminated(triangle, y).x.flat();
      }),
    ),
    large: SIZES.map((n) => ({
      inputs: [...squares(n), { shape: [n, 3] }],
      params: { upper: n % 2 === 0, unit: n === 8 },
    })),
    call: ([t, b], params) => operations.solveTriangular(t!, b!, params),
  },
  det: {
    ...tolerance(([a]) => each([a!], [], (x) => [determinant(x)])),
    large,
    ...one("det"),
  },
  slogdet: {
    ...tolerance(([a]) =>
      each([a!], [2], (x) => {
        const { pivots } = eliminated(x, x);
        return [
          pivots.reduce((sign, pivot) => sign * Math.sign(pivot), 1),
          pivots.reduce((sum, pivot) => sum + Math.log(Math.abs(pivot)), 0),
        ];
      }),
    ),
    large,
    ...one("slogdet"),
  },
  cofactor: {
    ...tolerance(([a]) =>
      each([a!], a!.shape.slice(-2), (x) =>
        x.flatMap((row, i) =>
          row.map((_, j) => {
            const minor = x.flatMap((other, k) => (k === i ? [] : [other.filter((__, l) => l !== j)]));
            return ((i + j) % 2 ? -1 : 1) * determinant(minor);
          }),
        ),
      ),
    ),
    large: large.slice(0, 4),
    ...one("cofactor"),
  },
  cholesky: {
    ...tolerance(([a]) => each([a!], a!.shape.slice(-2), (x) => choleskyOf(x).flat())),
    large,
    regular: true,
    ...one("cholesky"),
  },
  qr: {
    ...tolerance(([a], { width }: WidthParams) => {
      const [m, n] = tallOf(a!);
      return each([a!], [m * width + n * n], (x) => {
        const { q, r } = qrOf(x, n);
        return [...q.map((row) => row.slice(0, width)), ...r].flat();
      });
    }),
    large: tall,
    empty: EMPTY,
    call: ([a], params) => operations.qr(a!, params),
  },
  eigh: {
    ...tolerance(([a]) => {
      const n = a!.shape.at(-1)!;
      return each([a!], [n + n * n], (x) => {
        const { w, v } = eighOf(x);
        return [w, ...v].flat();
      });
    }, 512),
    large: large.slice(0, 4),
    ...one("eigh"),
  },
  svd: {
    ...tolerance(([a], { width }: WidthParams) => {
      const [m, n] = tallOf(a!);
      return each([a!], [m * width + n + n * n], (x) => {
        const { u, s, v } = svdOf(x, n);
        return [...u.map((row) => row.slice(0, width)), s, ...v].flat();
      });
    }, 4096),
    large: tall,
    empty: EMPTY,
    call: ([a], params) => operations.svd(a!, params),
  },
  pinv: {
    ...tolerance(([a]) => {
      const [m, n] = tallOf(a!);
      return each([a!], [n, m], (x) => {
        const t = columnsOf(x, n);
        return product(inverse(product(t, x, n)), t, m).flat();
      });
    }, 512),
    large: tall.map(({ inputs }) => ({ inputs, params: { value: 1e-12, least: 0 } })),
    empty: EMPTY.map(({ inputs }) => ({ inputs, params: { value: 1e-12, least: 0 } })),
    call: ([a], params) => operations.pinv(a!, params),
  },
  matrixExp: {
    ...tolerance(([a]) => each([a!], a!.shape.slice(-2), (x) => exponentialOf(x).flat()), 256),
    large: SIZES.slice(0, 4).map((n) => ({ inputs: [{ shape: [n, n] }], params: null })),
    ...one("matrixExp"),
  },
} satisfies Partial<References>;

/** Rows and columns; more of these are refused. */
function tallOf({ shape }: Plain): [number, number] {
  const [m, n] = shape.slice(-2) as [number, number];
  if (m < n) throw new RangeError("more columns than rows");
  return [m, n];
}
