// The kernels of the tape: one line a case. Rows of the table that have none are named when the benchmark runs.
import type { Tensor } from "wengert";
import type { Operations } from "../../bindings/core/operations.js";
import { fold, LENGTH, one, other, product, SIDE, two, type Case } from "./case.js";

const N = LENGTH;
const positive = [0.1, 4] as const;
const matrix = { shape: [SIDE, SIDE] };
const squares = { ...matrix, range: positive };
const classes = { shape: [SIDE], dtype: "i32", range: [0, SIDE] } as const;
const places = { ...classes, shape: [SIDE, SIDE] };
const column = { shape: [SIDE] };
const scalar = { shape: [], range: positive };
const state = { shape: [4], dtype: "i32", range: [0, 1000] } as const;
const f32 = 4;

/** Elementwise arithmetic. */
const arithmetic: readonly Case[] = [
  one("neg", "-x"),
  one("abs", "Math.abs(x)"),
  one("sign", "Math.sign(x)"),
  one("square", "x * x"),
  one("square", "x * x", { dtype: "f64" }),
  one("reciprocal", "1 / x", { range: positive }),
  one("sqrt", "Math.sqrt(x)", { range: positive }),
  one("relu", "x > 0 ? x : 0"),
  two("add", "x + y"),
  two("add", "x + y", { dtype: "f64" }),
  two("add", "x + y", { dtype: "i32", range: [0, 1000] }),
  two("sub", "x - y"),
  two("mul", "x * y"),
  two("div", "x / y", { range: positive }),
  two("maximum", "x > y ? x : y"),
  two("minimum", "x < y ? x : y"),
  two("gatedMul", "x === 0 ? 0 : x * y"),
  two("eq", "x === y ? 1 : 0", { result: "bool" }),
  two("ne", "x !== y ? 1 : 0", { result: "bool" }),
  two("lt", "x < y ? 1 : 0", { result: "bool" }),
  two("le", "x <= y ? 1 : 0", { result: "bool" }),
  two("gt", "x > y ? 1 : 0", { result: "bool" }),
  two("ge", "x >= y ? 1 : 0", { result: "bool" }),
  other(
    "add row",
    "copy",
    2 * N * f32,
    [matrix, column],
    (o, [x, y]) => o.add(x!, y!),
    `for (let i = 0; i < ${N}; i++) OUT[i] = X[i] + Y[i % ${SIDE}];`,
  ),
  other(
    "add number",
    "copy",
    2 * N * f32,
    [{ shape: [N] }],
    (o, [x]) => o.add(x!, 1),
    `for (let i = 0; i < ${N}; i++) OUT[i] = X[i] + 1;`,
  ),
  other(
    "where",
    "copy",
    N * (1 + 3 * f32),
    [{ shape: [N], dtype: "bool", range: [0, 2] }, { shape: [N] }, { shape: [N] }],
    (o, [x, y, z]) => o.where(x!, y!, z!),
    `for (let i = 0; i < ${N}; i++) OUT[i] = X[i] ? Y[i] : Z[i];`,
    [N, "f32"],
  ),
];

