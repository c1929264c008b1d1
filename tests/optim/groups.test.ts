// Parameters, groups of them and options: what is taken, and what is refused.
import { expect, test } from "vitest";
import { parameter, tensor, ValueError, type Tensor } from "../../bindings/index.js";
import { Linear } from "../../bindings/nn/index.js";
import { Adam, AdamW, LBFGS, SGD } from "../../bindings/optim/index.js";
import { expectRefused } from "../support/refusal.js";

test("groups have options of their own", () => {
  const [a, b, c] = [
    parameter([1], { dtype: "f64" }),
    parameter([1], { dtype: "f64" }),
    parameter([1], { dtype: "f64" }),
  ];
  const optimizer = new SGD([{ params: a }, { params: { b }, lr: 0.01 }, { params: [c], weightDecay: 2 }], { lr: 0.1 });
  expect(optimizer.groups.map(({ lr, names }) => [lr, names])).toEqual([
    [0.1, ["0"]],
    [0.01, ["b"]],
    [0.1, ["0"]],
  ]);
  optimizer.minimize(() => a.add(b).add(c).sum());
  expect([a, b, c].map((p) => p.item())).toEqual([1 - 0.1, 1 - 0.01, 1 - 3 * 0.1]);
  optimizer.lr = 0.5;
  expect(optimizer.groups.map(({ lr }) => lr)).toEqual([0.5, 0.5, 0.5]);
});

test("an option of a group that is undefined is not given", () => {
  const optimizer = new SGD([{ params: parameter([1]), lr: undefined }], { lr: 0.5 });
  expect(optimizer.lr).toBe(0.5);
});

test("an option of AdamW that is undefined is not given, and its decay is always decoupled", () => {
  const given = { weightDecay: undefined } as object;
  expect(new AdamW(parameter([1]), given).groups[0]!.settings.weightDecay).toBe(0.01);
  for (const options of [{ decoupledWeightDecay: false }, { decoupledWeightDecay: true }] as object[])
    expect(() => new AdamW(parameter([1]), options)).toThrow(
      /^AdamW: expected one of the options .*got decoupledWeightDecay/,
    );
});

test("parameters and options that make no sense are refused", () => {
  const p = parameter([1]);
  const make =
    (options: object, params: object = p) =>
    () =>
      new Adam(params, options);
  expect(make({}, [])).toThrow(/^Adam: expected a tree with parameters/);
  expect(make({}, [tensor([1])])).toThrow(/^Adam: expected parameters made by parameter/);
  expect(make({}, [{ params: { w: p } }, { params: [{ bias: p }] }])).toThrow(
    "Adam: expected each parameter in one group, got w and 0.bias in two",
  );
  // The state of one of them would be saved, and taken up for neither.
  expect(make({}, { "a.b": p, a: { b: parameter([2]) } })).toThrow(
    'Adam: expected a name for each parameter, got two of the name "a.b"',
  );
  expect(make({}, { "a.b": p, a: { b: p } })).not.toThrow();
  expect(make({ lr: -1 })).toThrow(/^Adam: expected lr from 0/);
  expect(make({ betas: null })).toThrow(/^Adam: expected betas as two numbers, got null/);
  expect(make({ betas: ["0.9", 0.99] })).toThrow(/^Adam: expected betas\[0\] from 0 to below 1, got 0.9/);
  expect(() => new SGD(p).minimize(() => 5 as never)).toThrow(/^minimize: expected a tensor, got number/);
  expect(make({ betas: [0.9, 1] })).toThrow(/betas\[1\] from 0 to below 1, got 1/);
  expect(make({}, [{ params: p, eps: NaN }])).toThrow(/eps from 0/);
  expect(() => new AdamW(p, { weightDecay: -1 })).toThrow(/^AdamW: expected weightDecay/);
  expect(() => new Adam(p).step()).toThrow(/^Adam.step: expected parameters with gradients/);
  expect(() => new SGD(p, { nesterov: true })).toThrow(/^SGD: expected a momentum, and no dampening, for nesterov/);
  expect(make({ betas: [0.9, 0.99, 0.999] })).toThrow(/^Adam: expected betas as two numbers/);
});

test("what would be passed over among parameters is refused: models, iterators, options, groups that are not in a list", () => {
  const [p, model] = [parameter([1]), new Linear(2, 1)];
  const refused = (got: string): RegExp =>
    new RegExp(`^SGD: expected parameters in arrays and objects, such as model\\.parameters\\(\\), got ${got}$`);
  // @ts-expect-error: a model, and not its parameters
  expect(() => new SGD(model)).toThrow(refused("Linear"));
  expect(() => new SGD([model, p])).toThrow(refused("Linear"));
  expect(() => new SGD(new Set([p]))).toThrow(refused("Set"));
  expect(() => new SGD({ params: p, lr: 0.5 })).toThrow(refused("0.5"));
  expect(() => new SGD([{ params: p, nesterov: true }, model.weight])).toThrow(refused("true"));
  expect(() => new SGD([Object.create(Object.create(null) as object)])).toThrow(refused("an object of no class"));
  expect(new SGD({ weight: p, bias: null }).parameters[0]).toBe(p);
  expect(new SGD(model.namedParameters()).parameters[1]).toBe(model.bias);
});

test("what is no closure is refused in the name of what was called", () => {
  const p = parameter([1, 2]);
  const refused = /^(SGD\.step|LBFGS\.step|minimize): expected a closure that computes the loss.*, got number$/;
  for (const optimizer of [new SGD([p], { lr: 0.1 }), new LBFGS([p])])
    for (const call of ["step", "minimize"] as const)
      expectRefused(() => (optimizer[call] as (f: unknown) => Tensor)(5), ValueError, refused);
  expect(p.toArray()).toEqual([1, 2]);
});
