// How the golden runner calls an operation: what PyTorch's parameters are called, and what the library has no word for.
import { describe, expect, test } from "vitest";
import * as core from "../bindings/index.js";
import * as nn from "../bindings/nn/index.js";
import * as optim from "../bindings/optim/index.js";
import { parseGolden, type GoldenFile } from "./golden/file.js";
import type { Library } from "./golden/library.js";
import { runGolden } from "./golden/run.js";

const library: Library = { core, nn, optim };

type Nested = number | boolean | readonly Nested[];

/** Floats, unless they are truth values; `int` marks whole numbers. */
interface Marked {
  readonly int: Nested;
}
type Given = Nested | Marked;
const int = (x: Nested): Marked => ({ int: x });

function tensorOf(given: Given): object {
  const [x, whole] = typeof given === "object" && "int" in given ? [given.int, true] : [given, false];
  const shape: number[] = [];
  for (let part: Nested = x; Array.isArray(part); part = (part as readonly Nested[])[0] ?? 0) shape.push(part.length);
  const data = flat(x);
  const dtype = typeof data[0] === "boolean" ? "bool" : whole ? "i64" : "f64";
  return {
    dtype,
    shape,
    data: data.map((number) => (Number.isFinite(Number(number)) ? Number(number) : String(number))),
  };
}

function flat(x: Nested): (number | boolean)[] {
  return Array.isArray(x) ? (x as readonly Nested[]).flatMap(flat) : [x as number | boolean];
}

/** A file of one case, in forward mode. */
function fileOf(
  op: string,
  inputs: Readonly<Record<string, Given>>,
  args: object,
  outputs: readonly Given[],
): GoldenFile {
  const named = Object.entries(inputs).map(([name, x]) => ({ name, ...tensorOf(x) }));
  const entry = { id: op, op, inputs: named, args, outputs: outputs.map(tensorOf) };
  return parseGolden(JSON.stringify({ meta: { schema: 1 }, cases: [entry] }));
}

const x = [1, 2, 3];
const matrix = [[1, 2, 3], [4, 5, 6]]; // prettier-ignore

