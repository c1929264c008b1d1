import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  Generator,
  keep,
  memory,
  mseLoss,
  NonFiniteError,
  parameter,
  tensor,
  ValueError,
  type Tensor,
} from "../../bindings/index.js";
import { Linear, type Module } from "../../bindings/nn/index.js";
import {
  Adam,
  clipGradNorm,
  EarlyStopping,
  ExponentialLR,
  ExponentialMovingAverage,
  fit,
  LBFGS,
  ReduceLROnPlateau,
  SGD,
  type EpochReport,
  type FitRun,
  type StepReport,
} from "../../bindings/optim/index.js";
import { batches, network, type Batch } from "../support/training.js";
import { loss, reports, values, type Options } from "./runs.js";

describe("fit", () => {
  test.each([false, true])("does what the loop by hand does, compiled: %s", async (compile) => {
    const [byHand, fitted] = [network(1), network(1)];
    const want: number[] = [];
    const rates: number[] = [];
    const schedule = new ExponentialLR(byHand.optimizer, { gamma: 0.9 });
    const loader = batches({ seed: 2 });
    for (let epoch = 0; epoch < 2; epoch++) {
      for (const batch of loader) {
        const value = loss(byHand.model, batch);
        byHand.optimizer.zeroGrad();
        value.backward();
        clipGradNorm(byHand.model.parameters(), 0.5);
        byHand.optimizer.step();
        want.push(value.item());
        rates.push(byHand.optimizer.lr);
        schedule.step();
      }
    }
    const { model, optimizer } = fitted;
    const got = await reports(
      fit(model, {
        ...{ data: batches({ seed: 2 }), loss, optimizer, epochs: 2, clipNorm: 0.5, compile },
        schedule: new ExponentialLR(optimizer, { gamma: 0.9 }),
      }),
    );
    expect(got.map((report) => report.loss)).toEqual(want);
    expect(got.map((report) => report.lr)).toEqual(rates);
    expect(got.map(({ step, epoch }) => [step, epoch])).toEqual(want.map((_, i) => [i + 1, Math.floor(i / 4)]));
    expect(values(model)).toEqual(values(byHand.model));
  });

  test("gathers batches to one step, those left over too", async () => {
    const data = [1, 2, 3, 4, 5].map((x) => ({ x: keep(tensor([[x]], { dtype: "f64" })), y: tensor([[x]]) }));
    const w = parameter([[0]], { dtype: "f64" });
    const model = { parameters: () => ({ w }) };
    const run = fit(model, {
      ...{ data, accumulate: 2, optimizer: new SGD(w, { lr: 0.01 }) },
      loss: (_, { x, y }) => mseLoss(x.matmul(w), y.cast("f64")),
    });
    const got = await reports(run);
    let value = 0;
    const want = [[1, 2], [3, 4], [5]].map((xs) => {
      const losses = xs.map((x) => (x * value - x) ** 2);
      value -= 0.01 * (xs.map((x) => 2 * x * (x * value - x)).reduce((a, b) => a + b) / 2);
      return losses.reduce((a, b) => a + b) / xs.length;
    });
    for (const [i, { loss: got_ }] of got.entries()) expect(got_).toBeCloseTo(want[i]!, 12);
    expect(w.item()).toBeCloseTo(value, 12);
  });

  test.each([false, true])("goes on in another loop where one was broken off, compiled: %s", async (compile) => {
    const data = [1, 2, 3, 4].map((seed) => ({
      x: keep(new Generator(seed).normal([3, 2])),
      y: keep(tensor([0, 1, 2], { dtype: "i32" })),
    }));
    const make = (): [Module, FitRun] => {
      const { model, optimizer } = network(1);
      return [model, fit(model, { data, loss, optimizer, epochs: 2, compile })];
    };
    const [[whole, all], [model, run]] = [make(), make()];
    await reports(all);
    for await (const { step } of run) if (step === 3) break;
    expect((await reports(run)).map(({ step }) => step)).toEqual([4, 5, 6, 7, 8]);
    expect(values(model)).toEqual(values(whole));
  });

  test("reports metrics, validates with averages, in eval mode, and follows the plateau", async () => {
    const { model, optimizer } = network(1);
    const average = new ExponentialMovingAverage(model.parameters(), { decay: 0.5 });
    const epochs: EpochReport[] = [];
    const modes: boolean[] = [];
    const got = await reports(
      fit(model, {
        ...{ data: batches({ seed: 2 }), validation: batches({ seed: 3 }), optimizer, epochs: 3, average },
        loss: (m, { x, y }) => {
          modes.push(m.training);
          const logits = m(x);
          return { loss: crossEntropy(logits, y), accuracy: logits.argMax(1).eq(y).cast("f32").mean() };
        },
        schedule: new ReduceLROnPlateau(optimizer, { patience: 0, threshold: 1e3, thresholdMode: "abs", factor: 0.5 }),
        onEpoch: (report) => epochs.push(report),
      }),
    );
    expect(modes.filter((training) => !training)).toHaveLength(12);
    expect(model.training).toBe(true);
    expect(epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 4],
      [2, 8],
      [3, 12],
    ]);
    const first = got.slice(0, 4).map(({ metrics }) => metrics["accuracy"]!);
    expect(epochs[0]!.metrics["accuracy"]).toBe(first.reduce((a, b) => a + b) / 4);
    // No epoch is so much better.
    expect([...new Set(got.map(({ lr }) => lr))]).toEqual([0.1, 0.05]);
    expect(optimizer.lr).toBe(0.025);
    const mean = average.averaged(() => {
      let sum = 0;
      for (const { x, y } of batches({ seed: 3 })) sum += crossEntropy(model(x), y).item();
      return sum / 4;
    });
    expect(epochs[2]!.validation!.loss).toBeCloseTo(mean, 6);
    expect(epochs[2]!.validation!.loss).toBeLessThan(epochs[0]!.validation!.loss);
  });

  test.each([
    ["skip", 3, [false, true, false, false]],
    ["ignore", 4, [false, false, false, false]],
  ] as const)("%ss a step that is not finite", async (nonFinite, steps, skipped) => {
    const w = parameter([1]);
    const data = [1, Infinity, 2, 3].map((x) => tensor([x]));
    const options = { data, optimizer: new Adam(w), nonFinite, loss: (_: unknown, x: Tensor) => w.mul(x).sum() };
    const got = await reports(fit({ parameters: () => w }, options));
    expect(got.map((report) => report.skipped)).toEqual(skipped);
    expect(got[3]!.step).toBe(steps);
    expect(Number.isFinite(w.item())).toBe(nonFinite === "skip");
  });
});

