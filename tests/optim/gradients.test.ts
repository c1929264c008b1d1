// What is done with gradients and parameters around a step: clipping, accumulation, averages, and when to stop.
import { describe, expect, test } from "vitest";
import {
  compile,
  mseLoss,
  NonFiniteError,
  parameter,
  ScopeError,
  tensor,
  variable,
  type Tensor,
} from "../../bindings/index.js";
import { Linear } from "../../bindings/nn/index.js";
import {
  clipGradNorm,
  clipGradValue,
  EarlyStopping,
  ExponentialMovingAverage,
  gradNorm,
  SGD,
} from "../../bindings/optim/index.js";

/** Parameters with gradients: a of the first, in f32, b of the second, in f64. */
function withGradients(a: readonly number[], b: readonly number[]): [Tensor, Tensor] {
  const [p, q] = [parameter(new Float32Array(a.length)), parameter(new Float64Array(b.length))];
  p.mul(tensor(a)).sum().backward();
  q.mul(tensor(b, { dtype: "f64" }))
    .sum()
    .backward();
  return [p, q];
}

describe("clipGradNorm", () => {
  test.each([
    [2, 13],
    [1, 19],
    [Infinity, 12],
    [3, Math.cbrt(27 + 64 + 1728)],
  ])("with the norm of power %d", (normType, norm) => {
    const [p, q] = withGradients([3, -4], [12]);
    const got = clipGradNorm({ p, q }, 2, { normType });
    expect(got.dtype).toBe("f64");
    expect(got.item()).toBeCloseTo(norm, 5);
    const factor = 2 / (norm + 1e-6);
    for (const [x, g] of [
      [p, [3, -4]],
      [q, [12]],
    ] as const) {
      expect(x.grad!.dtype).toBe(x.dtype);
      const digits = x.dtype === "f64" && normType !== 3 ? 12 : 6;
      for (const [i, value] of g.entries()) expect(x.grad!.data()[i]).toBeCloseTo(value * factor, digits);
    }
  });

  test("leaves short gradients, and parameters without any", () => {
    const [p, q] = withGradients([3, 0], [4]);
    const none = parameter([1]);
    expect(clipGradNorm([p, q, none], 6).item()).toBe(5);
    expect([p.grad!.toArray(), q.grad!.toArray(), none.grad]).toEqual([[3, 0], [4], null]);
    expect(clipGradNorm([none], 1).item()).toBe(0);
    expect(clipGradNorm([p, q], Infinity).item()).toBe(5);
    expect(p.grad!.toArray()).toEqual([3, 0]);
  });

  test("of gradients that are not finite does what it says", () => {
    const [p, q] = withGradients([3, Infinity], [4]);
    expect(() => clipGradNorm([p, q], 1, { errorIfNonfinite: true })).toThrow(NonFiniteError);
    expect(p.grad!.toArray()).toEqual([3, Infinity]);
    expect(clipGradNorm([p, q], 1).item()).toBe(Infinity);
    expect([p.grad!.toArray(), q.grad!.toArray()]).toEqual([[0, NaN], [0]]);
    const [r, s] = withGradients([NaN], [1]);
    expect(clipGradNorm([r, s], 1).item()).toBeNaN();
    expect(s.grad!.item()).toBeNaN();
  });

  test("a large norm does not overflow in f64", () => {
    const [p, q] = withGradients([0], [1e150]);
    clipGradNorm([p, q], 1);
    expect(q.grad!.item()).toBeCloseTo(1, 12);
  });

  test("is compiled with the step, to the same bits", () => {
    const run = (compiled: boolean): unknown => {
      const p = parameter([3, -2, 1]);
      const optimizer = new SGD(p, { lr: 0.1 });
      const train = (x: Tensor): Tensor => {
        optimizer.zeroGrad();
        p.mul(x).square().sum().backward();
        const norm = clipGradNorm(p, 1);
        clipGradValue(p, 0.5);
        optimizer.step();
        return norm;
      };
      const step = compiled ? compile(train) : train;
      const norms = [1, 2, 3].map((x) => step(tensor([x, x, 1])).item());
      return [norms, p.toArray()];
    };
    expect(run(true)).toEqual(run(false));
  });

  test("refuses what has no gradients to clip", () => {
    expect(() => clipGradNorm([tensor([1])], 1)).toThrow(/^clipGradNorm: expected parameters/);
    expect(() => clipGradNorm([parameter([1])], -1)).toThrow(/a maxNorm from 0 on, got -1/);
    expect(() => clipGradNorm([parameter([1])], 1, { normType: 0.5 })).toThrow(/normType from 1 on/);
    expect(() => clipGradValue([parameter([1])], NaN)).toThrow(/clipValue from 0/);
    expect(() => clipGradNorm([parameter([1])], null as never)).toThrow(/a maxNorm from 0 on, got null/);
  });

  test("refuses what it would pass over, and takes a tree without parameters", () => {
    const model = new Linear(2, 1);
    const refused =
      /expected (parameters in arrays and objects|a tree of parameters), such as model\.parameters\(\), got/;
    for (const given of [model, [model], new Set([model.weight]), null, undefined, { lr: 1 }] as never[]) {
      expect(() => clipGradNorm(given, 1)).toThrow(refused);
      expect(() => clipGradValue(given, 1)).toThrow(refused);
      expect(() => gradNorm(given)).toThrow(refused);
    }
    expect(clipGradNorm(model.freeze().parameters(), 1).item()).toBe(0);
  });
});

