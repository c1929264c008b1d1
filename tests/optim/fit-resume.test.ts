import { beforeEach, describe, expect, test } from "vitest";
import { crossEntropy, Generator, keep, seed, Tensor, variable } from "../../bindings/index.js";
import type { DataLoader } from "../../bindings/data/index.js";
import { formatCheckpoint, loadCheckpoint } from "../../bindings/io/index.js";
import { Linear, Sequential, Tanh, type Module } from "../../bindings/nn/index.js";
import {
  Adam,
  EarlyStopping,
  ExponentialMovingAverage,
  fit,
  ReduceLROnPlateau,
  type FitRun,
  type TrainingState,
  type StepReport,
} from "../../bindings/optim/index.js";
import { batches, type Batch } from "../support/training.js";
import { reports, values, type Options } from "./runs.js";

describe("a run that was interrupted goes on with the same bits", () => {
  beforeEach(() => {
    seed(0);
  });

  /** All that belongs to a run, anew. */
  function setup(seedOfModel: number): Options & { model: Module } {
    const generator = new Generator(seedOfModel);
    const model = new Sequential(new Linear(2, 8, { generator }), new Tanh(), new Linear(8, 3, { generator }));
    const optimizer = new Adam(model.parameters(), { lr: 0.05 });
    return {
      data: batches({ seed: 5 }),
      validation: batches({ seed: 6 }),
      optimizer,
      loss: (_, { x, y }) => crossEntropy(model(x.add(x.mul(0).dropout(0.5))).dropout(0.1), y),
      ...{ epochs: 3, clipNorm: 1, accumulate: 3, checkpointEvery: 1 },
      schedule: new ReduceLROnPlateau(optimizer, { patience: 0, factor: 0.5, threshold: 0.2 }),
      average: new ExponentialMovingAverage(model.parameters(), { decay: 0.5 }),
      stopping: new EarlyStopping({ patience: 5 }),
      model,
    };
  }
  /** The reports of the rest of a run that is loaded from a state. */
  const goOn = (setting: Options & { model: Module }, state: TrainingState | null): Promise<StepReport[]> => {
    const { model, ...options } = setting;
    const run = fit(model, options);
    if (state) run.loadStateDict(state);
    return reports(run);
  };

  /** A state as a file would hold it. */
  function copied(state: TrainingState): TrainingState {
    const copy = (x: TrainingState[string]) => (x instanceof Tensor ? keep(variable(x)) : x);
    return Object.fromEntries(Object.entries(state).map(([name, x]) => [name, copy(x)]));
  }
  const plain = (state: TrainingState): unknown =>
    Object.entries(state).map(([name, x]) => [name, x instanceof Tensor ? x.toArray() : x]);

  test.each([
    [1, false],
    [2, false],
    [3, true],
    [5, true],
  ])("after step %d, compiled: %s", async (at, compile) => {
    const states: TrainingState[] = [];
    const options = { compile, checkpoint: (run: FitRun) => states.push(copied(run.stateDict())) };
    const whole = await goOn({ ...setup(1), ...options }, null);
    expect(states).toHaveLength(6);
    seed(99);
    const rest = await goOn({ ...setup(2), ...options }, states[at - 1]!);
    expect(rest).toEqual(whole.slice(at));
    expect(plain(states[states.length - 1]!)).toEqual(plain(states[5]!));
  });

  test("out of a file, with all its parts by name", async () => {
    let file = new Uint8Array();
    const { checkpointEvery: _, ...options } = setup(1);
    const whole = await goOn({ ...options, checkpoint: (run) => (file = formatCheckpoint({ run })), epochs: 2 }, null);
    const { checkpointEvery: _other, ...others } = setup(2);
    seed(99);
    const { model, ...rest } = others;
    const run = fit(model, { ...rest, epochs: 4 });
    await loadCheckpoint(file, { run });
    expect(run.stateDict()).toMatchObject({ "progress.steps": 4, "progress.epoch": 2, "progress.batch": 0 });
    expect(Object.keys(run.stateDict()).map((name) => name.split(".").slice(0, 2).join("."))).toEqual(
      expect.arrayContaining(["model.0", "optimizer.groups", "generator.state", "schedule.best", "stopping.since"]),
    );
    expect(values(others.model)).toEqual(values(options.model));
    expect(await reports(run)).toHaveLength(4);
    expect(whole).toHaveLength(4);
    expect(() => run.loadStateDict({ "model.0.weight": 1 })).toThrow(
      /^fit: expected the names.*0\.weight is 1 instead/,
    );
  });

  test("a loader that is gone through again has the order of that epoch", async () => {
    const seen = async (loader: DataLoader<Batch>, epoch: number): Promise<unknown> => {
      for (let i = 0; i < epoch; i++) for await (const _ of loader) break;
      const all: unknown[] = [];
      for await (const { x } of loader) all.push(x.toArray());
      return all;
    };
    const whole = batches({ seed: 5 });
    for await (const _ of whole);
    expect(await seen(batches({ seed: 5 }), 1)).toEqual(await seen(whole, 0));
  });
});
