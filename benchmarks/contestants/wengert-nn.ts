// The suite of networks in Wengert, as users write it.
import {
  add,
  compile,
  conv2d,
  crossEntropy,
  flatten,
  gelu,
  grad,
  layerNorm,
  linear,
  matmul,
  maxPool2d,
  parameter,
  relu,
  scaledDotProductAttention,
  scope,
  tensor,
  vjp,
  type Tensor,
} from "wengert";
import { SGD } from "wengert/optim";
import {
  CONVOLUTION,
  LEARNING_RATE,
  NETWORK_STEPS,
  noise,
  samplesOf,
  TRANSFORMER,
  type NetworkSetting,
} from "../problems.js";
import type { Work } from "../serve.js";

/** Numbers of a shape, about as large as 1 / √fan. */
function drawn(seed: number, shape: readonly number[], fan = 1): Float32Array<ArrayBuffer> {
  const size = shape.reduce((product, length) => product * length, 1);
  return Float32Array.from(noise(seed, size), (value) => value / Math.sqrt(fan));
}

/** A convolution, its adjoints, or a whole step of a network. */
export function nn({ work }: NetworkSetting): Work {
  return { ...works[work](), operations: 1 };
}

const works: Readonly<Record<NetworkSetting["work"], () => Work>> = {
  convolution: () => {
    const { x, w } = operands();
    return value(() => conv2d(x, w, null, { padding: 1 }));
  },
  "gradient by the image": () => {
    const { x, w, g } = operands();
    const [, pull] = vjp((z: Tensor) => conv2d(z, w, null, { padding: 1 }), x);
    return value(() => pull(g)[0]);
  },
  "gradient by the weight": () => {
    const { x, w, g } = operands();
    const [, pull] = vjp((z: Tensor) => conv2d(x, z, null, { padding: 1 }), w);
    return value(() => pull(g)[0]);
  },
  "cnn step": cnnStep,
  "transformer block": transformerBlock,
  "attention of 2048": () => {
    const [q, k, v] = [1, 2, 3].map((seed) => tensor(drawn(seed, [2048, 64]), { shape: [2048, 64] }));
    return value(() => scaledDotProductAttention(q!, k!, v!));
  },
};

function value(compute: () => Tensor): Work {
  return { run: () => scope(() => void compute()), check: () => scope(() => samplesOf(compute().data())) };
}

function operands(): { x: Tensor; w: Tensor; g: Tensor } {
  const { batch, channels, outputs, side } = CONVOLUTION;
  const make = (seed: number, shape: readonly number[]): Tensor => tensor(drawn(seed, shape), { shape });
  return {
    x: make(1, [batch, channels, side, side]),
    w: make(2, [outputs, channels, 3, 3]),
    g: make(3, [batch, outputs, side, side]),
  };
}

/** 1-8-16 channels, 3x3, padding 1, ReLU and 2x2 pooling after each; 784 to 10; cross-entropy, SGD; one compiled program. */
function cnnStep(): Work {
  const make = (seed: number, shape: readonly number[], fan: number): Tensor =>
    parameter(tensor(drawn(seed, shape, fan), { shape }));
  const parameters = {
    w1: make(1, [8, 1, 3, 3], 9),
    b1: make(2, [8], 9),
    w2: make(3, [16, 8, 3, 3], 72),
    b2: make(4, [16], 72),
    w3: make(5, [10, 784], 784),
    b3: make(6, [10], 784),
  };
  const { w1, b1, w2, b2, w3, b3 } = parameters;
  const images = tensor(drawn(7, [32, 1, 28, 28]), { shape: [32, 1, 28, 28] });
  const classes = tensor(Int32Array.from(noise(8, 32), (z) => Math.floor((z + 0.5) * 10)));
  const optimizer = new SGD(parameters, { lr: LEARNING_RATE });
  const step = compile((x: Tensor, y: Tensor): Tensor => {
    const first = maxPool2d(relu(conv2d(x, w1, b1, { padding: 1 })), 2);
    const second = maxPool2d(relu(conv2d(first, w2, b2, { padding: 1 })), 2);
    return optimizer.minimize(() => crossEntropy(linear(flatten(second, 1), w3, b3), y));
  });
  return {
    run: () => step(images, classes).dispose(),
    check: () => Array.from({ length: NETWORK_STEPS }, () => step(images, classes).item()).slice(-1),
  };
}

/** Pre-norm, causal attention, an MLP of four times the width with GELU; forward and backward, one compiled program. */
function transformerBlock(): Work {
  const { batch, positions, width, heads } = TRANSFORMER;
  const make = (seed: number, shape: readonly number[], fan: number): Tensor =>
    tensor(drawn(seed, shape, fan), { shape });
  const parameters = {
    scale1: tensor(new Float32Array(width).fill(1)),
    shift1: tensor(new Float32Array(width)),
    qkv: make(1, [3 * width, width], width),
    out: make(2, [width, width], width),
    scale2: tensor(new Float32Array(width).fill(1)),
    shift2: tensor(new Float32Array(width)),
    up: make(3, [4 * width, width], width),
    upBias: make(4, [4 * width], width),
    down: make(5, [width, 4 * width], 4 * width),
    downBias: make(6, [width], 4 * width),
  };
  const x = make(7, [batch, positions, width], 1);
  const block = (h: Tensor, p: typeof parameters): Tensor => {
    const z = layerNorm(h, width, { weight: p.scale1, bias: p.shift1 });
    const split = linear(z, p.qkv)
      .reshape([batch, positions, 3, heads, width / heads])
      .permute([2, 0, 3, 1, 4]);
    const [q, k, v] = [0, 1, 2].map((i) => split.slice(i)) as [Tensor, Tensor, Tensor];
    const mixed = scaledDotProductAttention(q, k, v, { isCausal: true });
    const attended = add(h, matmul(mixed.permute([0, 2, 1, 3]).reshape([batch, positions, width]), p.out.T));
    const normed = layerNorm(attended, width, { weight: p.scale2, bias: p.shift2 });
    return add(attended, linear(gelu(linear(normed, p.up, p.upBias)), p.down, p.downBias));
  };
  const gradient = compile(grad((h: Tensor, p: typeof parameters) => block(h, p).square().mean(), { argnums: [0, 1] }));
  return {
    run: () => scope(() => void gradient(x, parameters)),
    check: () => scope(() => samplesOf(gradient(x, parameters)[0].data())),
  };
}
