// Each method against a transcription of its published algorithm, in plain numbers.
import { expect, test } from "vitest";
import { parameter, tensor, ValueError, type Tensor, type Variable } from "../../bindings/index.js";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  LinearLR,
  Lion,
  NAdam,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
  type Optimizer,
} from "../../bindings/optim/index.js";

/** What a method remembers of one number, by name; 0 at first. */
type State = Record<string, number>;
/** The number after its t-th step, from 1 on. */
type Rule = (p: number, g: number, t: number, s: State) => number;

const at = (s: State, name: string): number => s[name] ?? 0;
const blend = (s: State, name: string, x: number, beta: number): number =>
  (s[name] = beta * at(s, name) + (1 - beta) * x);

const adam = (lr: number, decay: number, decoupled: boolean, amsgrad = false): Rule => {
  return (p, slope, t, s) => {
    const g = decoupled ? slope : slope + decay * p;
    const m = blend(s, "m", g, 0.9) / (1 - 0.9 ** t);
    blend(s, "v", g * g, 0.999);
    s["peak"] = Math.max(at(s, "peak"), s["v"]!);
    const v = (amsgrad ? s["peak"] : s["v"]!) / (1 - 0.999 ** t);
    return (decoupled ? p * (1 - lr * decay) : p) - (lr * m) / (Math.sqrt(v) + 1e-8);
  };
};

const nadam = (lr: number, decay: number, decoupled: boolean): Rule => {
  return (p, slope, t, s) => {
    const g = decoupled ? slope : slope + decay * p;
    const mu = (step: number): number => 0.9 * (1 - 0.5 * 0.96 ** (step * 0.004));
    const product = (s["product"] = (s["product"] ?? 1) * mu(t));
    const m = blend(s, "m", g, 0.9);
    const root = Math.sqrt(blend(s, "v", g * g, 0.999) / (1 - 0.999 ** t)) + 1e-8;
    const kept = decoupled ? p * (1 - lr * decay) : p;
    return (
      kept - (lr * (1 - mu(t)) * g) / (1 - product) / root - (lr * mu(t + 1) * m) / (1 - product * mu(t + 1)) / root
    );
  };
};

const radam = (beta2: number): Rule => {
  return (p, g, t, s) => {
    const m = blend(s, "m", g, 0.9) / (1 - 0.9 ** t);
    const v = blend(s, "v", g * g, beta2);
    const limit = 2 / (1 - beta2) - 1;
    const rho = limit - (2 * t * beta2 ** t) / (1 - beta2 ** t);
    if (rho <= 5) return p - 0.1 * m;
    const rectified = Math.sqrt(((rho - 4) * (rho - 2) * limit) / ((limit - 4) * (limit - 2) * rho));
    return p - (0.1 * m * rectified * Math.sqrt(1 - beta2 ** t)) / (Math.sqrt(v) + 1e-8);
  };
};

const rmsprop = (momentum: number, centered: boolean): Rule => {
  return (p, g, _t, s) => {
    const v = blend(s, "v", g * g, 0.9);
    const m = blend(s, "m", g, 0.9);
    const d = g / (Math.sqrt(centered ? v - m * m : v) + 1e-8);
    s["b"] = momentum * at(s, "b") + d;
    return p - 0.1 * s["b"];
  };
};

const sgd = (momentum: number, dampening: number, nesterov: boolean): Rule => {
  return (p, slope, t, s) => {
    const g = slope + 0.2 * p;
    const v = (s["v"] = t === 1 ? g : momentum * at(s, "v") + (1 - dampening) * g);
    return p - 0.1 * (nesterov ? g + momentum * v : v);
  };
};

const rprop = (lr: number, [down, up]: [number, number], [least, most]: [number, number]): Rule => {
  return (p, slope, t, s) => {
    const agreement = slope * at(s, "g");
    const factor = agreement > 0 ? up : agreement < 0 ? down : 1;
    s["s"] = Math.min(most, Math.max(least, (t === 1 ? lr : s["s"]!) * factor));
    s["g"] = agreement < 0 ? 0 : slope;
    return p - Math.sign(s["g"]) * s["s"];
  };
};

const asgd = (lr: number, lambda: number, alpha: number, decay: number): Rule => {
  return (p, slope, t) => {
    const eta = lr / (1 + lambda * lr * (t - 1)) ** alpha;
    return p * (1 - lambda * eta) - eta * (slope + decay * p);
  };
};

