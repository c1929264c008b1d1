import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  compile,
  configure,
  conv2d,
  crossEntropy,
  Generator,
  gelu,
  info,
  layerNorm,
  linear,
  maxPool2d,
  parameter,
  relu,
  scaledDotProductAttention,
  shutdown,
  tensor,
  type Tensor,
  type Variable,
} from "../../bindings/index.js";
import { Adam, SGD, type Optimizer } from "../../bindings/optim/index.js";
import { bitsOf, differs, jobs, untilReady } from "./support.js";

/** A model before its training: what it learns, and its loss. */
interface Model {
  readonly parameters: Readonly<Record<string, Variable>>;
  readonly optimizer: Optimizer;
  loss(x: Tensor, y: Tensor): Tensor;
}

const generator = new Generator(3);
const images = generator.normal([12, 1, 12, 12]);
const classes = tensor(Int32Array.from({ length: 12 }, (_, i) => i % 10));

/** Parameters that are the same each time. */
function drawn(shapes: Readonly<Record<string, readonly number[]>>): Record<string, Variable> {
  const seeded = new Generator(5);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, parameter(seeded.normal([...shape], { std: 0.2 }))]),
  );
}

const models: Readonly<Record<string, () => Model>> = {
  perceptron: () => {
    const parameters = drawn({ w1: [33, 144], b1: [33], w2: [10, 33], b2: [10] });
    const { w1, b1, w2, b2 } = parameters as Record<string, Tensor>;
    const loss = (x: Tensor, y: Tensor) =>
      crossEntropy(linear(linear(x.reshape([12, 144]), w1!, b1).tanh(), w2!, b2), y);
    return { parameters, optimizer: new SGD(parameters, { lr: 0.1, momentum: 0.9 }), loss };
  },
  convolutions: () => {
    const parameters = drawn({ w1: [8, 1, 3, 3], b1: [8], w2: [12, 8, 3, 3], w3: [10, 108] });
    const { w1, b1, w2, w3 } = parameters as Record<string, Tensor>;
    const loss = (x: Tensor, y: Tensor) => {
      const first = maxPool2d(relu(conv2d(x, w1!, b1, { padding: 1 })), 2);
      const second = maxPool2d(relu(conv2d(first, w2!, null, { padding: 1 })), 2);
      return crossEntropy(linear(second.reshape([12, 108]), w3!), y);
    };
    return { parameters, optimizer: new SGD(parameters, { lr: 0.1 }), loss };
  },
  transformer: () => {
    const parameters = drawn({ qkv: [36, 12], up: [24, 12], down: [12, 24], scale: [12], shift: [12], out: [10, 144] });
    const { qkv, up, down, scale, shift, out } = parameters as Record<string, Tensor>;
    const loss = (x: Tensor, y: Tensor) => {
      const h = layerNorm(x.reshape([12, 12, 12]), 12, { weight: scale!, bias: shift! });
      const split = linear(h, qkv!).reshape([12, 12, 3, 2, 6]).permute([2, 0, 3, 1, 4]);
      const [q, k, v] = [0, 1, 2].map((i) => split.slice(i)) as [Tensor, Tensor, Tensor];
      const mixed = scaledDotProductAttention(q, k, v, { isCausal: true }).permute([0, 2, 1, 3]).reshape([12, 12, 12]);
      const z = mixed.add(linear(gelu(linear(mixed, up!)), down!));
      return crossEntropy(linear(z.reshape([12, 144]), out!), y);
    };
    return { parameters, optimizer: new Adam(parameters, { lr: 0.01 }), loss };
  },
};

/** Trains some steps, eagerly and compiled, on so many threads: the losses and parameters of both. */
function trained(make: () => Model, threads: number): Uint8Array[] {
  configure({ threads });
  return [false, true].flatMap((compiled) => {
    const { parameters, optimizer, loss } = make();
    const eager = (x: Tensor, y: Tensor): Tensor => optimizer.minimize(() => loss(x, y));
    const step = compiled ? compile(eager) : eager;
    const losses = Array.from({ length: 3 }, () => step(images, classes));
    return bitsOf([...losses, ...Object.values(parameters)]);
  });
}

describe.runIf(info().shared)("one, two and three threads train to the same bits", () => {
  beforeAll(() => untilReady(3));

  afterAll(async () => {
    configure({ threads: 1, splitAbove: 10_000 });
    await shutdown();
  });

  test.each(Object.entries(models))("a model of %s", (_, make) => {
    const one = trained(make, 1);
    const before = jobs();
    expect(differs(one, trained(make, 2))).toBe(false);
    expect(differs(one, trained(make, 3))).toBe(false);
    expect(jobs() - before).toBeGreaterThan(100);
  });
});
