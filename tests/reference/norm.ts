import { operations } from "../../bindings/core/operations.js";
import type { Sample, SampleInput } from "../../bindings/core/graph.js";
import { count, type Plain } from "../support/plain.js";
import type { Reference, References } from "./reference.js";

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What `row` makes of the rows of x and of another array, which may be missing. */
function byRow(x: Plain, other: Plain, row: (x: number[], other: number[]) => number[]): Plain {
  const columns = x.shape[1]!;
  const part = (y: Plain, i: number) => y.data.slice(i * columns, (i + 1) * columns);
  return {
    shape: x.shape,
    data: Array.from({ length: x.shape[0]! }, (_, i) => row(part(x, i), part(other, i))).flat(),
  };
}

/** The row as it is scaled, and the scale. */
function standard(row: readonly number[], centred: boolean, epsilon: number): { z: number[]; s: number } {
  const middle = centred ? mean(row) : 0;
  const z = row.map((value) => value - middle);
  return { z, s: 1 / Math.sqrt(mean(z.map((value) => value * value)) + epsilon) };
}

const COLUMNS = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 130, 1030];

function large(inputs: (n: number) => readonly SampleInput[]): Sample<number>[] {
  return COLUMNS.map((n) => ({ inputs: inputs(n), params: 1e-2 }));
}

/** Of numbers about as large as the largest, which the rows scale by less than 10. */
function magnitude(inputs: readonly Plain[]): Plain {
  const largest = inputs.reduce((most, x) => Math.max(most, ...x.data.map(Math.abs)), 1);
  return { shape: inputs[0]!.shape, data: new Array<number>(count(inputs[0]!.shape)).fill(40 * largest) };
}

function forward(centred: boolean): Omit<Reference<number>, "call"> {
  return {
    value([x, weight, bias], epsilon) {
      return byRow(x!, x!, (row) => {
        const { z, s } = standard(row, centred, epsilon);
        return z.map((value, j) => value * s * (weight?.data[j] ?? 1) + (bias?.data[j] ?? 0));
      });
    },
    ulps: 4,
    scale: magnitude,
    oneDType: true,
    large: large((n) => [{ shape: [3, n], range: [-20, 30] }, { shape: [n] }, { shape: [n] }]),
  };
}

function adjoint(centred: boolean): Omit<Reference<number>, "call"> {
  return {
    value([x, g, weight], epsilon) {
      return byRow(x!, g!, (row, adjoints) => {
        const { z, s } = standard(row, centred, epsilon);
        const h = adjoints.map((value, j) => value * (weight?.data[j] ?? 1));
        const slope = s * s * mean(h.map((value, j) => value * z[j]!));
        const level = centred ? mean(h) : 0;
        return h.map((value, j) => s * (value - level - z[j]! * slope));
      });
    },
    ulps: 4,
    scale: magnitude,
    oneDType: true,
    large: large((n) => [{ shape: [3, n], range: [-3, 4] }, { shape: [3, n] }, { shape: [n] }]),
  };
}

export const normReferences = {
  layerNorm: {
    ...forward(true),
    call: ([x, weight, bias], epsilon) => operations.layerNorm(x!, weight ?? null, bias ?? null, epsilon),
  },
  rmsNorm: {
    ...forward(false),
    call: ([x, weight, bias], epsilon) => operations.rmsNorm(x!, weight ?? null, bias ?? null, epsilon),
  },
  layerNormBackward: {
    ...adjoint(true),
    call: ([x, g, weight], epsilon) => operations.layerNormBackward(x!, g!, weight, epsilon),
  },
  rmsNormBackward: {
    ...adjoint(false),
    call: ([x, g, weight], epsilon) => operations.rmsNormBackward(x!, g!, weight, epsilon),
  },
} satisfies Partial<References>;
