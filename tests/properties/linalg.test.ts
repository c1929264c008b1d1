import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkGradients,
  compile,
  diagonal,
  eye,
  grad,
  linalg,
  load,
  matmul,
  ones,
  scope,
  stack,
  tensor,
  triu,
  ValueError,
  vmap,
  zeros,
  type DTypeName,
  type Tensor,
} from "../../bindings/index.js";
import { RUNS, scattered } from "../support/arbitrary.js";
import { checkClose, checkSame } from "../support/compare.js";
import { build, count, toPlain, toTensor, type Plain } from "../support/plain.js";
import { Random } from "../support/random.js";

const TOLERANCE: Readonly<Partial<Record<DTypeName, number>>> = { f64: 2e-12, f32: 1e-5 };

/** Matrices with a heavy diagonal, so that they are regular. */
function regular(shape: readonly number[], seed: number): Plain {
  const random = new Random(`regular ${seed}`);
  return build(shape, (at) => random.uniform(-1, 1) + (at.at(-1) === at.at(-2) ? 2 * Math.sqrt(at.at(-1)! + 4) : 0));
}

function near(what: string, got: Tensor, want: Tensor, dtype: DTypeName): void {
  expect(got.dtype).toBe(dtype);
  checkClose(what, toPlain(got), toPlain(want), TOLERANCE[dtype]!);
}

const size = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 6 }), weight: 8 },
  { arbitrary: fc.constant(0), weight: 1 },
);

const batch = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 });

const dtypes = fc.constantFrom<DTypeName>("f64", "f32");

interface Drawn {
  readonly lead: readonly number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly dtype: DTypeName;
  readonly seed: number;
}

/** A property of matrices of every shape, layout and type; 40 runs. */
function holds(name: string, check: (drawn: Drawn) => void): void {
  test(name, () => {
    const drawn = fc.record({ lead: batch, m: size, n: size, k: size, dtype: dtypes, seed: fc.nat(1e6) });
    fc.assert(
      fc.property(drawn, (one) => {
        scope(() => {
          check(one);
        });
      }),
      { ...RUNS, numRuns: 40 },
    );
  });
}

const matrix = ({ lead, m, n, dtype, seed }: Drawn): Tensor => scattered(regular([...lead, m, n], seed), dtype, seed);

const square = ({ lead, n, dtype, seed }: Drawn): Tensor => scattered(regular([...lead, n, n], seed), dtype, seed);

const turned = (x: Tensor): Tensor => x.transpose(-2, -1);

const unit = (n: number, like: Tensor): Tensor =>
  eye(n, { dtype: like.dtype }).add(zeros([...like.shape.slice(0, -2), 1, 1], { dtype: like.dtype }));
/** The columns of x, each times a number. */
const scaled = (x: Tensor, s: Tensor): Tensor => x.mul(s.reshape([...s.shape.slice(0, -1), 1, s.shape.at(-1)!]));

const descends = (s: Tensor): boolean => {
  const { shape, data } = toPlain(s);
  return data.every((value, i) => i % shape.at(-1)! === 0 || value <= data[i - 1]!);
};

