// A run that was saved and taken up again has the bits of one that was not interrupted: for every method and every schedule,
// eager and compiled, which have the same bits too.
import { expect, test } from "vitest";
import {
  compile,
  mseLoss,
  parameter,
  Tensor,
  tensor,
  tanh,
  type DTypeName,
  type Variable,
} from "../../bindings/index.js";
import * as optim from "../../bindings/optim/index.js";
import type { Optimizer, TrainingState, Stateful } from "../../bindings/optim/index.js";
import { Random } from "../support/random.js";

type MakeOptimizer = (parameters: object) => Optimizer;
type MakeSchedule = (optimizer: Optimizer) => Stateful & { step(metric: number): void };

const methods: Record<string, MakeOptimizer> = {
  SGD: (p) => new optim.SGD(p, { lr: 0.1 }),
  "SGD with dampening": (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.5, weightDecay: 0.1 }),
  Adam: (p) => new optim.Adam(p, { lr: 0.1, weightDecay: 0.1 }),
  "Adam with amsgrad": (p) => new optim.Adam(p, { lr: 0.1, amsgrad: true, maximize: true }),
  AdamW: (p) => new optim.AdamW(p, { lr: 0.1 }),
  NAdam: (p) => new optim.NAdam(p, { lr: 0.1, weightDecay: 0.1, decoupledWeightDecay: true }),
  RAdam: (p) => new optim.RAdam(p, { lr: 0.1, weightDecay: 0.1, betas: [0.9, 0.95] }),
  Adagrad: (p) => new optim.Adagrad(p, { lr: 0.1, lrDecay: 0.1, weightDecay: 0.1 }),
  Adadelta: (p) => new optim.Adadelta(p, { weightDecay: 0.1 }),
  RMSprop: (p) => new optim.RMSprop(p, { lr: 0.1, momentum: 0.5, centered: true, weightDecay: 0.1 }),
  Adamax: (p) => new optim.Adamax(p, { lr: 0.1, weightDecay: 0.1 }),
  Rprop: (p) => new optim.Rprop(p, { lr: 0.1 }),
  ASGD: (p) => new optim.ASGD(p, { lr: 0.1, lambda: 0.1, t0: 2, weightDecay: 0.1 }),
  Lion: (p) => new optim.Lion(p, { lr: 0.1, weightDecay: 0.1 }),
};

const schedules: Record<string, MakeSchedule> = {
  StepLR: (o) => new optim.StepLR(o, { stepSize: 2 }),
  MultiStepLR: (o) => new optim.MultiStepLR(o, { milestones: [1, 4] }),
  ExponentialLR: (o) => new optim.ExponentialLR(o, { gamma: 0.7 }),
  ConstantLR: (o) => new optim.ConstantLR(o, { totalIters: 4 }),
  LinearLR: (o) => new optim.LinearLR(o),
  PolynomialLR: (o) => new optim.PolynomialLR(o, { power: 0.7 }),
  LambdaLR: (o) => new optim.LambdaLR(o, (t) => 1 / (1 + t)),
  MultiplicativeLR: (o) => new optim.MultiplicativeLR(o, (t) => t / (1 + t)),
  CosineAnnealingLR: (o) => new optim.CosineAnnealingLR(o, { tMax: 3, etaMin: 0.01 }),
  CosineAnnealingWarmRestarts: (o) => new optim.CosineAnnealingWarmRestarts(o, { t0: 1, tMult: 2 }),
  WarmupCosine: (o) => new optim.WarmupCosine(o, { warmupSteps: 2, totalSteps: 7 }),
  OneCycleLR: (o) => new optim.OneCycleLR(o, { maxLr: [0.3, 0.2], totalSteps: 7 }),
  CyclicLR: (o) => new optim.CyclicLR(o, { baseLr: 0.01, maxLr: 0.2, stepSizeUp: 2, mode: "exp_range", gamma: 0.9 }),
  ReduceLROnPlateau: (o) =>
    new optim.ReduceLROnPlateau(o, { patience: 0, threshold: 0.1, cooldown: 1, minLr: [0, 0.01] }),
  SequentialLR: (o) =>
    new optim.SequentialLR(o, {
      schedulers: [new optim.LinearLR(o), new optim.ExponentialLR(o, { gamma: 0.5 })],
      milestones: [4],
    }),
  ChainedScheduler: (o) =>
    new optim.ChainedScheduler([new optim.ConstantLR(o), new optim.ExponentialLR(o, { gamma: 0.5 })]),
};

