/**
 * Wengert: differentiable array programming. Tensors and their operations, automatic differentiation, memory.
 *
 * @module wengert
 */
import "./methods.js";

export * from "./errors.js";
export { backward, type BackwardOptions } from "./autodiff/backward.js";
export type { Differentiable, Differentiables, Gradient } from "./autodiff/calls/arguments.js";
export { checkGradients, type CheckOptions, type Difference, type GradientCheck } from "./autodiff/check.js";
export { checkpoint } from "./autodiff/checkpoint.js";
export { customGradient, type CustomRules, type CustomValues } from "./autodiff/custom.js";
export { registerHook, retainGrad } from "./autodiff/hooks.js";
export { grad, valueAndGrad, type GradOptions } from "./autodiff/grad.js";
export { hessian, hvp, jacobian, laplacian, type Jacobian, type JacobianOptions } from "./autodiff/jacobian.js";
export { numericalGradient, numericalHessian, numericalJacobian, type NumericalOptions } from "./autodiff/numerical.js";
export { jvp, linearize, type Linearized } from "./autodiff/jvp.js";
export { vjp, type Pulled } from "./autodiff/vjp.js";
export { vmap, type Axes, type Examples, type VmapOptions } from "./autodiff/vmap.js";
export { cond } from "./compile/control/cond.js";
export { scan, type LoopOptions } from "./compile/control/scan.js";
export type { Condition } from "./compile/control/truth.js";
export { whileLoop, type WhileOptions } from "./compile/control/while.js";
export type { CompileOptions } from "./compile/cache.js";
export {
  compile,
  load,
  type BoundProgram,
  type LoadedProgram,
  type LoadOptions,
  type Program,
  type ProgramArgument,
} from "./compile/program.js";
export type { ExplainOptions } from "./compile/show/explain.js";
export { configure, info, memory, type ConfigureOptions, type Info, type MemoryFigures } from "./configure.js";
export { shutdown } from "./runtime/threads.js";
export { data, item, read, toArray } from "./core/values/access.js";
export { assign } from "./core/values/assign.js";
export {
  parameter,
  tensor,
  variable,
  type NestedArray,
  type TensorLike,
  type TensorOptions,
  type VariableOptions,
} from "./core/values/create.js";
export type { DTypeName, ElementArray, TypedArray } from "./core/dtype.js";
export { Tensor, type Hook } from "./core/graph.js";
export { dispose, keep, scope, type OpenScope } from "./core/running/scopes.js";
export type { Shape } from "./core/shape.js";
export { name } from "./core/running/names.js";
export { noGrad } from "./core/running/tracking.js";
export { Variable } from "./core/variable.js";
export {
  celu,
  elu,
  glu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  logSigmoid as logsigmoid,
  prelu,
  relu6,
  selu,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
  type HardtanhOptions,
} from "./functions/elementwise/activations.js";
export {
  add,
  div,
  round,
  softplus,
  sub,
  type AlphaOptions,
  type DivOptions,
  type RoundOptions,
  type SoftplusOptions,
} from "./functions/elementwise/arithmetic.js";
export {
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  type ConvOptions,
  type ConvTransposeOptions,
} from "./functions/images/convolution.js";
export { scaledDotProductAttention, type AttentionOptions } from "./functions/attention.js";
export {
  batchNorm,
  groupNorm,
  instanceNorm,
  type BatchNormOptions,
  type GroupNormOptions,
} from "./functions/norms/batch-norm.js";
export { interpolate, type InterpolateOptions } from "./functions/images/interpolate.js";
export { fold, unfold, type UnfoldOptions } from "./functions/images/unfold.js";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  type OutputSize,
} from "./functions/images/adaptive-pooling.js";
export type { Placing, Pooled } from "./functions/images/planes.js";
export {
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
  maxUnpool1d,
  maxUnpool2d,
  type AvgPoolOptions,
  type MaxPoolOptions,
  type PoolOptions,
  type UnpoolOptions,
} from "./functions/images/pooling.js";
export type { PerAxis } from "./functions/images/window.js";
export {
  arange,
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  linspace,
  logspace,
  oneHot,
  ones,
  onesLike,
  zeros,
  zerosLike,
  type CreationOptions,
} from "./functions/creation.js";
export {
  addcdiv,
  addcmul,
  bitwiseNot,
  clamp,
  clip,
  copysign,
  floorDivide,
  fmax,
  fmin,
  frac,
  heaviside,
  lerp,
  logaddexp,
  logaddexp2,
  logit,
  nanToNum,
  remainder,
  sinc,
  xlogy,
  type NanToNumOptions,
} from "./functions/elementwise/elementwise.js";
export {
  allClose,
  isClose,
  isFinite,
  isInf,
  isNaN,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  signBit,
  type ClosenessOptions,
} from "./functions/elementwise/logic.js";
export {
  bernoulli,
  categorical,
  exponential,
  gamma,
  integers,
  normal,
  permutation,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
  truncatedNormal,
  uniform,
  type CategoricalOptions,
  type DrawOptions,
  type TruncatedNormalOptions,
} from "./functions/random/draws.js";
export {
  cdist,
  cosineSimilarity,
  normalize,
  pairwiseDistance,
  type NormalizeOptions,
} from "./functions/norms/distance.js";
export { einsum } from "./functions/products/einsum.js";
export * as linalg from "./functions/linalg/index.js";
export { det, inv as inverse, logdet, slogdet } from "./functions/linalg/systems.js";
export { matrixExp, matrixPower } from "./functions/linalg/powers.js";
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  hingeLoss,
  klDiv,
  sigmoidFocalLoss,
  type BinaryLogitsOptions,
  type BinaryOptions,
  type FocalOptions,
  type KlOptions,
} from "./functions/losses/binary.js";
export { crossEntropy, nllLoss, type CrossEntropyOptions, type NllOptions } from "./functions/losses/cross-entropy.js";
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  tripletMarginLoss,
  type MarginOptions,
  type TripletOptions,
} from "./functions/losses/ranking.js";
export type { LossOptions, LossReduction } from "./functions/losses/reduce.js";
export {
  gaussianNllLoss,
  huberLoss,
  l1Loss,
  logProbNormal,
  mseLoss,
  poissonNllLoss,
  smoothL1Loss,
  type GaussianNllOptions,
  type PoissonNllOptions,
} from "./functions/losses/regression.js";
export {
  addmm,
  addmv,
  baddbmm,
  bilinear,
  bmm,
  cross,
  dot,
  inner,
  kron,
  mm,
  mv,
  outer,
  tensordot,
  vecdot,
  type AddmmOptions,
} from "./functions/products/products.js";
export { indexAdd, indexFill, scatter, segmentMean, segmentSum, sliceAssign } from "./functions/indexing/update.js";
export {
  cat,
  concat,
  embedding,
  type EmbeddingOptions,
  flatten,
  flip,
  indexSelect,
  squeeze,
  stack,
  transpose,
  unsqueeze,
} from "./functions/shapes/movement.js";
export {
  broadcastTensors,
  broadcastTo,
  meshgrid,
  moveAxis,
  moveAxis as moveaxis,
  movedim,
  pixelShuffle,
  pixelUnshuffle,
  repeat,
  repeatInterleave,
  roll,
  rot90,
  swapAxes,
  tile,
  unflatten,
  type MeshgridOptions,
} from "./functions/shapes/arrange.js";
export {
  argwhere,
  countNonzero,
  maskedFill,
  maskedSelect,
  nonzero,
  take,
  unique,
  uniqueAll,
  where,
  type UniqueOptions,
  type Uniques,
  type Where,
} from "./functions/indexing/choose.js";
export { diag, diagEmbed, diagonal, trace, tril, triu } from "./functions/shapes/diagonals.js";
export { amax, amin, maxDim, minDim } from "./functions/reductions/extremes.js";
export {
  kthvalue,
  median,
  nanmedian,
  nanquantile,
  quantile,
  type QuantileOptions,
} from "./functions/reductions/quantiles.js";
export { cummax, cummin, diff, logcumsumexp } from "./functions/reductions/running.js";
export { bucketize, searchsorted, type SearchOptions } from "./functions/indexing/search.js";
export { slice, type SliceIndex } from "./functions/indexing/slice.js";
export { sort, takeAlongAxis, takeAlongDim, topk, type Sorted, type TopkOptions } from "./functions/indexing/order.js";
export { pad, type PadOptions, type PadWidths } from "./functions/shapes/pad.js";
export { layerNorm, rmsNorm, type LayerNormOptions, type RmsNormOptions } from "./functions/norms/layer-norm.js";
export { norm } from "./functions/norms/norm.js";
export { chunk, narrow, select, split, unbind } from "./functions/shapes/split.js";
export {
  all,
  any,
  mean,
  nanmean,
  nansum,
  std,
  variance,
  variance as var,
  type VarianceOptions,
} from "./functions/reductions/statistics.js";
export { dropout, type DropoutOptions } from "./functions/random/dropout.js";
export { defaultGenerator, Generator, seed } from "./functions/random/random.js";
export { eq, ge, gt, le, lt, maximum, minimum, mul, ne } from "./primitives/elementwise/arithmetic.js";
export {
  bitwiseAnd,
  bitwiseLeftShift,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
  fmod,
} from "./primitives/elementwise/bitwise.js";
export { linear, matmul } from "./primitives/linalg/contraction.js";
export type { Binary, Operation, Unary } from "./primitives/define.js";
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
} from "./primitives/elementwise/unary.js";
export { exp2, expm1, log10, log1p, log2, mish, silu } from "./primitives/elementwise/exponential.js";
export { acosh, asinh, atanh, cosh, sinh } from "./primitives/elementwise/hyperbolic.js";
export { cbrt, hypot, pow, rsqrt } from "./primitives/elementwise/powers.js";
export { ceil, floor, trunc } from "./primitives/elementwise/rounding.js";
export { gather, scatterAdd } from "./primitives/indexing.js";
export { cast, copy, detach, detach as stopGradient, expand, permute, reshape } from "./primitives/movement.js";
export { argsort, type Ordering, type SortOptions } from "./primitives/order.js";
export { polygamma } from "./functions/elementwise/special.js";
export { digamma, erf, erfc, erfinv, gelu, lgamma, type GeluOptions } from "./primitives/elementwise/special.js";
export { acos, asin, atan, atan2, tan } from "./primitives/elementwise/trigonometric.js";
export { cumprod, cumsum, type Cumulation, type ScanOptions } from "./primitives/reductions/scan.js";
export type { Axes as ReductionAxes, ReduceOptions, Reduction, SumOptions } from "./primitives/reductions/reduce.js";
export {
  argMax,
  argMax as argmax,
  argMin,
  argMin as argmin,
  max,
  min,
  prod,
  sum,
  type ArgReduction,
} from "./primitives/reductions/reduction.js";
export { logSoftmax, logsumexp, softmax, type SoftmaxOptions } from "./primitives/reductions/rows.js";
