import { checkWhole } from "../../core/checks.js";
import { NonFiniteError, ValueError } from "../../errors.js";
import { defaultGenerator } from "../../functions/random/random.js";
import { checkNumber } from "../checks.js";
import { variablesOf } from "../group.js";
import { Optimizer } from "../optimizer.js";
import { LBFGS } from "../methods/lbfgs.js";
import { Means } from "./means.js";
import { ReduceLROnPlateau } from "../schedules/plateau.js";
import { numbersOf, prefixed, stateOf, takeUp, type StateEntries, type TrainingState } from "../state.js";
import type { Batches, FitOptions, FitRun, StepReport, Trainable } from "./options.js";
import { TrainingStep, type Measured } from "./training-step.js";
import { checkOptions, type Known } from "../../shared/options.js";
import { checkSignal } from "../../shared/signal.js";

/**
 * Trains a model, and tells of each step:
 *
 * `for await (const { step, loss } of fit(model, { data, loss, optimizer, epochs: 3 })) console.log(step, loss);`
 *
 * Each batch's loss is computed and differentiated, the gradients are clipped, the optimiser moves the parameters. Numbers
 * only are handed out, and all tensors freed. `break` ends the training, and so does an error, which is passed on; the model
 * is as the last step left it. Another loop over the run goes on there, if `data` gives the same batches again. It is a loop
 * that could be written by hand, in few lines, and no more can be done with it.
 *
 * It lives beside the optimisers, not in an entry point of its own, since it is made of what is here (clipping, schedules,
 * averages, stopping, states), and knows models and data only by their shape: entry points do not import one another.
 *
 * Throws a NonFiniteError where the loss or the gradients are not finite (see `nonFinite`); a ValueError where an option makes
 * no sense or `data` is empty.
 */
export function fit<M extends Trainable, B>(model: M, options: FitOptions<M, B>): FitRun {
  return new Training(model, options);
}

/** What a training run has come to, as far as it is in no part of it. */
interface Progress {
  steps: number;
  /** Epochs done. */
  epoch: number;
  /** Batches gone through in this epoch. */
  batch: number;
  /** The sum of the losses of the epoch's steps, and how many they are. */
  loss: number;
  count: number;
}

/** The options that there are. */
const KNOWN: Known<FitOptions<Trainable, unknown>> = {
  data: null,
  loss: null,
  optimizer: null,
  epochs: 0,
  maxSteps: 0,
  schedule: null,
  scheduleEvery: null,
  clipNorm: 0,
  accumulate: 0,
  average: null,
  validation: null,
  stopping: null,
  onStep: null,
  onEpoch: null,
  checkpoint: null,
  checkpointEvery: 0,
  compile: false,
  nonFinite: null,
  signal: null,
  yieldEvery: 0,
};

class Training<M extends Trainable, B> implements FitRun {
  private readonly progress: Progress = { steps: 0, epoch: 0, batch: 0, loss: 0, count: 0 };
  /** Of the epoch's steps in this process: not of its state, since what there is to measure is known only then. */
  private readonly metrics = new Means();
  private readonly step: TrainingStep<B>;
  private readonly accumulate: number;
  private readonly epochs: number;
  private breath = performance.now();

