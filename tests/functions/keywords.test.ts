import { describe, expect, test } from "vitest";
import * as w from "../../bindings/index.js";
import { compile, grad, tensor, vmap, type Tensor } from "../../bindings/index.js";
import { expectRefused, wrong } from "../support/refusal.js";
import { f64 } from "../support/tensors.js";

// The keywords that PyTorch's functions of the names have.

const whole = (...list: number[]): Tensor => tensor(Int32Array.from(list));
const close = (x: Tensor, expected: readonly number[]): void => {
  expect(x.size).toBe(expected.length);
  for (const [i, value] of [...w.data(x)].entries()) expect(value).toBeCloseTo(expected[i]!, 12);
};
const matrix = f64([
  [1, 2, 3],
  [4, 5, 6],
]);

describe("arithmetic", () => {
  test("add and sub multiply y by alpha", () => {
    expect(w.add(f64([1, 2]), f64([3, 5]), { alpha: 10 }).toArray()).toEqual([31, 52]);
    expect(f64([1, 2]).sub(0.1, { alpha: 10 }).toArray()).toEqual([0, 1]);
    expect(w.sub(whole(5), whole(2), { alpha: 2 }).dtype).toBe("i32");
    const slope = grad((y: Tensor) => w.sub(f64([1, 2]), y, { alpha: 3 }).sum())(f64([3, 5]));
    expect(slope.toArray()).toEqual([-3, -3]);
    expect([whole(1), whole(2), whole(3)].reduce(w.add).item()).toBe(6);
  });

  test("div rounds the quotient toward 0 or down, and leaves integers what they are", () => {
    const [x, y] = [f64([7, -7, 7, -7]), f64([2, 2, -2, -2])];
    expect(w.div(x, y, { roundingMode: "trunc" }).toArray()).toEqual([3, -3, -3, 3]);
    expect(x.div(y, { roundingMode: "floor" }).toArray()).toEqual([3, -4, -4, 3]);
    expect(x.div(2, { roundingMode: null }).toArray()).toEqual([3.5, -3.5, 3.5, -3.5]);
    const quotient = w.div(whole(-2147483647, 7), whole(2, -2), { roundingMode: "trunc" });
    expect([quotient.dtype, quotient.toArray()]).toEqual(["i32", [-1073741823, -3]]);
    expectRefused(() => w.div(1, 2, { roundingMode: wrong("ceil") }), w.ValueError, /^div: .*got ceil$/);
  });

  test("round keeps decimals", () => {
    close(w.round(f64([1.234, -5.675, 0.125]), { decimals: 2 }), [1.23, -5.68, 0.12]);
    expect(f64([1234, 1250, -1350]).round({ decimals: -2 }).toArray()).toEqual([1200, 1200, -1400]);
    expectRefused(() => w.round(1, { decimals: 0.5 }), w.ValueError, /^round: .*a whole number of decimals, got 0.5$/);
  });

  test("softplus bends by beta, up to a threshold", () => {
    close(w.softplus(f64([1, -1]), { beta: 2 }), [Math.log(1 + Math.exp(2)) / 2, Math.log(1 + Math.exp(-2)) / 2]);
    const f = (x: Tensor): Tensor => w.softplus(x, { beta: 2, threshold: 3 }).sum();
    expect(w.softplus(f64([1.6]), { beta: 2, threshold: 3 }).toArray()).toEqual([1.6]);
    close(grad(f)(f64([1.6, 1.4])), [1, 1 / (1 + Math.exp(-2.8))]);
    expect(w.softplus(f64([30]), { beta: 1 }).toArray()).toEqual(w.softplus(f64([30])).toArray());
  });
});

describe("creation", () => {
  test("the options of arange and eye may stand where numbers are left out", () => {
    expect([w.arange(3, { dtype: "f64" }).dtype, w.arange(3, { dtype: "f64" }).toArray()]).toEqual(["f64", [0, 1, 2]]);
    expect(w.arange(1, 3, { dtype: "u8" }).toArray()).toEqual([1, 2]);
    expect(w.eye(2, { dtype: "i32" }).toArray()).toEqual(w.eye(2, 2, { dtype: "i32" }).toArray());
    expectRefused(() => w.arange(3, wrong({ dtyp: "f64" })), w.ValueError, /^arange: .*one of the options dtype/);
    expectRefused(() => w.arange(3, wrong(null)), w.ValueError, /^arange: .*options, got null$/);
    expectRefused(() => w.eye(wrong([2])), w.ShapeError, /whole lengths/);
  });
});