describe("fit ends", () => {
  test("throws before a step whose gradients are not finite", async () => {
    const w = parameter([4, 0]);
    const data = [tensor([1, 1])];
    const run = fit(
      { parameters: () => w },
      { data, optimizer: new SGD(w), loss: (_, x) => w.abs().mul(x).sum().sqrt().add(w.sqrt().sum()) },
    );
    await expect(reports(run)).rejects.toThrow(NonFiniteError);
    await expect(
      reports(fit({ parameters: () => w }, { data, optimizer: new SGD(w), loss: () => w.sqrt().sum() })),
    ).rejects.toThrow(/^fit: expected a finite loss with finite gradients, got 2 and a norm of Infinity in step 1/);
    expect(w.toArray()).toEqual([4, 0]);
  });

  test("stops early, at a number of steps, by break and by a signal", async () => {
    const run = (options: Partial<Options>) => {
      const { model, optimizer } = network(1);
      return fit(model, { data: batches({ seed: 2 }), loss, optimizer, epochs: 5, ...options });
    };
    const stopping = new EarlyStopping({ patience: 1, minDelta: 1e3 });
    expect(await reports(run({ stopping }))).toHaveLength(8);
    expect(await reports(run({ maxSteps: 6 }))).toHaveLength(6);
    let count = 0;
    for await (const { step } of run({})) {
      count++;
      if (step === 3) break;
    }
    expect(count).toBe(3);
    const controller = new AbortController();
    const { signal } = controller;
    const onStep = ({ step }: StepReport): void => {
      if (step === 2) controller.abort(new RangeError("enough"));
    };
    await expect(reports(run({ signal, onStep }))).rejects.toThrow(new RangeError("enough"));
  });
});

describe("fit minds what is around it", () => {
  test("lets timers run", async () => {
    const { model, optimizer } = network(1);
    const data: Batch[] = Array.from({ length: 40 }, () => ({ x: tensor([[1, 2]]), y: tensor([0], { dtype: "i32" }) }));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 0);
    await reports(fit(model, { data, loss, optimizer, yieldEvery: 0 }));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
  });

  test("leaves frozen parameters as they are", async () => {
    const { model, optimizer } = network(1);
    const [first] = model.namedChildren();
    const before = values(first![1] as Linear);
    (first![1] as Linear).freeze();
    await reports(fit(model, { data: batches({ seed: 2 }), loss, optimizer, clipNorm: 1 }));
    (first![1] as Linear).unfreeze();
    expect(values(first![1] as Linear)).toEqual(before);
  });

  test("frees what it makes", async () => {
    const { model, optimizer } = network(1);
    const data = [...Array(4).keys()].map((i) => ({
      x: keep(tensor([[i, 1]])),
      y: keep(tensor([i % 3], { dtype: "i32" })),
    }));
    const run = (compile: boolean) =>
      reports(fit(model, { data, validation: data, loss, optimizer, compile, epochs: 2 }));
    await run(false);
    const before = memory();
    await run(false);
    await run(true);
    // The collector may have taken back what other tests left.
    expect(memory().bytes).toBeLessThanOrEqual(before.bytes);
    expect(memory().tensors).toBeLessThanOrEqual(before.tensors);
  });

  test("refuses what makes no sense", async () => {
    const { model, optimizer } = network(1);
    const start = (options: object) => () => fit(model, { data: [], loss, optimizer, ...options });
    expect(start({ epochs: 1.5 })).toThrow(/^fit: expected a whole number of epochs from 0, got 1.5/);
    expect(start({ accumulate: 0 })).toThrow(/a whole accumulate from 1/);
    expect(start({ clipNorm: -1 })).toThrow(/clipNorm from 0/);
    expect(start({ nonFinite: "hide" })).toThrow(/"throw", "skip" or "ignore", got hide/);
    await expect(reports(start({})())).rejects.toThrow(ValueError);
    await expect(reports(start({})())).rejects.toThrow(/expected data that gives batches, anew in each epoch/);
  });
});

