import { max, min, prod, sum } from "../../bindings/index.js";
import type { AxisRun } from "../../bindings/primitives/reductions/reduce.js";
import { operations } from "../../bindings/core/operations.js";
import type { Tensor } from "../../bindings/index.js";
import { build, get, positions, type Plain } from "../support/plain.js";
import type { Reference, References } from "./reference.js";

/** Each position of the result becomes f of the elements that are reduced there. */
function reduced(x: Plain, { from, to }: AxisRun, f: (elements: number[]) => number): Plain {
  const gone = positions(x.shape.slice(from, to));
  return build([...x.shape.slice(0, from), ...x.shape.slice(to)], (at) =>
    f(gone.map((part) => get(x, [...at.slice(0, from), ...part, ...at.slice(from)]))),
  );
}

function total(elements: readonly number[]): number {
  return elements.reduce((sum, value) => sum + value, 0);
}

function squaredDeviations(elements: readonly number[]): number {
  const mean = total(elements) / elements.length;
  return total(elements.map((value) => (value - mean) ** 2));
}

/** Of nothing there is no extreme. */
function some(elements: readonly number[]): readonly number[] {
  if (elements.length === 0) throw new RangeError("nothing to reduce");
  return elements;
}

function axes({ from, to }: AxisRun): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

const shapes: [shape: number[], run: AxisRun][] = [
  ...[1, 2, 7, 8, 9, 31, 33, 130, 300].map((n): [number[], AxisRun] => [[2, n], { from: 1, to: 2 }]),
  ...[1, 2, 7, 8, 9, 31, 33, 130].map((n): [number[], AxisRun] => [[5, n], { from: 0, to: 1 }]),
  [[2, 9, 19], { from: 1, to: 2 }],
];

const common = {
  integers: ["i32"],
  large: shapes.map(([shape, params]) => ({ inputs: [{ shape }], params })),
} as const satisfies Partial<Reference<AxisRun>>;

/** As users call it: the operation takes the axes. Sums of one run of axes at a time keep the order of the kernel. */
function called(reduce: typeof sum): Pick<Reference<AxisRun>, "call"> {
  return { call: ([x], run) => reduce(x!, axes(run)) };
}

/** A position in the flattened axes of the run. */
function calledArg(reduce: typeof operations.argMax): Pick<Reference<AxisRun>, "call"> {
  return {
    call([x], { from, to }) {
      const lengths = (x as Tensor).shape;
      const merged = lengths.slice(from, to).reduce((size, length) => size * length, 1);
      const flat = x!.reshape([...lengths.slice(0, from), merged, ...lengths.slice(to)]);
      const y = reduce(flat, from);
      flat.dispose();
      return y;
    },
  };
}

/** Position of the first element that `beats` none before it; a NaN beats all. */
function firstWhere(elements: readonly number[], beats: (a: number, b: number) => boolean): number {
  let best = 0;
  for (const [i, value] of some(elements).entries()) {
    if (Number.isNaN(elements[best])) return best;
    if (Number.isNaN(value) || beats(value, elements[best]!)) best = i;
  }
  return best;
}

export const reductionReferences = {
  sum: {
    value: ([x], run) => reduced(x!, run, total),
    scale: ([x], run) => reduced(x!, run, (elements) => total(elements.map(Math.abs))),
    ulps: 4,
    ...common,
    ...called(sum),
  },
  prod: {
    value: ([x], run, dtype) =>
      reduced(x!, run, (elements) =>
        elements.reduce(dtype === "i32" ? Math.imul : (product, value) => product * value, 1),
      ),
    ulps: 200,
    ...common,
    ...called(prod),
  },
  deviation: {
    value: ([x], run) => reduced(x!, run, squaredDeviations),
    ulps: 16,
    large: common.large,
    call: ([x], run) => operations.deviation(x as Tensor, run),
  },
  max: {
    value: ([x], run) => reduced(x!, run, (elements) => Math.max(...some(elements))),
    ...common,
    integers: ["i32", "u8", "bool"],
    ...called(max),
  },
  min: {
    value: ([x], run) => reduced(x!, run, (elements) => Math.min(...some(elements))),
    ...common,
    ...called(min),
  },
  argMax: {
    value: ([x], run) => reduced(x!, run, (elements) => firstWhere(elements, (a, b) => a > b)),
    ...common,
    ...calledArg(operations.argMax),
  },
  argMin: {
    value: ([x], run) => reduced(x!, run, (elements) => firstWhere(elements, (a, b) => a < b)),
    ...common,
    ...calledArg(operations.argMin),
  },
} satisfies Partial<References>;
