/**
 * Wengert: differentiable array programming. Tensors and their operations, automatic differentiation, memory.
 *
 * @packageDocumentation
 */
import "./methods.js";

export * from "./errors.js";
export { backward, type BackwardOptions } from "./autodiff/backward.js";
export { grad, valueAndGrad, type Differentiable, type Gradient, type GradOptions } from "./autodiff/grad.js";
export { configure, info, memory, type ConfigureOptions, type Info, type MemoryFigures } from "./configure.js";
export { data, item, read, toArray } from "./core/access.js";
export { assign } from "./core/assign.js";
export { parameter, tensor, variable, type NestedArray, type TensorLike, type TensorOptions } from "./core/create.js";
export type { DTypeName, TypedArray } from "./core/dtype.js";
export { Tensor } from "./core/graph.js";
export { dispose, keep, scope, type OpenScope } from "./core/scopes.js";
export type { Shape } from "./core/shape.js";
export { noGrad } from "./core/tracking.js";
export { Variable } from "./core/variable.js";
export { dot, linear, mean, outer } from "./functions/algebra.js";
export {
  arange,
  eye,
  full,
  linspace,
  oneHot,
  ones,
  onesLike,
  zeros,
  zerosLike,
  type CreationOptions,
} from "./functions/creation.js";
export {
  crossEntropy,
  mseLoss,
  type CrossEntropyOptions,
  type LossOptions,
  type LossReduction,
} from "./functions/losses.js";
export {
  cat,
  embedding,
  flatten,
  flip,
  indexSelect,
  slice,
  squeeze,
  stack,
  transpose,
  unsqueeze,
  type SliceIndex,
} from "./functions/movement.js";
export { all, any, std, variance, variance as var, type VarianceOptions } from "./functions/statistics.js";
export { defaultGenerator, Generator, seed } from "./functions/random.js";
export { add, div, eq, ge, gt, le, lt, maximum, minimum, mul, ne, sub, where } from "./primitives/arithmetic.js";
export { matmul } from "./primitives/contraction.js";
export {
  abs,
  cos,
  exp,
  log,
  neg,
  reciprocal,
  relu,
  sigmoid,
  sign,
  sin,
  sqrt,
  square,
  tanh,
} from "./primitives/elementwise.js";
export { cast, copy, detach, expand, permute, reshape } from "./primitives/movement.js";
export { type ReduceOptions } from "./primitives/reduce.js";
export { argMax, argMin, max, min, prod, sum } from "./primitives/reduction.js";
export { logSoftmax, logsumexp, softmax } from "./primitives/rows.js";
