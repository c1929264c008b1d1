// Options that nobody reads are mistakes: of spelling, mostly, or of memory.
import { expect, test } from "vitest";
import { Generator, ones, parameter, ValueError, type Tensor, type WengertError } from "../bindings/index.js";
import {
  DataLoader,
  Dataset,
  decodeImage,
  randomCrop,
  randomFlip,
  randomShift,
  Stream,
  parseCsv,
  precisionRecallF1,
  Vocabulary,
  WeightedSampler,
} from "../bindings/data/index.js";
import {
  formatNpy,
  formatNpz,
  formatSafetensors,
  loadCheckpoint,
  parseNpy,
  parseSafetensors,
  readBytes,
  readNpz,
} from "../bindings/io/index.js";
import * as nn from "../bindings/nn/index.js";
import * as optim from "../bindings/optim/index.js";
import { graphOf, trace } from "../bindings/viz/index.js";
import { wrong } from "./support/refusal.js";

const odd = wrong({ oddOption: 1 });
const model = new nn.Linear(2, 2);
const parameters = model.parameters();
const optimizer = new optim.SGD(parameters, { lr: 0.1, momentum: 0.9 });
const { LBFGS, SGD, Adam, AdamW, ASGD, NAdam, RAdam, Adagrad, Adadelta, RMSprop, Rprop, Adamax, Lion } = optim;
const methods = { LBFGS, SGD, Adam, AdamW, ASGD, NAdam, RAdam, Adagrad, Adadelta, RMSprop, Rprop, Adamax, Lion };
const { StepLR, MultiStepLR, ExponentialLR, ConstantLR, LinearLR, PolynomialLR, CosineAnnealingLR } = optim;
const { CosineAnnealingWarmRestarts, WarmupCosine, CyclicLR, OneCycleLR, ReduceLROnPlateau } = optim;
const schedules = { StepLR, MultiStepLR, ExponentialLR, ConstantLR, LinearLR, PolynomialLR, CosineAnnealingLR, CosineAnnealingWarmRestarts, WarmupCosine, CyclicLR, OneCycleLR, ReduceLROnPlateau }; // prettier-ignore
const layers: Record<string, () => unknown> = {
  Linear: () => new nn.Linear(2, 2, odd),
  Bilinear: () => new nn.Bilinear(2, 2, 2, odd),
  Embedding: () => new nn.Embedding(2, 2, odd),
  Conv1d: () => new nn.Conv1d(1, 1, 3, odd),
  ConvTranspose2d: () => new nn.ConvTranspose2d(1, 1, 3, odd),
  MaxPool2d: () => new nn.MaxPool2d(2, odd),
  AvgPool1d: () => new nn.AvgPool1d(2, odd),
  BatchNorm2d: () => new nn.BatchNorm2d(2, odd),
  InstanceNorm1d: () => new nn.InstanceNorm1d(2, odd),
  GroupNorm: () => new nn.GroupNorm(1, 2, odd),
  LayerNorm: () => new nn.LayerNorm(2, odd),
  RMSNorm: () => new nn.RMSNorm(2, odd),
  Dropout: () => new nn.Dropout(0.1, odd),
  LeakyReLU: () => new nn.LeakyReLU(odd),
  PReLU: () => new nn.PReLU(1, odd),
  ELU: () => new nn.ELU(odd),
  CELU: () => new nn.CELU(odd),
  GELU: () => new nn.GELU(odd),
  Hardtanh: () => new nn.Hardtanh(odd),
  Hardshrink: () => new nn.Hardshrink(odd),
  Softshrink: () => new nn.Softshrink(odd),
  MSELoss: () => new nn.MSELoss(odd),
  L1Loss: () => new nn.L1Loss(odd),
  HuberLoss: () => new nn.HuberLoss(odd),
  SmoothL1Loss: () => new nn.SmoothL1Loss(odd),
  CrossEntropyLoss: () => new nn.CrossEntropyLoss(odd),
  NLLLoss: () => new nn.NLLLoss(odd),
  BCELoss: () => new nn.BCELoss(odd),
  BCEWithLogitsLoss: () => new nn.BCEWithLogitsLoss(odd),
  KLDivLoss: () => new nn.KLDivLoss(odd),
  Residual: () => new nn.Residual(new nn.Identity(), odd),
  SinusoidalEncoding: () => new nn.SinusoidalEncoding(odd),
  RotaryEmbedding: () => new nn.RotaryEmbedding(odd),
  LSTM: () => new nn.LSTM(2, 2, odd),
  RNNCell: () => new nn.RNNCell(2, 2, odd),
  MultiheadAttention: () => new nn.MultiheadAttention(4, 2, odd),
  TransformerEncoderLayer: () => new nn.TransformerEncoderLayer(4, 2, odd),
  TransformerDecoderLayer: () => new nn.TransformerDecoderLayer(4, 2, odd),
};
const x = ones([2, 4]);
const initials: Record<string, () => unknown> = {
  uniform: () => nn.init.uniform([2, 2], odd),
  normal: () => nn.init.normal([2, 2], odd),
  truncNormal: () => nn.init.truncNormal([2, 2], odd),
  constant: () => nn.init.constant([2, 2], wrong({ val: 1, oddOption: 1 })),
  zeros: () => nn.init.zeros([2, 2], odd),
  ones: () => nn.init.ones([2, 2], odd),
  eye: () => nn.init.eye([2, 2], odd),
  dirac: () => nn.init.dirac([2, 2, 3], odd),
  xavierUniform: () => nn.init.xavierUniform([2, 2], odd),
  xavierNormal: () => nn.init.xavierNormal([2, 2], odd),
  kaimingUniform: () => nn.init.kaimingUniform([2, 2], odd),
  kaimingNormal: () => nn.init.kaimingNormal([2, 2], odd),
  orthogonal: () => nn.init.orthogonal([2, 2], odd),
  sparse: () => nn.init.sparse([2, 2], wrong({ sparsity: 0.5, oddOption: 1 })),
};
const functions: Record<string, () => unknown> = {
  multiHeadAttention: () => nn.multiHeadAttention(x, x, x, odd),
  sinusoidalEncoding: () => nn.sinusoidalEncoding(2, 4, odd),
  rotaryEmbedding: () => nn.rotaryEmbedding(x, odd),
  "Linear.loadStateDict": () => model.loadStateDict(model.stateDict(), odd),
  gradNorm: () => optim.gradNorm(parameters, odd),
  clipGradNorm: () => optim.clipGradNorm(parameters, 1, odd),
};
const others: Record<string, () => unknown> = {
  randomFlip: () => randomFlip(ones([1, 2, 2]), odd),
  randomCrop: () => randomCrop(ones([1, 2, 2]), [1, 1], odd),
  randomShift: () => randomShift(ones([1, 2, 2]), 1, odd),
  decodeImage: () => decodeImage(new Uint8Array(0), odd),
  readBytes: () => readBytes(new Uint8Array(0), odd),
  formatNpz: () => formatNpz({}, odd),
  fit: () => optim.fit(model, odd),
  ExponentialMovingAverage: () => new optim.ExponentialMovingAverage(parameters, odd),
  EarlyStopping: () => new optim.EarlyStopping(odd),
  DataLoader: () => new DataLoader(ones([2]), odd),
  WeightedSampler: () => new WeightedSampler([1], odd),
  split: () => Dataset.from([1]).split([1], odd),
  batch: () => Dataset.from([1]).batch(1, odd),
  parseCsv: () => parseCsv("a", odd),
  Vocabulary: () => new Vocabulary("a", odd),
  precisionRecallF1: () => precisionRecallF1([1], [1], odd),
  parseSafetensors: () => parseSafetensors(new Uint8Array(0), odd),
  formatSafetensors: () => formatSafetensors({}, odd),
  parseNpy: () => parseNpy(new Uint8Array(0), odd),
  formatNpy: () => formatNpy(ones([1]), odd),
  readNpz: () => readNpz(new Uint8Array(0), odd),
  loadCheckpoint: () => loadCheckpoint(new Uint8Array(0), {}, odd),
};

