import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  grad,
  jvp,
  logSoftmax,
  logsumexp,
  softmax,
  sum,
  tensor,
  type Tensor,
} from "../../bindings/index.js";

const whole = (x: Tensor) => sum(logsumexp(x, 1));

/** The gradient, and the same from directional derivatives. */
function bothWays(f: (x: Tensor) => Tensor, x: Tensor): [unknown, unknown] {
  const n = x.size;
  const unsigned = (values: readonly number[]) => values.map((value) => value + 0); // -0 is 0
  const forward = Array.from({ length: n }, (_, i) => {
    const e = tensor(Float64Array.from({ length: n }, (_, j) => Number(i === j))).reshape(x.shape);
    return jvp(f, [x], [e])[1].item();
  });
  return [unsigned(grad(f)(x).reshape([n]).toArray() as number[]), unsigned(forward)];
}

describe("infinite elements", () => {
  test.each([
    ["one Infinity", [[1, Infinity, 2]], [Infinity], [0, 1, 0]],
    ["two", [[Infinity, 0, Infinity]], [Infinity], [1, 0, 1]],
    ["of both signs", [[-Infinity, Infinity]], [Infinity], [0, 1]],
    ["-Infinity alone", [[-Infinity, -Infinity]], [-Infinity], [0, 0]],
    ["-Infinity beside others", [[0, -Infinity, 0]], [Math.LN2], [0.5, 0, 0.5]],
    ["rows do not touch each other", [[Infinity, 0], [0, 0]], [Infinity, Math.LN2], [1, 0, 0.5, 0.5]], // prettier-ignore
  ] as [string, number[][], number[], number[]][])("logsumexp: %s", (_, rows, values, derivatives) => {
    const x = tensor(rows, { dtype: "f64" });
    expect(logsumexp(x, 1).toArray()).toEqual(values);
    const [reverse, forward] = bothWays(whole, x);
    expect(reverse).toEqual(derivatives);
    expect(forward).toEqual(derivatives);
    expect(
      (
        grad((y: Tensor) => sum(grad(whole)(y)))(x)
          .reshape([-1])
          .toArray() as number[]
      ).every(Number.isFinite),
    ).toBe(true);
  });

  test("logsumexp of NaN stays NaN", () => {
    expect(grad(whole)(tensor([[NaN, 0]])).toArray()).toEqual([[NaN, NaN]]);
  });

  test("softmax and its kin have derivatives where some elements are -Infinity", () => {
    const x = tensor([[0, -Infinity, 0]], { dtype: "f64" });
    const weights = tensor([[1, 2, 4]], { dtype: "f64" });
    const first = (y: Tensor) => sum(softmax(y).mul(weights));
    expect(bothWays(first, x)).toEqual([[-0.75, 0, 0.75], [-0.75, 0, 0.75]]); // prettier-ignore
    const chosen = (y: Tensor) => sum(logSoftmax(y).slice(0, 0));
    expect(bothWays(chosen, x)).toEqual([[0.5, 0, -0.5], [0.5, 0, -0.5]]); // prettier-ignore
    const loss = (y: Tensor) => crossEntropy(y, tensor([2], { dtype: "i32" }));
    expect(bothWays(loss, x)).toEqual([[0.5, 0, -0.5], [0.5, 0, -0.5]]); // prettier-ignore
  });

  test("softmax of a row of -Infinity alone, and beside Infinity, is NaN", () => {
    expect(softmax(tensor([-Infinity, -Infinity])).toArray()).toEqual([NaN, NaN]);
    expect((softmax(tensor([Infinity, 0])).toArray() as number[])[0]).toBeNaN();
  });
});