/** Transcendental functions: the suite vecmath says more of them. */
const transcendental: readonly Case[] = [
  one("exp", "Math.exp(x)"),
  one("log", "Math.log(x)", { range: positive }),
  one("sin", "Math.sin(x)"),
  one("cos", "Math.cos(x)"),
  one("tanh", "Math.tanh(x)"),
  one("sigmoid", "1 / (1 + Math.exp(-x))"),
  one("exp", "Math.exp(x)", { dtype: "f64" }),
  one("tanh", "Math.tanh(x)", { dtype: "f64" }),
  ...["expm1", "sinh", "cosh", "asinh", "cbrt", "atan"].map((name) => one(name, `Math.${name}(x)`)),
  ...["log1p", "log2", "log10", "tan"].map((name) => one(name, `Math.${name}(x)`, { range: [0.1, 1] })),
  ...["asin", "acos", "atanh"].map((name) => one(name, `Math.${name}(x)`, { range: [-0.9, 0.9] })),
  ...["floor", "ceil", "trunc"].map((name) => one(name, `Math.${name}(x)`)),
  one("exp2", "Math.pow(2, x)"),
  one("acosh", "Math.acosh(x)", { range: [1.1, 4] }),
  one("softplus", "Math.log1p(Math.exp(x))"),
  one("silu", "x / (1 + Math.exp(-x))"),
  one("mish", "x * Math.tanh(Math.log1p(Math.exp(x)))"),
  bare(one("gelu", "0")),
  one("geluTanh", "0.5 * x * (1 + Math.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))"),
  one("rsqrt", "1 / Math.sqrt(x)", { range: positive }),
  ...["round", "erf", "erfc"].map((name) => bare(one(name, "0"))),
  ...["erfinv", "lgamma", "digamma"].map((name) => bare(one(name, "0", { range: [0.1, 0.9] }))),
  other("polygamma", "copy", 3 * N * f32, [
    { shape: [N], dtype: "i32", range: [1, 3] },
    { shape: [N], range: positive },
  ]),
  two("pow", "Math.pow(x, y)", { range: positive }),
  two("hypot", "Math.hypot(x, y)"),
  two("atan2", "Math.atan2(x, y)"),
];

/** Without an equivalent in plain JavaScript that could be written in a line. */
function bare({ plain: _, ...rest }: Case): Case {
  return rest;
}

const movement: readonly Case[] = [
  one("copy", "x"),
  other(
    "copy transposed",
    "copy",
    2 * N * f32,
    [matrix],
    (o, [x]) => o.copy(o.permute(x!, [1, 0])),
    `for (let i = 0; i < ${SIDE}; i++) for (let j = 0; j < ${SIDE}; j++) OUT[i * ${SIDE} + j] = X[j * ${SIDE} + i];`,
  ),
  one("cast", "x", { result: "i32", about: "to i32", run: (o, [x]) => o.cast(x!, "i32") }),
  one("cast", "x", { result: "f64", about: "to f64", run: (o, [x]) => o.cast(x!, "f64") }),
  one("cast", "x", {
    dtype: "u8",
    result: "f32",
    about: "to f32",
    range: [0, 255],
    run: (o, [x]) => o.cast(x!, "f32"),
  }),
  one("toIndex", "x", { result: "i32", range: [3, 3] }),
  other(
    "gatherRows",
    "copy",
    2 * N * f32,
    [matrix, classes],
    undefined,
    `for (let i = 0; i < ${SIDE}; i++) for (let j = 0; j < ${SIDE}; j++) OUT[i * ${SIDE} + j] = X[Y[i] * ${SIDE} + j];`,
  ),
  other(
    "scatterAddRows",
    "copy",
    3 * N * f32,
    [matrix, classes],
    (o, [x, y]) => o.scatterAddRows(x!, y!, SIDE),
    `OUT.fill(0); for (let i = 0; i < ${SIDE}; i++) for (let j = 0; j < ${SIDE}; j++) OUT[Y[i] * ${SIDE} + j] += X[i * ${SIDE} + j];`,
  ),
];

/** Elements by index along an axis. */
const along: readonly Case[] = ([0, 1] as const).flatMap((axis) => {
  const name = axis === 0 ? "columns" : "rows";
  return [
    other(`gather ${name}`, "copy", 3 * N * f32, [matrix, places], (o, [x, index]) => o.gather(x!, axis, index!)),
    other(`scatterAdd ${name}`, "copy", 5 * N * f32, [matrix, places, matrix], (o, [x, index, y]) =>
      o.scatterAdd(x!, axis, index!, y!),
    ),
  ];
});