/** What a call throws, at once or later. */
async function thrown(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

const calls = {
  ...Object.fromEntries(Object.entries(methods).map(([name, Method]) => [name, () => new Method(parameters, odd)])),
  ...Object.fromEntries(
    Object.entries(schedules).map(([name, Schedule]) => [name, () => new Schedule(optimizer, odd)]),
  ),
  ...layers,
  ...initials,
  ...functions,
  ...others,
};

test.each(Object.entries(calls))("%s refuses an option that it does not know", async (name, call) => {
  const error = await thrown(call);
  expect(error).toBeInstanceOf(ValueError);
  const { operation, expected, got } = error as WengertError;
  expect([operation, got.split(";")[0]]).toEqual([name, "oddOption"]);
  expect(expected).toMatch(/^one of the options \w+/);
});

test("the known option that is most alike is named, also of groups; what is no object is refused", () => {
  expect(() => new SGD(parameters, wrong({ weight_decay: 1 }))).toThrow(/got weight_decay; is weightDecay meant\?/);
  expect(() => new Adam([{ params: parameters, learningRat: 1 }])).toThrow(/got learningRat; is \w+ meant\?/);
  expect(() => new nn.Linear(2, 2, wrong({ bais: false }))).toThrow(/Linear: .* got bais; is bias meant\?/);
  for (const name of ["learningRate", "learning_rate"])
    expect(() => new SGD(parameters, wrong({ [name]: 1 }))).toThrow(new RegExp(`got ${name}; is lr meant\\?$`));
  expect(() => new SGD(parameters, wrong({ schedule: 1 }))).toThrow(/got schedule$/);
  expect(() => new SGD(parameters, wrong(0.1))).toThrow(/SGD: expected an object with options, got 0.1/);
});

test("methods refuse null, and what they do not know", () => {
  const seen = graphOf((t: Tensor) => t.mul(2), 1);
  const steps = trace((t: Tensor) => t.mul(2), 1);
  const generator = new Generator(1);
  const attention = new nn.MultiheadAttention(4, 2);
  const methods: Record<string, (options: never) => unknown> = {
    uniform: (o) => generator.uniform([2], o),
    normal: (o) => generator.normal([2], o),
    loadStateDict: (o) => model.loadStateDict(model.stateDict(), o),
    split: (o) => Dataset.from([1]).split([1], o),
    batch: (o) => Dataset.from([1]).batch(1, o),
    "batch of a stream": (o) => Stream.from([1]).batch(1, o),
    masks: (o) => attention(x, x, x, o),
    drawn: (o) => seen.drawn(o),
    toDot: (o) => seen.toDot(o),
    toMermaid: (o) => seen.toMermaid(o),
    toTable: (o) => steps.toString(o),
    toMarkdown: (o) => steps.toMarkdown(o),
    sum: (o) => x.sum(0, o),
    backward: (o) => parameter(1).mul(2).backward(o),
  };
  for (const [name, call] of Object.entries(methods)) {
    expect(() => call(wrong(null)), name).toThrow(/expected an object with options, got null$/);
    expect(() => call(odd), name).toThrow(/expected one of the options .*, got oddOption/);
  }
});

test("batches of a stream, and masks of attention, are no place for other options", () => {
  expect(() => Stream.from([1]).batch(1, odd)).toThrow(/batch: .* got oddOption/);
  const attention = new nn.MultiheadAttention(4, 2);
  const encoder = new nn.TransformerEncoderLayer(4, 2);
  const decoder = new nn.TransformerDecoderLayer(4, 2);
  const mask = ones([2, 2]).cast("bool");
  expect(() => attention(x, x, x, wrong({ attn_mask: mask }))).toThrow(/got attn_mask; is attnMask meant\?/);
  expect(() => encoder(x, wrong({ srcMask: mask }))).toThrow(/MultiheadAttention: .* got srcMask/);
  expect(() => encoder(x, wrong(mask))).toThrow(ValueError);
  expect(() => decoder(x, x, wrong({ isCausal: true }))).toThrow(/TransformerDecoderLayer: .* got isCausal/);
  expect(() => new nn.TransformerEncoderLayer(4, 2, wrong({ activation: "swish" }))).toThrow(/"relu", "gelu" .* swish/);
});