describe("systems", () => {
  holds("A solve(A, B) is B, whatever broadcasts", (drawn) => {
    const { lead, n, k, dtype, seed } = drawn;
    const a = square(drawn);
    for (const of of [lead, lead.slice(1), lead.map(() => 1)]) {
      const b = scattered(regular([...of, n, k], seed + 1), dtype, seed + 1);
      const x = linalg.solve(a, b);
      near("left", a.matmul(x), b.add(x.mul(0)), dtype);
      const y = linalg.solve(a, turned(b), { left: false });
      near("right", y.matmul(a), turned(b).add(y.mul(0)), dtype);
    }
    const vector = toTensor(regular([n, 1], seed), dtype).reshape([n]);
    near("a vector", linalg.solve(a, vector), linalg.solve(a, vector.reshape([n, 1])).reshape([...lead, n]), dtype);
    const vectors = toTensor(regular([...lead, n], seed), dtype);
    near("vectors", a.matmul(linalg.solve(a, vectors).reshape([...lead, n, 1])).reshape([...lead, n]), vectors, dtype);
  });

  holds("triangular systems read one triangle", (drawn) => {
    const { lead, n, k, dtype, seed } = drawn;
    const a = square(drawn);
    const b = toTensor(regular([...lead, n, k], seed + 1), dtype);
    const x = linalg.solveTriangular(a, b, { upper: true });
    near("upper", triu(a).matmul(x), b, dtype);
    const y = linalg.solveTriangular(a, turned(b), { upper: false, left: false, unitriangular: true });
    near("lower, unit", y.matmul(a.tril(-1).add(unit(n, a))), turned(b), dtype);
  });

  holds("inverses, determinants and powers", (drawn) => {
    const { n, dtype } = drawn;
    const a = square(drawn);
    near("inverse", a.matmul(linalg.inv(a)), unit(n, a), dtype);
    near("determinant of a product", linalg.det(a.matmul(a).div(9)), linalg.det(a.div(3)).square(), dtype);
    const { sign, logabsdet } = linalg.slogdet(a);
    near("its logarithm", sign.mul(logabsdet.exp()), linalg.det(a), dtype);
    near("cubed", linalg.matrixPower(a, 3), a.matmul(a).matmul(a), dtype);
    near("a power below 0", linalg.matrixPower(a, -2), linalg.inv(a.matmul(a)), dtype);
    near("the power 0", linalg.matrixPower(a, 0), unit(n, a), dtype);
    near("the power 1", linalg.matrixPower(a, 1), a, dtype);
  });

  holds("Cholesky's factor", (drawn) => {
    const { n, dtype } = drawn;
    const a = square(drawn);
    const positive = a.matmul(turned(a)).add(unit(n, a));
    const l = linalg.cholesky(positive);
    near("product", l.matmul(turned(l)), positive, dtype);
    expect(toPlain(triu(l, 1)).data.every((value) => value === 0)).toBe(true);
    checkSame("upper", toPlain(linalg.cholesky(positive, { upper: true })), toPlain(turned(l)));
  });

  holds("e^A", (drawn) => {
    const { n, dtype } = drawn;
    const a = square(drawn).mul(0.3);
    near("e^-A is its inverse", linalg.matrixExp(a).matmul(linalg.matrixExp(a.neg())), unit(n, a), dtype);
    const d = diagonal(a, 0, -2, -1);
    near("of a diagonal", linalg.matrixExp(scaled(unit(n, a), d)), scaled(unit(n, a), d.exp()), dtype);
  });
});

