import type { Tensor } from "../../bindings/index.js";
import { operations } from "../../bindings/core/operations.js";
import type { Box, Embedding } from "../../bindings/primitives/movement.js";
import { build, get, getBroadcast, positions, rank, type Plain } from "../support/plain.js";
import type { Reference, References } from "./reference.js";

const any = { integers: ["i32", "u8", "bool"] } as const;

const same = { value: ([x]: readonly Plain[]) => x!, ...any };

/** Where an element of a box stands in the whole. */
function inBox(box: Box, at: readonly number[]): number[] {
  return at.map((i, axis) => box.starts[axis]! + i * box.steps[axis]!);
}

/** A number as a type holds it: towards zero, and held at the ends of integers. */
function converted(value: number, dtype: string): number {
  if (dtype === "f64") return value;
  if (dtype === "f32") return Math.fround(value);
  if (dtype === "bool") return Number(value !== 0);
  const [low, high] = dtype === "u8" ? [0, 255] : [-2147483648, 2147483647];
  return Number.isNaN(value) ? 0 : Math.min(Math.max(Math.trunc(value), low), high) + 0;
}

export const movementReferences = {
  copy: { ...same, large: [1, 3, 16, 33, 200].map((n) => ({ inputs: [{ shape: [n] }], params: null })) },
  detach: { ...same, stops: true },
  identity: same,
  cast: {
    value: ([x], dtype) => ({ shape: x!.shape, data: x!.data.map((value) => converted(value, dtype)) }),
    integers: ["i32", "u8", "bool"],
    large: (["f32", "f64", "i32", "bool"] as const).flatMap((params) =>
      [1, 3, 4, 5, 17].map((n) => ({ inputs: [{ shape: [n], range: [-5, 5] as const }], params })),
    ),
  },
  toIndex: same,
  reshape: {
    value: ([x], shape) => ({ shape, data: x!.data }),
    ...any,
    empty: [{ inputs: [{ shape: [0, 3] }], params: [3, 2, 0] }],
  },
  permute: {
    value: ([x], axes) =>
      build(
        axes.map((axis) => x!.shape[axis]!),
        (at) =>
          get(
            x!,
            axes.map((_, axis) => at[axes.indexOf(axis)]!),
          ),
      ),
    ...any,
  },
  expand: {
    value: ([x], shape) => build(shape, (at) => getBroadcast(x!, at)),
    ...any,
    empty: [
      { inputs: [{ shape: [3, 1] }], params: [0, 3, 4] },
      { inputs: [{ shape: [0, 1] }], params: [2, 0, 4] },
      { inputs: [{ shape: [1, 1] }], params: [2, 0] },
    ],
  },
  stridedSlice: {
    value: ([x], box) => build(box.sizes, (at) => get(x!, inBox(box, at))),
    ...any,
    empty: [{ inputs: [{ shape: [4, 5] }], params: { starts: [0, 1], sizes: [0, 2], steps: [1, 2] } }],
  },
  embed: {
    value(parts, { shape, boxes }) {
      const data = new Array<number>(positions(shape).length).fill(0);
      for (const [i, part] of parts.entries()) {
        for (const at of positions(part.shape)) data[rank(shape, inBox(boxes[i]!, at))]! += get(part, at);
      }
      return { shape, data };
    },
    integers: ["i32"],
    oneDType: true,
    call: (parts: readonly Tensor[], { boxes, shape, tiling }) => operations.embed(parts, boxes, shape, tiling),
    empty: [
      {
        inputs: [{ shape: [0, 2] }, { shape: [2, 2] }],
        params: {
          shape: [2, 2],
          boxes: [
            { starts: [0, 0], sizes: [0, 2], steps: [1, 1] },
            { starts: [0, 0], sizes: [2, 2], steps: [1, 1] },
          ],
          tiling: false,
        },
      },
    ],
  } satisfies Reference<Embedding>,
} satisfies Partial<References>;
