// A model with other values in the place of its own.
import { describe, expect, test } from "vitest";
import {
  checkGradients,
  compile,
  Generator,
  grad,
  ones,
  stack,
  tensor,
  ValueError,
  variable,
  vmap,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { BatchNorm1d, functionalCall, Linear, StateError } from "../../bindings/nn/index.js";
import { Adam } from "../../bindings/optim/index.js";
import { expectRefused } from "../support/refusal.js";
import { NAMES, Net } from "./net.js";

describe("functionalCall", () => {
  const x = new Generator(4).normal([2, 3], { dtype: "f64" });

  test("computes with other values, under full names or as a tree, and puts the own ones back", () => {
    const [a, b] = [new Net(), new Net()];
    const want = b(x).toArray();
    expect(functionalCall(a, b.parameters(), x).toArray()).toEqual(want);
    expect(functionalCall(a, Object.fromEntries(b.namedParameters()), x).toArray()).toEqual(want);
    expect(a.namedParameters().map(([key]) => key)).toEqual(NAMES);
    expect(functionalCall(a, {}, x).toArray()).toEqual(a(x).toArray());
  });

  test("its gradient is that of backward, and of differences", () => {
    const net = new Net();
    const loss = (p: ReturnType<Net["parameters"]>): Tensor => functionalCall(net, p, x).square().sum();
    const gradients = grad(loss)(net.parameters()) as unknown as Record<string, Record<string, Record<string, Tensor>>>;
    net(x).square().sum().backward();
    expect(gradients["head"]!["1"]!["weight"]!.toArray()).toEqual(net.stateDict()["head.1.weight"]!.grad!.toArray());
    expect(gradients["blocks"]!["0"]!["bias"]!.toArray()).toEqual(net.stateDict()["blocks.0.bias"]!.grad!.toArray());
    const check = checkGradients(loss, [net.parameters()], { order: 1 });
    expect(check.passed, String(check)).toBe(true);
  });

  test("many models at once", () => {
    const models = [1, 2, 3].map((seed) => new Linear(3, 2, { generator: new Generator(seed), dtype: "f64" }));
    const weights = stack(models.map(({ weight }) => weight));
    const biases = stack(models.map(({ bias }) => bias!));
    const all = vmap((weight: Tensor, bias: Tensor) => functionalCall(models[0]!, { weight, bias }, x));
    const got = all(weights, biases).data();
    const want = stack(models.map((model) => model(x))).data();
    for (const [i, value] of want.entries()) expect(Math.abs(got[i]! - value)).toBeLessThan(1e-14);
  });

  test("values that do not fit are refused all at once, and the model is whole after any error", () => {
    const net = new Net();
    const error = expectRefused(
      () => functionalCall(net, { scale: [1, 2], blocks: { 7: { weight: 1 } } }, x),
      StateError,
      /scale/,
      {
        temporaries: true,
      },
    );
    expect((error as StateError).problems).toEqual([
      '"scale" of shape [2] instead of []',
      'an unknown "blocks.7.weight"',
    ]);
    expect(() => functionalCall(net, { scale: 1 }, zeros([2, 2]))).toThrow(/linear/);
    expect(net.stateDict()["scale"]).toBe(net.scale);
  });
});

test("running statistics in training are variables, and a tensor is refused before anything is assigned to", () => {
  const model = new BatchNorm1d(3);
  const x = new Generator(4).normal([4, 3]);
  const [running_mean, running_var] = [variable(zeros([3])), variable(ones([3]))];
  functionalCall(model, { running_mean, running_var }, x);
  expect(model.running_mean!.toArray()).toEqual([0, 0, 0]);
  const [own, others] = [model.running_var!, running_mean].map((y) => y.toArray());
  model(x);
  expect(running_mean.toArray()).toEqual(model.running_mean!.toArray());
  expect([own, others]).toEqual([[1, 1, 1], model.running_mean!.toArray()]);

  const before = Object.values(model.stateDict()).map((y) => y.toArray());
  const refused = (name: string, value: Tensor): void =>
    void expectRefused(
      () => functionalCall(model, { [name]: value }, x),
      ValueError,
      new RegExp(`^BatchNorm1d: expected ${name} in a variable\\(\\), .* not in training, got a tensor`),
    );
  refused("running_mean", zeros([3]));
  refused("num_batches_tracked", zeros([], { dtype: "i32" }));
  expect(Object.values(model.stateDict()).map((y) => y.toArray())).toEqual(before);
  model.eval();
  expect(functionalCall(model, { running_mean: zeros([3]) }, x).shape).toEqual([4, 3]);
});

test("Adam in a compiled step of a functional model has the bits of eager", () => {
  const run = (wrap: <F extends (x: Tensor) => Tensor>(f: F) => F): unknown => {
    const net = new Linear(3, 2, { generator: new Generator(5) });
    const optimizer = new Adam(net.parameters(), { lr: 0.01 });
    const half = wrap((x: Tensor) =>
      optimizer.minimize(() =>
        functionalCall(net, { weight: net.weight.mul(0.5) }, x)
          .square()
          .sum(),
      ),
    );
    for (let i = 0; i < 3; i++) half(tensor([[1, 2, i]]));
    return net.namedParameters().map(([, p]) => p.toArray());
  };
  expect(run((f) => compile(f) as never)).toEqual(run((f) => f));
});