describe("decompositions", () => {
  holds("Q is orthonormal, R triangular, and their product A", (drawn) => {
    const { m, n, dtype } = drawn;
    const a = matrix(drawn);
    for (const mode of ["reduced", "complete"] as const) {
      const { q, r } = linalg.qr(a, { mode });
      near("product", q.matmul(r), a, dtype);
      near("orthonormal", turned(q).matmul(q), unit(mode === "complete" ? m : Math.min(m, n), a), dtype);
      expect(toPlain(r.tril(-1)).data.every((value) => value === 0)).toBe(true);
      expect(toPlain(diagonal(r, 0, -2, -1)).data.every((value) => value >= 0)).toBe(true);
    }
  });

  holds("eigenvalues ascend, eigenvectors are orthonormal", (drawn) => {
    const { n, dtype } = drawn;
    const a = square(drawn);
    const symmetric = a.add(turned(a)).div(2);
    const { eigenvalues: w, eigenvectors: v } = linalg.eigh(a);
    near("A V = V w", symmetric.matmul(v), scaled(v, w), dtype);
    near("orthonormal", turned(v).matmul(v), unit(n, a), dtype);
    expect(descends(w.neg())).toBe(true);
    checkSame("eigenvalues alone", toPlain(linalg.eigvalsh(a)), toPlain(w));
    if (n > 0) expect(toPlain(v.slice("...", 0, [])).data.every((value) => value >= 0)).toBe(true);
  });

  holds("singular values descend, singular vectors are orthonormal", (drawn) => {
    const { m, n, dtype } = drawn;
    const a = matrix(drawn);
    const k = Math.min(m, n);
    for (const fullMatrices of [false, true]) {
      const { u, s, vh } = linalg.svd(a, { fullMatrices });
      expect(u.shape.at(-1)).toBe(fullMatrices ? m : k);
      near("product", scaled(u.slice("...", [0, k]), s).matmul(vh.slice("...", [0, k], [])), a, dtype);
      near("U", turned(u).matmul(u), unit(u.shape.at(-1)!, a), dtype);
      near("V", vh.matmul(turned(vh)), unit(vh.shape.at(-2)!, a), dtype);
      expect(descends(s)).toBe(true);
    }
    expect(descends(linalg.svdvals(a))).toBe(true);
  });

  holds("pseudoinverses of every rank, and least squares", (drawn) => {
    const { lead, m, n, k, dtype, seed } = drawn;
    // Of rank k or less.
    const a = matrix({ ...drawn, n: k }).matmul(toTensor(regular([...lead, k, n], seed + 1), dtype));
    const p = linalg.pinv(a);
    near("A P A = A", a.matmul(p).matmul(a), a, dtype);
    near("P A P = P", p.matmul(a).matmul(p), p, dtype);
    near("A P symmetric", a.matmul(p), turned(a.matmul(p)), dtype);
    near("P A symmetric", p.matmul(a), turned(p.matmul(a)), dtype);
    const b = toTensor(regular([m, 7], seed + 2), dtype);
    near("normal equations", turned(a).matmul(a.matmul(linalg.lstsq(a, b))), turned(a).matmul(b), dtype);
    if (k > 0 && count([...lead, m, n]) > 0)
      expect(toPlain(linalg.matrixRank(a)).data.every((rank) => rank === Math.min(m, n, k))).toBe(true);
  });

  test.each([1e-150, 1, 1e150, 1e300])("nothing overflows or vanishes on the way: %s", (scale) => {
    scope(() => {
      const a = toTensor(regular([5, 4], 3), "f64").mul(scale);
      const { u, s, vh } = linalg.svd(a, { fullMatrices: false });
      checkClose("svd", toPlain(scaled(u, s).matmul(vh).div(scale)), toPlain(a.div(scale)), 1e-13);
      const { q, r } = linalg.qr(a);
      checkClose("qr", toPlain(q.matmul(r).div(scale)), toPlain(a.div(scale)), 1e-13);
      const b = a.slice([0, 4], []);
      const { eigenvalues, eigenvectors: v } = linalg.eigh(b);
      const image = b.add(b.T.mul(1)).div(scale).div(2).matmul(v);
      checkClose("eigh", toPlain(image), toPlain(scaled(v, eigenvalues.div(scale))), 1e-13);
    });
  });

  test("matrices of a rank that is not full have orthonormal vectors, too", () => {
    scope(() => {
      for (const a of [
        zeros([4, 3]),
        ones([4, 3]),
        tensor([
          [1, 0, 0],
          [0, 0, 0],
          [0, 0, 2],
          [0, 0, 0],
        ]),
      ]) {
        const { u, s, vh } = linalg.svd(a);
        near("U", u.T.matmul(u), eye(4), "f32");
        near("V", vh.matmul(vh.T), eye(3), "f32");
        near("product", scaled(u.slice([], [0, 3]), s).matmul(vh), a, "f32");
        const { q } = linalg.qr(a);
        near("Q", q.T.matmul(q), eye(3), "f32");
      }
      const { eigenvectors: v } = linalg.eigh(zeros([3, 3]));
      near("no eigenvalue but 0", v, eye(3), "f32");
      expect(
        linalg
          .eigvalsh(
            tensor([
              [0, 1],
              [1, 0],
            ]),
          )
          .toArray(),
      ).toEqual([-1, 1]);
    });
  });

  test("NaN and infinity come through, and everything ends", () => {
    scope(() => {
      const a = tensor([
        [1, NaN, 2],
        [3, Infinity, 5],
        [6, 7, 8],
      ]);
      for (const y of [linalg.svdvals(a), linalg.eigvalsh(a), linalg.qr(a).r, linalg.matrixExp(a), linalg.pinv(a)])
        expect(toPlain(y).data.some(Number.isNaN)).toBe(true);
      expect(
        linalg
          .inv(
            tensor([
              [NaN, 1],
              [1, 2],
            ]),
          )
          .toArray(),
      ).toEqual([
        [NaN, NaN],
        [NaN, NaN],
      ]);
    });
  });
});

test("norms of matrices are those of their singular values, columns and rows", () => {
  scope(() => {
    const a = tensor(
      [
        [3, 0],
        [-4, 5],
      ],
      { dtype: "f64" },
    );
    const [large, small] = [Math.sqrt(45), Math.sqrt(5)];
    const norms = { nuc: large + small, fro: Math.sqrt(50) };
    for (const [order, want] of Object.entries(norms))
      expect(linalg.matrixNorm(a, order as "nuc").item()).toBeCloseTo(want, 12);
    for (const [order, want] of [
      [2, large],
      [-2, small],
      [1, 7],
      [-1, 5],
      [Infinity, 9],
      [-Infinity, 3],
    ] as const) {
      expect(linalg.matrixNorm(a, order).item()).toBeCloseTo(want, 12);
      expect(linalg.norm(a, order).item()).toBeCloseTo(want, 12);
    }
    expect(linalg.norm(a).item()).toBeCloseTo(Math.sqrt(50), 12);
    expect(linalg.norm(a, 1, 0).toArray()).toEqual([7, 5]);
    expect(linalg.cond(a).item()).toBeCloseTo(3, 12);
    expect(linalg.cond(a, 1).item()).toBeCloseTo(7 * (9 / 15), 12);
    const many = stack([a, a.mul(2)], 1);
    expect(linalg.matrixNorm(many, 2, [0, 2], { keepDims: true }).shape).toEqual([1, 2, 1]);
    expect(linalg.matrixNorm(many, "nuc", [0, 2]).shape).toEqual([2]);
    expect(() => linalg.matrixNorm(a, 3)).toThrow(ValueError);
  });
});

