// Where the library gives another number than PyTorch, and why.
import type { GoldenCase } from "./file.js";

/** What the library gives instead of a number of PyTorch's, at a place of an output or a gradient. */
export type Choice = (expected: number, at: number) => number;

/**
 * Where the file says that PyTorch's derivative is a convention (tag `convention`) and the library has another: what it
 * gives instead of PyTorch's number. docs/derivatives.md gives the reasons.
 */
const CHOICES: Readonly<Record<string, (c: GoldenCase) => Choice>> = {
  /** An adjoint of exactly 0 stays 0 through an infinite partial, where PyTorch has 0 * ∞ = NaN. */
  naive_where_log: () => zeroForNaN,
  /** 0 where PyTorch divides 0 by 0. */
  hypot: () => zeroForNaN,
  xlogy: () => zeroForNaN,
  /** At its two ends the slopes of the straight parts, where PyTorch 1.13 has those of the parabola, -1/2 and 3/2. */
  hardswish: (c) => (expected, at) => {
    const x = c.inputs[0]!.data[at];
    const along = [c.cotangents[0], c.tangents?.[c.inputs[0]!.name]].map((tensor) => tensor?.data[at] ?? NaN);
    if (x === -3 && along.some((y) => near(expected, y / -2))) return 0;
    return x === 3 && along.some((y) => near(expected, 1.5 * y)) ? expected / 1.5 : expected;
  },
  /** Of all elements: the derivative is of the one that is taken; PyTorch has equal shares of those that are equal to it. */
  median: (c) => (c.args["dim"] === undefined ? ofTheOneTaken(c) : (expected) => expected),
  /** At 0 both derivatives are those from the left; PyTorch takes the first from the left, the second as 0. */
  elu: (c) => fromTheLeft(c, Number(c.args["alpha"] ?? 1)),
  selu: (c) => fromTheLeft(c, 1.0507009873554805 * 1.6732632423543772),
};

function zeroForNaN(expected: number): number {
  return Number.isNaN(expected) ? 0 : expected;
}

function near(x: number, y: number): boolean {
  return Math.abs(x - y) <= 1e-6 * Math.abs(y);
}

/** All of the cotangent at the lower middle in order, where equal elements have a share of it. */
function ofTheOneTaken(c: GoldenCase): Choice {
  const { data } = c.inputs[0]!;
  const order = data.map((_, i) => i).sort((i, j) => data[i]! - data[j]! || i - j);
  const taken = order[(data.length - 1) >> 1];
  const equals = data.filter((x) => x === data[taken!]).length;
  const all = c.cotangents[0]?.data[0] ?? NaN;
  return (expected, at) => {
    if (data[at] !== data[taken!] || !near(expected, all / equals)) return expected;
    return at === taken ? all : 0;
  };
}

/** The Hessian-vector product where the second derivative is known, and PyTorch has 0; no other number is passed over. */
function fromTheLeft(c: GoldenCase, curvature: number): Choice {
  const [cotangent] = c.cotangents;
  const tangent = c.tangents?.[c.inputs[0]!.name];
  return (expected, at) =>
    expected === 0 && c.inputs[0]!.data[at] === 0
      ? curvature * (cotangent?.data[at] ?? 0) * (tangent?.data[at] ?? 0)
      : expected;
}

/** Where PyTorch's number is less exact than the file's tolerance: what it should be, whatever the tags. */
const ERRATA: Readonly<Record<string, Choice>> = {
  /** PyTorch's derivative has 1/6 in single precision. */
  hardsigmoid: (expected) => expected / (6 * Math.fround(1 / 6)),
};

/** What the library gives instead of PyTorch's numbers in a case, if it does. */
export function choiceOf(c: GoldenCase): Choice | undefined {
  return ERRATA[c.op] ?? (c.tags.includes("convention") ? CHOICES[c.op]?.(c) : undefined);
}
