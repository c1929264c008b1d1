import { describe, expect, test } from "vitest";
import {
  add,
  arange,
  AxisError,
  cat,
  crossEntropy,
  data,
  dot,
  DTypeError,
  embedding,
  eye,
  Generator,
  IndexError,
  linalg,
  linear,
  linspace,
  matmul,
  mseLoss,
  oneHot,
  outer,
  parameter,
  pad,
  pow,
  ShapeError,
  softmax,
  stack,
  takeAlongAxis,
  tensor,
  transpose,
  ValueError,
  where,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import * as library from "../../bindings/index.js";
import * as nn from "../../bindings/nn/index.js";
import { expectRefused, wrong } from "../support/refusal.js";

// What is wrong is refused with a typed error that says what was expected and what came, and nothing has been done by then.

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const v = tensor([1, 2, 3, 4]);
const scalar = tensor(1);
const empty = zeros([0, 3]);
const whole = tensor(new Int32Array([1, 2, 3]));
const generator = new Generator(1);
const half = tensor([0, 0.5]);
const infinite = tensor([Infinity, 1]);
const outside = tensor(new Int32Array([0, 3]));
const lowest = tensor(new Int32Array([-2147483648]));

const endless: unknown[] = [];
endless.push(endless);

type Case = readonly [what: string, run: () => unknown, message: RegExp, options?: { temporaries: boolean }];
/** What is made of arrays and never returned waits for the scope around it. */
const temporaries = { temporaries: true };

function refuses(type: Parameters<typeof expectRefused>[1], cases: readonly Case[]): void {
  for (const [what, run, message, options] of cases) test(what, () => void expectRefused(run, type, message, options));
}

describe("shapes", () => {
  refuses(ShapeError, [
    ["of an index to gather", () => x.gather(0, whole), /^gather: .*\[2, 3\] but for axis 0, got \[3\]$/],
    ["of an index too long", () => x.gather(1, [[0], [0], [0]]), /^gather: .*got \[3, 1\]$/, temporaries],
    ["of an index to scatterAdd", () => x.scatterAdd(0, whole, 1), /^scatterAdd: .*got \[3\]$/],
    ["of a source too short", () => x.scatterAdd(0, [[0, 0]], [[1]]), /^scatterAdd: .*at least \[1, 2\]/, temporaries],
    ["of an index to takeAlongAxis", () => takeAlongAxis(x, whole), /^takeAlongAxis: .*2 axes.*got \[3\]$/],
    ["of what pad cuts off", () => pad(x, -2), /^pad: .*\[2, 3\], got \[-2, -1\]$/],
    ["for reshape: a text", () => x.reshape(wrong("6")), /^reshape: .*whole lengths from 0 on, got \[6\]$/],
    ["of widths to pad", () => pad(x, [[1, 1]]), /^pad: .*2 axes of \[2, 3\], got 1 pairs$/],
    ["of no widths to pad", () => pad(x, wrong(undefined)), /^pad: .*got 1 pairs$/],
    ["of a list of widths to pad", () => pad(x, [1, 1, 1]), /^pad: .*got 3 numbers$/],
    ["that do not broadcast", () => add(x, v), /^add: .*broadcast.*\[2, 3\] and \[4\]$/],
    ["that do not broadcast, of an array", () => add(x, [1, 2, 3, 4]), /^add: .*\[2, 3\] and \[4\]$/, temporaries],
    ["of where", () => where(x.gt(1), v, 0), /^where: .*\[2, 3\]/, temporaries],
    ["of matmul", () => matmul(x, x), /^matmul: expected \[.., m, k\] and \[.., k, n\], got \[2, 3\] and \[2, 3\]$/],
    ["of matmul: no axis", () => matmul(x, scalar), /^matmul: .*\[2, 3\] and \[\]$/],
    ["of linear", () => linear(x, v.reshape([1, 4])), /\[2, 3\] and \[1, 4\]$/],
    ["of dot", () => dot(v, whole), /^dot: .*\[4\] and \[3\]$/],
    ["of outer", () => outer(v, x), /^outer: .*\[4\] and \[2, 3\]$/],
    ["of mseLoss", () => mseLoss(x, v), /^mseLoss: .*\[2, 3\] and \[4\]$/],
    ["of crossEntropy", () => crossEntropy(x, v), /^crossEntropy: .*\[2\] or .*\[2, 3\].*got \[4\]$/],
    ["for reshape: another size", () => x.reshape([4]), /^reshape: .*6 elements.*\[2, 3\].*got \[4\]$/],
    ["for reshape: not divisible", () => x.reshape([4, -1]), /^reshape: .*got \[4, -1\]$/],
    ["for reshape: two open", () => x.reshape([-1, -1]), /^reshape: /],
    ["for reshape: a fraction", () => x.reshape([1.5, 4]), /whole lengths.*\[1.5, 4\]/],
    ["for reshape: NaN", () => x.reshape([NaN]), /whole lengths.*\[NaN\]/],
    ["for expand", () => x.expand([2, 4]), /^expand: .*\[2, 3\] and \[2, 4\]$/],
    ["for expand: too few axes", () => x.expand([3]), /^expand: .*\[2, 3\].*got \[3\]$/],
    ["of parts for cat", () => cat([x, v]), /^cat: .*\[2, 3\] and \[4\]$/],
    ["of parts for cat, along the other axis", () => cat([x, zeros([3, 3])], 1), /^cat: .*\[3, 3\]$/, temporaries],
    ["of parts for stack", () => stack([x, v]), /^stack: .*\[2, 3\] and \[4\]$/],
    ["of ragged arrays", () => tensor([[1, 2], [3]]), /^tensor: .*one shape, \[2, 2\], got a row of 1/],
    ["of ragged arrays, deeper", () => tensor(wrong([1, [2]])), /^tensor: .*one shape/],
    ["of ragged arrays, shallower", () => tensor(wrong([[1], 2])), /^tensor: .*one shape, \[2, 1\], got 2 at depth 1/],
    ["of an array that holds itself", () => tensor(wrong(endless)), /^tensor: .*at most 16 axes, got 17/],
    ["for a typed array", () => tensor(new Float32Array(3), { shape: [2, 2] }), /^tensor: expected 4 elements.*got 3$/],
    ["with a negative length", () => zeros([-1, 2]), /whole lengths.*\[-1, 2\]/],
    ["of 17 axes", () => zeros(new Array<number>(17).fill(1)), /at most 16 axes, got 17/],
    ["of nothing, for max", () => empty.max(), /^max: .*at least one.*\[0, 3\]$/],
    ["of nothing, for argMin along its axis", () => empty.argMin(0), /^argMin: .*\[0, 3\]$/],
    ["for item", () => x.item(), /^item: .*one element, got \[2, 3\]$/],
    ["for iteration", () => [...scalar], /0-d tensor; use item\(\)/],
    ["of eye", () => eye(-2), /^eye: .*whole lengths.*\[-2, -2\]/],
    ["of linspace", () => linspace(0, 1, 2.5), /whole lengths.*\[2.5\]/],
    ["of a random draw", () => generator.uniform([2, -1]), /^uniform: .*\[2, -1\]$/],
    ["of a permutation", () => generator.permutation(2.5), /^permutation: .*\[2.5\]$/],
  ]);
});

describe("dtypes", () => {
  refuses(DTypeError, [
    [
      "truth values as indices",
      () => x.indexSelect(0, [true, false]),
      /whole numbers as indices, got truth/,
      temporaries,
    ],
    ["a condition of floats", () => where(x, 1, 0), /^where: .*dtype bool, such as x.ne\(0\), got f32$/],
    [
      "a complex type",
      () => tensor(1, { dtype: wrong("complex64") }),
      /^tensor: .*bool, u8, i32, f16, bf16, f32, f64, got complex64$/,
    ],
    ["a complex type for cast", () => x.cast(wrong("complex128")), /^cast: .*got complex128$/],
    ["a complex type for zeros", () => zeros([2], { dtype: wrong("c64") }), /got c64$/],
    ["the name of a method", () => x.cast(wrong("toString")), /^cast: .*got toString$/],
    ["16-bit integers", () => tensor(wrong(new Int16Array(2))), /^tensor: .*got Int16Array$/],
    ["64-bit integers", () => tensor(wrong(new BigInt64Array(2))), /^tensor: .*got BigInt64Array$/],
    [
      "a gradient of integers",
      () => tensor([1, 2], { dtype: "i32", requiresGrad: true }),
      /^tensor: .*floating-point.*got i32$/,
    ],
    ["floats put into integers", () => whole.sliceAssign([0], half.slice(0)), /^sliceAssign: .*i32, got f32$/],
    ["floats scattered into integers", () => whole.scatter(0, [0], half), /^scatter: .*i32, got f32$/, temporaries],
    ["floats added to integers", () => whole.indexAdd(0, [0, 1], half), /^indexAdd: .*i32, got f32$/, temporaries],
    ["a parameter of integers", () => parameter([1], { dtype: "u8" }), /^parameter: .*floating-point.*got u8$/],
    ["random integers", () => generator.uniform([2], { dtype: "i32" }), /^uniform: .*floating-point.*got i32$/],
  ]);
});

describe("numbers", () => {
  refuses(ValueError, [
    ["integers to a negative power", () => pow(whole, -1), /^pow: expected an exponent from 0 up.*got -1$/],
    ["the same of an array of them", () => pow(Int32Array.of(2), -1), /^pow: .*got -1$/, temporaries],
    ["truth values to a negative power", () => pow([true], -1), /^pow: .*got -1$/, temporaries],
    ["more than there are", () => x.topk(4), /^topk: .*from 0 to 3, got 4$/],
    ["a fraction of an element", () => x.topk(0.5), /^topk: .*got 0.5$/],
    ["a negative count", () => x.argsort(0, { count: -1 }), /^argsort: .*from 0 to 2, got -1$/],
    ["half a width", () => pad(x, 0.5), /^pad: .*got 0.5$/],
    ["a mirror wider than its axis", () => pad(v, 4, { mode: "reflect" }), /^pad: .*up to 3.*got 4 and 4$/],
    ["a fraction among integers", () => pad(whole, 1, { value: 0.5 }), /^pad: .*i32, got 0.5$/],
    ["NaN as an integer", () => tensor([1, NaN], { dtype: "i32" }), /whole numbers.*i32, got NaN at position 1$/],
    ["a fraction as an integer", () => tensor([0.5], { dtype: "u8" }), /got 0.5 at position 0$/],
    ["256 as a byte", () => tensor([256], { dtype: "u8" }), /from 0 to 255 for u8, got 256/],
    ["2 as a truth value", () => tensor([2], { dtype: "bool" }), /for bool, got 2/],
    ["a fraction put into integers", () => whole.sliceAssign([0], 0.5), /^sliceAssign: .*i32, got 0.5/],
    [
      "what i32 cannot hold",
      () => whole.maskedFill(whole.gt(1), 1e10),
      /^maskedFill: .*i32, got 10000000000/,
      temporaries,
    ],
    ["a step of 0", () => arange(0, 1, 0), /^arange: .*step other than 0/],
    ["an endless range", () => arange(Infinity), /^arange: .*finite/],
    ["a negative seed", () => new Generator(-1), /^Generator: .*got -1$/],
    ["a fractional seed", () => generator.seed(0.5), /^Generator: .*got 0.5$/],
    ["half a turn of rot90", () => library.rot90(x, 0.5), /^rot90: expected a whole number of quarters, got 0.5$/],
  ]);
});

describe("what is of another kind, or not there", () => {
  refuses(ValueError, [
    ["a text", () => tensor(wrong("1, 2")), /^tensor: .*got string$/],
    ["null", () => add(x, wrong(null)), /numbers?.*got object$/],
    ["undefined", () => add(wrong(undefined), x), /got undefined$/],
    ["a bigint", () => add(x, wrong(3n)), /got bigint$/],
    ["a hole in an array", () => tensor(wrong([1, undefined, 3])), /got undefined$/],
    ["numbers and truth values together", () => tensor([1, true]), /^tensor: .*got both$/],
    ["no tensors for cat", () => cat([]), /^cat: .*at least one tensor, got none$/],
    ["something else than a tensor", () => data(wrong(undefined)), /^data: expected a tensor, got undefined$/],
    ["a text as a list of tensors", () => cat(wrong("a")), /^cat: .*got string$/],
    [
      "no rules for customGradient",
      () => library.customGradient((y: Tensor) => y, wrong(undefined)),
      /^customGradient: expected a function, got undefined$/,
    ],
    [
      "no model for functionalCall",
      () => nn.functionalCall(wrong(null), {}),
      /^functionalCall: expected a module, got null$/,
    ],
    [
      "no values for functionalCall",
      () => nn.functionalCall(new nn.Tanh(), wrong(null), x),
      /^functionalCall: expected a tree of values by name, got null$/,
    ],
    ["no function for scope", () => library.scope(wrong(1)), /^scope: expected a function, got 1$/],
    ["null for scope", () => library.scope(wrong(null)), /^scope: expected a function, got null$/],
    ["no function for noGrad", () => library.noGrad(wrong(1)), /^noGrad: expected a function, got 1$/],
  ]);
  const recurrent = ["rnnTanhCell", "rnnReluCell", "gruCell", "rnnTanhSeq", "rnnReluSeq", "gruSeq"] as const;
  for (const name of recurrent) {
    const f = nn[name];
    test(`too little for ${name}`, () => {
      for (const given of [[], [x], [x, x], [x, x, x]]) {
        const all = given.concat(Array.from({ length: 4 - given.length }, () => wrong(undefined)));
        const [a, b, c, d] = all as [Tensor, Tensor, Tensor, Tensor];
        expectRefused(() => f(a, b, c, d), ValueError, new RegExp(`^${name}: `));
      }
    });
  }
});

describe("options", () => {
  refuses(ValueError, [
    ["a mode of padding", () => pad(v, 1, { mode: wrong("edge") }), /^pad: .*reflect.*got edge$/],
    ["a triangle that is neither", () => linalg.solveTriangular(x, x, wrong({})), /^solveTriangular: .*got undefined$/],
    [
      "an option of another name",
      () => x.sum(0, wrong({ keepdim: true })),
      /^sum: .*keepDims, dtype, got keepdim; is keepDims meant\?$/,
    ],
    ["another name of the axis of unique", () => x.unique(wrong({ axis: 0 })), /^unique: .*got axis$/],
    ["no option", () => x.max(0, wrong(true)), /^max: expected an object with options, got true$/],
    ["a tensor for options", () => crossEntropy(x, [0, 1], wrong(v)), /^crossEntropy: .*ignoreIndex/, temporaries],
    [
      "an option in another spelling",
      () => x.var(0, wrong({ Correction: 0 })),
      /^variance: .*got Correction; is correction meant\?$/,
    ],
    [
      "smoothing above 1",
      () => crossEntropy(x, [0, 1], { labelSmoothing: 2 }),
      /^crossEntropy: .*labelSmoothing.*got 2$/,
      temporaries,
    ],
    [
      "a reduction that there is not",
      () => mseLoss(x, x, { reduction: wrong("max") }),
      /^mseLoss: .*got max$/,
      temporaries,
    ],
  ]);
});

describe("indices", () => {
  refuses(IndexError, [
    ["NaN in an array", () => x.indexSelect(0, [1, NaN]), /whole numbers.*got NaN at position 1$/, temporaries],
    ["a fraction in an array", () => x.indexSelect(1, [0, 0.5]), /whole numbers.*got 0.5 at position 1$/, temporaries],
    ["a fraction in a float tensor", () => x.indexSelect(1, half), /whole numbers.*got 0.5 at position 1$/],
    ["infinity in a float tensor", () => embedding(x, infinite), /whole numbers.*got Infinity at position 0$/],
    ["beyond the end", () => x.indexSelect(1, outside), /from -3 to 2, got 3 at position 1$/, temporaries],
    ["before the beginning", () => x.indexSelect(1, [0, 0, -4]), /from -3 to 2, got -4 at position 2$/, temporaries],
    ["the lowest integer", () => embedding(x, lowest), /from -2 to 1, got -2147483648 at position 0$/],
    ["a row that a table has not", () => embedding(x, [2]), /from -2 to 1, got 2 at position 0$/, temporaries],
    ["a class that there is not", () => crossEntropy(x, [0, 3]), /^crossEntropy: .*got 3 at position 1$/, temporaries],
    ["a class that oneHot has not", () => oneHot(whole, 3), /^oneHot: .*from 0 to 2, got 3$/],
    ["a negative class of oneHot", () => oneHot([-1], 3), /^oneHot: .*from 0 to 2, got -1$/, temporaries],
    ["a negative class", () => crossEntropy(x, [-1, 0]), /^crossEntropy: .*got -1 at position 0$/, temporaries],
    ["a fractional class", () => crossEntropy(x, [0.5, 0]), /got 0.5 at position 0$/, temporaries],
    ["in embedding, of an array", () => embedding(x, [0.5]), /^embedding: .*got 0.5 at position 0$/, temporaries],
    ["in embedding", () => embedding(x, lowest), /^embedding: /],
    ["in indexSelect", () => x.indexSelect(0, lowest), /^indexSelect: /],
    ["in gather", () => v.gather(0, lowest), /^gather: .*from -4 to 3, got -2147483648 at position 0$/],
    ["in gather, a fraction", () => v.gather(0, half), /^gather: .*whole numbers.*got 0.5 at position 1$/],
    [
      "in scatterAdd",
      () => v.scatterAdd(0, [0, 4], v),
      /^scatterAdd: .*from -4 to 3, got 4 at position 1$/,
      temporaries,
    ],
    ["in takeAlongAxis", () => takeAlongAxis(x, [[3], [0]]), /got 3 at position 0$/, temporaries],
    ["a position of a slice", () => x.slice(2), /^slice: .*from -2 to 1 on axis 0, got 2$/],
    ["a fractional position", () => x.slice(0, 0.5), /^slice: .*a whole position.*on axis 1, got 0.5$/],
    ["a position to select", () => x.select(1, 3), /^select: .*from -3 to 2 on axis 1, got 3$/],
    [
      "a padding",
      () => embedding(x, [0], { paddingIdx: 2 }),
      /^embedding: .*from -2 to 1 as paddingIdx, got 2$/,
      temporaries,
    ],
    ["a fractional bound", () => x.slice([0, 1.5]), /^slice: .*whole numbers.*got 1.5$/],
    ["NaN as a bound", () => x.slice([NaN]), /^slice: .*got NaN$/],
    ["a step of 0", () => x.slice([null, null, 0]), /^slice: .*step other than 0/],
    ["positions for a range", () => x.slice(wrong([0, 1, 1, 0])), /^slice: .*a tensor of positions, got 4 numbers$/],
    ["more entries than axes", () => x.slice(0, 0, 0), /^slice: .*at most 2 entries.*got 3$/],
    ["two times the rest", () => x.slice("...", "..."), /^slice: .*one "..."/],
    ["a text", () => x.slice(wrong("1")), /^slice: .*got 1$/],
  ]);
});

describe("axes", () => {
  refuses(AxisError, [
    ["out of range", () => x.sum(2), /^sum: .*from -2 to 1, got 2$/],
    ["out of range, negative", () => x.max([0, -3]), /^max: .*got -3$/],
    ["twice", () => x.sum([0, 0]), /^sum: .*once, got axis 0 twice$/],
    ["twice, under two names", () => x.mean([1, -1]), /^mean: .*axis 1 twice$/],
    ["a fraction", () => x.sum(0.5), /^sum: .*got 0.5$/],
    ["a text", () => x.sum(wrong("0")), /^sum: .*got 0$/],
    ["of a tensor that has none", () => scalar.sum(1), /^sum: .*from -1 to 0, got 1$/],
    ["of a tensor that has none, to take apart", () => scalar.unbind(0), /^unbind: .*0-d tensor, got 0$/],
    ["several, of argMax", () => x.argMax(wrong([0, 1])), /^argMax: .*got 0,1$/],
    ["too few for permute", () => x.permute([0]), /^permute: .*2 axes once, got \[0\]$/],
    ["twice for permute", () => x.permute([0, -2]), /^permute: .*got \[0, -2\]$/],
    ["of softmax", () => softmax(x, 2), /^softmax: .*got 2$/],
    ["of softmax of a number", () => softmax(scalar, 1), /^softmax: .*got 1$/],
    ["of squeeze", () => x.squeeze(3), /^squeeze: .*got 3$/],
    ["of unsqueeze", () => x.unsqueeze(4), /^unsqueeze: .*from -3 to 2, got 4$/],
    ["of flip", () => x.flip([0, 5]), /^flip: .*got 5$/],
    ["of cat", () => cat([x, x], 2), /^cat: .*got 2$/],
    ["of a vector to transpose", () => transpose(v), /^transpose: /],
    ["of cumsum", () => x.cumsum(2), /^cumsum: .*got 2$/],
    ["of sort", () => x.sort(-3), /^sort: .*got -3$/],
    ["of a number to sort", () => scalar.argsort(1), /^argsort: .*got 1$/],
    ["of topk", () => x.topk(1, 2), /^topk: .*got 2$/],
    ["of gather", () => x.gather(2, [[0]]), /^gather: .*got 2$/],
    ["of indexSelect", () => x.indexSelect(2, [0]), /^indexSelect: .*got 2$/],
    ["no list of axes for rot90", () => library.rot90(x, 1, wrong(5)), /^rot90: .*from -2 to 1, got 5$/],
    ["one axis for rot90", () => library.rot90(x, 1, wrong([0])), /^rot90: expected two axes, got 0$/],
    ["three axes for rot90", () => library.rot90(x, 1, wrong([0, 1, 0])), /^rot90: expected two axes, got 0,1,0$/],
    ["an axis twice for rot90", () => library.rot90(x, 1, [1, -1]), /^rot90: expected two axes, got axis 1 twice$/],
    ["null for the axes of rot90", () => library.rot90(x, 1, wrong(null)), /^rot90: .*got null$/],
    ["one axis for matrixNorm", () => linalg.matrixNorm(x, "fro", wrong(1)), /^matrixNorm: expected two axes, got 1$/],
  ]);
});

test("what says that it has no constructor is refused in words", () => {
  const odd: unknown = JSON.parse('{"constructor":null}');
  expect(() => library.grad(wrong(odd))).toThrow(/^grad: .*got an object of no class$/);
});
