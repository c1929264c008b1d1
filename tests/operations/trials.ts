// What the list of operations tries out where neither a kernel's samples nor the tests of composed functions have a case: an
// operation on small tensors of ones.
import * as w from "../../bindings/index.js";
import type { DTypeName, Tensor } from "../../bindings/index.js";
import * as nn from "../../bindings/nn/index.js";
import type { Composed, InputLike } from "../composed/reference.js";

export type Trial = Pick<Composed, "call" | "cases" | "arity" | "range" | "constant">;

/** Of tensors of these shapes. */
function on(shapes: readonly (readonly number[] | InputLike)[], call: Trial["call"], constant = false): Trial {
  return { call, cases: [shapes.map((given) => ("shape" in given ? given : { shape: given }))], constant };
}

/** Positions, all of them 0. */
const index = (...shape: number[]): InputLike => ({ shape, dtype: "i32" });
const constant = true;
const line = [4];
const matrix = [2, 2];
const signal = [1, 2, 4];
const image = [1, 2, 4, 4];

/** Of gates, states and weights of a recurrent cell of two units. */
const recurrent = (gates: number, states: number, input: readonly number[]): (readonly number[])[] => [
  input,
  ...Array.from({ length: states }, () => matrix),
  [2 * gates, 2],
  [2 * gates, 2],
];
const rows = [3, 2, 2];

/** What makes a tensor out of numbers, of a type that is asked for. */
export const made: Readonly<Record<string, (dtype: DTypeName) => Tensor>> = {
  arange: (dtype) => w.arange(3, { dtype }),
  eye: (dtype) => w.eye(2, { dtype }),
  full: (dtype) => w.full([2], 1, { dtype }),
  linspace: (dtype) => w.linspace(0, 1, 3, { dtype }),
  logspace: (dtype) => w.logspace(0, 1, 3, { dtype }),
  ones: (dtype) => w.ones([2], { dtype }),
  zeros: (dtype) => w.zeros([2], { dtype }),
  exponential: (dtype) => w.exponential([2], { dtype }),
  integers: (dtype) => w.integers(0, 2, [2], { dtype }),
  normal: (dtype) => w.normal([2], { dtype }),
  permutation: (dtype) => w.permutation(3, { dtype }),
  rand: (dtype) => w.rand([2], { dtype }),
  randn: (dtype) => w.randn([2], { dtype }),
  truncatedNormal: (dtype) => w.truncatedNormal([2], { dtype }),
  uniform: (dtype) => w.uniform([2], { dtype }),
  "nn.sinusoidalEncoding": (dtype) => nn.sinusoidalEncoding(2, 2, { dtype }),
};