const methods: Record<string, [make: (p: object) => Optimizer, rule: Rule]> = {
  SGD: [(p) => new SGD(p, { lr: 0.1, weightDecay: 0.2 }), sgd(0, 0, false)],
  "SGD with momentum": [
    (p) => new SGD(p, { lr: 0.1, weightDecay: 0.2, momentum: 0.9, dampening: 0.25 }),
    sgd(0.9, 0.25, false),
  ],
  "SGD of Nesterov": [
    (p) => new SGD(p, { lr: 0.1, weightDecay: 0.2, momentum: 0.9, nesterov: true }),
    sgd(0.9, 0, true),
  ],
  "SGD upward": [(p) => new SGD(p, { lr: 0.1, maximize: true }), (p, g) => p + 0.1 * g],
  Adam: [(p) => new Adam(p), adam(0.001, 0, false)],
  "Adam with decay": [(p) => new Adam(p, { lr: 0.1, weightDecay: 0.2 }), adam(0.1, 0.2, false)],
  "Adam with amsgrad": [(p) => new Adam(p, { lr: 0.1, weightDecay: 0.2, amsgrad: true }), adam(0.1, 0.2, false, true)],
  AdamW: [(p) => new AdamW(p), adam(0.001, 0.01, true)],
  "AdamW with amsgrad": [(p) => new AdamW(p, { lr: 0.1, amsgrad: true }), adam(0.1, 0.01, true, true)],
  NAdam: [(p) => new NAdam(p), nadam(0.002, 0, false)],
  "NAdam with decay": [(p) => new NAdam(p, { lr: 0.1, weightDecay: 0.2 }), nadam(0.1, 0.2, false)],
  "NAdam, decoupled": [
    (p) => new NAdam(p, { lr: 0.1, weightDecay: 0.2, decoupledWeightDecay: true }),
    nadam(0.1, 0.2, true),
  ],
  // Rectified from the sixth step on, and from the fourth.
  RAdam: [(p) => new RAdam(p, { lr: 0.1 }), radam(0.999)],
  "RAdam, soon": [(p) => new RAdam(p, { lr: 0.1, betas: [0.9, 0.95] }), radam(0.95)],
  Adagrad: [
    (p) => new Adagrad(p),
    (p, g, _t, s) => p - (0.01 * g) / (Math.sqrt((s["v"] = at(s, "v") + g * g)) + 1e-10),
  ],
  "Adagrad with all options": [
    (p) => new Adagrad(p, { lr: 0.1, lrDecay: 0.5, initialAccumulatorValue: 0.25, weightDecay: 0.2 }),
    (p, slope, t, s) => {
      const g = slope + 0.2 * p;
      s["v"] = (s["v"] ?? 0.25) + g * g;
      return p - ((0.1 / (1 + (t - 1) * 0.5)) * g) / (Math.sqrt(s["v"]) + 1e-10);
    },
  ],
  Adadelta: [
    (p) => new Adadelta(p),
    (p, g, _t, s) => {
      const d = (Math.sqrt(at(s, "u") + 1e-6) / Math.sqrt(blend(s, "v", g * g, 0.9) + 1e-6)) * g;
      blend(s, "u", d * d, 0.9);
      return p - d;
    },
  ],
  RMSprop: [(p) => new RMSprop(p, { lr: 0.1, alpha: 0.9 }), rmsprop(0, false)],
  "RMSprop, centred, with momentum": [
    (p) => new RMSprop(p, { lr: 0.1, alpha: 0.9, momentum: 0.5, centered: true }),
    rmsprop(0.5, true),
  ],
  Adamax: [
    (p) => new Adamax(p),
    (p, g, t, s) => {
      s["u"] = Math.max(0.999 * at(s, "u"), Math.abs(g) + 1e-8);
      return p - ((0.002 / (1 - 0.9 ** t)) * blend(s, "m", g, 0.9)) / s["u"];
    },
  ],
  Rprop: [(p) => new Rprop(p), rprop(0.01, [0.5, 1.2], [1e-6, 50])],
  "Rprop within bounds": [
    (p) => new Rprop(p, { lr: 0.1, etas: [0.25, 2], stepSizes: [0.05, 0.3] }),
    rprop(0.1, [0.25, 2], [0.05, 0.3]),
  ],
  ASGD: [(p) => new ASGD(p), asgd(0.01, 0.0001, 0.75, 0)],
  "ASGD with all options": [
    (p) => new ASGD(p, { lr: 0.1, lambda: 0.5, alpha: 0.5, t0: 2, weightDecay: 0.2 }),
    asgd(0.1, 0.5, 0.5, 0.2),
  ],
  Lion: [
    (p) => new Lion(p, { lr: 0.1, weightDecay: 0.2 }),
    (p, g, _t, s) => {
      const next = p * (1 - 0.1 * 0.2) - 0.1 * Math.sign(0.9 * at(s, "m") + 0.1 * g);
      blend(s, "m", g, 0.99);
      return next;
    },
  ],
};