test("clipGradValue takes every element into the range", () => {
  const [p, q] = withGradients([3, -0.25, NaN], [-7]);
  clipGradValue({ p, q }, 0.5);
  expect([p.grad!.toArray(), q.grad!.toArray()]).toEqual([[0.5, -0.25, NaN], [-0.5]]);
});

test("a gradient that is held stays readable when it is clipped", () => {
  for (const clip of [(p: Tensor) => clipGradNorm(p, 1), (p: Tensor) => clipGradValue(p, 1)]) {
    const [p] = withGradients([3, -4], [1]);
    const held = p.grad!;
    clip(p);
    expect(held.toArray()).toEqual([3, -4]);
    expect(p.grad!.toArray()).not.toEqual([3, -4]);
  }
});

test("gradients of parts of a batch add up to that of the whole", () => {
  const [x, y] = [tensor([[1], [2], [3], [4]], { dtype: "f64" }), tensor([[2], [3], [5], [8]], { dtype: "f64" })];
  const walk = (parts: number): unknown => {
    const w = parameter([[0.5]], { dtype: "f64" });
    const optimizer = new SGD(w, { lr: 0.25, momentum: 0.5 });
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      for (let i = 0; i < parts; i++) {
        const rows = [(4 / parts) * i, (4 / parts) * (i + 1)] as const;
        mseLoss(x.slice(rows).matmul(w), y.slice(rows)).div(parts).backward();
      }
      optimizer.step();
    }
    return w.item();
  };
  expect(walk(2)).toBe(walk(1));
  expect(walk(4)).toBe(walk(1));
});

describe("ExponentialMovingAverage", () => {
  test("follows its formula, from the parameters as they are, and copies whole numbers", () => {
    const [w, count] = [parameter([1, -1], { dtype: "f64" }), variable(0, { dtype: "i32" })];
    const average = new ExponentialMovingAverage({ w, count }, { decay: 0.75 });
    let want = [1, -1];
    for (let t = 1; t <= 3; t++) {
      w.assign([t, 2 * t]);
      count.assign(t);
      average.update();
      want = [0.75 * want[0]! + 0.25 * t, 0.75 * want[1]! + 0.25 * 2 * t];
    }
    const seen = average.averaged(() => [w.toArray(), count.item()]);
    expect(seen).toEqual([want, 3]);
    expect(w.toArray()).toEqual([3, 6]);
    expect(() =>
      average.averaged(() => {
        throw new RangeError("in between");
      }),
    ).toThrow(RangeError);
    expect(w.toArray()).toEqual([3, 6]);
    expect(Object.keys(average.stateDict())).toEqual(["w", "count"]);
  });

  test("is compiled with the step, to the same bits", () => {
    const run = (compiled: boolean): unknown => {
      const w = parameter([1, -1]);
      const optimizer = new SGD(w, { lr: 0.1 });
      const average = new ExponentialMovingAverage(w, { decay: 0.9 });
      const train = (): void => {
        optimizer.minimize(() => w.square().sum());
        average.update();
      };
      const step = compiled ? compile(train) : train;
      for (let t = 0; t < 3; t++) step();
      return average.averaged(() => w.toArray());
    };
    expect(run(true)).toEqual(run(false));
  });

  test("refuses a decay of 1, and what is no variable", () => {
    expect(() => new ExponentialMovingAverage(parameter([1]), { decay: 1 })).toThrow(/decay from 0 to below 1, got 1/);
    expect(() => new ExponentialMovingAverage([tensor([1])])).toThrow(/expected parameters/);
  });

  test("refuses a body that awaits, which would see the parameters again, and what is none", () => {
    const w = parameter([1]);
    const average = new ExponentialMovingAverage(w);
    expect(() => average.averaged(() => Promise.resolve(1))).toThrow(ScopeError);
    expect(() => average.averaged(3 as never)).toThrow(/^averaged: expected a closure/);
    expect(w.toArray()).toEqual([1]);
  });
});

describe("EarlyStopping", () => {
  test.each([
    [{ patience: 2 }, [3, 2, 2, 2], [false, false, false, true]],
    [{ patience: 0 }, [3, 2, 2], [false, false, true]],
    [{ patience: 2 }, [3, 2, 2, 1, 1, 1], [false, false, false, false, false, true]],
    [{ patience: 1, minDelta: 0.5 }, [3, 2.6], [false, true]],
    [{ patience: 1, minDelta: 0.5 }, [3, 2.4], [false, false]],
    [{ patience: 1, mode: "max" as const }, [-3, -2, -2], [false, false, true]],
    [{ patience: 2 }, [NaN, NaN], [false, true]],
    [{ patience: 2 }, [-1, Infinity, -2], [false, false, false]],
  ])("%j stops for %j at %j", (options, metrics, want) => {
    const stopping = new EarlyStopping(options);
    expect(metrics.map((metric) => stopping.step(metric))).toEqual(want);
  });

  test("tells the best, and goes on where it was saved", () => {
    const [first, second] = [new EarlyStopping({ patience: 2 }), new EarlyStopping({ patience: 2 })];
    expect([first.best, first.improved]).toEqual([null, false]);
    second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())) as ReturnType<EarlyStopping["stateDict"]>);
    expect(second.best).toBeNull();
    first.step(3);
    expect([first.best, first.improved]).toEqual([3, true]);
    first.step(4);
    expect([first.best, first.improved]).toEqual([3, false]);
    second.loadStateDict(first.stateDict());
    expect(second.step(3)).toBe(true);
    expect(() => second.loadStateDict({ best: "3" as unknown as number })).toThrow(
      /best is 3 instead of a finite number or null, since is missing/,
    );
  });
});
