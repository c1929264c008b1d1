// Recurrent cells, sequences and layers against loops over plain numbers.
import { describe, expect, test } from "vitest";
import { checkGradients, Generator, ShapeError, tensor, zeros, type Tensor } from "../../bindings/index.js";
import {
  GRU,
  gruCell,
  gruSeq,
  LSTM,
  lstmCell,
  lstmSeq,
  RNN,
  rnnReluCell,
  rnnReluSeq,
  rnnTanhCell,
  rnnTanhSeq,
} from "../../bindings/nn/index.js";
import { expectRefused } from "../support/refusal.js";
import { expectNear } from "../support/compare.js";

type Matrix = number[][];
interface Weights {
  readonly wi: Matrix;
  readonly wh: Matrix;
  readonly bi: number[];
  readonly bh: number[];
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const affine = (w: Matrix, x: readonly number[], b: readonly number[]): number[] =>
  w.map((row, i) => row.reduce((sum, v, j) => sum + v * x[j]!, b[i] ?? 0));

/** One step of one example: the new state, of which the first part is the output. */
type Step = (x: number[], state: number[][], weights: Weights) => number[][];

const plainStep =
  (activation: (x: number) => number): Step =>
  (x, [h], { wi, wh, bi, bh }) => {
    const y = affine(wh, h!, bh);
    return [affine(wi, x, bi).map((v, i) => activation(v + y[i]!))];
  };

const lstmStep: Step = (x, [h, c], { wi, wh, bi, bh }) => {
  const y = affine(wh, h!, bh);
  const gates = affine(wi, x, bi).map((v, i) => v + y[i]!);
  const n = c!.length;
  const next = c!.map(
    (before, k) => sigmoid(gates[n + k]!) * before + sigmoid(gates[k]!) * Math.tanh(gates[2 * n + k]!),
  );
  return [next.map((v, k) => sigmoid(gates[3 * n + k]!) * Math.tanh(v)), next];
};

const gruStep: Step = (x, [h], { wi, wh, bi, bh }) => {
  const [a, b] = [affine(wi, x, bi), affine(wh, h!, bh)];
  const n = h!.length;
  return [
    h!.map((before, k) => {
      const z = sigmoid(a[n + k]! + b[n + k]!);
      const candidate = Math.tanh(a[2 * n + k]! + sigmoid(a[k]! + b[k]!) * b[2 * n + k]!);
      return (1 - z) * candidate + z * before;
    }),
  ];
};

type Call = (...args: Tensor[]) => Tensor | Tensor[];
const kinds: Record<string, { step: Step; gates: number; states: number; cell: Call; seq: Call }> = {
  "RNN with tanh": {
    step: plainStep(Math.tanh),
    gates: 1,
    states: 1,
    cell: rnnTanhCell,
    seq: rnnTanhSeq,
  },
  "RNN with ReLU": {
    ...{ step: plainStep((x) => Math.max(x, 0)), gates: 1, states: 1 },
    ...{ cell: rnnReluCell, seq: rnnReluSeq },
  },
  LSTM: { step: lstmStep, gates: 4, states: 2, cell: lstmCell, seq: lstmSeq },
  GRU: { step: gruStep, gates: 3, states: 1, cell: gruCell, seq: gruSeq },
};

const [STEPS, N, INPUTS, HIDDEN] = [4, 2, 3, 2];

/** Weights as tensors and as numbers. */
function drawn(gates: number, seed = 5) {
  const generator = new Generator(seed);
  const normal = (...shape: number[]): Tensor => generator.normal(shape, { dtype: "f64" });
  const tensors = [
    normal(gates * HIDDEN, INPUTS),
    normal(gates * HIDDEN, HIDDEN),
    normal(gates * HIDDEN),
    normal(gates * HIDDEN),
  ];
  const [wi, wh, bi, bh] = tensors.map((t) => t.toArray()) as [Matrix, Matrix, number[], number[]];
  return { normal, tensors, weights: { wi, wh, bi, bh } };
}

describe.each(Object.entries(kinds))("%s", (_, { step, gates, states, cell, seq }) => {
  test("a step is that of the formula", () => {
    const { normal, tensors, weights } = drawn(gates);
    const [x, ...state] = [normal(N, INPUTS), ...Array.from({ length: states }, () => normal(N, HIDDEN))];
    const got = [cell(x, ...state, ...tensors)].flat();
    const rows = (t: Tensor): Matrix => t.toArray() as Matrix;
    const want = rows(x).map((row, i) =>
      step(
        row,
        state.map((s) => rows(s)[i]!),
        weights,
      ),
    );
    expect(got).toHaveLength(states);
    for (const [k, t] of got.entries())
      expectNear(
        t,
        want.map((parts) => parts[k]!),
      );
  });

  test("a sequence is its steps one after the other", () => {
    const { normal, tensors } = drawn(gates);
    const [xs, ...state] = [normal(STEPS, N, INPUTS), ...Array.from({ length: states }, () => normal(N, HIDDEN))];
    const [hs, ...last] = seq(xs, ...state, ...tensors) as Tensor[];
    let now = state;
    const outputs = [...xs].map((x) => {
      now = [cell(x, ...now, ...tensors)].flat();
      return now[0]!.toArray();
    });
    expectNear(hs!, outputs);
    for (const [i, s] of last.entries()) expectNear(s, now[i]!.toArray());
  });

  test("gradients of a sequence in both modes", () => {
    const { normal, tensors } = drawn(gates, 6);
    const given = [normal(2, INPUTS).mul(0.7), ...Array.from({ length: states }, () => normal(HIDDEN)), ...tensors];
    const f = (...args: Tensor[]): Tensor => {
      const parts = seq(...args) as Tensor[];
      return parts.map((part, i) => part.mul(i + 1).sum()).reduce((sum, part) => sum.add(part));
    };
    const check = checkGradients(f, given, { order: 1 });
    expect(check.passed, String(check)).toBe(true);
  });

  test("biases may be left out, and shapes that do not fit are refused", () => {
    const { normal, tensors } = drawn(gates);
    const state = Array.from({ length: states }, () => normal(N, HIDDEN));
    const x = normal(N, INPUTS);
    const none = [tensors[0]!, tensors[1]!];
    const zero = zeros([gates * HIDDEN], { dtype: "f64" });
    expectNear([cell(x, ...state, ...none)].flat()[0]!, [cell(x, ...state, ...none, zero, zero)].flat()[0]!.toArray());
    expectRefused(() => cell(normal(N, INPUTS + 1), ...state, ...tensors), ShapeError, /\[2, 4\]/, {
      temporaries: true,
    });
    expectRefused(() => seq(x, ...state, ...tensors), ShapeError, /steps, \.\., inputs/);
    const wrong = state.map(() => normal(N + 1, HIDDEN));
    expectRefused(() => cell(x, ...wrong, ...tensors), ShapeError, /state \[\.\., hidden\]/);
  });
});

const layers = {
  RNN: (options: object) => new RNN(INPUTS, HIDDEN, options),
  "RNN with ReLU": (options: object) => new RNN(INPUTS, HIDDEN, { ...options, nonlinearity: "relu" }),
  LSTM: (options: object) => new LSTM(INPUTS, HIDDEN, options),
  GRU: (options: object) => new GRU(INPUTS, HIDDEN, options),
};
const steps = {
  RNN: plainStep(Math.tanh),
  "RNN with ReLU": plainStep((x) => Math.max(x, 0)),
  LSTM: lstmStep,
  GRU: gruStep,
};

describe.each(Object.keys(layers) as (keyof typeof layers)[])("the layer %s", (kind) => {
  test.each([{}, { batchFirst: true }, { bias: false }])("two layers both ways are loops over numbers: %j", (more) => {
    const model = layers[kind]({
      numLayers: 2,
      bidirectional: true,
      dtype: "f64",
      generator: new Generator(2),
      ...more,
    });
    const x = new Generator(3).normal([STEPS, N, INPUTS], { dtype: "f64" });
    const first = "batchFirst" in more;
    const [output, state] = (model as RNN).forward(first ? x.transpose(0, 1) : x) as [Tensor, Tensor | Tensor[]];
    const own = Object.fromEntries(model.namedParameters().map(([name, p]) => [name, p.toArray()])) as Record<
      string,
      never
    >;
    const states = kind === "LSTM" ? 2 : 1;
    const finals: number[][][][] = Array.from({ length: states }, () => []);
    let rows = x.toArray() as number[][][];
    for (const layer of [0, 1]) {
      const parts = ["", "_reverse"].map((direction) => {
        const named = (name: string): never => own[`${name}_l${layer}${direction}`] ?? ([] as never);
        const weights = { wi: named("weight_ih"), wh: named("weight_hh"), bi: named("bias_ih"), bh: named("bias_hh") };
        const now = Array.from({ length: N }, () =>
          Array.from({ length: states }, () => new Array<number>(HIDDEN).fill(0)),
        );
        const order = rows.map((_, t) => t);
        const outputs: number[][][] = [];
        for (const t of direction ? order.reverse() : order) {
          for (let i = 0; i < N; i++) now[i] = steps[kind](rows[t]![i]!, now[i]!, weights);
          outputs[t] = now.map(([h]) => h!);
        }
        for (const [k, list] of finals.entries()) list.push(now.map((parts) => parts[k]!));
        return outputs;
      });
      rows = parts[0]!.map((examples, t) => examples.map((h, i) => [...h, ...parts[1]![t]![i]!]));
    }
    expectNear(first ? output.transpose(0, 1) : output, rows);
    for (const [k, s] of [state].flat().entries()) expectNear(s, finals[k]!.flat());
  });

  test("a state that is passed on continues the sequence", () => {
    const model = layers[kind]({ numLayers: 2, dtype: "f64", generator: new Generator(2) }) as RNN;
    const x = new Generator(3).normal([5, N, INPUTS], { dtype: "f64" });
    const [whole] = model.forward(x);
    const [head, state] = model.forward(x.slice([0, 2]));
    const [tail] = model.forward(x.slice([2, 5]), state);
    expectNear(whole, [head.toArray(), tail.toArray()]);
  });
});

test("an example alone is a batch of one, without its axis", () => {
  const model = new LSTM(INPUTS, HIDDEN, { dtype: "f64", batchFirst: true });
  const x = new Generator(1).normal([STEPS, INPUTS], { dtype: "f64" });
  const [alone, [h]] = model(x);
  expect([alone.shape, h.shape]).toEqual([
    [STEPS, HIDDEN],
    [1, HIDDEN],
  ]);
  expectNear(alone, model(x.unsqueeze(0))[0].toArray());
});

test("outputs between layers are dropped in training only", () => {
  const model = new GRU(INPUTS, 8, { numLayers: 2, dropout: 0.5, generator: new Generator(1) });
  const x = new Generator(2).normal([STEPS, N, INPUTS]);
  expect(model(x)[0].toArray()).not.toEqual(model(x)[0].toArray());
  model.eval();
  expect(model(x)[0].toArray()).toEqual(model(x)[0].toArray());
});

test("weights have PyTorch's names and shapes", () => {
  const shapes = new LSTM(5, 3, { numLayers: 2, bidirectional: true })
    .namedParameters()
    .map(([name, p]) => [name, p.shape]);
  expect(Object.fromEntries(shapes)).toEqual({
    ...{ weight_ih_l0: [12, 5], weight_hh_l0: [12, 3], bias_ih_l0: [12], bias_hh_l0: [12] },
    ...{
      weight_ih_l0_reverse: [12, 5],
      weight_hh_l0_reverse: [12, 3],
      bias_ih_l0_reverse: [12],
      bias_hh_l0_reverse: [12],
    },
    ...{ weight_ih_l1: [12, 6], weight_hh_l1: [12, 3], bias_ih_l1: [12], bias_hh_l1: [12] },
    ...{
      weight_ih_l1_reverse: [12, 6],
      weight_hh_l1_reverse: [12, 3],
      bias_ih_l1_reverse: [12],
      bias_hh_l1_reverse: [12],
    },
  });
});

test("what a recurrent layer cannot take is refused", () => {
  const model = new GRU(INPUTS, HIDDEN);
  expectRefused(() => model(zeros([STEPS, N, INPUTS + 1])), ShapeError, /with 3 inputs, got \[4, 2, 4\]/, {
    temporaries: true,
  });
  expectRefused(() => model(zeros([STEPS, N, INPUTS]), zeros([2, N, HIDDEN])), ShapeError, /a state of \[1, 2, 2\]/, {
    temporaries: true,
  });
  expect(() => new GRU(3, 0)).toThrow(/whole sizes/);
  expect(() => new RNN(3, 2, { nonlinearity: "sigmoid" as never })).toThrow(/"tanh" or "relu"/);
});

test("a sequence without steps leaves the state as it is", () => {
  const h = tensor([[1, 2]], { dtype: "f64" });
  const { tensors } = drawn(3);
  const [hs, last] = gruSeq(
    zeros([0, 1, INPUTS], { dtype: "f64" }),
    h,
    ...(tensors as [Tensor, Tensor, Tensor, Tensor]),
  );
  expect(hs.shape).toEqual([0, 1, HIDDEN]);
  expect(last.toArray()).toEqual([[1, 2]]);
});

test("an LSTM whose outputs are projected is a loop over plain numbers, in layers and both ways", () => {
  const [inputs, hidden, projSize, steps] = [3, 4, 2, 5];
  const generator = new Generator(3);
  const how = { projSize, numLayers: 2, bidirectional: true, dtype: "f64" as const, generator };
  const model = new LSTM(inputs, hidden, how);
  const shapes = Object.entries(model.stateDict()).map(([name, { shape }]) => `${name} ${shape.join("x")}`);
  const layer = (l: string, width: number): string[] =>
    [`weight_ih_${l} 16x${width}`, `weight_hh_${l} 16x2`, `bias_ih_${l} 16`, `bias_hh_${l} 16`, `weight_hr_${l} 2x4`]; // prettier-ignore
  expect(shapes).toEqual([...layer("l0", 3), ...layer("l0_reverse", 3), ...layer("l1", 4), ...layer("l1_reverse", 4)]);

  const x = generator.normal([steps, 1, inputs], { dtype: "f64" });
  const numbers = (name: string): never => model.stateDict()[name]!.toArray() as never;
  let rows = (x.toArray() as number[][][]).map(([row]) => row!);
  const [hs, cs]: [number[][], number[][]] = [[], []];
  for (const l of ["l0", "l1"]) {
    const ways = [l, `${l}_reverse`].map((way, direction) => {
      const weights = { wi: numbers(`weight_ih_${way}`), wh: numbers(`weight_hh_${way}`), bi: numbers(`bias_ih_${way}`), bh: numbers(`bias_hh_${way}`) }; // prettier-ignore
      let [h, c] = [[0, 0], [0, 0, 0, 0]]; // prettier-ignore
      const outputs = (direction === 0 ? rows : rows.toReversed()).map((row) => {
        const [full, next] = lstmStep(row, [h, c], weights) as [number[], number[]];
        [h, c] = [affine(numbers(`weight_hr_${way}`), full, []), next];
        return h;
      });
      hs.push(h);
      cs.push(c);
      return direction === 0 ? outputs : outputs.toReversed();
    });
    rows = rows.map((_, t) => ways.flatMap((outputs) => outputs[t]!));
  }
  const [output, [h, c]] = model(x);
  const expectClose = (got: Tensor, want: readonly number[][]): void => {
    expect(got.shape[1]).toBe(1);
    const flat = want.flat();
    for (const [i, value] of [...got.reshape([-1]).data()].entries()) expect(value).toBeCloseTo(flat[i]!, 12);
  };
  expect([output.shape, h.shape, c.shape]).toEqual([[5, 1, 4], [4, 1, 2], [4, 1, 4]]); // prettier-ignore
  expectClose(output, rows);
  expectClose(h, hs);
  expectClose(c, cs);
  const [again] = model(x, [h, c]);
  expect(again.shape).toEqual([5, 1, 4]);
  checkGradients((y) => model(y)[0], [x]);
  expect(model.summary(x).multiplyAdds).toBe(steps * (2 * (48 + 32 + 8) + 2 * (64 + 32 + 8)));
  expectRefused(() => model(x, [c, c]), ShapeError, /a state of \[4, 1, 2\], got \[4, 1, 4\]/);
  for (const odd of [4, -1, 0.5])
    expect(() => new LSTM(2, 4, { projSize: odd })).toThrow(/LSTM: expected a whole projSize from 0 to below 4/);
});