const reductions: readonly Case[] = [
  fold("sum", null, "s = 0", "s += x"),
  fold("sum", 1, "s = 0", "s += x"),
  fold("sum", 0, "s = 0", "s += x"),
  fold("sum", null, "s = 0", "s += x", "f64"),
  fold("max", null, "s = -Infinity", "if (x > s) s = x"),
  fold("max", 1, "s = -Infinity", "if (x > s) s = x"),
  fold("max", 0, "s = -Infinity", "if (x > s) s = x"),
  fold("min", 1, "s = Infinity", "if (x < s) s = x"),
  fold("argMax", 1, "s = 0, m = -Infinity", "if (x > m) { m = x; s = j; }"),
  fold("argMin", 1, "s = 0, m = Infinity", "if (x < m) { m = x; s = j; }"),
  fold("prod", 1, "s = 1", "s *= x"),
  other("deviation rows", "read", 2 * N * f32, [matrix], (o, [x]) => o.deviation(x!, { from: 1, to: 2 })),
  other("deviation columns", "read", 2 * N * f32, [matrix], (o, [x]) => o.deviation(x!, { from: 0, to: 1 })),
  other("deviation all", "read", 2 * N * f32, [matrix], (o, [x]) => o.deviation(x!, { from: 0, to: 2 })),
  other("logsumexp rows", "read", N * f32, [matrix], (o, [x]) => o.logsumexp(x!, 1)),
  other("logsumexp columns", "read", N * f32, [matrix], (o, [x]) => o.logsumexp(x!, 0)),
];

const products: readonly Case[] = [
  product(16, 16, 16),
  product(32, 32, 32),
  product(64, 64, 64),
  product(128, 128, 128),
  product(256, 256, 256),
  product(256, 256, 256, "f32", "NT"),
  product(256, 256, 256, "f32", "TN"),
  product(64, 784, 128),
  product(64, 784, 128, "f32", "TT"),
  product(256, 256, 256, "f64"),
  other("linear 64x784x128", "f32", 2 * 64 * 784 * 128, [
    { shape: [64, 784] },
    { shape: [128, 784] },
    { shape: [128] },
  ]),
  { ...product(1024, 1024, 1), limit: "read", amount: 1024 * 1024 * f32 },
  { ...product(1, 1024, 1024), limit: "read", amount: 1024 * 1024 * f32 },
  { ...product(128, 128, 1), limit: "read", amount: 128 * 128 * f32 },
  { ...product(1, N, 1), limit: "read", amount: 2 * N * f32 },
  { ...product(SIDE, 1, SIDE), limit: "copy", amount: N * f32 },
  product(4, 512, 512),
  product(512, 512, 4),
  product(1024, 8, 8),
  other("matmul batched 64x8x8x8", "f32", 2 * 64 * 8 * 8 * 8, [{ shape: [64, 8, 8] }, { shape: [64, 8, 8] }]),
  other("matmul broadcast 64x8x8x8", "f32", 2 * 64 * 8 * 8 * 8, [{ shape: [64, 8, 8] }, { shape: [8, 8] }]),
];