const [BEFORE, AFTER] = [3, 3];

/** A small network in training, made anew from a seed. */
class Run {
  readonly weight: Variable;
  readonly bias: Variable;
  readonly optimizer: Optimizer;
  readonly schedule: ReturnType<MakeSchedule>;
  readonly average: optim.ExponentialMovingAverage;
  captures = 0;
  private readonly step: (x: Tensor, y: Tensor) => Tensor;

  constructor(seed: string, method: MakeOptimizer, schedule: MakeSchedule, compiled: boolean) {
    const random = new Random(seed);
    this.weight = parameter(random.weights(6), { shape: [3, 2] });
    this.bias = parameter(random.weights(2), { dtype: "f64" });
    this.optimizer = method([{ params: { weight: this.weight } }, { params: { bias: this.bias }, lr: 0.05 }]);
    this.schedule = schedule(this.optimizer);
    this.average = new optim.ExponentialMovingAverage(this.parameters, { decay: 0.5 });
    this.step = compiled ? compile((x, y) => this.train(x, y)) : (x, y) => this.train(x, y);
  }

  get parameters(): { weight: Variable; bias: Variable } {
    return { weight: this.weight, bias: this.bias };
  }

  private train(x: Tensor, y: Tensor): Tensor {
    this.captures++;
    return this.optimizer.step(() => {
      this.optimizer.zeroGrad();
      const loss = mseLoss(tanh(x.matmul(this.weight).add(this.bias)), y);
      loss.backward();
      optim.clipGradNorm(this.parameters, 0.5);
      return loss;
    });
  }

  /** Steps number `from` to `to` on. */
  run(from: number, to: number): void {
    for (let t = from; t < to; t++) {
      const random = new Random(`batch ${t}`);
      const loss = this.step(
        tensor(random.weights(12), { shape: [4, 3] }),
        tensor(random.weights(8), { shape: [4, 2] }),
      );
      this.average.update();
      this.schedule.step(loss.item());
    }
  }

  get state(): Record<string, TrainingState> {
    return {
      parameters: { ...this.parameters },
      optimizer: this.optimizer.stateDict(),
      schedule: this.schedule.stateDict(),
      average: this.average.stateDict(),
    };
  }

  takeUp(state: Record<string, TrainingState>): void {
    this.weight.assign(state["parameters"]!["weight"] as Tensor);
    this.bias.assign(state["parameters"]!["bias"] as Tensor);
    this.optimizer.loadStateDict(state["optimizer"]!);
    this.schedule.loadStateDict(state["schedule"]!);
    this.average.loadStateDict(state["average"]!);
  }
}