describe("losses", () => {
  test("refuse options that they do not know, before all else", () => {
    for (const loss of [w.crossEntropy, w.mseLoss, w.l1Loss, w.nllLoss, w.klDiv, w.binaryCrossEntropy] as const)
      expect(() => loss(1, 1, wrong({ reductoin: "sum" }))).toThrow(
        /expected one of the options .*, got reductoin; is reduction meant\?$/,
      );
    // What crossEntropy has, nllLoss has not.
    expect(() => w.nllLoss([[0, 0]], [1], wrong({ labelSmoothing: 0.5 }))).toThrow(/^nllLoss: .*got labelSmoothing$/);
  });

  test("name all reductions that there are", () => {
    for (const wrongly of ["average", null])
      expect(() => w.klDiv([1], [1], wrong({ reduction: wrongly }))).toThrow(
        /^klDiv: expected reduction to be one of mean, sum, none, batchmean, got /,
      );
  });

  test("name the option that begins as a misspelt one does", () => {
    expect(() => w.sum(1, 0, wrong({ keep_dims: true }))).toThrow(/got keep_dims; is keepDims meant\?$/);
    expect(() => w.sum(1, 0, wrong({ dim: 0 }))).toThrow(/got dim$/);
  });
});

describe("reductions", () => {
  test("cast first", () => {
    const large = whole(2147483647, 1);
    for (const f of [w.sum, w.cumsum, w.nansum] as const) expect(f(large, 0, { dtype: "f64" }).dtype).toBe("f64");
    expect(large.sum(null, { dtype: "f64" }).item()).toBe(2147483648);
    expect(large.mean(0, { dtype: "f64" }).item()).toBe(1073741824);
    expect(large.prod(0, { dtype: "f64", keepDims: true }).toArray()).toEqual([2147483647]);
    // The types of options are there for those who pass them on.
    const options: w.SoftmaxOptions & w.SumOptions = { dtype: "f64" };
    expect(whole(3, 3).softmax(0, options).dtype).toBe("f64");
    close(whole(3, 3).logSoftmax(0, options), [-Math.LN2, -Math.LN2]);
    expectRefused(() => large.sum(0, { dtype: wrong("f8") }), w.DTypeError, /got f8$/);
  });

  test("variance without Bessel's correction under either name", () => {
    close(w.var(matrix, 1, { unbiased: false }), [2 / 3, 2 / 3]);
    close(w.var(matrix, 1, { correction: 0 }), [2 / 3, 2 / 3]);
    close(w.std(matrix, 1, { unbiased: true }), [1, 1]);
  });

  test("norm has the nuclear norm, too", () => {
    close(w.norm(f64([[3, 0], [0, -4]]), "nuc"), [7]); // prettier-ignore
    close(w.norm(f64([[[3], [4]]]), "nuc", [1, 2], { keepDims: true }), [5]); // prettier-ignore
    close(w.norm(matrix, 2), [Math.sqrt(91)]);
  });

  test("unique tells places and counts", () => {
    const x = whole(3, 1, 2, 1);
    const { values, inverse, counts } = w.unique(x, { returnInverse: true, returnCounts: true });
    expect([values, inverse, counts].map((y) => y?.toArray())).toEqual([[1, 2, 3], [2, 0, 1, 0], [2, 1, 1]]); // prettier-ignore
    expect(Object.keys(w.unique(x, { returnCounts: true }))).toEqual(["values", "counts"]);
    expect(x.unique().toArray()).toEqual([1, 2, 3]);
  });

  test("unique tells rows and columns apart, in order, and its values have derivatives", () => {
    const x = f64([[2, 1], [1, 3], [2, 1], [1, 2]]); // prettier-ignore
    const { values, inverse, counts } = w.unique(x, { dim: 0, returnInverse: true, returnCounts: true });
    expect(values.toArray()).toEqual([[1, 2], [1, 3], [2, 1]]); // prettier-ignore
    expect([inverse, counts].map((y) => [y?.dtype, y?.toArray()])).toEqual([["i32", [2, 1, 2, 0]], ["i32", [1, 1, 2]]]); // prettier-ignore
    const columns = whole(1, 0, 1, 5, 4, 5).reshape([2, 3]);
    for (const dim of [1, -1]) {
      const found = w.unique(columns, { dim });
      expect([found.dtype, found.toArray()]).toEqual(["i32", [[0, 1], [4, 5]]]); // prettier-ignore
    }
    const cube = f64([3, 1, 1, 3, 3, 1, 3, 1]).reshape([2, 2, 2]);
    expect(w.unique(cube, { dim: 1 }).toArray()).toEqual([[[1, 3], [3, 1]], [[3, 1], [3, 1]]]); // prettier-ignore
    expect(w.unique(f64([[NaN, 1], [0, 2], [NaN, 1]]), { dim: 0 }).toArray()).toEqual([[0, 2], [NaN, 1], [NaN, 1]]); // prettier-ignore
    expect(w.unique(w.zeros([0, 3]), { dim: 0 }).shape).toEqual([0, 3]);
    expect(w.unique(w.zeros([3, 0]), { dim: 0 }).shape).toEqual([1, 0]);
    expect(w.unique(x, { dim: null }).toArray()).toEqual([1, 2, 3]);
    // The first of equal rows is the one that is given.
    const slope = grad((y: Tensor) => w.unique(y, { dim: 0 }).mul(f64([[1], [2], [3]])).sum())(x); // prettier-ignore
    expect(slope.toArray()).toEqual([[3, 3], [2, 2], [0, 0], [1, 1]]); // prettier-ignore
    expectRefused(() => w.unique(x, { dim: 2 }), w.AxisError, /^unique: .*axis from -2 to 1, got 2$/);
    expect(() => compile((y: Tensor) => w.unique(y, { dim: 0 }))(x)).toThrow(w.CaptureError);
  });

  test("searchsorted takes a side by name, and has NaN behind everything", () => {
    const s = f64([1, 2, 2, NaN]);
    const v = f64([2, NaN, 9]);
    expect(w.searchsorted(s, v, { side: "left" }).toArray()).toEqual([1, 3, 3]);
    expect(w.searchsorted(s, v, { side: "right" }).toArray()).toEqual([3, 4, 3]);
    expect(w.bucketize(v, s, { right: true }).toArray()).toEqual([3, 4, 3]);
  });

  test("searchsorted takes what sorts the sequence", () => {
    const s = f64([[3, 1, 2], [5, 9, 7]]); // prettier-ignore
    const v = f64([[2, 4], [6, 5]]); // prettier-ignore
    const sorter = w.argsort(s);
    expect(w.searchsorted(s, v, { sorter }).toArray()).toEqual(w.searchsorted(w.sort(s).values, v).toArray());
    expectRefused(() => w.searchsorted(s, v, { sorter: [1, 0] }), w.ShapeError, /a sorter \[2, 3\], got \[2\]$/, { temporaries: true }); // prettier-ignore
    expectRefused(() => w.searchsorted([3, 1], v, { sorter: [1, 2] }), w.IndexError, /^searchsorted: .*got 2/, { temporaries: true }); // prettier-ignore
    expect(w.searchsorted([3, 1, 2], v, { sorter: [1, 2, 0], right: true }).toArray()).toEqual([[2, 3], [3, 3]]); // prettier-ignore
  });

  test("embedding takes a row that gets no gradient", () => {
    const looked = (paddingIdx: number) => (t: Tensor) => w.embedding(t, [0, 1, 1], { paddingIdx }).square().sum();
    const table = f64([[1, 2], [3, 4]]); // prettier-ignore
    expect(w.embedding(table, [0, 1, 1], { paddingIdx: 1 }).toArray()).toEqual([[1, 2], [3, 4], [3, 4]]); // prettier-ignore
    expect(w.grad(looked(-1))(table).toArray()).toEqual([[2, 4], [0, 0]]); // prettier-ignore
    expect(w.grad(looked(0))(table).toArray()).toEqual([[0, 0], [12, 16]]); // prettier-ignore
    // By whatever number it is looked up, and in tables of any rank.
    const last = (t: Tensor) => w.embedding(t, [0, 1, -1, -2], { paddingIdx: -1 }).square().sum();
    expect(w.grad(last)(table).toArray()).toEqual([[4, 8], [0, 0]]); // prettier-ignore
    expect(
      w
        .grad(last)(f64([5, 7]))
        .toArray(),
    ).toEqual([20, 0]);
    expect(w.grad(last)(f64([[[1, 2]], [[3, 4]]])).toArray()).toEqual([[[4, 8]], [[0, 0]]]); // prettier-ignore
  });
});