const START = [
  [1, -2, 0.5],
  [0.25, -0.75],
] as const;

/** The slopes of the loss below, by step, parameter and element. The second parameter has none in every third step. */
const slope = (t: number, k: number, i: number): number => ((7 * t + 5 * k + 3 * i) % 11) / 4 - 1.3;
const isMoved = (t: number, k: number): boolean => k === 0 || t % 3 !== 1;

function walk(make: (p: object) => Optimizer, steps: number): number[] {
  const parameters = START.map((values) => parameter(values, { dtype: "f64" }));
  const optimizer = make(parameters);
  const term = (p: Variable, t: number, k: number): Tensor =>
    p
      .mul(
        tensor(
          START[k]!.map((_, i) => slope(t, k, i)),
          { dtype: "f64" },
        ),
      )
      .sum();
  for (let t = 0; t < steps; t++) {
    optimizer.minimize(() => {
      const first = term(parameters[0]!, t, 0);
      return isMoved(t, 1) ? first.add(term(parameters[1]!, t, 1)) : first;
    });
  }
  return parameters.flatMap((p) => p.toArray() as number[]);
}

function transcribed(rule: Rule, steps: number): number[] {
  return START.flatMap((values, k) =>
    values.map((value, i) => {
      const state: State = {};
      let [p, moves] = [value as number, 0];
      for (let t = 0; t < steps; t++) if (isMoved(t, k)) p = rule(p, slope(t, k, i), ++moves, state);
      return p;
    }),
  );
}

test.each(Object.entries(methods))(
  "%s follows its formula, each parameter by its own count of steps",
  (_, [make, rule]) => {
    const got = walk(make, 8);
    for (const [i, want] of transcribed(rule, 8).entries()) {
      expect(Math.abs(got[i]! - want), `${i}: ${got[i]} for ${want}`).toBeLessThan(1e-12 * (1 + Math.abs(want)));
    }
  },
);

test("a centred RMSprop stays finite where the variance is 0 but for rounding", () => {
  const slopes = Array.from({ length: 64 }, (_, i) => (i + 1) / 10);
  const p = parameter(new Float32Array(64));
  const optimizer = new RMSprop(p, { centered: true, alpha: 0.9, eps: 1e-3 });
  for (let t = 0; t < 200; t++) optimizer.minimize(() => p.mul(tensor(slopes)).sum());
  expect([...p.data()].every(Number.isFinite)).toBe(true);
});

test("ASGD keeps the mean of the parameters from t0 on", () => {
  const p = parameter([0], { dtype: "f64" });
  const optimizer = new ASGD({ p }, { lr: 1, lambda: 0, t0: 2 });
  const seen: number[] = [];
  const averages: number[] = [];
  for (const slope of [-1, -2, -4, -8, -16]) {
    optimizer.minimize(() => p.mul(slope).sum());
    seen.push(p.item());
    averages.push((optimizer.stateDict()["groups.0.p.average"] as Tensor).item());
  }
  expect(seen).toEqual([1, 3, 7, 15, 31]);
  // The last alone up to one step after t0, then a share 1/2 of the new one, 1/3, ..
  expect(averages).toEqual([1, 3, 7, 15, 23]);
});

test("Rprop's first step is that of the learning rate then, as schedules have it", () => {
  const p = parameter([1, 1], { dtype: "f64" });
  const optimizer = new Rprop({ p }, { lr: 0.5 });
  const schedule = new LinearLR(optimizer, { startFactor: 0.25, totalIters: 2 });
  for (const reached of [0.875, 0.725]) {
    optimizer.minimize(() => p.square().sum());
    schedule.step();
    expect(p.toArray()).toEqual([reached, reached]);
  }
});

test("Rprop refuses factors and bounds without a meaning", () => {
  const p = parameter([0]);
  expect(() => new Rprop(p, { etas: [1.5, 2] })).toThrow(ValueError);
  expect(() => new Rprop(p, { stepSizes: [1, 0.5] })).toThrow(ValueError);
  expect(() => new Rprop(p, { etas: 2 as never })).toThrow(/^Rprop: expected etas as two numbers, got 2$/);
});
