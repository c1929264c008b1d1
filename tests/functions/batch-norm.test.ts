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
  tensor,
  unfold,
  ValueError,
  variable,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { expectNear } from "../support/compare.js";

const generator = new Generator(11);
const x = generator.normal([4, 6, 3, 2], { dtype: "f64" });

test("batchNorm follows the statistics in training, once for each call, and uses them afterwards", () => {
  const [m, v] = [variable(zeros([6], { dtype: "f64" })), variable(ones([6], { dtype: "f64" }))];
  const gradient = grad((z: Tensor) => batchNorm(z, m, v, { training: true, momentum: 0.25 }).square().sum());
  expect(gradient(x).shape).toEqual(x.shape);
  expectNear(m, x.mean([0, 2, 3]).mul(0.25));
  expectNear(v, x.var([0, 2, 3]).mul(0.25).add(0.75));
  const used = batchNorm(x, m, v);
  const spread = (z: Tensor): Tensor => z.reshape([6, 1, 1]);
  expectNear(used, x.sub(spread(m)).div(spread(v).add(1e-5).sqrt()));
});

test("groupNorm is layerNorm of each group, instanceNorm that of each channel", () => {
  expectNear(groupNorm(x, 3), layerNorm(x.reshape([12, 12])).reshape(x.shape));
  expectNear(instanceNorm(x), layerNorm(x.reshape([24, 6])).reshape(x.shape));
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

test("interpolate goes from middle to middle, covers areas, and weighs three axes or four neighbours", () => {
  const line = [[[1, 2, 4, 8, 16]]];
  expect(interpolate(line, { size: 3 }).toArray()).toEqual([[[1, 2, 8]]]);
  expect(interpolate(line, { size: 3, mode: "nearest-exact" }).toArray()).toEqual([[[1, 4, 16]]]);
  expect(interpolate([[[1, 2, 3, 3, 4, 5, 6]]], { size: 2, mode: "area" }).toArray()).toEqual([[[2.25, 4.5]]]);
  const volume = tensor([0, 1, 2, 3, 4, 5, 6, 7]).reshape([1, 1, 2, 2, 2]);
  const middle = interpolate(volume, { size: 3, mode: "trilinear", alignCorners: true });
  expect(middle.slice(0, 0, 1, 1).toArray()).toEqual([3, 3.5, 4]);
  // A cubic convolution keeps what is straight, but for the ends; and at the places of the elements, them.
  const plane = tensor(Array.from({ length: 36 }, (_, i) => i)).reshape([1, 1, 6, 6]);
  const finer = interpolate(plane, { size: [11, 11], mode: "bicubic", alignCorners: true });
  expect(finer.slice(0, 0, [null, null, 2], [null, null, 2]).toArray()).toEqual(plane.slice(0, 0).toArray());
  expect(finer.slice(0, 0, 4, [3, 8]).toArray()).toEqual([13.5, 14, 14.5, 15, 15.5]);
  // Weights at a half: -3/32, 19/32, 19/32, -3/32; the last element stands for those beyond it.
  expect(finer.slice(0, 0, 0, -2).item()).toBeCloseTo((-3 * 3 + 19 * 4 + 19 * 5 - 3 * 5) / 32, 5);
  expect(() => interpolate(volume, { size: 2, mode: "area" })).toThrow(
    /with 1 or 2 further axes, got \[1, 1, 2, 2, 2\]$/,
  );
  expect(() => interpolate(line, { size: 2, mode: "area", alignCorners: true })).toThrow(ValueError);
});