describe("windows and widths", () => {
  const image = f64([[[1, 5, 2], [4, 3, 6]]]); // prettier-ignore

  test("maximum pooling tells where the largest elements are", () => {
    const { values, indices } = w.maxPool2d(image, 2, { stride: 1, returnIndices: true });
    expect([values.toArray(), indices.toArray()]).toEqual([[[[5, 6]]], [[[1, 5]]]]);
    expect(w.maxPool1d(image, 2, { returnIndices: true }).indices.toArray()).toEqual([[[1], [0]]]);
    expect(w.adaptiveMaxPool1d(image, 1, { returnIndices: true }).indices.toArray()).toEqual([[[1], [2]]]);
    expect(w.adaptiveMaxPool2d(image, 1, { returnIndices: true }).values.toArray()).toEqual([[[6]]]);
  });

  test("adaptive pooling keeps a length for null", () => {
    expect(w.adaptiveMaxPool2d(image, [null, 1]).toArray()).toEqual([[[5], [6]]]);
    expect(w.adaptiveAvgPool2d(image, [1, null]).toArray()).toEqual([[[2.5, 4, 4]]]);
  });

  test("pad cuts off by widths below 0", () => {
    expect(w.pad(matrix, [-1, 1]).toArray()).toEqual([[2, 3, 0], [5, 6, 0]]); // prettier-ignore
    expect(w.pad(matrix, [[0, -1], [-2, 0]]).toArray()).toEqual([[3]]); // prettier-ignore
    expect(w.pad(matrix, [1, -1], { mode: "replicate" }).toArray()).toEqual([[1, 1, 2], [4, 4, 5]]); // prettier-ignore
    expect(grad((x: Tensor) => w.pad(x, [-1, 1]).sum())(matrix).toArray()).toEqual([[0, 1, 1], [0, 1, 1]]); // prettier-ignore
  });

  test("eye has as many columns as it is told", () => {
    expect(w.eye(2, 3).toArray()).toEqual([[1, 0, 0], [0, 1, 0]]); // prettier-ignore
    expect(w.eye(3, 1, { dtype: "i32" }).toArray()).toEqual([[1], [0], [0]]);
    expect(w.eye(1, { dtype: "f64" }).dtype).toBe("f64");
  });
});

