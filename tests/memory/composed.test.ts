import { expect, test } from "vitest";
import * as w from "../../bindings/index.js";
import { memory, scope, type Tensor } from "../../bindings/index.js";

// What functions need on the way is gone when they return, and where it would be many times as much as they are given, before.

const N = 4096;
const x = w.rand([N]);
const square = w.reshape(x, [64, 64]);
const bytes = 4 * N;

/** Most bytes that are taken by a call, and those that stay, as multiples of those of x. */
function taken(call: () => unknown): { most: number; left: number } {
  const before = memory().bytes;
  // The high water is that of the process: a block on top of all shows what comes above it.
  const ballast = w.zeros([Math.max(1, memory().highWater - before)], { dtype: "u8" });
  const base = memory().bytes;
  const { most, left } = scope(() => {
    call();
    return { most: memory().highWater - base, left: memory().bytes - base };
  });
  ballast.dispose();
  return { most: most / bytes, left: left / bytes };
}

const pick = w.integers(0, 64, [64, 64]);
const mask = square.gt(0.5);
const image = w.reshape(x, [1, 1, 64, 64]);
const classes = w.integers(0, 64, [64]);
const whole = w.integers(1, 9, [N]);
const vectors = w.rand([Math.floor(N / 3), 3]);
const pooled = w.maxPool1d(w.reshape(x, [1, 1, N]), 2, { returnIndices: true });
const signs = w.where(w.rand([64]).gt(0.5), 1, -1);

test.each<[string, number, () => unknown]>([
  ["logcumsumexp", 12, () => w.logcumsumexp(x)],
  ["cummax", 16, () => w.cummax(x)],
  ["searchsorted", 10, () => w.searchsorted(w.linspace(0, 1, 1000), x)],
  ["scatter", 14, () => w.scatter(square, 0, pick, square)],
  ["slice by truth values", 14, () => w.slice(square, mask)],
])("%s takes little at a time", (_, most, call) => {
  expect(taken(call).most).toBeLessThan(most);
});

test("distances of many vectors are found few at a time, unless a derivative wants the differences", () => {
  const [a, b] = [w.rand([256, 64]), w.rand([256, 64])];
  const differences = 4 * 256 * 256 * 64;
  expect(taken(() => w.cdist(a, b)).most * bytes).toBeLessThan(0.6 * differences);
  const whole = w.vmap((row: Tensor) => w.cdist(w.reshape(row, [1, 64]), b))(a);
  expect(
    w
      .cdist(a, b)
      .sub(w.reshape(whole, [256, 256]))
      .abs()
      .max()
      .item(),
  ).toBe(0);
  expect(w.cdist(w.reshape(a, [2, 128, 64]), b).shape).toEqual([2, 128, 256]);
});