/** An operation, its inputs and keywords as PyTorch has them, and what it gives. */
const calls: readonly (readonly [string, Readonly<Record<string, Given>>, object, ...Given[]])[] = [
  // Numbers in the place of a second tensor.
  ["add", { input: x }, { other: 1.5 }, [2.5, 3.5, 4.5]],
  ["fmod", { input: [7, -7] }, { other: 3 }, [1, -1]],
  ["pow", { exponent: x }, { self: 2 }, [2, 4, 8]],
  ["where", { condition: [true, false, true], input: x }, { other: 9 }, [1, 9, 3]],
  ["polygamma", { input: [1] }, { n: 1 }, [Math.PI ** 2 / 6]],
  // Two operations under one name.
  ["max", { input: [1, 5], other: [3, 2] }, {}, [3, 5]],
  ["max", { input: matrix }, { dim: 1 }, [3, 6], int([2, 2])],
  ["min", { input: matrix }, {}, 1],
  // Other names of parameters, and of operations.
  ["unflatten", { input: [1, 2, 3, 4] }, { dim: 0, unflattened_size: [2, 2] }, [[1, 2], [3, 4]]], // prettier-ignore
  ["tile", { input: [1, 2] }, { reps: [2] }, [1, 2, 1, 2]],
  ["split", { input: x }, { split_size: 2 }, [1, 2], [3]],
  ["slice_assign", { input: x, value: [9] }, { index: [[1, 2, null]] }, [1, 9, 3]],
  ["slice_assign", { input: x }, { index: [1], value: 9 }, [1, 9, 3]],
  ["tensordot", { left: matrix, right: matrix }, { dims: 2 }, 91],
  ["einsum", { a: x, b: x }, { equation: "i,i->" }, 14],
  ["index_add", { input: x, index: int([0, 0]), tensor: [10, 20] }, { dim: 0 }, [31, 2, 3]],
  ["searchsorted", { sorted_sequence: x, values: [2.5] }, { out_int32: true }, int([2])],
  ["searchsorted", { sorted_sequence: [3, 1, 2], values: [2.5], sorter: int([1, 2, 0]) }, { right: true }, int([2])],
  ["embedding", { input: int([1]), weight: matrix }, { padding_idx: 1 }, [[4, 5, 6]]],
  ["arctan2", { input: [1], other: [1] }, {}, [Math.PI / 4]],
  // What says how, not what.
  ["sort", { input: [3, 1, 2] }, { stable: true }, [1, 2, 3], int([1, 2, 0])],
  ["topk", { input: x }, { k: 1, sorted: true }, [3], int([2])],
  ["sum", { input: matrix }, { dim: [] }, 21],
  ["sum", { input: x }, { dtype: "torch.float64" }, 6],
  // Of whole numbers, floats of the type that is looked at.
  ["div", { input: int([1, 2]), other: int([4, 4]) }, {}, [0.25, 0.5]],
  ["arange", {}, { start: 0, end: 3 }, int([0, 1, 2])],
  ["arange", {}, { end: 1, step: 0.25 }, [0, 0.25, 0.5, 0.75]],
  ["full", {}, { size: [2], fill_value: 0.1 }, [0.1, 0.1]],
  ["eye", {}, { n: 1, m: 2 }, [[1, 0]]],
  ["linspace", {}, { start: 0, end: 1, steps: 3 }, [0, 0.5, 1]],
  ["logspace", {}, { start: 0, end: 2, steps: 3, base: 3 }, [1, 3, 9]],
  ["zeros_like", { input: int([1, 2]) }, { dtype: "float64" }, [0, 0]],
  // Indices.
  ["index", { input: matrix, idx: [true, false, true] }, { dim: 1 }, [[1, 3], [4, 6]]], // prettier-ignore
  ["index", { input: matrix, idx: [[true, false, true], [false, true, false]] }, {}, [1, 3, 5]], // prettier-ignore
  ["index_select", { input: x, index: int(2) }, { dim: 0 }, [3]],
  ["take_along_dim", { input: matrix, indices: int([5, 0]) }, {}, [6, 1]],
  ["nonzero", { input: matrix }, { as_tuple: true }, int([0, 0, 0, 1, 1, 1]), int([0, 1, 2, 0, 1, 2])],
  ["scatter", { input: x, index: int([0, 0]), src: [10, 20] }, { dim: 0, reduce: "add" }, [31, 2, 3]],
  ["diff", { input: x, prepend: [0], append: [9] }, {}, [1, 1, 1, 6]],
  ["cross", { input: [[1, 0], [0, 1], [0, 0]], other: [[0, 1], [1, 0], [0, 0]] }, {}, [[0, 0], [0, 0], [1, -1]]], // prettier-ignore
  // Statistics that training changes.
  ["batch_norm", { input: [[0], [2]], running_mean: [5], running_var: [5] }, { training: true, eps: 0 }, [[-1], [1]]],
  // Lines of others.
  ["hstack", { "tensors.0": [1], "tensors.1": [2, 3] }, {}, [1, 2, 3]],
  ["vstack", { "tensors.0": [1, 2], "tensors.1": [3, 4] }, {}, [[1, 2], [3, 4]]], // prettier-ignore
  ["column_stack", { "tensors.0": [1, 2], "tensors.1": [3, 4] }, {}, [[1, 3], [2, 4]]], // prettier-ignore
  ["var_mean", { input: x }, { unbiased: false }, 2 / 3, 2],
  ["std_mean", { input: matrix }, { dim: 1, correction: 0, keepdim: true }, [[Math.sqrt(2 / 3)], [Math.sqrt(2 / 3)]], [[2], [5]]], // prettier-ignore
  ["aminmax", { input: matrix }, { dim: 0 }, [1, 2, 3], [4, 5, 6]],
  ["bincount", { input: int([1, 3, 3]) }, { minlength: 5 }, int([0, 1, 0, 2, 0])],
  ["bincount", { input: int([1, 1]), weights: [0.5, 2] }, {}, [0, 2.5]],
  ["addr", { input: [[1, 1]], vec1: [2], vec2: [3, 4] }, { beta: 10, alpha: 0.5 }, [[13, 14]]],
  ["addbmm", { input: [[1]], batch1: [[[2]], [[3]]], batch2: [[[4]], [[5]]] }, {}, [[24]]],
  ["softmin", { input: [0, Math.log(3)] }, { dim: 0 }, [0.75, 0.25]],
  ["linalg.vander", { x }, { N: 2 }, [[1, 1], [1, 2], [1, 3]]], // prettier-ignore
  ["lp_pool1d", { input: [[[3, 4, 0, 5]]] }, { norm_type: 2, kernel_size: 2 }, [[[5, 5]]]],
  ["soft_margin_loss", { input: [0, 0], target: [1, -1] }, { reduction: "sum" }, 2 * Math.LN2],
  ["multilabel_soft_margin_loss", { input: [[0, 0]], target: [[1, 0]] }, {}, Math.LN2],
];

