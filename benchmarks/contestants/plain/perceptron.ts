import { LAYERS, LEARNING_RATE, MOMENTUM, transpose, type stepData } from "../../problems.js";

const { inputs, hidden, outputs } = LAYERS;

/** The perceptron 784-128-10, its derivative written out by hand, without any allocation in a step. */
export class Perceptron {
  private readonly x: Float32Array;
  private readonly classes: Int32Array;
  /** Weights lie as [inputs, outputs]: then every inner loop runs along memory. */
  private readonly parameters: readonly [Float32Array, Float32Array, Float32Array, Float32Array];
  private readonly gradients: readonly [Float32Array, Float32Array, Float32Array, Float32Array];
  private readonly velocities: readonly Float32Array[];
  private readonly h: Float32Array;
  private readonly dh: Float32Array;
  private readonly z: Float32Array;

  constructor(
    data: ReturnType<typeof stepData>,
    private readonly batch: number,
  ) {
    this.x = data.x;
    this.classes = data.classes;
    this.parameters = [transpose(data.w1, hidden, inputs), data.b1, transpose(data.w2, outputs, hidden), data.b2];
    const [w1, b1, w2, b2] = this.parameters;
    this.gradients = [likewise(w1), likewise(b1), likewise(w2), likewise(b2)];
    this.velocities = this.parameters.map(likewise);
    this.h = new Float32Array(batch * hidden);
    this.dh = new Float32Array(batch * hidden);
    this.z = new Float32Array(batch * outputs);
  }

  /** One step on the batch. Returns the loss before it. */
  step(): number {
    const [w1, b1, w2, b2] = this.parameters;
    const [dw1, db1, dw2, db2] = this.gradients;
    const { batch, x, h, dh, z } = this;
    affine(h, x, w1, b1, batch, inputs, hidden);
    for (let i = 0; i < h.length; i++) if (h[i]! < 0) h[i] = 0;
    affine(z, h, w2, b2, batch, hidden, outputs);
    const loss = crossEntropy(z, this.classes, batch, outputs);
    pullAffine(dw2, db2, h, z, batch, hidden, outputs);
    pullInput(dh, z, w2, batch, hidden, outputs);
    for (let i = 0; i < h.length; i++) if (h[i]! <= 0) dh[i] = 0;
    pullAffine(dw1, db1, x, dh, batch, inputs, hidden);
    for (let i = 0; i < 4; i++) descend(this.parameters[i]!, this.gradients[i]!, this.velocities[i]!);
    return loss;
  }
}

function likewise(x: Float32Array): Float32Array {
  return new Float32Array(x.length);
}

/** y = x w + b. */
export function affine(
  y: Float32Array,
  x: Float32Array,
  w: Float32Array,
  b: Float32Array,
  rows: number,
  k: number,
  n: number,
): void {
  for (let i = 0; i < rows; i++) {
    y.set(b, i * n);
    for (let l = 0; l < k; l++) {
      const factor = x[i * k + l]!;
      for (let j = 0; j < n; j++) y[i * n + j]! += factor * w[l * n + j]!;
    }
  }
}

/** The adjoints of w and b: xᵀ g, and the sum of the rows of g. */
export function pullAffine(
  dw: Float32Array,
  db: Float32Array,
  x: Float32Array,
  g: Float32Array,
  rows: number,
  k: number,
  n: number,
): void {
  dw.fill(0);
  db.fill(0);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < n; j++) db[j]! += g[i * n + j]!;
    for (let l = 0; l < k; l++) {
      const factor = x[i * k + l]!;
      for (let j = 0; j < n; j++) dw[l * n + j]! += factor * g[i * n + j]!;
    }
  }
}

/** The adjoint of x: g wᵀ. */
export function pullInput(
  dx: Float32Array,
  g: Float32Array,
  w: Float32Array,
  rows: number,
  k: number,
  n: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let l = 0; l < k; l++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += g[i * n + j]! * w[l * n + j]!;
      dx[i * k + l] = sum;
    }
  }
}

/** The mean loss; scores become their adjoints, (softmax - target) / rows. */
export function crossEntropy(z: Float32Array, classes: Int32Array, rows: number, outputs: number): number {
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const at = i * outputs;
    let most = -Infinity;
    for (let j = 0; j < outputs; j++) most = Math.max(most, z[at + j]!);
    let total = 0;
    for (let j = 0; j < outputs; j++) total += Math.exp(z[at + j]! - most);
    loss += Math.log(total) + most - z[at + classes[i]!]!;
    for (let j = 0; j < outputs; j++) {
      z[at + j] = (Math.exp(z[at + j]! - most) / total - (j === classes[i] ? 1 : 0)) / rows;
    }
  }
  return loss / rows;
}

/** v ← μ v + g, p ← p - η v. */
function descend(p: Float32Array, g: Float32Array, v: Float32Array): void {
  for (let i = 0; i < p.length; i++) {
    v[i] = MOMENTUM * v[i]! + g[i]!;
    p[i]! -= LEARNING_RATE * v[i]!;
  }
}