interface Written {
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** States as a file would hold them. */
function written(states: Record<string, TrainingState>): string {
  const plain = (x: TrainingState[string]): Written | number | null =>
    x instanceof Tensor ? { dtype: x.dtype, shape: x.shape, data: [...x.data()] } : x;
  const entries = (state: TrainingState) => Object.entries(state).map(([name, x]) => [name, plain(x)] as const);
  return JSON.stringify(
    Object.fromEntries(Object.entries(states).map(([name, state]) => [name, Object.fromEntries(entries(state))])),
  );
}

function readBack(text: string): Record<string, TrainingState> {
  return JSON.parse(text, (_, value: Written | number | null) =>
    typeof value === "object" && value !== null && "data" in value
      ? tensor(new Float64Array(value.data), { dtype: value.dtype, shape: value.shape })
      : value,
  ) as Record<string, TrainingState>;
}

const constant: MakeSchedule = (o) => new optim.LambdaLR(o, () => 1);
const cases = [
  ...Object.entries(methods).map(([name, method]) => [name, method, constant] as const),
  ...Object.entries(schedules).map(([name, schedule]) => [name, methods["SGD with dampening"]!, schedule] as const),
  ["OneCycleLR of Adam", methods["Adam"]!, schedules["OneCycleLR"]!] as const,
  ["OneCycleLR of RMSprop", methods["RMSprop"]!, schedules["OneCycleLR"]!] as const,
];

test.each(cases)("%s goes on with the same bits", (_, method, schedule) => {
  const ends = [false, true].map((compiled) => {
    const whole = new Run("whole", method, schedule, compiled);
    whole.run(0, BEFORE);
    const saved = written(whole.state);
    whole.run(BEFORE, BEFORE + AFTER);
    const second = new Run("other", method, schedule, compiled);
    second.takeUp(readBack(saved));
    second.run(BEFORE, BEFORE + AFTER);
    const end = written(whole.state);
    expect(end).not.toBe(saved);
    expect(written(second.state)).toBe(end);
    // The rate that a schedule sets is read by the program that is there.
    if (compiled) expect(whole.captures).toBe(1);
    return end;
  });
  expect(ends[1]).toBe(ends[0]);
});

test("a state that does not fit is refused whole, with all that is wrong with it", () => {
  const p = parameter([1, 2]);
  const optimizer = new optim.Adam({ weight: p });
  const state = optimizer.stateDict();
  expect(Object.keys(state)).toEqual([
    ...["groups.0.lr", "groups.0.steps", "groups.0.power1", "groups.0.power2"],
    ...["groups.0.weight.mean", "groups.0.weight.square"],
  ]);
  const { "groups.0.steps": _, ...rest } = state;
  const wrong = {
    ...rest,
    "groups.0.lr": tensor(0.5),
    "groups.0.power1": 3,
    "groups.0.weight.mean": tensor([1, 2, 3]),
    "groups.0.weight.square": tensor([1, 2], { dtype: "f64" }),
    "groups.1.lr": 0.5,
  };
  expect(() => optimizer.loadStateDict(wrong)).toThrow(
    /^Adam\.loadStateDict: .*got groups\.0\.lr is f32 \[\] .*steps is missing, .*power1 is 3 instead of f64 \[1\], .*mean is f32 \[3\] .*square is f64 \[2\] instead of f32 \[2\], groups\.1\.lr is unknown$/,
  );
  expect(optimizer.lr).toBe(0.001);
  expect((state["groups.0.weight.mean"] as Tensor).toArray()).toEqual([0, 0]);
});

test("numbers that it cannot have, and tensors that were freed, leave it as it was", () => {
  const make = (): [optim.Adam, optim.CyclicLR] => {
    const optimizer = new optim.Adam([{ params: parameter([1, 2]) }, { params: parameter([3]) }]);
    return [optimizer, new optim.CyclicLR(optimizer, { baseLr: 0.1, maxLr: 1, stepSizeUp: 2 })];
  };
  const [[first, schedule], [second]] = [make(), make()];
  first.minimize(() => first.parameters[0]!.sum().add(first.parameters[1]!.sum()));
  schedule.step();
  const shown = (state: TrainingState): string =>
    JSON.stringify(Object.entries(state).map(([name, x]) => [name, x instanceof Tensor ? x.toArray() : x]));
  const before = shown(second.stateDict());
  const refuse = (name: string, value: Tensor | number, message: RegExp): void => {
    expect(() => second.loadStateDict({ ...first.stateDict(), [name]: value })).toThrow(message);
    expect(shown(second.stateDict())).toBe(before);
  };
  refuse("groups.1.lr", -1, /groups\.1\.lr is -1 instead of a finite number from 0$/);
  refuse("groups.1.momentum", 1, /groups\.1\.momentum is 1 instead of a finite number from 0 to below 1$/);
  const freed = tensor([1]);
  freed.dispose();
  refuse("groups.1.0.square", freed, /^Adam\.loadStateDict: expected a live tensor/);
  const steps = schedule.stateDict();
  expect(() => schedule.loadStateDict({ ...steps, steps: -1 })).toThrow(
    /steps is -1 instead of a finite number from 0/,
  );
  const stopping = new optim.EarlyStopping();
  expect(() => stopping.loadStateDict({ best: null, since: 0.5 })).toThrow(
    /since is 0\.5 instead of a whole number fr/,
  );
  expect(() => new optim.LBFGS(parameter([1])).loadStateDict(undefined as never)).toThrow(
    /^LBFGS\.loadStateDict: expected a state as stateDict\(\) gives it, got undefined/,
  );
});

test("a state of its own tensors is taken as it was, in whatever order", () => {
  const p = parameter([1, 2]);
  const optimizer = new optim.Adam({ p });
  optimizer.minimize(() => p.square().sum());
  const state = optimizer.stateDict();
  const [mean, square] = ["groups.0.p.mean", "groups.0.p.square"].map((name) => state[name] as Tensor) as [
    Tensor,
    Tensor,
  ];
  const values = [mean.toArray(), square.toArray()];
  optimizer.loadStateDict({ ...state, "groups.0.p.mean": square, "groups.0.p.square": mean });
  expect([square.toArray(), mean.toArray()]).toEqual(values);
});
