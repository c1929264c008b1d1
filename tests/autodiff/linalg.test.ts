// Derivatives of linear algebra where they are not everywhere.
import { describe, expect, test } from "vitest";
import { eye, grad, jvp, linalg, scope, tensor, zeros, type Tensor } from "../../bindings/index.js";
import { checkClose } from "../support/compare.js";
import { build, toPlain, toTensor, type Plain } from "../support/plain.js";
import { Random } from "../support/random.js";

/** Matrices with a heavy diagonal, so that they are regular. */
function regular(shape: readonly number[], seed: number): Plain {
  const random = new Random(`regular ${seed}`);
  return build(shape, (at) => random.uniform(-1, 1) + (at.at(-1) === at.at(-2) ? 2 * Math.sqrt(at.at(-1)! + 4) : 0));
}

const turned = (x: Tensor): Tensor => x.transpose(-2, -1);

describe("derivatives where they are not everywhere", () => {
  test("the determinant of a singular matrix has its cofactors", () => {
    scope(() => {
      const det = grad((x: Tensor) => linalg.det(x));
      expect(
        det(
          tensor(
            [
              [1, 2],
              [2, 4],
            ],
            { dtype: "f64" },
          ),
        ).toArray(),
      ).toEqual([
        [4, -2],
        [-2, 1],
      ]);
      expect(det(zeros([3, 3])).toArray()).toEqual(zeros([3, 3]).toArray());
      // Nilpotent: every pivot is 0, and one cofactor is not.
      const shift = tensor(
        [
          [0, 1, 0],
          [0, 0, 1],
          [0, 0, 0],
        ],
        { dtype: "f64" },
      );
      checkClose("shift", toPlain(det(shift)), { shape: [3, 3], data: [0, 0, 0, 0, 0, 0, 1, 0, 0] }, 1e-50);
    });
  });

  test("equal eigenvalues and singular values have sums that can be differentiated", () => {
    scope(() => {
      expect(grad((x: Tensor) => linalg.eigvalsh(x).sum())(eye(3)).toArray()).toEqual(eye(3).toArray());
      expect(jvp((x: Tensor) => linalg.eigvalsh(x), [eye(2)], [eye(2)])[1].toArray()).toEqual([1, 1]);
      expect(grad((x: Tensor) => linalg.matrixNorm(x, "nuc"))(eye(3)).toArray()).toEqual(eye(3).toArray());
      const flat = grad((x: Tensor) => linalg.svdvals(x).sum())(zeros([3, 2]));
      expect(flat.toArray()).toEqual(eye(3).slice([], [0, 2]).toArray());
      const vectors = grad((x: Tensor) =>
        linalg
          .eigh(x)
          .eigenvectors.mul(
            tensor([
              [1, 2],
              [3, 5],
            ]),
          )
          .sum(),
      )(eye(2));
      expect(toPlain(vectors).data.every(Number.isFinite)).toBe(false);
    });
  });

  test("what completes a basis follows what it completes", () => {
    scope(() => {
      // The projection on what is orthogonal to the columns of A, by Q or U, and by the pseudoinverse.
      const a = toTensor(regular([5, 2], 1), "f64");
      const weights = toTensor(regular([5, 5], 2), "f64");
      const beyond = (q: Tensor): Tensor =>
        q
          .slice([], [2, 5])
          .matmul(q.slice([], [2, 5]).T)
          .mul(weights)
          .sum();
      const ways = [
        (x: Tensor): Tensor => beyond(linalg.qr(x, { mode: "complete" }).q),
        (x: Tensor): Tensor => beyond(linalg.svd(x).u),
        (x: Tensor): Tensor => beyond(turned(linalg.svd(x.T).vh)),
        (x: Tensor): Tensor =>
          eye(5, { dtype: "f64" })
            .sub(x.matmul(linalg.pinv(x)))
            .mul(weights)
            .sum(),
      ];
      const second = (f: (x: Tensor) => Tensor): Tensor => grad((x: Tensor) => grad(f)(x).mul(a.sin()).sum())(a);
      const [first, again] = [ways.map((f) => toPlain(grad(f)(a))), ways.map((f) => toPlain(second(f)))];
      for (const i of [0, 1, 2]) {
        checkClose(`gradient ${i}`, first[i]!, first[3]!, 1e-12);
        checkClose(`second ${i}`, again[i]!, again[3]!, 1e-11);
      }
    });
  });
});