const rows: readonly Case[] = [
  other("softmax", "copy", 2 * N * f32, [matrix]),
  other("logSoftmax", "copy", 2 * N * f32, [matrix]),
  other("softmaxBackward", "copy", 3 * N * f32, [matrix, matrix]),
  other("logSoftmaxBackward", "copy", 3 * N * f32, [matrix, matrix]),
  other("crossEntropy", "read", N * f32, [matrix, classes]),
  other("crossEntropyBackward", "copy", 2 * N * f32, [matrix, classes, column]),
  other("layerNorm", "copy", 2 * N * f32, [matrix, column, column], (o, [x, w, b]) => o.layerNorm(x!, w!, b!, 1e-5)),
  other("rmsNorm", "copy", 2 * N * f32, [matrix, column], (o, [x, w]) => o.rmsNorm(x!, w!, null, 1e-5)),
  other("layerNormBackward", "copy", 3 * N * f32, [matrix, matrix, column], (o, [x, g, w]) =>
    o.layerNormBackward(x!, g!, w, 1e-5),
  ),
  other("rmsNormBackward", "copy", 3 * N * f32, [matrix, matrix, column], (o, [x, g, w]) =>
    o.rmsNormBackward(x!, g!, w, 1e-5),
  ),
  other("sgd", "copy", 3 * N * f32, [matrix, matrix, scalar], (o, inputs) =>
    o.sgd(inputs, { momentum: 0, weightDecay: 0, nesterov: false }),
  ),
  other("sgd momentum", "copy", 5 * N * f32, [matrix, matrix, scalar, matrix, scalar], (o, inputs) =>
    o.sgd(inputs, { momentum: 0.9, weightDecay: 0, nesterov: false }),
  ),
  other("adam", "copy", 7 * N * f32, [matrix, matrix, scalar, matrix, squares, scalar], (o, inputs) =>
    o.adam(inputs, { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0 }),
  ),
  other("cumsum rows", "copy", 2 * N * f32, [matrix], (o, [x]) => o.cumsum(x!, 1)),
  other("cumsum columns", "copy", 2 * N * f32, [matrix], (o, [x]) => o.cumsum(x!, 0)),
  other("cumprod rows", "copy", 2 * N * f32, [matrix], (o, [x]) => o.cumprod(x!, 1)),
  other("cumprod columns", "copy", 2 * N * f32, [matrix], (o, [x]) => o.cumprod(x!, 0)),
  other("foremost rows", "copy", 2 * N * f32, [matrix], (o, [x]) => o.foremost(x!, 1, true)),
  other("foremost columns", "copy", 2 * N * f32, [matrix], (o, [x]) => o.foremost(x!, 0, true)),
  other("argsort rows", "copy", 2 * N * f32, [matrix], (o, [x]) => o.argsort(x!, 1)),
];

const generated: readonly Case[] = [
  other("fill", "copy", N * f32, [], (o) => o.fill([N], 1, "f32"), "OUT.fill(1);", [N, "f32"]),
  other("iota", "copy", N * f32, [], (o) => o.iota(N, "f32"), `for (let i = 0; i < ${N}; i++) OUT[i] = i;`, [N, "f32"]),
  other("uniform", "copy", N * f32, [state], (o, [x]) => o.uniform(x!, [N], "f32")),
  other("bits", "copy", N * f32, [state], (o, [x]) => o.bits(x!, [N])),
  other("normal", "copy", N * f32, [state], (o, [x]) => o.normal(x!, [N], "f32", 0, 1)),
  other("integers", "copy", N * f32, [state], (o, [x]) => o.integers(x!, [N], -3, 10)),
  other("permutation", "copy", N * f32, [state], (o, [x]) => o.permutation(x!, N)),
];

/** Square matrices of n rows; the operations are those of the textbook's algorithms, for `eigh` and `svd` as LAPACK counts them. */
function algebra(name: string, n: number, amount: number, width = n): Case {
  const square = { shape: [n, n], dtype: "f64" } as const;
  const pair = { shape: [n, width], dtype: "f64" } as const;
  const calls: Readonly<Record<string, Case["run"]>> = {
    solveTriangular: (o, [a, b]) => o.solveTriangular(heavy(o, a!), b!, { upper: false, unit: false }),
    cholesky: (o, [a]) => o.cholesky(heavy(o, a!)),
    qr: (o, [a]) => o.qr(a!, { width: n }),
    svd: (o, [a]) => o.svd(a!, { width: n }),
    pinv: (o, [a]) => o.pinv(a!, { value: 1e-12, least: 0 }),
  };
  return other(
    `${name} ${n}x${n}x${width} f64`,
    "f64",
    amount,
    name.startsWith("solve") ? [square, pair] : [square],
    calls[name],
  );
}

/** With a diagonal that makes the matrix positive definite. */
function heavy(o: Operations, a: Tensor): Tensor {
  const n = a.shape[0]!;
  const diagonal = o.cast(o.eq(o.reshape(o.iota(n, "i32"), [n, 1]), o.iota(n, "i32")), "f64");
  return o.add(a, o.mul(diagonal, 4 * n));
}

