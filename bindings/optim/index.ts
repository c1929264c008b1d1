/**
 * Methods that move parameters against their gradients, with PyTorch's names, meaning and defaults, and what is done around a
 * step: schedules of the learning rate, clipping, averages, early stopping, saving and going on. `fit` is a training loop of
 * all that, for those who want one.
 *
 * @module wengert/optim
 */
export { Adadelta, type AdadeltaOptions } from "./methods/adadelta.js";
export { Adagrad, type AdagradOptions } from "./methods/adagrad.js";
export { Adam, AdamW, type AdamOptions, type AdamSettings } from "./methods/adam.js";
export { Adamax, type AdamaxOptions } from "./methods/adamax.js";
export { ASGD, type ASGDOptions } from "./methods/asgd.js";
export { LBFGS, type LBFGSOptions, type LBFGSSettings } from "./methods/lbfgs.js";
export { Lion, type LionOptions } from "./methods/lion.js";
export { NAdam, type NAdamOptions, type NAdamSettings } from "./methods/nadam.js";
export { RAdam, type RAdamOptions } from "./methods/radam.js";
export { RMSprop, type RMSpropOptions } from "./methods/rmsprop.js";
export { Rprop, type RpropOptions } from "./methods/rprop.js";
export { SGD, type SGDOptions } from "./methods/sgd.js";
export type { MomentOptions, MomentSettings } from "./methods/moments.js";
export { ParameterGroup, type CommonOptions, type ParameterTree, type Settings } from "./group.js";
export { Optimizer } from "./optimizer.js";
export { clipGradNorm, clipGradValue, gradNorm, type ClipNormOptions, type GradNormOptions } from "./clip.js";
export { ExponentialMovingAverage, type AverageOptions } from "./average.js";
export { EarlyStopping, type EarlyStoppingOptions } from "./stopping.js";
export type { Remembered, Stateful, StateEntries, TrainingState } from "./state.js";
export * from "./schedules/index.js";
export { fit } from "./training/fit.js";
export type { Batches, EpochReport, FitOptions, FitRun, StepReport, Trainable } from "./training/options.js";
export type { Measured } from "./training/training-step.js";