describe("PyTorch's parameters find their place, and a wrong number is noticed", () => {
  test.each(calls.map((call, i) => [call[0], i] as const))("%s (%#)", (_, i) => {
    const [op, inputs, args, ...outputs] = calls[i]!;
    const kindOf = (expected: readonly Given[], dtype: "f32" | "f64"): unknown =>
      runGolden(library, fileOf(op, inputs, args, expected), { dtype })[0];
    for (const dtype of ["f32", "f64"] as const) {
      expect(kindOf(outputs, dtype)).toMatchObject({ kind: "passed" });
      const last = outputs[outputs.length - 1]!;
      const wrong: Given = typeof last === "object" && "int" in last ? int(off(last.int)) : off(last);
      expect(kindOf([...outputs.slice(0, -1), wrong], dtype)).toMatchObject({ kind: "failed" });
    }
  });
});

/** The last number of them changed. */
function off(nested: Nested): Nested {
  if (Array.isArray(nested)) {
    const list = nested as readonly Nested[];
    return [...list.slice(0, -1), off(list[list.length - 1]!)];
  }
  return Number(nested) + 1;
}

/** Options that the library does not have: what it gives without them is not what was asked for. */
const withoutWord: readonly (readonly [string, Readonly<Record<string, Given>>, object, ...Given[]])[] = [
  ["exp", { input: [0] }, { no_such_keyword: 1 }, [1]],
  ["gather", { input: x, index: int([2]) }, { dim: 0, sparse_grad: true }, [3]],
  ["einsum", { a: x, b: x }, { equation: "i,i->", path: "optimal" }, 14],
  ["scatter", { input: x, index: int([0]), src: [5] }, { dim: 0, reduce: "multiply" }, [5, 2, 3]],
  ["diamond", { x: [0] }, { scale: 2 }, 0],
];

test.each(withoutWord.map((call, i) => [call[0], i] as const))("%s with an option that the library lacks", (_, i) => {
  const [op, inputs, args, ...outputs] = withoutWord[i]!;
  const [without] = runGolden(library, fileOf(op, inputs, args, outputs), { dtype: "f64" });
  expect(without).toMatchObject({ kind: "missing" });
});

test("an option that is refused is no pass, unless it says nothing", () => {
  const line = (antialias: boolean) =>
    fileOf("interpolate", { input: [[[1, 2]]] }, { size: 2, mode: "linear", antialias }, [[[[1, 2]]]]);
  expect(runGolden(library, line(true), { dtype: "f64" })).toMatchObject([{ kind: "failed" }]);
  expect(runGolden(library, line(false), { dtype: "f64" })).toMatchObject([{ kind: "passed" }]);
});

describe("a documented choice at a place that is tagged is told apart, and excuses nothing else", () => {
  const kindOf = (op: string, inputs: Readonly<Record<string, number[]>>, y: Given, vjp: number[]): string => {
    const named = Object.entries(inputs).map(([name, x], i) => ({ name, diff: i === 0, ...tensorOf(x) }));
    const cotangents = [tensorOf(Array.isArray(y) ? y.map(() => 2) : 2)];
    const expected = { outputs: [tensorOf(y)], cotangents, vjp: { [named[0]!.name]: tensorOf(vjp) } };
    const entry = { id: op, op, tags: ["convention"], inputs: named, ...expected };
    const tagged = parseGolden(JSON.stringify({ meta: { schema: 1 }, cases: [entry] }));
    return runGolden(library, tagged, { dtype: "f64" })[1]!.kind;
  };
  test.each([
    ["hardswish", { input: [-3, 3] }, [0, 3], [-1, 3], [-1, 2.5]],
    ["hypot", { input: [0], other: [0] }, [0], [NaN], [1]],
    ["median", { input: [1, 1, 2] }, 1, [1, 1, 0], [1, 0.5, 0]],
  ])("%s", (op, inputs, y, pytorch, wrong) => {
    const given = inputs as Readonly<Record<string, number[]>>;
    expect(kindOf(op, given, y, pytorch)).toBe("chosen");
    expect(kindOf(op, given, y, wrong)).toBe("failed");
  });
});

test("what rounding moves in f32 excuses no wrong number", () => {
  const nearlySingular = [[1, 0.9999], [0.9999, 1]]; // prettier-ignore
  const inverse = 1 / (1 - 0.9999 ** 2);
  const right: Nested = [[inverse, -0.9999 * inverse], [-0.9999 * inverse, inverse]]; // prettier-ignore
  const kinds = (expected: Nested): string[] =>
    runGolden(library, fileOf("linalg.inv", { A: nearlySingular }, {}, [expected])).map(({ kind }) => kind);
  expect(kinds(right)).toEqual(["passed", "passed"]);
  expect(kinds([[inverse, -0.98 * inverse], [-0.9999 * inverse, inverse]])).toEqual(["failed", "failed"]); // prettier-ignore
});

test("numbers that f32 does not have are looked at in f64 alone", () => {
  const far = fileOf("log10", { input: [1e300, 1e-300] }, {}, [[300, -300]]);
  expect(runGolden(library, far).map(({ dtype, kind }) => [dtype, kind])).toEqual([["f64", "passed"]]);
  const near = fileOf("log10", { input: [1e30] }, {}, [[30]]);
  expect(runGolden(library, near).map(({ kind }) => kind)).toEqual(["passed", "passed"]);
});