const linearAlgebra: readonly Case[] = [
  algebra("solve", SIDE, (2 / 3) * SIDE ** 3, 1),
  algebra("solve", SIDE, (8 / 3) * SIDE ** 3),
  algebra("solveTriangular", SIDE, SIDE ** 3),
  algebra("det", SIDE, (2 / 3) * SIDE ** 3),
  algebra("slogdet", SIDE, (2 / 3) * SIDE ** 3),
  algebra("cofactor", SIDE, (8 / 3) * SIDE ** 3),
  algebra("cholesky", SIDE, (1 / 3) * SIDE ** 3),
  algebra("qr", SIDE, (8 / 3) * SIDE ** 3),
  algebra("eigh", 64, 9 * 64 ** 3),
  algebra("svd", 64, 22 * 64 ** 3),
  algebra("pinv", 64, 24 * 64 ** 3),
  algebra("matrixExp", 64, 40 * 64 ** 3),
];

export const CASES: readonly Case[] = [
  ...arithmetic,
  ...transcendental,
  ...movement,
  ...along,
  ...reductions,
  ...products,
  ...rows,
  ...generated,
  ...linearAlgebra,
];

/** How many times as fast as `Math` a function is meant to be: with the baseline build, with the relaxed one. */
export type Goals = readonly [baseline: number, relaxed: number];

function math(name: string, expression: string, goals?: Goals, range?: readonly [number, number]) {
  const options = { length: 100_000, ...(range && { range, about: `${range[0]}..${range[1]}` }) };
  return { ...one(name, expression, options), ...(goals && { goals }) };
}

const ERF = `{ const a = Math.abs(x), t = 1 / (1 + 0.3275911 * a), y = 1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t -
  0.284496736) * t + 0.254829592) * t * Math.exp(-a * a); OUT[i] = x < 0 ? -y : y; }`;

/** `Math` takes some arguments more quickly than others. */
const RANGES: readonly (readonly [number, number])[] = [
  [0, 1],
  [-1, 1],
  [-3, 3],
  [-10, 10],
  [-100, 100],
];

/** Elementwise functions against `Math`; those that the table does not have yet are left out. */
export const MATHEMATICS: readonly (Case & { readonly goals?: Goals })[] = [
  ...RANGES.flatMap((range) => [
    math("exp", "Math.exp(x)", [7, 9], range),
    math("sin", "Math.sin(x)", [7, 9], range),
    math("cos", "Math.cos(x)", [7, 9], range),
    math("tanh", "Math.tanh(x)", [6, 7], range),
    math("sigmoid", "1 / (1 + Math.exp(-x))", [7.5, 9], range),
  ]),
  ...[1, 3, 10, 100].map((most) => math("log", "Math.log(x)", [7, 10], [0, most])),
  math("sin", "Math.sin(x)", [7, 9], [-1e5, 1e5]),
  ...["tan", "asin", "acos", "atan", "sinh", "asinh", "atanh", "expm1", "log1p", "cbrt"].map((name) =>
    math(name, `Math.${name}(x)`, undefined, [-0.9, 0.9]),
  ),
  ...["log2", "log10", "cosh", "exp2"].map((name) =>
    math(name, name === "exp2" ? "Math.pow(2, x)" : `Math.${name}(x)`, undefined, [0.1, 10]),
  ),
  math("acosh", "Math.acosh(x)", undefined, [1.1, 10]),
  math("softplus", "Math.log1p(Math.exp(x))"),
  math("silu", "x / (1 + Math.exp(-x))"),
  math("elu", "x > 0 ? x : Math.expm1(x)"),
  math("gelu", "0.5 * x * (1 + Math.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))", undefined, [-4, 4]),
  { ...math("erf", "0"), plain: `for (let i = 0; i < 100000; i++) { const x = X[i]; ${ERF} }` },
];