export const trials: Readonly<Record<string, Trial>> = {
  fullLike: on([line], (x) => w.fullLike(x, 1), constant),
  oneHot: on([line], (x) => w.oneHot(x, 2), constant),
  onesLike: on([line], (x) => w.onesLike(x), constant),
  zerosLike: on([line], (x) => w.zerosLike(x), constant),
  bernoulli: on([line], (p) => w.bernoulli(p), constant),
  categorical: on([line], (x) => w.categorical(x), constant),
  dropout: on([line], (x) => w.dropout(x, 0.5, { generator: new w.Generator(0) })),
  gamma: on([line], (x) => w.gamma(x, undefined, { generator: new w.Generator(0) }), constant),
  randLike: on([line], (x) => w.randLike(x), constant),
  randnLike: on([line], (x) => w.randnLike(x), constant),

  polygamma: on([line], (x) => w.polygamma(1, x)),
  allClose: on([line, line], (x, y) => w.allClose(x, y), constant),
  all: on([line], (x) => w.all(x), constant),
  any: on([line], (x) => w.any(x), constant),
  mean: on([line], (x) => w.mean(x)),
  std: on([line], (x) => w.std(w.mul(x, [1, 2, 3, 4]))),
  variance: on([line], (x) => w.variance(x)),

  broadcastTensors: on([line, [2, 1]], (x, y) => w.add(...(w.broadcastTensors([x, y]) as [Tensor, Tensor]))),
  cat: on([line, line], (x, y) => w.cat([x, y])),
  diag: on([matrix], (x) => w.diag(x)),
  embedding: on([matrix, index(3)], (x, i) => w.embedding(x, i)),
  flatten: on([matrix], (x) => w.flatten(x)),
  flip: on([line], (x) => w.flip(x)),
  indexSelect: on([matrix, index(3)], (x, i) => w.indexSelect(x, 0, i)),
  narrow: on([line], (x) => w.narrow(x, 0, 1, 2)),
  pad: on([line], (x) => w.pad(x, 1)),
  select: on([line], (x) => w.select(x, 0, 1)),
  slice: on([line], (x) => w.slice(x, [1, 3])),
  squeeze: on([[1, 2]], (x) => w.squeeze(x)),
  stack: on([line, line], (x, y) => w.stack([x, y])),
  transpose: on([matrix], (x) => w.transpose(x)),
  unsqueeze: on([line], (x) => w.unsqueeze(x, 0)),

  nonzero: on([line], (x) => w.nonzero(x), constant),
  sort: on([line], (x) => w.sort(x).values),
  topk: on([line], (x) => w.topk(x, 2).values),
  unique: on([line], (x) => w.unique(x)),
  uniqueAll: on([line], (x) => w.uniqueAll(x).values),

  dot: on([line, line], (x, y) => w.dot(x, y)),
  "linalg.multiDot": on([matrix, matrix], (x, y) => w.linalg.multiDot([x, y])),
  "linalg.outer": on([line, line], (x, y) => w.linalg.outer(x, y)),
  "linalg.vecdot": on([line, line], (x, y) => w.linalg.vecdot(x, y)),
  outer: on([line, line], (x, y) => w.outer(x, y)),

  batchNorm: on([matrix], (x) => w.batchNorm(x, null, null, { training: true })),
  groupNorm: on([image], (x) => w.groupNorm(x, 1)),
  instanceNorm: on([image], (x) => w.instanceNorm(x)),
  layerNorm: on([matrix], (x) => w.layerNorm(x)),
  pairwiseDistance: on([matrix, matrix], (x, y) => w.pairwiseDistance(x, y)),
  rmsNorm: on([matrix], (x) => w.rmsNorm(x)),

  adaptiveAvgPool1d: on([signal], (x) => w.adaptiveAvgPool1d(x, 2)),
  adaptiveAvgPool2d: on([image], (x) => w.adaptiveAvgPool2d(x, 2)),
  adaptiveMaxPool1d: on([signal], (x) => w.adaptiveMaxPool1d(x, 2)),
  adaptiveMaxPool2d: on([image], (x) => w.adaptiveMaxPool2d(x, 2)),
  avgPool1d: on([signal], (x) => w.avgPool1d(x, 2)),
  avgPool2d: on([image], (x) => w.avgPool2d(x, 2)),
  conv1d: on([signal, [3, 2, 2]], (x, k) => w.conv1d(x, k)),
  conv2d: on([image, [3, 2, 2, 2]], (x, k) => w.conv2d(x, k)),
  convTranspose1d: on([signal, [2, 3, 2]], (x, k) => w.convTranspose1d(x, k)),
  convTranspose2d: on([image, [2, 3, 2, 2]], (x, k) => w.convTranspose2d(x, k)),
  fold: on([[1, 4, 4]], (x) => w.fold(x, 4, 2, { stride: 2 })),
  interpolate: on([image], (x) => w.interpolate(x, { scaleFactor: 2 })),
  maxPool1d: on([signal], (x) => w.maxPool1d(x, 2)),
  maxPool2d: on([image], (x) => w.maxPool2d(x, 2)),
  maxUnpool1d: on([signal], (x) => w.maxUnpool1d(x, w.arange(0, 8, 2).expand([1, 2, 4]), 2)),
  maxUnpool2d: on([[1, 1, 1, 2]], (x) => w.maxUnpool2d(x, w.tensor([[[[0, 2]]]], { dtype: "i32" }), 2)),
  unfold: on([image], (x) => w.unfold(x, 2)),

  "nn.gruCell": on(recurrent(3, 1, matrix), (x, h, a, b) => nn.gruCell(x, h, a, b)),
  "nn.gruSeq": on(recurrent(3, 1, rows), (x, h, a, b) => nn.gruSeq(x, h, a, b)[0]),
  "nn.lstmCell": on(recurrent(4, 2, matrix), (x, h, c, a, b) => nn.lstmCell(x, h, c, a, b)[0]),
  "nn.lstmSeq": on(recurrent(4, 2, rows), (x, h, c, a, b) => nn.lstmSeq(x, h, c, a, b)[0]),
  "nn.multiHeadAttention": on([rows, [6, 2], matrix], (x, inProjWeight, outProjWeight) =>
    nn.multiHeadAttention(x, x, x, { numHeads: 1, inProjWeight, outProjWeight }),
  ),
  "nn.rnnReluCell": on(recurrent(1, 1, matrix), (x, h, a, b) => nn.rnnReluCell(x, h, a, b)),
  "nn.rnnReluSeq": on(recurrent(1, 1, rows), (x, h, a, b) => nn.rnnReluSeq(x, h, a, b)[0]),
  "nn.rnnTanhCell": on(recurrent(1, 1, matrix), (x, h, a, b) => nn.rnnTanhCell(x, h, a, b)),
  "nn.rnnTanhSeq": on(recurrent(1, 1, rows), (x, h, a, b) => nn.rnnTanhSeq(x, h, a, b)[0]),
  "nn.rotaryEmbedding": on([rows], (x) => nn.rotaryEmbedding(x)),
  scaledDotProductAttention: on([rows, rows, rows], (q, k, v) => w.scaledDotProductAttention(q, k, v)),

  cosineEmbeddingLoss: on([matrix, matrix, [2]], (x, y, target) => w.cosineEmbeddingLoss(x, y, target)),
  mseLoss: on([line, line], (x, y) => w.mseLoss(x, y)),
};
