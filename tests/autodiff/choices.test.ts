import { describe, expect, test } from "vitest";
import * as w from "../../bindings/index.js";
import type { Tensor } from "../../bindings/index.js";
import { f64 } from "../support/tensors.js";

// What docs/derivatives.md says of points without a derivative, by both modes.

const { Infinity: I, NaN: N } = globalThis;

interface Choice {
  readonly name: string;
  f(x: Tensor): Tensor;
  readonly at: readonly number[];
  readonly derivative: readonly number[];
  /** By forward mode, where that is another. */
  readonly tangents: readonly number[];
}

function choice(
  name: string,
  f: (x: Tensor) => Tensor,
  at: readonly number[],
  derivative: readonly number[],
  tangents = derivative,
): Choice {
  return { name, f, at, derivative, tangents };
}

const weights = f64([1, 2, 3]);

const choices: readonly Choice[] = [
  choice("sqrt", w.sqrt, [0, -0], [I, -I]),
  choice("cbrt", w.cbrt, [0], [I]),
  choice("rsqrt", w.rsqrt, [0], [-I]),
  choice("reciprocal", w.reciprocal, [0], [-I]),
  choice("1 / x", (x) => w.div(1, x), [0], [-I]),
  choice("log", w.log, [0, -2], [I, -0.5]),
  choice("log2", w.log2, [0], [I]),
  choice("log10", w.log10, [0], [I]),
  choice("log1p", w.log1p, [-1], [I]),
  ...(
    [
      [0, 0],
      [0.5, I],
      [1, 1],
      [1.5, 0],
      [2, 0],
      [-1, -I],
    ] as const
  ).map(([p, g]) =>
    // prettier-ignore
    choice(`pow(x, ${p}) by x`, (x) => w.pow(x, p), [0], [g]),
  ),
  choice("pow(0, p) by p", (p) => w.pow(0, p), [0, 1, -1], [0, 0, 0]),
  choice("pow(-1, p) by p", (p) => w.pow(-1, p), [1, 2], [0, 0]),
  choice("asin", w.asin, [-1, 1], [I, I]),
  choice("acos", w.acos, [-1, 1], [-I, -I]),
  choice("atanh", w.atanh, [-1, 1], [I, I]),
  choice("erfinv", w.erfinv, [-1, 1], [I, I]),
  choice("acosh", w.acosh, [1], [I]),
  choice("hypot", (x) => w.hypot(x, 0), [0], [0]),
  choice("atan2", (x) => w.atan2(x, 0), [0], [0]),
  choice("std", (x) => w.std(x), [2, 2, 2], [0, 0, 0]),
  choice("sin(x) / x", (x) => w.div(w.sin(x), x), [0], [N]),
  choice("the root of a sum of squares", (x) => w.sqrt(w.sum(w.square(x))), [0, 0], [N, N], [0, 0]),
  choice("abs", w.abs, [0, -0], [0, 0]),
  choice("abs of NaN", w.abs, [N], [N]),
  choice("relu", w.relu, [0, -0, N], [0, 0, 0]),
  choice("maximum", (x) => w.maximum(x, 1), [1, N], [0.5, 0]),
  choice("minimum", (x) => w.minimum(x, 1), [1, N], [0.5, 0]),
  choice("x between two bounds", (x) => w.minimum(w.maximum(x, -1), 1), [-2, -1, 0, 1, 2], [0, 0.5, 1, 0.5, 0]),
  ...([w.sign, w.floor, w.ceil, w.round, w.trunc] as const).map((f, i) =>
    choice(`step ${i}`, (x) => f(x).add(x.mul(0)), [-1, 0, 0.5, 1], [0, 0, 0, 0]),
  ),
  choice("x - floor(x)", (x) => x.sub(w.floor(x)), [0.5, 1], [1, 1]),
  choice("max", (x) => w.max(x), [2, 2, 1], [0.5, 0.5, 0]),
  choice("max of NaN", (x) => w.max(x), [N, 1], [N, N]),
  choice("min", (x) => w.min(x), [1, 1, 2], [0.5, 0.5, 0]),
  choice("sort", (x) => w.sort(x).values.mul(weights), [1, 1, 0], [2, 3, 1]),
  choice("topk", (x) => w.topk(x, 1).values, [1, 1, 0], [1, 0, 0]),
  choice("prod with a zero", (x) => w.prod(x), [0, 2, 3], [6, 0, 0]),
  choice("prod with two zeros", (x) => w.prod(x), [0, 0, 3], [0, 0, 0]),
  choice("cumprod with a zero", (x) => w.cumprod(x), [2, 0, 3], [1, 8, 0]),
  choice("softmax", (x) => w.softmax(x).mul(weights.slice([0, 2])), [-I, 1], [0, 0]),
  choice("logsumexp", (x) => w.logsumexp(x), [-I, 1], [0, 1]),
  choice("logsumexp of +Infinity", (x) => w.logsumexp(x), [I, 1], [1, 0]),
  choice("logsumexp of -Infinity alone", (x) => w.logsumexp(x), [-I, -I], [0, 0]),
];

describe.each(choices)("$name", ({ f, at, derivative, tangents }) => {
  const total = (x: Tensor): Tensor => w.sum(f(x));

  test("by reverse mode", () => {
    const g = w.grad(total)(f64(at)).toArray() as number[];
    expect(g.map((value) => value + 0)).toEqual(derivative);
  });

  test("by forward mode", () => {
    const pushed = at.map((_, i) => {
      const one = f64(at.map((__, k) => Number(k === i)));
      return w.jvp(total, [f64(at)], [one])[1].item() + 0;
    });
    expect(pushed).toEqual(tangents);
  });
});
