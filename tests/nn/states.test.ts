// What a module is saved by and loaded from.
import { describe, expect, test } from "vitest";
import { crossEntropy, Generator, tensor, ValueError, zeros, type Variable } from "../../bindings/index.js";
import type { Module } from "../../bindings/nn/index.js";
import {
  BatchNorm1d,
  Linear,
  Residual,
  Sequential,
  StateError,
  Tanh,
  type StateDict,
} from "../../bindings/nn/index.js";
import { SGD } from "../../bindings/optim/index.js";
import { expectRefused } from "../support/refusal.js";
import { Net } from "./net.js";

describe("states", () => {
  const model = (seed: number): Sequential =>
    new Sequential(new Linear(2, 3, { generator: new Generator(seed) }), new BatchNorm1d(3), new Tanh());

  test("a state is the variables by name, and carries over parameters and buffers", () => {
    const [a, b] = [model(1), model(2)];
    a(tensor([[1, 2], [3, 5]])); // prettier-ignore
    expect(Object.keys(a.stateDict())).toEqual([
      ...["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"],
    ]);
    expect(a.stateDict()["0.weight"]).toBe((a[0] as Linear).weight);
    expect(b.loadStateDict(a.stateDict())).toEqual({ missing: [], unexpected: [] });
    const values = (net: Sequential): unknown[] => Object.values(net.stateDict()).map((v) => v.toArray());
    expect(values(b)).toEqual(values(a));
    expect(b.namedParameters().map(([, p]) => p.requiresGrad)).toEqual([true, true, true, true]);
  });

  test("a state that does not fit is refused with all that is wrong, and nothing is changed", () => {
    const net = model(1);
    const before = Object.values(net.stateDict()).map((v) => v.toArray());
    const { "0.bias": _, ...rest } = net.stateDict();
    const state = {
      ...rest,
      "0.weight": zeros([3, 3]),
      "1.bias": tensor([1, 2, 3], { dtype: "i32" }),
      other: tensor(1),
    };
    const error = expectRefused(
      () => net.loadStateDict(state),
      StateError,
      /Sequential\.loadStateDict: expected values/,
    );
    expect((error as StateError).problems).toEqual([
      'no "0.bias"',
      'an unknown "other"',
      '"0.weight" of shape [3, 3] instead of [3, 2]',
      '"1.bias" of dtype i32 instead of f32',
    ]);
    expect(Object.values(net.stateDict()).map((v) => v.toArray())).toEqual(before);
    expectRefused(() => net.loadStateDict(new Map() as never), ValueError, /an object with values by name, got Map/);
    const long = "{}".repeat(1000) as never;
    expectRefused(() => net.loadStateDict(long), ValueError, /got a text of 2000 characters$/);
  });

  test("a state of the model's own values is taken as it was, in whatever order", () => {
    const net = new Sequential(new Linear(2, 2, { bias: false }), new Linear(2, 2, { bias: false }));
    const [first, second] = Object.values(net.stateDict()) as [Variable, Variable];
    const values = [first.toArray(), second.toArray()];
    net.loadStateDict({ "0.weight": second, "1.weight": first });
    expect([second.toArray(), first.toArray()]).toEqual(values);
    net.loadStateDict({ "0.weight": second.T, "1.weight": first.T });
    expect([second.T.toArray(), first.T.toArray()]).toEqual([values[1], values[0]]);
  });

  test("without strictness other names are told, not refused; values are cast", () => {
    const net = model(1);
    const given = { "0.bias": tensor([1, 2, 3], { dtype: "f64" }), other: 1 };
    const { missing, unexpected } = net.loadStateDict(given, { strict: false });
    expect(unexpected).toEqual(["other"]);
    expect(missing).toHaveLength(6);
    expect([(net[0] as Linear).bias!.toArray(), (net[0] as Linear).bias!.dtype]).toEqual([[1, 2, 3], "f32"]);
    expectRefused(
      () => net.loadStateDict({ "0.bias": [1, 2] }, { strict: false }),
      StateError,
      /"0\.bias" of shape \[2\]/,
    );
  });

  test("what is shared stands under all of its names", () => {
    const net = new Net();
    const state = net.stateDict();
    expect(state["tied.weight"]).toBe(state["blocks.0.weight"]);
    expect(new Net().loadStateDict(state).missing).toEqual([]);
  });

  test("training goes on from a state as if it had not stopped, bit for bit", () => {
    const x = new Generator(3).normal([6, 2]);
    const y = tensor([0, 1, 2, 0, 1, 2], { dtype: "i32" });
    const train = (net: Sequential, optimizer: SGD, steps: number): void => {
      for (let i = 0; i < steps; i++) optimizer.minimize(() => crossEntropy(net(x), y));
    };
    const whole = model(1);
    train(whole, new SGD(whole.parameters(), { lr: 0.1 }), 6);
    const half = model(1);
    train(half, new SGD(half.parameters(), { lr: 0.1 }), 3);
    const saved = Object.fromEntries(Object.entries(half.stateDict()).map(([key, v]) => [key, v.toArray()]));
    const resumed = model(2);
    resumed.loadStateDict(saved);
    train(resumed, new SGD(resumed.parameters(), { lr: 0.1 }), 3);
    expect(Object.values(resumed.stateDict()).map(String)).toEqual(Object.values(whole.stateDict()).map(String));
  });
});

test("a state is told of all its values that are no tensors by name, and a residual takes modules", () => {
  const state = { weight: "x", bias: null } as unknown as StateDict;
  expect(() => new Linear(2, 3).loadStateDict(state)).toThrow(/"weight" of string; "bias" of /);
  expect(() => new Residual(null as unknown as Module)).toThrow(/Residual: expected modules, such as layers, got null/);
  expect(() => new Residual(new Tanh(), { shortcut: 3 as unknown as Module })).toThrow(
    /modules, such as layers, got 3/,
  );
});
