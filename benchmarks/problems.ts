// The problems that contestants solve, with the same numbers for all: peers/problems.py makes them in Python.

/** A matrix product [m, k] by [k, n]. A transposed operand lies in memory as its transpose. */
export interface MatmulSetting {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly dtype: "f32" | "f64";
}

/** A training step of the perceptron 784-128-10. */
export interface StepSetting {
  readonly batch: number;
}

export interface OverheadSetting {
  readonly tracked: boolean;
  /** Who frees the results: a scope, a call of dispose for each, or the garbage collector. */
  readonly owner: "scope" | "dispose" | "collector";
}

/**
 * A tape of one instruction, many times over, on n elements. The last three are [32, 16] by [16, 16], a sum over the first
 * axis of [n / 16, 16], and a step of gradient descent without momentum.
 */
export interface DispatchSetting {
  readonly op: "add" | "relu" | "copy" | "matmul" | "sum" | "sgd";
  readonly n: number;
}

/**
 * Work along an axis of a matrix of f32; topk is of `TOP` elements, cat with another matrix. searchsorted looks for each element in the
 * running sums of as many, cdist compares the rows with each other, and cross takes them for vectors.
 */
export interface IndexingSetting {
  readonly operation:
    | "cumsum"
    | "logcumsumexp"
    | "cat"
    | "gather"
    | "scatterAdd"
    | "scatter"
    | "sort"
    | "topk"
    | "searchsorted"
    | "cross"
    | "cdist";
  readonly rows: number;
  readonly columns: number;
  readonly axis: 0 | 1;
}

export const TOP = 10;
/** What the suite of rows measures, on a matrix or on as many elements. */
export const ROW_OPERATIONS = [
  ...["copy", "exp", "softmax", "logSoftmax", "crossEntropy", "crossEntropy gradient"],
  ...["layerNorm", "layerNorm gradient", "rmsNorm", "rmsNorm gradient", "sgd", "adam", "uniform", "normal"],
] as const;

export interface RowsSetting {
  readonly operation: string;
  readonly rows: number;
  readonly columns: number;
}

/** What compiled graphs are measured on: so many elements, or evaluations one after another. */
export interface CompileSetting {
  readonly operation: "lecture" | "lecture-batch" | "elem" | "chain";
  readonly n: number;
}

/** Three vectors of numbers on [1/2, 5/2). */
export function compileData(n: number) {
  const [x, y, z] = [11, 12, 13].map((seed) => Float32Array.from(noise(seed, n), (value) => 2 * value + 1.5));
  return { x: x!, y: y!, z: z! };
}

/** A matrix of numbers on [-8, 0), and a class for each row. */
export function rowsData({ rows, columns }: RowsSetting) {
  return {
    x: Float32Array.from(noise(7, rows * columns), (value) => 8 * value - 4),
    classes: Int32Array.from(noise(8, rows), (value) => Math.floor((value + 0.5) * columns)),
  };
}

/** What the suite of networks measures. */
export const NETWORK_WORKS = [
  ...(["convolution", "gradient by the image", "gradient by the weight"] as const),
  ...(["cnn step", "transformer block", "attention of 2048"] as const),
] as const;

export interface NetworkSetting {
  readonly work: (typeof NETWORK_WORKS)[number];
}

/** The convolution 3x3 with padding 1, of square images. */
export const CONVOLUTION = { batch: 32, channels: 8, outputs: 16, side: 28 };
export const TRANSFORMER = { batch: 8, positions: 64, width: 128, heads: 4 };
/** Steps of the convolutional network after which its loss is compared. */
export const NETWORK_STEPS = 5;

export const LAYERS = { inputs: 784, hidden: 128, outputs: 10 };
export const LEARNING_RATE = 0.1;
export const MOMENTUM = 0.9;
/** Steps after which contestants compare their losses. */
export const CHECKED_STEPS = 5;

/** Numbers uniform on [-1/2, 1/2) that depend on the seed and the position alone. */
export function noise(seed: number, length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => {
    let h = Math.imul(i + 1, 0x9e3779b1) + Math.imul(seed + 1, 0x85ebca77);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
    return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32 - 0.5;
  });
}

/** The operands of a product, dense, as they lie in memory. */
export function matmulData({ m, k, n, dtype }: MatmulSetting): {
  a: Float32Array | Float64Array;
  b: Float32Array | Float64Array;
} {
  const [a, b] = [noise(1, m * k), noise(2, k * n)];
  return dtype === "f64" ? { a, b } : { a: Float32Array.from(a), b: Float32Array.from(b) };
}

/** Places in a product that contestants compare: both ends and the middle. */
export function samplesOf(product: ArrayLike<number>): number[] {
  return [0, product.length >> 1, product.length - 1].map((i) => product[i]!);
}

/** A matrix, another, and for each element an index along the axis. */
export function indexingData({ rows, columns, axis }: IndexingSetting) {
  const length = axis === 0 ? rows : columns;
  return {
    x: Float32Array.from(noise(7, rows * columns)),
    y: Float32Array.from(noise(9, rows * columns)),
    index: Int32Array.from(noise(8, rows * columns), (value) => Math.floor((value + 0.5) * length)),
    // Evenly spaced, where the values of x are.
    sequence: Float32Array.from({ length: rows * columns }, (_, i) => i / (rows * columns) - 0.5),
  };
}

/** A batch of images and classes, and initial parameters. Weights are [outputs, inputs]. */
export function stepData({ batch }: StepSetting) {
  const { inputs, hidden, outputs } = LAYERS;
  const scaled = (seed: number, length: number, scale: number) => noise(seed, length).map((value) => value * scale);
  return {
    x: Float32Array.from(noise(3, batch * inputs)),
    classes: Int32Array.from(noise(4, batch), (value) => Math.floor((value + 0.5) * outputs)),
    w1: Float32Array.from(scaled(5, hidden * inputs, 2 / Math.sqrt(inputs))),
    b1: new Float32Array(hidden),
    w2: Float32Array.from(scaled(6, outputs * hidden, 2 / Math.sqrt(hidden))),
    b2: new Float32Array(outputs),
  };
}

/** The transpose of a matrix [rows, columns]. */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** What is differentiated in the benchmark of derivatives. */
export type DerivativeProblem =
  "hvp" | "jacobian 1000 to 3" | "jacobian 3 to 1000" | "examples, 32-32-1" | "examples, 32-64-10" | "checkpoint";
