// Options that nobody reads are mistakes: of spelling, mostly, or of memory.
import { expect, test } from "vitest";
import { ones, ValueError, type WengertError } from "../bindings/index.js";
import {
  DataLoader,
  Dataset,
  parseCsv,
  precisionRecallF1,
  Vocabulary,
  WeightedSampler,
} from "../bindings/data/index.js";
import {
  formatNpy,
  formatSafetensors,
  loadCheckpoint,
  parseNpy,
  parseSafetensors,
  readNpz,
} from "../bindings/io/index.js";
import * as nn from "../bindings/nn/index.js";
import * as optim from "../bindings/optim/index.js";
import { wrong } from "./support/refusal.js";

const odd = wrong({ oddOption: 1 });
const model = new nn.Linear(2, 2);
const parameters = model.parameters();
const optimizer = new optim.SGD(parameters, { lr: 0.1, momentum: 0.9 });
const { LBFGS, SGD, Adam, AdamW, NAdam, RAdam, Adagrad, Adadelta, RMSprop, Adamax, Lion } = optim;
const methods = { LBFGS, SGD, Adam, AdamW, NAdam, RAdam, Adagrad, Adadelta, RMSprop, Adamax, Lion };
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
  LSTM: () => new nn.LSTM(2, 2, odd),
  RNNCell: () => new nn.RNNCell(2, 2, odd),
  MultiheadAttention: () => new nn.MultiheadAttention(4, 2, odd),
  TransformerEncoderLayer: () => new nn.TransformerEncoderLayer(4, 2, odd),
  TransformerDecoderLayer: () => new nn.TransformerDecoderLayer(4, 2, odd),
};
const others: Record<string, () => unknown> = {
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
  expect(() => new SGD(parameters, wrong(0.1))).toThrow(/SGD: expected an object with options, got 0.1/);
});
