import { describe, expect, test } from "vitest";
import * as w from "../../bindings/index.js";
import { wrong } from "../support/refusal.js";

// What a function is made of is nobody's business: its errors name the function that was called.

const { linalg, ones, tensor, zeros } = w;
const [matrix, vector, line] = [ones([2, 3]), ones([3]), ones([4, 5])];
const whole = ones([2, 3], { dtype: "i32" });

type Calls = Readonly<Record<string, () => unknown>>;

function named(calls: Calls, message: RegExp): void {
  test.each(Object.entries(calls))("%s", (key, call) => {
    const name = key.split(" ")[0]!; // What follows tells cases of one function apart.
    const error = thrownBy(call);
    expect(error).toBeInstanceOf(w.WengertError);
    expect([error.operation, error.message]).toEqual([name, expect.stringMatching(message)]);
  });
}

w.rand([1]).dispose(); // The state of the default generator stays.

function thrownBy(call: () => unknown): w.WengertError {
  const before = w.memory().bytes;
  try {
    w.scope(call);
  } catch (error) {
    expect(w.memory().bytes).toBe(before);
    return error as w.WengertError;
  }
  throw new Error("nothing was refused");
}

describe("shapes that do not broadcast", () => {
  const pairs = ["remainder", "floorDivide", "logaddexp", "xlogy", "heaviside", "copysign"] as const;
  const logic = ["logicalAnd", "logicalOr", "logicalXor", "isClose", "allClose", "pairwiseDistance"] as const;
  const calls: Record<string, () => unknown> = {};
  for (const name of [...pairs, ...logic]) calls[name] = () => w[name](matrix, line);
  named(
    {
      ...calls,
      clamp: () => w.clamp(matrix, line),
      "clamp from above": () => w.clamp(matrix, null, line),
      lerp: () => w.lerp(matrix, line, 1),
      "lerp by a weight": () => w.lerp(matrix, matrix, line),
      threshold: () => w.threshold(matrix, wrong(line), 1),
      maskedFill: () => w.maskedFill(matrix, matrix.gt(0), line),
      addcmul: () => w.addcmul(matrix, matrix, line),
      addcdiv: () => w.addcdiv(matrix, line, line),
      addmm: () => w.addmm(line, ones([2, 2]), matrix),
      logProbNormal: () => w.logProbNormal(matrix, line, 1),
    },
    /expected shapes that broadcast, got \[\d, \d\] and \[\d, \d\]$/,
  );
});

describe("products of other shapes", () => {
  named(
    {
      mm: () => w.mm(matrix, matrix),
      mv: () => w.mv(matrix, ones([2])),
      bmm: () => w.bmm(ones([2, 3, 4]), ones([2, 3, 4])),
    },
    /got \[2, .*\] and \[2.*\]$/,
  );
});