describe("targets that do not count", () => {
  const logits = f64([[1, 2, 4], [0, 0, 0], [3, 1, 2]]); // prettier-ignore
  const target = whole(2, -100, 0);
  const counted = [
    -4 + Math.log(Math.E + Math.E ** 2 + Math.E ** 4),
    -3 + Math.log(Math.E ** 3 + Math.E + Math.E ** 2),
  ];

  test.each([
    ["crossEntropy", w.crossEntropy, logits],
    ["nllLoss", w.nllLoss, w.logSoftmax(logits)],
  ] as const)("are those of -100 in %s, in every mode", (_, loss, scores) => {
    const meanOf = (x: Tensor, y: Tensor): Tensor => loss(x, y);
    const mean = (counted[0]! + counted[1]!) / 2;
    close(loss(scores, target), [mean]);
    close(compile(meanOf)(scores, target), [mean]);
    close(vmap((x: Tensor, y: Tensor) => loss(x, y, { reduction: "none" }))(scores, target), [counted[0]!, 0, counted[1]!]); // prettier-ignore
    expect(
      grad((x: Tensor) => loss(x, target))(scores)
        .slice(1)
        .toArray(),
    ).toEqual([0, 0, 0]);
    expectRefused(() => w.scope(() => loss(scores, target, { ignoreIndex: null })), w.IndexError, /got -100/);
  });

  test("a class below 0 is refused by both losses, compiled too, unless it is the one that does not count", () => {
    const scores = w.tensor([[1, 2, 3], [4, 5, 7]]); // prettier-ignore
    for (const name of ["crossEntropy", "nllLoss"] as const) {
      const loss = w[name];
      for (const [options, or] of [
        [{}, " or ignoreIndex"],
        [{ ignoreIndex: null }, ""],
      ] as const)
        expectRefused(
          () => w.scope(() => loss(scores, [0, -1], options)),
          w.IndexError,
          new RegExp(`^${name}: expected indices from 0 to 2${or}, got -1 at position 1$`),
        );
      expect(w.scope(() => loss(scores, [0, -1], { ignoreIndex: -1 }).item())).toBe(
        w.scope(() => loss(scores.slice([0, 1]), [0]).item()),
      );
      const program = w.compile((target: w.Tensor) => loss(scores, target));
      const [good, bad] = [w.tensor([0, 2], { dtype: "i32" }), w.tensor([0, -1], { dtype: "i32" })];
      w.scope(() => {
        for (let i = 0; i < 2; i++) expect(program(good).item()).toBeCloseTo(loss(scores, good).item(), 6);
        expect(() => program(bad)).toThrow(w.IndexError);
      });
    }
  });

  test("cost nothing where there are none", () => {
    const all = whole(2, 1, 0);
    const meanOf = (x: Tensor, y: Tensor): Tensor => w.crossEntropy(x, y);
    const without = w.crossEntropy(logits, all, { ignoreIndex: null });
    expect(w.crossEntropy(logits, all).item()).toBe(without.item());
    expect(compile(meanOf)(logits, all).item()).toBe(without.item());
  });
});