test.each<[string, number, () => unknown]>([
  ["interpolate", 4.1, () => w.interpolate(image, { scaleFactor: 2, mode: "bilinear" })],
  ["interpolate by area", 0.3, () => w.interpolate(image, { scaleFactor: 0.5, mode: "area" })],
  ["sinc", 1.1, () => w.sinc(x)],
  ["sigmoidFocalLoss", 1.1, () => w.sigmoidFocalLoss(x, x)],
  ["poissonNllLoss", 0.1, () => w.poissonNllLoss(x, x, { full: true })],
  ["klDiv", 0.1, () => w.klDiv(x, x)],
  ["klDiv over the batch", 0.1, () => w.klDiv(x, x, { logTarget: true, reduction: "batchmean" })],
  ["crossEntropy, smoothed", 0.1, () => w.crossEntropy(square, classes, { labelSmoothing: 0.1 })],
  ["crossEntropy of probabilities", 0.1, () => w.crossEntropy(square, square)],
  ["marginRankingLoss", 0.1, () => w.marginRankingLoss(x, x, x)],
  ["hingeEmbeddingLoss", 0.1, () => w.hingeEmbeddingLoss(x, x)],
  ["cosineEmbeddingLoss", 0.1, () => w.cosineEmbeddingLoss(square, square, signs)],
  ["tripletMarginLoss", 0.1, () => w.tripletMarginLoss(square, image.reshape([64, 64]), square, { swap: true })],
  ["logaddexp", 1.1, () => w.logaddexp(x, x)],
  ["unique", 1.1, () => w.unique(x)],
  ["uniqueAll", 3.1, () => w.uniqueAll(x)],
  ["scatter", 1.1, () => w.scatter(square, 0, pick, square)],
  ["sliceAssign by tensors", 1.1, () => w.sliceAssign(square, [classes], square)],
  ["sliceAssign by truth values", 1.1, () => w.sliceAssign(square, [mask], 0)],
  ["slice by truth values", 1.1, () => w.slice(square, mask)],
  ["nonzero", 2.1, () => w.nonzero(square)],
  ["nllLoss", 0.01, () => w.nllLoss(square, classes)],
  ["mseLoss of integers", 0.1, () => w.mseLoss(whole, whole)],
  ["maxUnpool1d", 1.1, () => w.maxUnpool1d(pooled.values, pooled.indices, 2)],
  ["quantile", 0.1, () => w.quantile(x, 0.3)],
  ["nanquantile", 0.1, () => w.nanquantile(square, [0.1, 0.5], 1)],
  ["median", 0.1, () => w.median(x)],
  ["nanmean", 0.1, () => w.nanmean(x)],
  ["nansum", 0.1, () => w.nansum(x)],
  ["nanmean of integers", 0.1, () => w.nanmean(whole)],
  ["norm", 0.1, () => w.norm(x, 3)],
  ["norm of integers", 0.1, () => w.norm(whole)],
  ["vecdot", 0.1, () => w.vecdot(whole, x)],
  ["frac", 1.1, () => w.frac(x)],
  ["threshold of a typed array", 1.1, () => w.threshold(x.data(), 0.5, 0)],
  ["normalize", 1.1, () => w.normalize(square)],
  ["cosineSimilarity", 0.1, () => w.cosineSimilarity(square, square)],
  ["pairwiseDistance", 0.1, () => w.pairwiseDistance(square, square)],
  ["cdist", 1.1, () => w.cdist(square, square)],
  ["cross", 1.1, () => w.cross(vectors, vectors)],
  ["cross, disposed of", 0.1, () => w.cross(vectors, vectors).dispose()],
  ["floorDivide", 1.1, () => w.floorDivide(x, 0.3)],
  ["floorDivide of integers", 1.1, () => w.floorDivide(whole, whole)],
  ["remainder", 1.1, () => w.remainder(x, 0.3)],
  ["isClose", 0.3, () => w.isClose(whole, x)],
  ["allClose", 0.1, () => w.allClose(x, x)],
  ["clamp", 1.1, () => w.clamp(x, 0.1, 0.9)],
  ["lerp", 1.1, () => w.lerp(x, x, x)],
  ["logit", 1.1, () => w.logit(x, 1e-6)],
  ["nanToNum", 1.1, () => w.nanToNum(x)],
  ["copysign", 1.1, () => w.copysign(x, x)],
  ["heaviside", 1.1, () => w.heaviside(x, 1)],
  ["xlogy", 1.1, () => w.xlogy(x, x)],
  ["logProbNormal", 1.1, () => w.logProbNormal(x, 0, x)],
  ["a product of integers", 1.1, () => w.matmul(w.reshape(whole, [64, 64]), w.reshape(whole, [64, 64]))],
  ...Object.entries({
    ...{ celu: w.celu, elu: w.elu, glu: (t: Tensor) => w.glu(t), hardshrink: w.hardshrink, hardsigmoid: w.hardsigmoid },
    ...{ hardswish: w.hardswish, hardtanh: w.hardtanh, leakyRelu: w.leakyRelu, logSigmoid: w.logSigmoid },
    ...{ relu6: w.relu6, selu: w.selu, softshrink: w.softshrink, softsign: w.softsign, tanhshrink: w.tanhshrink },
  }).map(([name, f]): [string, number, () => unknown] => [name, 1.1, () => f(x)]),
])("%s leaves its result alone", (_, left, call) => {
  expect(taken(call).left).toBeLessThan(left);
});

const weight = w.parameter(x);

test.each<[string, number, () => unknown]>([
  ["leakyRelu", 1.1, () => w.noGrad(() => w.leakyRelu(weight))],
  ["sinc", 1.1, () => w.noGrad(() => w.sinc(weight))],
  ["mseLoss", 0.1, () => w.noGrad(() => w.mseLoss(weight, x))],
  ["isClose", 0.3, () => w.isClose(weight, x)],
  ["allClose", 0.1, () => w.allClose(weight, x)],
  ["signBit", 0.3, () => w.signBit(weight)],
  ["nonzero", 1.1, () => w.nonzero(weight)],
])("%s of what is tracked leaves its result alone where there is no graph", (_, left, call) => {
  expect(taken(call).left).toBeLessThan(left);
});