describe("shapes that are none", () => {
  const shape = [2, -1];
  named(
    {
      zeros: () => w.zeros(shape),
      ones: () => ones(shape),
      full: () => w.full(shape, 1),
      eye: () => w.eye(-1),
      "eye of columns": () => w.eye(2, 0.5),
      linspace: () => w.linspace(0, 1, 0.5),
      logspace: () => w.logspace(0, 1, -1),
      oneHot: () => w.oneHot([0], 1.5),
      rand: () => w.rand(shape),
      randn: () => w.randn(shape),
      uniform: () => w.uniform(shape),
      normal: () => w.normal(shape),
      bernoulli: () => w.bernoulli(0.5, shape),
      truncatedNormal: () => w.truncatedNormal(shape),
      exponential: () => w.exponential(shape),
      gamma: () => w.gamma(1, shape),
    },
    /expected whole lengths from 0 on, got \[/,
  );
});

describe("axes that there are not", () => {
  named(
    {
      nansum: () => w.nansum(matrix, 2),
      nanmean: () => w.nanmean(matrix, 2),
      countNonzero: () => w.countNonzero(matrix, 2),
      vecdot: () => w.vecdot(matrix, matrix, 2),
      normalize: () => w.normalize(vector),
      norm: () => w.norm(matrix, 2, 2),
      stack: () => w.stack([matrix], 3),
      vectorNorm: () => linalg.vectorNorm(matrix, 3, 2),
    },
    /expected an axis from -\d to \d, got \d$/,
  );
});

describe("other values", () => {
  named(
    {
      relu6: () => w.relu6(wrong("a")),
      bitwiseNot: () => w.bitwiseNot(matrix),
      logit: () => w.logit(matrix, wrong("a")),
      logdet: () => linalg.logdet(matrix),
      eigvalsh: () => linalg.eigvalsh(whole),
      svdvals: () => linalg.svdvals(vector),
      cond: () => linalg.cond(matrix, 3),
      norm: () => w.norm(matrix, NaN),
      nllLoss: () => w.nllLoss([[0, 0]], [2]),
      segmentMean: () => w.segmentMean(matrix, [0], 2),
      tile: () => w.tile(matrix, -1),
      uniqueAll: () => w.uniqueAll(wrong("a")),
    },
    /got/,
  );
});

describe("what is made of other operations, or called with options", () => {
  const pick = tensor(new Int32Array([5, 0]), { shape: [2, 1] });
  const dead = ones([2, 3]);
  w.dispose(dead);
  named(
    {
      add: () => w.add(matrix, wrong("a"), { alpha: 2 }),
      sub: () => w.sub(matrix, wrong("a"), { alpha: 2 }),
      div: () => w.div(matrix, line, { roundingMode: "floor" }),
      softplus: () => w.softplus(wrong("a"), { beta: 2 }),
      linear: () => w.linear(matrix, ones([4, 3]), ones([2])),
      gamma: () => w.gamma(ones([2]), [3]),
      exponential: () => w.exponential([3], { rate: ones([2]) }),
      cdist: () => w.cdist(ones([2, 1, 3]), ones([3, 1, 3])),
      linspace: () => w.linspace(0, wrong(undefined), 3),
      logspace: () => w.logspace(wrong("a"), 1, 3),
      scatter: () => w.scatter(matrix, 1, pick, 0),
      takeAlongAxis: () => w.takeAlongAxis(matrix, pick, 1),
      slice: () => w.slice(matrix, tensor(new Int32Array(2)), tensor(new Int32Array(3))),
      sliceAssign: () => w.sliceAssign(matrix, [0], ones([2])),
      "sliceAssign by tensors": () => w.sliceAssign(matrix, [tensor(new Int32Array(3))], line),
      interpolate: () => w.interpolate(ones([1, 1, 2]), { size: 3, alignCorners: true }),
      maxUnpool1d: () => w.maxUnpool1d(ones([1, 2]), tensor(new Int32Array([9, 0]), { shape: [1, 2] }), 2),
      "maxUnpool1d of other places": () => w.maxUnpool1d(ones([1, 2]), pick, 2),
      maxUnpool2d: () => w.maxUnpool2d(ones([1, 1, 1]), zeros([1, 1, 1]), 2, { outputSize: [4, 2] }),
      // Values that are gone are refused likewise.
      threshold: () => w.threshold(matrix, wrong(dead), 1),
      amax: () => w.amax(dead),
      addmm: () => w.addmm(ones([2, 2]), dead, ones([3, 2])),
    },
    /got/,
  );

  test("a place outside of one of several axes is told as it was given", () => {
    const at = (...list: number[]): w.Tensor => tensor(Int32Array.from(list));
    expect(() => w.slice(matrix, at(5), at(0))).toThrow("slice: expected indices from -2 to 1, got 5 at position 0");
    expect(() => w.slice(matrix, at(0, 1), at(0, -4))).toThrow(
      "slice: expected indices from -3 to 2, got -4 at position 1",
    );
    const pick = w.compile((x: w.Tensor, i: w.Tensor) => w.takeAlongAxis(x, i, 1));
    expect(() => pick(matrix, w.reshape(at(0, 3), [2, 1]))).toThrow(/^takeAlongAxis.* from -3 to 2, got 3/);
    pick.dispose();
  });
});

describe("what is no number, or none of the choices", () => {
  const odd = wrong("odd");
  const square = ones([3, 3]);
  named(
    {
      leakyRelu: () => w.leakyRelu(matrix, { negativeSlope: wrong(vector) }),
      diag: () => w.diag(square, odd),
      "diag of a fraction": () => w.diag(vector, 0.5),
      diagonal: () => w.diagonal(square, odd),
      diagEmbed: () => w.diagEmbed(vector, odd),
      tril: () => w.tril(square, 0.5),
      triu: () => w.triu(square, odd),
      tensordot: () => w.tensordot(square, square, odd),
      "tensordot over less than none": () => w.tensordot(square, square, -1),
      "tensordot over an axis twice": () => w.tensordot(square, square, [[0, 0], [0, 1]]), // prettier-ignore
      logit: () => w.logit(vector, odd),
      quantile: () => w.quantile(vector, wrong("0.5")),
      "quantile of truth": () => w.quantile(vector, wrong([true])),
      "quantile by an unknown rule": () => w.quantile(vector, 0.5, 0, { interpolation: odd }),
      searchsorted: () => w.searchsorted(vector, vector, { side: odd }),
      bucketize: () => w.bucketize(vector, vector, { side: odd }),
      meshgrid: () => w.meshgrid([vector], { indexing: odd }),
      gelu: () => w.gelu(vector, { approximate: odd }),
      "gelu of a text": () => w.gelu(odd, { approximate: "tanh" }),
      qr: () => linalg.qr(square, { mode: odd }),
      matrixNorm: () => linalg.matrixNorm(square, wrong("1")),
      crossEntropy: () => w.crossEntropy(square, [0, 1, 2], { ignoreIndex: odd }),
      binaryCrossEntropy: () => w.binaryCrossEntropy(vector, vector, { weight: odd }),
      bilinear: () => w.bilinear(vector, vector, ones([2, 3, 3]), odd),
      slice: () => w.slice(vector, wrong(["0"])),
      pad: () => w.pad(square, wrong([[1, 1], [1n]])), // prettier-ignore
      "pad beside a number": () => w.pad(square, wrong([[1, 1], 1])), // prettier-ignore
      interpolate: () => w.interpolate(ones([1, 1, 2]), { size: wrong(null) }),
      maxDim: () => w.maxDim([], 0),
      solve: () => linalg.solve(1, 1, { left: false }),
    },
    /got/,
  );
});