test("programs of linear algebra are saved and loaded", () => {
  scope(() => {
    const a = toTensor(regular([3, 3], 1), "f64");
    const f = compile((x: Tensor) => {
      const { u, s } = linalg.svd(x);
      return grad((y: Tensor) => linalg.inv(y).sum())(x)
        .add(u)
        .add(s)
        .add(linalg.pinv(x))
        .add(linalg.det(x));
    });
    const want = toPlain(f(a));
    const loaded = load(f.save());
    checkSame("loaded", toPlain(loaded(a) as Tensor), want);
    loaded.dispose();
    f.dispose();
  });
});

test("examples of a batch are matrices of their own", () => {
  scope(() => {
    const a = toTensor(regular([3, 4, 4], 1), "f64");
    const b = toTensor(regular([4, 2], 2), "f64");
    const each = (f: (x: Tensor) => Tensor): Tensor => stack([0, 1, 2].map((i) => f(a.slice(i))));
    for (const f of [
      (x: Tensor) => linalg.solve(x, b),
      (x: Tensor) => linalg.solve(b.matmul(b.T).add(eye(4, { dtype: "f64" })), x),
      (x: Tensor) => linalg.svd(x.slice([], [0, 2])).u,
      (x: Tensor) => linalg.pinv(x.slice([0, 2], [])),
      (x: Tensor) => matmul(linalg.qr(x).q, linalg.eigh(x).eigenvectors),
    ])
      checkClose("vmap", toPlain(vmap(f)(a)), toPlain(each(f)), 1e-13);
  });
});

test("what is at most a bound, or a share of the largest, counts as 0", () => {
  const values = [4, 1e-1, 1e-3, 1e-5];
  const a = matmul(matmul(linalg.qr(toTensor(regular([2, 5, 4], 1), "f64")).q, tensor(values, { dtype: "f64" }).diag()), linalg.qr(toTensor(regular([4, 4], 2), "f64")).q); // prettier-ignore
  for (const [options, rank] of [
    [{}, 4],
    [{ atol: 0 }, 4],
    [{ atol: 1e-4 }, 3],
    [{ atol: 1e-4, rtol: 1e-3 }, 2],
    [{ atol: 0.2, rtol: 1e-3 }, 1],
    [{ rtol: 1e-5 }, 3],
    [{ atol: 5 }, 0],
    [{ atol: 1e-5 + 1e-12, rtol: 0 }, 3],
  ] as const) {
    expect(linalg.matrixRank(a, options).toArray()).toEqual([rank, rank]);
    const { u, s, vh } = linalg.svd(a, { fullMatrices: false });
    const kept = tensor(values.map((_, i) => Number(i < rank)), { dtype: "f64" }); // prettier-ignore
    const want = matmul(vh.transpose().mul(kept.div(s).reshape([2, 1, 4])), u.transpose());
    checkClose("pinv", toPlain(linalg.pinv(a, options)), toPlain(want), 1e-9);
    checkClose("of the transpose", toPlain(linalg.pinv(a.transpose(), options).transpose()), toPlain(want), 1e-9);
    checkClose("compiled", toPlain(compile((x: Tensor) => linalg.pinv(x, options))(a)), toPlain(want), 1e-9);
    const b = toTensor(regular([2, 5, 3], 3), "f64");
    checkClose("lstsq", toPlain(linalg.lstsq(a, b, options)), toPlain(matmul(want, b)), 1e-9);
  }
  expect(() => checkGradients((x: Tensor) => linalg.pinv(x, { atol: 1e-3 }), [toTensor(regular([4, 3], 4), "f64")])).not.toThrow(); // prettier-ignore
});

test("R comes alone, with an empty Q", () => {
  for (const [m, n] of [
    [3, 2],
    [2, 3],
    [0, 2],
    [3, 3],
  ] as const) {
    // prettier-ignore
    const a = toTensor(regular([2, m, n], 5), "f32");
    const [{ q, r }, both] = [linalg.qr(a, { mode: "r" }), linalg.qr(a)];
    expect([q.shape, q.dtype, r.toArray()]).toEqual([[0], "f32", both.r.toArray()]);
  }
});
