import { expect, test } from "vitest";
import * as w from "../../bindings/index.js";
import { ones, ValueError, type Tensor } from "../../bindings/index.js";
import { wrong } from "../support/refusal.js";

// Options that nobody reads are mistakes, and null is none.

const x = ones([1, 2, 4, 4]);
const line = ones([1, 2, 4]);
const vector = ones([4]);
type Given = (options: never) => unknown;
const functions: Record<string, Given> = {
  conv1d: (o) => w.conv1d(line, ones([2, 2, 1]), null, o),
  conv2d: (o) => w.conv2d(x, ones([2, 2, 1, 1]), null, o),
  convTranspose1d: (o) => w.convTranspose1d(line, ones([2, 2, 1]), null, o),
  convTranspose2d: (o) => w.convTranspose2d(x, ones([2, 2, 1, 1]), null, o),
  maxPool1d: (o) => w.maxPool1d(line, 2, o),
  maxPool2d: (o) => w.maxPool2d(x, 2, o),
  avgPool1d: (o) => w.avgPool1d(line, 2, o),
  avgPool2d: (o) => w.avgPool2d(x, 2, o),
  adaptiveMaxPool2d: (o) => w.adaptiveMaxPool2d(x, 2, o),
  unfold: (o) => w.unfold(x, 2, o),
  fold: (o) => w.fold(ones([1, 4, 4]), 3, 2, o),
  interpolate: (o) => w.interpolate(x, o),
  sort: (o) => w.sort(vector, 0, o),
  argsort: (o) => w.argsort(vector, 0, o),
  topk: (o) => w.topk(vector, 1, 0, o),
  median: (o) => w.median(vector, 0, o),
  kthvalue: (o) => w.kthvalue(vector, 1, 0, o),
  quantile: (o) => w.quantile(vector, 0.5, 0, o),
  embedding: (o) => w.embedding(ones([2, 2]), [0], o),
  searchsorted: (o) => w.searchsorted(vector, vector, o),
  bucketize: (o) => w.bucketize(vector, vector, o),
  pad: (o) => w.pad(vector, 1, o),
  dropout: (o) => w.dropout(vector, 0.5, o),
  layerNorm: (o) => w.layerNorm(vector, 4, o),
  rmsNorm: (o) => w.rmsNorm(vector, 4, o),
  batchNorm: (o) => w.batchNorm(x, ones([2]), ones([2]), o),
  groupNorm: (o) => w.groupNorm(x, 1, o),
  instanceNorm: (o) => w.instanceNorm(x, o),
  scaledDotProductAttention: (o) => w.scaledDotProductAttention(line, line, line, o),
  rand: (o) => w.rand([2], o),
  randn: (o) => w.randn([2], o),
  uniform: (o) => w.uniform([2], o),
  normal: (o) => w.normal([2], o),
  randLike: (o) => w.randLike(vector, o),
  integers: (o) => w.integers(0, 2, [2], o),
  permutation: (o) => w.permutation(3, o),
  bernoulli: (o) => w.bernoulli(0.5, [2], o),
  truncatedNormal: (o) => w.truncatedNormal([2], o),
  exponential: (o) => w.exponential([2], o),
  gamma: (o) => w.gamma(1, [2], o),
  categorical: (o) => w.categorical(vector, o),
};

test.each(Object.entries(functions))("%s refuses options that it does not know, and null", (_, run) => {
  expect(() => run(wrong({ oddOption: 1 }))).toThrow(ValueError);
  expect(() => run(wrong({ oddOption: 1 }))).toThrow(/oddOption/);
  expect(() => run(wrong(null))).toThrow(ValueError);
});

test("the names that masks have elsewhere are not taken for none", () => {
  const attend = (options: object): Tensor => w.scaledDotProductAttention(line, line, line, options);
  expect(() => attend({ mask: ones([2, 2]) })).toThrow(/one of the options attnMask, isCausal/);
});
