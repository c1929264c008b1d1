import { expect, test } from "vitest";
import * as w from "../../bindings/index.js";
import { compile, grad, jvp, tensor, vmap, type Tensor } from "../../bindings/index.js";

// A 0-d tensor is named along axis 0 or -1 as if it were a vector of one element, as in PyTorch.

const ALONG: Readonly<Record<string, (x: Tensor, axis: number) => Tensor>> = {
  sum: (x, axis) => x.sum(axis),
  prod: (x, axis) => x.prod(axis),
  mean: (x, axis) => x.mean(axis, { keepDims: true }),
  max: (x, axis) => x.max(axis),
  maxDim: (x, axis) => x.maxDim(axis).values,
  logsumexp: (x, axis) => x.logsumexp(axis),
  cumsum: (x, axis) => x.cumsum(axis),
  cumprod: (x, axis) => x.cumprod(axis),
  cummax: (x, axis) => x.cummax(axis).values,
  logcumsumexp: (x, axis) => x.logcumsumexp(axis),
  sort: (x, axis) => x.sort(axis).values,
  topk: (x, axis) => x.topk(1, axis).values,
  median: (x, axis) => x.median(axis).values,
  quantile: (x, axis) => x.quantile(0.3, axis),
  flip: (x, axis) => x.flip(axis),
  roll: (x, axis) => x.roll(3, axis),
  squeeze: (x, axis) => x.squeeze(axis),
  transpose: (x, axis) => x.transpose(0, axis),
  gather: (x, axis) => x.gather(axis, 0),
  takeAlongDim: (x, axis) => x.takeAlongDim(0, axis),
  scatterAdd: (x, axis) => x.scatterAdd(axis, 0, 0),
};

test.each(Object.entries(ALONG))("%s leaves a number as it is, in every mode", (_, f) => {
  const [x, one] = [tensor(1.5, { dtype: "f64" }), tensor(1, { dtype: "f64" })];
  for (const axis of [0, -1]) {
    const along = (y: Tensor): Tensor => f(y, axis);
    expect([along(x).shape, along(x).item()]).toEqual([[], 1.5]);
    expect(compile(along)(x).item()).toBe(1.5);
    expect(grad(along)(x).item()).toBe(1);
    expect(jvp(along, [x], [one])[1].item()).toBe(1);
    const some = tensor([1.5, -2], { dtype: "f64" });
    expect(vmap(along)(some).toArray()).toEqual([1.5, -2]);
    expect(grad((y: Tensor) => vmap(along)(y).sum())(some).toArray()).toEqual([1, 1]);
  }
  expect(() => f(x, 1)).toThrow(w.AxisError);
});

test("places in a number are 0, and its softmax is 1", () => {
  const x = tensor(1.5);
  for (const y of [
    x.argsort(0),
    x.argmax(-1),
    x.argmin(0, { keepDims: true }),
    x.sort(-1).indices,
    x.cummin(0).indices,
  ])
    expect([y.dtype, y.toArray()]).toEqual(["i32", 0]);
  expect([x.softmax(0).item(), x.logSoftmax(-1).item()]).toEqual([1, 0]);
  expect(vmap((y: Tensor) => y.softmax(0))(tensor([1, 5])).toArray()).toEqual([1, 1]);
  expect([x.var(0, { correction: 0 }).item(), x.any(0).item(), x.norm(1, -1).item()]).toEqual([0, 1, 1.5]);
});

test("what comes before a number is nothing, whose product is 1", () => {
  const before = (x: Tensor): Tensor => x.cumprod(0, { exclusive: true });
  expect(before(tensor(3)).item()).toBe(1);
  expect(grad(before)(3).item()).toBe(0);
  expect(() => tensor(3).argsort(0, { count: 0 })).toThrow(/a count from 1 to 1/);
});

test("methods take lengths, axes and counts without brackets", () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
  expect(x.reshape(6).shape).toEqual([6]);
  expect(x.reshape(3, -1).toArray()).toEqual(x.view([3, 2]).toArray());
  expect(x.permute(1, 0).toArray()).toEqual(x.T.toArray());
  expect(x.expand(2, -1, 3).shape).toEqual([2, 2, 3]);
  expect(x.repeat(1, 2).toArray()).toEqual(x.tile(2).toArray());
  expect(x.flip(0, 1).toArray()).toEqual(x.flip().toArray());
  expect(w.reshape(x, 6).broadcastTo(2, 6).shape).toEqual([2, 6]);
  expect(w.zeros(3).shape).toEqual([3]);
});
