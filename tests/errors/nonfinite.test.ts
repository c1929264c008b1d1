import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  configure,
  crossEntropy,
  div,
  full,
  grad,
  jvp,
  log,
  mul,
  NonFiniteError,
  softmax,
  sqrt,
  sub,
  tensor,
  where,
  type Tensor,
} from "../../bindings/index.js";

describe("debugNaN", () => {
  beforeEach(() => configure({ debugNaN: true }));
  afterEach(() => configure({ debugNaN: false }));

  test("names the operation that makes the first NaN or infinity, and where", () => {
    const x = tensor([[1, 2, 3], [4, -5, 6]]); // prettier-ignore
    expect(() => log(sub(x, 0))).toThrow(NonFiniteError);
    expect(() => mul(log(x), 2)).toThrow(/^log: expected finite numbers.*NaN at \[1, 1\] of f32 \[2, 3\]/);
    expect(() => div(1, sub(tensor([1, 2]), 1))).toThrow(/^div:.*Infinity at \[0\]/);
  });

  test("names the operation whose derivative makes it", () => {
    const zero = tensor([1, 0]);
    expect(() => grad((x: Tensor) => sqrt(x).sum())(zero)).toThrow(/^the pullback of sqrt:.*Infinity at \[1\]/);
    expect(() => jvp((x: Tensor) => sqrt(x), [zero], [tensor([1, 1])])).toThrow(/^the pushforward of sqrt:/);
  });

  test("does not mind infinities that were given, or partials that are multiplied by 0", () => {
    const scores = where(tensor([true, false, true]), tensor([1, 2, 3]), full([3], -Infinity));
    expect(softmax(scores).toArray()).toHaveLength(3);
    expect(grad((x: Tensor) => mul(sqrt(x), tensor([1, 0])).sum())(tensor([4, 0])).toArray()).toEqual([0.25, 0]);
    expect(grad((x: Tensor) => crossEntropy(x, tensor(Int32Array.of(0))))(tensor([[1, 2]])).shape).toEqual([1, 2]);
  });

  test("off, everything is as before", () => {
    configure({ debugNaN: false });
    expect(log(tensor(-1)).item()).toBeNaN();
  });
});