test.each([
  ["booth", [1, 3], 0],
  ["matyas", [1, 1], 0.04],
  ["sphere", [1, 2, 3], 14],
  ["griewank", [0, 0, 0], 0],
  ["levy", [1, 1, 1], 0],
  ["Three-Hump Camel", [0, 0], 0],
  ["six_hump_camel", [0.0898, -0.7126], -1.0316284229],
  ["mccormick", [0, 0], 1],
  ["goldstein_price", [0, -1], 3],
  ["easom", [Math.PI, Math.PI], -1],
  ["branin", [Math.PI, 2.275], 0.3978873577],
  ["zakharov", [1, 0], 1.3125],
  ["dixon_price", [1, Math.SQRT1_2], 0],
  ["powell", [3, -1, 0, 1], 215],
])("the function %s is known", (name, at, value) => {
  const zeros = at.map(() => 0);
  const entry = { name, x: at, value, grad: zeros, hessian: at.map(() => zeros), tol: { rtol: 1e-9, atol: 1e-10 } };
  const functions = parseGolden(JSON.stringify({ meta: { schema: 1 }, cases: [], functions: [entry] }));
  const outcomes = runGolden(library, functions, { dtype: "f64" });
  expect(outcomes.filter(({ kind }) => kind === "missing")).toEqual([]);
  expect(outcomes[0]).toMatchObject({ kind: "passed" });
});

test("a function that is not known is read from its formula", () => {
  const entry = { name: "mine", f: "x0^2 + sin(pi*x1)", x: [3, 0.5], value: 10, grad: [6, 0], hessian: [[2, 0], [0, -(Math.PI ** 2)]] }; // prettier-ignore
  const functions = parseGolden(JSON.stringify({ meta: { schema: 1 }, cases: [], functions: [entry] }));
  expect(runGolden(library, functions, { dtype: "f64" }).map(({ kind }) => kind)).toEqual([
    "passed",
    "passed",
    "passed",
  ]);
});

test("a schedule that follows a metric is given the loss; one of several follows them", () => {
  const tensor = (data: readonly number[]): object => ({ dtype: "f64", shape: [1, 1], data });
  const halved = { name: "ReduceLROnPlateau", args: { patience: 0, factor: 0.5, mode: "max", threshold: 0 } };
  // Of p from 1 at x = y = 0 the loss is 0 and stays so: p does not move, the rate is halved from the second step on.
  const entry = {
    ...{ id: "plateau", kind: "mlp", layers: [1, 1], activation: "relu", loss: "mse_loss", steps: 2 },
    ...{ data: { x: tensor([1]), y: tensor([0]) }, optimizer: { name: "SGD", args: { lr: 0.5 } }, scheduler: halved },
    ...{
      init_params: { "layers.0.weight": tensor([2]) },
      losses: [4, 0],
      final_params: { "layers.0.weight": tensor([0]) },
    },
  };
  const sequence = {
    name: "SequentialLR",
    args: {
      schedulers: [
        { name: "ConstantLR", args: { factor: 0.5, total_iters: 9 } },
        { name: "ExponentialLR", args: { gamma: 0.1 } },
      ],
      milestones: [2],
    },
    base_lr: 1,
    lr: [0.5, 0.5, 1, 0.1],
  };
  const text = JSON.stringify({ meta: { schema: 1 }, cases: [], training: [entry], schedules: [sequence] });
  const outcomes = runGolden(library, parseGolden(text), { dtype: "f64" });
  expect(outcomes.filter(({ kind }) => kind !== "passed")).toEqual([]);
  expect(outcomes).toHaveLength(3);
});

test("an optimiser's options are found by PyTorch's names", () => {
  const tensor = (data: readonly number[]): object => ({ dtype: "f64", shape: [1, 1], data });
  // (1 - 0.2 · 0.5) 2 - 0.5 · 4.
  const entry = {
    ...{ id: "asgd", kind: "mlp", layers: [1, 1], activation: "relu", loss: "mse_loss", steps: 1, losses: [4] },
    ...{ data: { x: tensor([1]), y: tensor([0]) }, optimizer: { name: "ASGD", args: { lr: 0.5, lambd: 0.2 } } },
    ...{ init_params: { "layers.0.weight": tensor([2]) }, final_params: { "layers.0.weight": tensor([-0.2]) } },
  };
  const training = parseGolden(JSON.stringify({ meta: { schema: 1 }, cases: [], training: [entry] }));
  expect(runGolden(library, training, { dtype: "f64" }).map(({ kind }) => kind)).toEqual(["passed", "passed"]);
});
