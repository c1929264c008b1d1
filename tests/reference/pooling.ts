import { operations } from "../../bindings/core/operations.js";
import type { Pooling } from "../../bindings/primitives/pooling.js";
import type { Sample } from "../../bindings/core/graph.js";
import type { Plain } from "../support/plain.js";
import type { References } from "./reference.js";

/** Calls `visit` with the position of the largest element of each window, in its plane and in the whole. */
function windows(x: Plain, { rows, columns }: Pooling, visit: (inPlane: number, at: number) => void): void {
  const [height, width] = x.shape.slice(-2) as [number, number];
  const lead = x.shape.slice(0, -2).reduce((product, length) => product * length, 1);
  for (let n = 0; n < lead; n++) {
    for (const [top, bottom] of rows.bounds) {
      for (const [left, right] of columns.bounds) {
        let best = -1;
        for (let i = top; i < bottom; i += rows.step) {
          for (let j = left; j < right; j += columns.step) {
            const at = n * height * width + i * width + j;
            const [value, most] = [x.data[at]!, x.data[best] ?? NaN];
            if (best < 0 || value > most || (Number.isNaN(value) && !Number.isNaN(most))) best = at;
          }
        }
        visit(best - n * height * width, best);
      }
    }
  }
}

function shapeOf(x: Plain, { rows, columns }: Pooling): number[] {
  if (x.shape.slice(-2).includes(0)) throw new RangeError("windows of nothing");
  return [...x.shape.slice(0, -2), rows.bounds.length, columns.bounds.length];
}

function spans(length: number, size: number, stride: number, step: number): Pooling["rows"] {
  const count = Math.floor((length - step * (size - 1) - 1) / stride) + 1;
  return { bounds: Array.from({ length: count }, (_, i) => [i * stride, i * stride + step * (size - 1) + 1]), step };
}

/** The window of two by two, others that overlap, and steps inside. */
const LARGE: readonly Sample<Pooling>[] = [
  { inputs: [{ shape: [3, 2, 8, 6] }], params: { rows: spans(8, 2, 2, 1), columns: spans(6, 2, 2, 1) } },
  { inputs: [{ shape: [2, 9, 10] }], params: { rows: spans(9, 3, 2, 1), columns: spans(10, 2, 1, 3) } },
];

/** No images. */
const EMPTY = [{ inputs: [{ shape: [0, 8, 6] }], params: LARGE[0]!.params }];

export const poolingReferences = {
  maxPool: {
    value([x], params) {
      const data: number[] = [];
      const shape = shapeOf(x!, params);
      windows(x!, params, (_, at) => data.push(x!.data[at]!));
      return { shape, data };
    },
    large: LARGE,
    empty: EMPTY,
    call: ([x], params) => operations.maxPool(x!, params),
  },
  maxPoolIndices: {
    value([x], params) {
      const data: number[] = [];
      const shape = shapeOf(x!, params);
      windows(x!, params, (at) => data.push(at));
      return { shape, data };
    },
    large: LARGE,
    empty: EMPTY,
    call: ([x], params) => operations.maxPoolIndices(x!, params),
  },
} satisfies Partial<References>;
