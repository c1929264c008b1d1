import type { Tensor } from "../../core/graph.js";
import type { ParameterTree } from "../group.js";
import type { ExponentialMovingAverage } from "../average.js";
import type { Optimizer } from "../optimizer.js";
import type { Variable } from "../../core/variable.js";
import type { Stateful } from "../state.js";
import type { EarlyStopping } from "../stopping.js";
import type { Measured } from "./training-step.js";

/** What `fit` needs of a model: a `Module` of wengert/nn, or anything that holds parameters. */
export interface Trainable {
  /** The parameters as a tree. */
  parameters(): ParameterTree;
  /** All variables that belong to it by name, running statistics too. Without it, the parameters. */
  stateDict?(): Readonly<Record<string, Variable>>;
  /** Called before training goes on. */
  train?(): unknown;
  /** Called before validation. */
  eval?(): unknown;
}

/** Batches: a DataLoader, an array, or whatever can be iterated anew for each epoch. */
export type Batches<B> = Iterable<B> | AsyncIterable<B>;

/** Options of `fit`. */
export interface FitOptions<M extends Trainable, B> {
  /** The batches to learn from, gone through once an epoch. */
  data: Batches<B>;
  /**
   * The loss on a batch, a 0-d tensor; or `{ loss, accuracy, ... }` with further 0-d tensors, metrics that are reported. With
   * `compile` it is a function to be compiled.
   */
  loss: (model: M, batch: B) => Tensor | Measured<Tensor>;
  /** What moves the parameters. LBFGS computes the loss of a batch several times. */
  optimizer: Optimizer;
  /** Passes over the data. Default 1. */
  epochs?: number;
  /** Ends after so many steps of the optimiser. Default: no such end. */
  maxSteps?: number;
  /** Follows each step, or each epoch. ReduceLROnPlateau follows each epoch in any case, by the loss that `stopping` is told. */
  schedule?: Stateful & { step(metric?: number): void };
  /** What `schedule` follows. Default "step". */
  scheduleEvery?: "step" | "epoch";
  /** The largest norm of all gradients together. Default: they are not clipped. */
  clipNorm?: number;
  /**
   * How many batches make one step, on the sum of their losses divided by that number; the last step of an epoch may have
   * fewer, and is smaller by as much. Default 1.
   */
  accumulate?: number;
  /** Updated after each step; validation is done with the averages. */
  average?: ExponentialMovingAverage;
  /** Batches to judge by after each epoch: the means of their losses and metrics, with the model in `eval` mode. */
  validation?: Batches<B>;
  /** Told the loss after each epoch, of validation if there is one; ends the training. */
  stopping?: EarlyStopping;
  /** Called after each step. */
  onStep?: (report: StepReport) => unknown;
  /** Called after each epoch. What these return is awaited. */
  onEpoch?: (report: EpochReport) => unknown;
  /**
   * Called with the run itself, whose state is to be saved: `(run) => saveCheckpoint(path, { run })`. Training goes on when
   * what it returns is done.
   */
  checkpoint?: (run: FitRun) => unknown;
  /** Steps from checkpoint to checkpoint. Default: one after each epoch. */
  checkpointEvery?: number;
  /** Compile the loss with its gradients, and the step. Default false. */
  compile?: boolean;
  /** What becomes of a step whose loss or gradients are NaN or infinite: an error, before it is done; no step; or a step. Default "throw". */
  nonFinite?: "throw" | "skip" | "ignore";
  /** Ends the training with the signal's reason once it is aborted. */
  signal?: AbortSignal | null;
  /** After so many milliseconds timers and the page get their turn. Default 16. */
  yieldEvery?: number;
}

/** What `fit` tells of a step. */
export interface StepReport {
  /** Steps done, with this one. */
  readonly step: number;
  /** Epochs done before this one. */
  readonly epoch: number;
  /** The mean of the batches' losses before the step. */
  readonly loss: number;
  /** What `loss` gave besides. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The norm of all gradients, before they were clipped; NaN where nothing asked for it. */
  readonly norm: number;
  /** The learning rate of the first group in this step. */
  readonly lr: number;
  /** Whether the step was left out, since something was not finite. */
  readonly skipped: boolean;
}

/** What `fit` tells of an epoch. */
export interface EpochReport {
  /** Epochs done, with this one. */
  readonly epoch: number;
  /** Steps done. */
  readonly step: number;
  /** The mean of the losses of the epoch's steps. */
  readonly loss: number;
  /** The means of the metrics of the epoch's steps. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The means over the batches of validation; null without any. */
  readonly validation: Measured<number> | null;
}

/**
 * A training run: an asynchronous iterable of its steps, with the state of all that takes part in it. Load a state before
 * going through the steps, with `data` and `validation` as they were at the very beginning, with the same seeds: they are gone
 * through again up to there, without training, and what follows has the bits that it would have had. The default generator is
 * in it; others, that layers were given, are to be saved beside it.
 */
export interface FitRun extends AsyncIterable<StepReport>, Stateful {
  [Symbol.asyncIterator](): AsyncGenerator<StepReport, void, undefined>;
}
