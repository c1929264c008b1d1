import { expect, test } from "vitest";
import {
  batchNorm,
  fold,
  Generator,
  grad,
  groupNorm,
  instanceNorm,
  interpolate,
  layerNorm,
  ones,
  ShapeError,
  unfold,
  ValueError,
  variable,
  zeros,
  type Tensor,
} from "../../bindings/index.js";

const generator = new Generator(11);
const x = generator.normal([4, 6, 3, 2], { dtype: "f64" });

function close(a: Tensor, b: Tensor): void {
  expect(a.shape).toEqual(b.shape);
  expect(a.sub(b).abs().max().item()).toBeLessThan(1e-12);
}

test("batchNorm follows the statistics in training, once for each call, and uses them afterwards", () => {
  const [m, v] = [variable(zeros([6], { dtype: "f64" })), variable(ones([6], { dtype: "f64" }))];
  const gradient = grad((z: Tensor) => batchNorm(z, m, v, { training: true, momentum: 0.25 }).square().sum());
  expect(gradient(x).shape).toEqual(x.shape);
  close(m, x.mean([0, 2, 3]).mul(0.25));
  close(v, x.var([0, 2, 3]).mul(0.25).add(0.75));
  const used = batchNorm(x, m, v);
  const spread = (z: Tensor): Tensor => z.reshape([6, 1, 1]);
  close(used, x.sub(spread(m)).div(spread(v).add(1e-5).sqrt()));
});

test("groupNorm is layerNorm of each group, instanceNorm that of each channel", () => {
  close(groupNorm(x, 3), layerNorm(x.reshape([12, 12])).reshape(x.shape));
  close(instanceNorm(x), layerNorm(x.reshape([24, 6])).reshape(x.shape));
  expect(() => groupNorm(x, 4)).toThrow(ValueError);
  expect(() => batchNorm(x)).toThrow(ValueError);
  expect(() => batchNorm(x, [1, 2], [1, 2])).toThrow(ShapeError);
});

test("fold is the adjoint of unfold", () => {
  const options = { padding: [1, 0], stride: 2, dilation: [1, 2] };
  const image = generator.normal([2, 3, 5, 6], { dtype: "f64" });
  const columns = unfold(image, [2, 3], options);
  const y = generator.normal(columns.shape, { dtype: "f64" });
  const [left, right] = [columns.mul(y).sum(), image.mul(fold(y, [5, 6], [2, 3], options)).sum()];
  expect(Math.abs(left.item() - right.item())).toBeLessThan(1e-12);
});

test("interpolate takes the nearest, or weighs neighbours by distance", () => {
  const line = [[[1, 2, 4]]];
  expect(interpolate(line, { size: 6 }).toArray()).toEqual([[[1, 1, 2, 2, 4, 4]]]);
  expect(interpolate(line, { scaleFactor: 2, mode: "linear" }).toArray()).toEqual([[[1, 1.25, 1.75, 2.5, 3.5, 4]]]);
  expect(interpolate(line, { size: 5, mode: "linear", alignCorners: true }).toArray()).toEqual([[[1, 1.5, 2, 3, 4]]]);
  expect(() => interpolate(line, { size: 5, mode: "bilinear" })).toThrow(ShapeError);
  expect(() => interpolate(line, {})).toThrow(ValueError);
});
