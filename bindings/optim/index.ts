/**
 * Methods that move parameters against their gradients.
 *
 * @packageDocumentation
 */
export { Adadelta, type AdadeltaOptions } from "./adadelta.js";
export { Adagrad, type AdagradOptions } from "./adagrad.js";
export { Adam, AdamW, type AdamOptions } from "./adam.js";
export { Adamax, type AdamaxOptions } from "./adamax.js";
export { ExponentialMovingAverage, type AverageOptions } from "./average.js";
export { clipGradNorm, clipGradValue, gradNorm, type ClipNormOptions, type NormOptions } from "./clip.js";
export { fit, type Batches, type EpochReport, type FitOptions, type StepReport, type Trainable } from "./fit.js";
export { ParameterGroup, type CommonOptions } from "./group.js";
export { LBFGS, type LBFGSOptions } from "./lbfgs.js";
export { Lion, type LionOptions } from "./lion.js";
export { NAdam, type NAdamOptions } from "./nadam.js";
export { Optimizer } from "./optimizer.js";
export { RAdam, type RAdamOptions } from "./radam.js";
export { RMSprop, type RMSpropOptions } from "./rmsprop.js";
export * from "./schedules/index.js";
export { SGD, type SGDOptions } from "./sgd.js";
export { EarlyStopping, type EarlyStoppingOptions } from "./stopping.js";
export type { Measured } from "./training-step.js";
export type { StateDict, Stateful } from "./state.js";