  constructor(
    private readonly model: M,
    private readonly options: FitOptions<M, B>,
  ) {
    checkOptions<FitOptions<M, B>>("fit", options, KNOWN);
    checkParts(model, options);
    const { epochs = 1, accumulate = 1, maxSteps, checkpointEvery, clipNorm } = options;
    const { optimizer, average, nonFinite = "throw", compile = false, loss } = options;
    this.epochs = checkWhole("fit", "number of epochs", epochs, 0);
    this.accumulate = checkWhole("fit", "accumulate", accumulate, 1);
    if (maxSteps !== undefined) checkWhole("fit", "maxSteps", maxSteps, 0);
    if (checkpointEvery !== undefined) checkWhole("fit", "checkpointEvery", checkpointEvery, 1);
    if (clipNorm !== undefined) checkNumber("fit", "clipNorm", clipNorm, 0);
    if (!["throw", "skip", "ignore"].includes(nonFinite))
      throw new ValueError("fit", 'the nonFinite "throw", "skip" or "ignore"', String(nonFinite));
    if (optimizer instanceof LBFGS && (accumulate > 1 || clipNorm !== undefined))
      throw new ValueError("fit", "neither accumulate nor clipNorm with LBFGS, which searches along gradients", "one");
    this.step = new TrainingStep((batch) => loss(model, batch), { optimizer, average, accumulate, clipNorm, compile });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StepReport, void, undefined> {
    const { optimizer, data, validation = [] } = this.options;
    optimizer.zeroGrad();
    this.model.train?.();
    try {
      for (let gone = 0; gone < this.progress.epoch; gone++) {
        await goThrough(data);
        await goThrough(validation);
      }
      while (this.progress.epoch < this.epochs && !this.isOver) yield* this.runEpoch();
    } finally {
      this.step.dispose();
    }
  }

  private get isOver(): boolean {
    const { maxSteps = Infinity, stopping } = this.options;
    return this.progress.steps >= maxSteps || (stopping?.stopped ?? false);
  }

  private async *runEpoch(): AsyncGenerator<StepReport, void, undefined> {
    const { data, signal } = this.options;
    let batches = 0;
    let pending: Measured<number>[] = [];
    for await (const batch of data) {
      signal?.throwIfAborted();
      // It was learnt from before the state was saved.
      if (batches++ < this.progress.batch) continue;
      this.progress.batch = batches;
      pending.push(this.step.gradients(batch));
      if (pending.length === this.accumulate) {
        yield await this.finish(pending);
        pending = [];
      }
      if (this.isOver) return;
      await this.breathe();
    }
    if (batches === 0) throw new ValueError("fit", "data that gives batches, anew in each epoch", "none");
    if (pending.length > 0) yield await this.finish(pending);
    await this.endEpoch();
  }

  /** Makes the step that these batches' gradients ask for. */
  private async finish(batches: readonly Measured<number>[]): Promise<StepReport> {
    const { optimizer, schedule, scheduleEvery = "step", clipNorm, nonFinite = "throw" } = this.options;
    const { onStep, checkpoint, checkpointEvery } = this.options;
    const { progress } = this;
    const { loss, ...metrics } = new Means(batches).values as Measured<number>;
    const norm = clipNorm === undefined && nonFinite === "ignore" ? NaN : this.step.norm();
    const skipped = nonFinite !== "ignore" && !(Number.isFinite(loss) && Number.isFinite(norm));
    if (skipped && nonFinite === "throw") {
      const got = `${loss} and a norm of ${norm} in step ${progress.steps + 1}`;
      throw new NonFiniteError("fit", "a finite loss with finite gradients", got);
    }
    const { lr } = optimizer;
    if (skipped) {
      optimizer.zeroGrad();
    } else {
      this.step.update();
      progress.steps++;
      progress.loss += loss;
      progress.count++;
      this.metrics.add(metrics);
      if (scheduleEvery === "step" && !(schedule instanceof ReduceLROnPlateau)) schedule?.step();
    }
    const report = { step: progress.steps, epoch: progress.epoch, loss, metrics, norm, lr, skipped };
    await onStep?.(report);
    if (!skipped && checkpointEvery && progress.steps % checkpointEvery === 0) await checkpoint?.(this);
    return report;
  }

  private async endEpoch(): Promise<void> {
    const { schedule, scheduleEvery = "step", stopping, onEpoch, checkpoint, checkpointEvery } = this.options;
    const { progress } = this;
    const validation = await this.validate();
    const loss = progress.loss / progress.count;
    const metrics = this.metrics.values;
    const watched = validation?.loss ?? loss;
    if (schedule instanceof ReduceLROnPlateau) schedule.step(watched);
    else if (scheduleEvery === "epoch") schedule?.step();
    stopping?.step(watched);
    progress.epoch++;
    progress.batch = progress.loss = progress.count = 0;
    this.metrics.clear();
    await onEpoch?.({ epoch: progress.epoch, step: progress.steps, loss, metrics, validation });
    if (!checkpointEvery) await checkpoint?.(this);
  }

  private async validate(): Promise<Measured<number> | null> {
    const { validation, average, signal } = this.options;
    if (!validation) return null;
    const means = new Means();
    average?.swap();
    this.model.eval?.();
    try {
      for await (const batch of validation) {
        signal?.throwIfAborted();
        means.add(this.step.measure(batch));
        await this.breathe();
      }
    } finally {
      this.model.train?.();
      average?.swap();
    }
    return means.values as Measured<number>;
  }

  /** Lets timers and the page have their turn, if they have waited long enough. */
  private async breathe(): Promise<void> {
    const { yieldEvery = 16 } = this.options;
    if (performance.now() - this.breath < yieldEvery) return;
    await new Promise((resume) => setTimeout(resume, 0));
    this.breath = performance.now();
  }

  stateDict(): TrainingState {
    return stateOf(this.entries);
  }

  loadStateDict(state: TrainingState): void {
    takeUp("fit", this.entries, state);
  }

  /** Where each part of the state is kept, by its flat name. */
  get entries(): StateEntries {
    const { optimizer, schedule, average, stopping } = this.options;
    const model =
      this.model.stateDict?.() ??
      Object.fromEntries([...variablesOf("fit", this.model.parameters())].map(([variable, name]) => [name, variable]));
    return prefixed([
      ["model", new Map(Object.entries(model))],
      ["optimizer", optimizer.entries],
      ["generator", new Map([["state", defaultGenerator().state]])],
      ["progress", new Map(numbersOf(this.progress))],
      ...Object.entries({ schedule, average, stopping }).flatMap(([name, part]): [string, StateEntries][] =>
        part ? [[name, part.entries]] : [],
      ),
    ]);
  }
}

/** What the parts that may be left out are known by: functions by being callable. */
const PARTS = { schedule: "step", average: "swap", stopping: "step", onStep: "call", onEpoch: "call", checkpoint: "call" } as const; // prettier-ignore

/** Refuses what a run cannot be made of, before it has begun. */
function checkParts<M extends Trainable, B>(model: M, options: FitOptions<M, B>): void {
  const check = (fits: boolean, expected: string, got: unknown): void => {
    if (!fits) throw new ValueError("fit", expected, String(got));
  };
  const { data, validation = data, loss, optimizer, scheduleEvery = "step", yieldEvery = 0 } = options;
  check(isCallable(model, "parameters"), "a model with parameters()", model);
  for (const batches of [data, validation]) {
    const iterable = isCallable(batches, Symbol.iterator) || isCallable(batches, Symbol.asyncIterator);
    check(iterable, "data and validation that can be iterated", batches);
  }
  check(typeof loss === "function", "a loss(model, batch)", loss);
  check((optimizer as unknown) instanceof Optimizer, "an optimizer", optimizer);
  check(scheduleEvery === "step" || scheduleEvery === "epoch", 'the scheduleEvery "step" or "epoch"', scheduleEvery);
  check(yieldEvery >= 0, "yieldEvery in milliseconds from 0", yieldEvery);
  checkSignal("fit", options.signal);
  for (const [name, method] of Object.entries(PARTS)) {
    const part: unknown = options[name as keyof typeof PARTS];
    check(part === undefined || isCallable(part, method), `${name} with ${method}()`, part);
  }
}

function isCallable(value: unknown, name: PropertyKey): boolean {
  return typeof (value as Record<PropertyKey, unknown> | null | undefined)?.[name] === "function";
}

/** Begins to go through batches, and ends: what comes anew with each epoch has come. */
async function goThrough<B>(data: Batches<B>): Promise<void> {
  for await (const _ of data) return;
}
