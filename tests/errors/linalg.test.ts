// What linear algebra does not take.
import { describe, expect, test } from "vitest";
import {
  compile,
  DTypeError,
  eye,
  grad,
  hessian,
  jvp,
  linalg,
  ones,
  scope,
  ShapeError,
  SingularError,
  stack,
  tensor,
  ValueError,
  variable,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { expectRefused, wrong } from "../support/refusal.js";

describe("refusals", () => {
  test("name what was called", () => {
    const singular = zeros([2, 2]);
    expectRefused(() => linalg.matrixPower(singular, -1), SingularError, /^matrixPower: /, { temporaries: true });
    expectRefused(() => linalg.cond(singular, 1), SingularError, /^cond: /, { temporaries: true });
    for (const order of [2, -2]) {
      expectRefused(() => linalg.matrixNorm(zeros([0, 2]), order), ShapeError, /^matrixNorm: /, { temporaries: true });
      expectRefused(() => linalg.cond(zeros([0, 2]), order), ShapeError, /^cond: /, { temporaries: true });
    }
  });

  test("of singular matrices name the pivot and the matrix", () => {
    scope(() => {
      const flat = tensor([
        [
          [1, 0],
          [0, 1],
        ],
        [
          [1, 2],
          [2, 4],
        ],
      ]);
      const b = ones([2, 1]);
      const calls = [() => linalg.solve(flat, b), () => linalg.inv(flat), () => linalg.matrixPower(flat, -1)];
      for (const call of calls) {
        const error = expectRefused(call, SingularError, /a regular matrix, got pivot 1 = 0 in matrix 1/, {
          temporaries: true,
        });
        expect([(error as SingularError).pivot, (error as SingularError).matrix]).toEqual([1, 1]);
      }
      const steep = tensor([
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ]);
      expectRefused(() => linalg.inv(steep), SingularError, /^inv: .* pivot 2 = /, { temporaries: true });
      // Not singular, however small.
      expect(
        linalg
          .inv(
            tensor([
              [1, 1],
              [0, 2 ** -60],
            ]),
          )
          .toArray(),
      ).toEqual([
        [1, -(2 ** 60)],
        [0, 2 ** 60],
      ]);
      expectRefused(
        () =>
          linalg.cholesky(
            tensor([
              [1, 2],
              [2, 1],
            ]),
          ),
        SingularError,
        /positive definite matrix, got pivot 1 = -3/,
        { temporaries: true },
      );
      const triangle = tensor([
        [1, 2],
        [0, 0],
      ]);
      expectRefused(() => linalg.solveTriangular(triangle, b, { upper: true }), SingularError, /pivot 1 = 0/);
      expectRefused(() => grad((x: Tensor) => linalg.logdet(x))(triangle), SingularError, /^slogdet/, {
        temporaries: true,
      });
      expect(linalg.slogdet(triangle).logabsdet.item()).toBe(-Infinity);
    });
  });

  test("of what are no such matrices", () => {
    const call: Readonly<Record<string, (x: Tensor) => unknown>> = {
      solve: (x) => linalg.solve(x, x),
      solveTriangular: (x) => linalg.solveTriangular(x, x, { upper: true }),
      inv: (x) => linalg.inv(x),
      det: (x) => linalg.det(x),
      slogdet: (x) => linalg.slogdet(x),
      cholesky: (x) => linalg.cholesky(x),
      eigh: (x) => linalg.eigh(x),
      matrixPower: (x) => linalg.matrixPower(x, 2),
      matrixExp: (x) => linalg.matrixExp(x),
    };
    const any: typeof call = {
      qr: (x) => linalg.qr(x),
      svd: (x) => linalg.svd(x),
      pinv: (x) => linalg.pinv(x),
      lstsq: (x) => linalg.lstsq(x, x),
      matrixRank: (x) => linalg.matrixRank(x),
    };
    for (const [name, f] of Object.entries({ ...call, ...any })) {
      expectRefused(() => f(ones([3])), ShapeError, new RegExp(`^${name}: `), { temporaries: true });
      expectRefused(() => f(ones([2, 2], { dtype: "i32" })), DTypeError, new RegExp(`^${name}: `), {
        temporaries: true,
      });
    }
    for (const [name, f] of Object.entries(call))
      expectRefused(() => f(ones([2, 3])), ShapeError, new RegExp(`^${name}: .*got \\[2, 3\\]`), { temporaries: true });
    const a = eye(2);
    expectRefused(() => linalg.solve(a, ones([3, 1])), ShapeError, /\[2, 2\] and \[3, 1\]/, { temporaries: true });
    expectRefused(() => linalg.solve(stack([a, a]), ones([3, 2, 1])), ShapeError, /broadcast/, { temporaries: true });
    expectRefused(() => linalg.matrixPower(a, 0.5), ValueError, /whole exponent/);
    expectRefused(() => linalg.qr(a, { mode: wrong("q") }), ValueError, /one of reduced, complete, r, got q/);
    for (const options of [{ rtol: -1 }, { atol: -1 }, { rtol: NaN }, { atol: NaN }]) {
      expectRefused(() => linalg.pinv(a, options), ValueError, /^pinv: expected rtol and atol from 0 on, got /);
      expectRefused(() => linalg.matrixRank(a, options), ValueError, /^matrixRank: .* from 0 on/);
      expectRefused(() => linalg.lstsq(a, a, options), ValueError, /^lstsq: .* from 0 on/, { temporaries: true });
    }
    a.dispose();
  });

  test("of a derivative that there is not name the function that has none", () => {
    const a = zeros([2, 2]);
    const scalar = (x: Tensor): Tensor => linalg.qr(x).r.sum();
    const refused = (run: () => unknown, name: string): void => {
      const error = expectRefused(run, SingularError, /expected a regular matrix/, { temporaries: true });
      expect(error.operation).toBe(name);
    };
    refused(() => grad(scalar)(a), "qr");
    refused(() => jvp(scalar, [a], [eye(2)]), "qr");
    refused(() => hessian((x: Tensor) => linalg.det(x))(a), "det");
    a.dispose();
  });

  test("of a program leave its variables as they were", () => {
    const state = variable(eye(2));
    const step = compile((x: Tensor) => {
      state.assign(linalg.inv(x));
      return linalg.cholesky(x);
    });
    scope(() => {
      expect(
        step(
          tensor([
            [2, 0],
            [0, 4],
          ]),
        ).shape,
      ).toEqual([2, 2]);
      expect(state.toArray()).toEqual([
        [0.5, 0],
        [0, 0.25],
      ]);
      expect(() =>
        step(
          tensor([
            [1, 0],
            [0, -4],
          ]),
        ),
      ).toThrow(/^cholesky in .*pivot 1 = -4/);
      expect(() => step(zeros([2, 2]))).toThrow(SingularError);
      expect(state.toArray()).toEqual([
        [0.5, 0],
        [0, 0.25],
      ]);
    });
    step.dispose();
    state.dispose();
  });
});
