import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  checkpoint,
  compile,
  configure,
  copysign,
  crossEntropy,
  div,
  full,
  grad,
  hessian,
  jacobian,
  jvp,
  laplacian,
  load,
  log,
  mul,
  NonFiniteError,
  pow,
  signBit,
  softmax,
  sqrt,
  sub,
  tensor,
  vmap,
  where,
  Tensor,
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

  test("has nothing to say of signs", () => {
    expect(signBit([0, -0, -1, 2]).toArray()).toEqual([false, true, true, false]);
    expect(copysign([3, 3], [-0, 0]).toArray()).toEqual([-3, 3]);
  });

  test("names the operation whose derivative makes it", () => {
    const zero = tensor([1, 0]);
    expect(() => grad((x: Tensor) => sqrt(x).sum())(zero)).toThrow(/^the pullback of sqrt:.*Infinity at \[1\]/);
    expect(() => jvp((x: Tensor) => sqrt(x), [zero], [tensor([1, 1])])).toThrow(/^the pushforward of sqrt:/);
  });

  test("names operations in programs, whose numbers and arrays are tensors as ever", () => {
    const program = compile((x: Tensor, n: Tensor, y: Tensor) => log(n.mul(x)).add(y));
    expect(program(tensor([1, 1]), 1, Float32Array.of(1, 2)).toArray()).toEqual([1, 2]);
    expect(() => program(tensor([1, -1]), 2, Float32Array.of(1, 2))).toThrow(/^log:.*NaN at \[1\]/);
  });

  test("leaves programs from files as they are", () => {
    const program = compile((x: Tensor) => x.log().add(1));
    program(tensor([1, 2]));
    expect(load<[Tensor], Tensor>(program.save(tensor([1, 2])))(tensor([1, 0])).toArray()).toEqual([1, -Infinity]);
  });

  test("leaves it to programs of numbers to give numbers", () => {
    const f = (x: Tensor, y: Tensor) => ({ sum: x.add(y), parts: [x.log(), 1] as const });
    expect(compile(f)(1, 2)).toEqual({ sum: 3, parts: [0, 1] });
    expect(() => compile(f)(-1, 2)).toThrow(/^log:/);
    // It cannot be captured, but looked into.
    expect(compile((x: Tensor) => (x.item() > 0 ? x.mul(2) : x.neg()))(3)).toBeInstanceOf(Tensor);
    const ones = tensor([1, 1]);
    expect(compile((x: Tensor) => ones.mul(x).sum())(3)).toBeInstanceOf(Tensor);
  });

  test("does not mind infinities that were given, or partials that are multiplied by 0", () => {
    const scores = where(tensor([true, false, true]), tensor([1, 2, 3]), full([3], -Infinity));
    expect(softmax(scores).toArray()).toHaveLength(3);
    expect(grad((x: Tensor) => mul(sqrt(x), tensor([1, 0])).sum())(tensor([4, 0])).toArray()).toEqual([0.25, 0]);
    expect(grad((x: Tensor) => crossEntropy(x, tensor(Int32Array.of(0))))(tensor([[1, 2]])).shape).toEqual([1, 2]);
  });

  test("looks at derivatives of values that are yet to come: batched, and in Jacobians", () => {
    const at = tensor([0, 4]);
    expect(() => jacobian((x: Tensor) => sqrt(x))(at)).toThrow(
      /^the pullback of sqrt:.*Infinity at \[0, 0\] of f32 \[2, 2\]/,
    );
    expect(() => jacobian((x: Tensor) => sqrt(x), { mode: "forward" })(at)).toThrow(/^the pushforward of sqrt:/);
    expect(() => hessian((x: Tensor) => pow(x, 1.5).sum())(at)).toThrow(NonFiniteError);
    expect(() => laplacian((x: Tensor) => pow(x, 1.5).sum())(at)).toThrow(NonFiniteError);
    expect(() => vmap(grad((x: Tensor) => sqrt(x).sum()))(tensor([[1, 0]]))).toThrow(/^the pullback of sqrt:/);
    const shared = (x: Tensor): Tensor => grad((w: Tensor) => mul(sqrt(w), x).sum())(at);
    expect(() => vmap(shared)(tensor([1, 2]))).toThrow(/^the pullback of sqrt:.*Infinity at \[0, 0\]/);
    const twice = (x: Tensor): Tensor => vmap((y: Tensor) => grad((z: Tensor) => sqrt(z).mul(x).sum())(y))(at);
    expect(() => vmap(twice)(tensor([1, 2]))).toThrow(/^the pullback of sqrt:/);
  });

  test("does not mind, in a batch either, partials that are multiplied by 0", () => {
    const f = (x: Tensor): Tensor => mul(sqrt(x), tensor([1, 0])).sum();
    expect(vmap(grad(f))(tensor([[4, 0]])).toArray()).toEqual([[0.25, 0]]);
    expect(jacobian(f)(tensor([4, 0])).toArray()).toEqual([0.25, 0]);
  });

  test("looks into a checkpoint", () => {
    const f = checkpoint((x: Tensor) => sqrt(x.mul(1)).sum());
    expect(() => grad(f)(tensor([1, 0]))).toThrow(/^the pullback of sqrt:/);
    expect(() => jvp(f, [tensor([1, 0])], [tensor([1, 1])])).toThrow(/^the pushforward of sqrt:/);
  });

  test("off, everything is as before", () => {
    configure({ debugNaN: false });
    expect(log(tensor(-1)).item()).toBeNaN();
  });
});