describe("fit with LBFGS", () => {
  const line = (x: Tensor): Tensor => x.mul(3).sub(1);
  const x = new Generator(5).normal([32, 1], { dtype: "f64" });
  const y = keep(line(x));

  test.each([false, true])("has the steps of the loop by hand, compiled: %s", async (compile) => {
    const make = (): [Linear, LBFGS] => {
      const model = new Linear(1, 1, { dtype: "f64", generator: new Generator(1) });
      return [model, new LBFGS(model.parameters(), { lr: 0.5, maxIter: 3, lineSearchFn: "strong_wolfe" })];
    };
    const [byHand, optimizer] = make();
    const want = [1, 2, 3].map(() =>
      optimizer
        .step(() => {
          optimizer.zeroGrad();
          const value = mseLoss(byHand(x), y);
          value.backward();
          return value;
        })
        .item(),
    );
    const [model, other] = make();
    const options = { data: [{ x, y }], loss: (m: Linear, batch: { x: Tensor; y: Tensor }) => mseLoss(m(batch.x), batch.y), optimizer: other, epochs: 3, compile }; // prettier-ignore
    const steps = await reports(fit(model, options));
    expect(steps.map((step) => step.loss)).toEqual(want);
    expect(model.weight.toArray()).toEqual(byHand.weight.toArray());
    expect(want[2]!).toBeLessThan(want[0]! / 10);
    expect(() => fit(model, { ...options, accumulate: 2 })).toThrow(/neither accumulate nor clipNorm with LBFGS/);
  });
});

test("a run that cannot be made of what it is given is refused before it begins", () => {
  const { model, optimizer } = network(1);
  const good = { data: batches({ seed: 2 }), loss, optimizer };
  const bad: [unknown, unknown, RegExp][] = [
    [{}, good, /a model with parameters\(\)/],
    [model, { ...good, data: undefined }, /data and validation that can be iterated, got undefined/],
    [model, { ...good, validation: 3 }, /data and validation that can be iterated, got 3/],
    [model, { ...good, loss: "mse" }, /a loss\(model, batch\), got mse/],
    [model, { ...good, optimizer: {} }, /an optimizer, got/],
    [model, { ...good, scheduleEvery: "batch" }, /the scheduleEvery "step" or "epoch", got batch/],
    [model, { ...good, schedule: 0.1 }, /schedule with step\(\), got 0.1/],
    [model, { ...good, checkpoint: "path" }, /checkpoint with call\(\), got path/],
    [model, { ...good, signal: new AbortController() }, /an AbortSignal as the signal, got AbortController/],
    [model, { ...good, yieldEvery: NaN }, /yieldEvery in milliseconds from 0, got NaN/],
  ];
  for (const [m, options, message] of bad) {
    const make = (): unknown => fit(m as Module, options as Options);
    expect(make).toThrow(message);
    expect(make).toThrow(ValueError);
  }
  expect(() => fit(model, { ...good, signal: null })).not.toThrow();
  expect(() => new EarlyStopping().step(tensor(1) as unknown as number)).toThrow(/a number to follow, got tensor/);
});

test.each([false, true])("a loss that gives no tensor is refused by name, compiled: %s", async (compile) => {
  const { model, optimizer } = network(1);
  const given: [unknown, string][] = [
    [undefined, "undefined"],
    [3, "3"],
    [Promise.resolve(3), "Promise"],
    [{ accuracy: tensor(1) }, "Object"],
    [{ loss: 3 }, "Object"],
  ];
  for (const [result, got] of given) {
    const options = { data: batches({ seed: 2 }), optimizer, epochs: 1, compile, loss: () => result };
    const run = fit(model, options as unknown as Options);
    await expect(reports(run)).rejects.toThrow(
      `fit: expected a loss that gives a tensor, or tensors by name with one of them loss, got ${got}`,
    );
  }
});
