import { gather, scatterAdd } from "../../bindings/index.js";
import { build, count, get, positions, rank, type Plain, type Position } from "../support/plain.js";
import type { References } from "./reference.js";

/** The row that an index names; a negative one counts from the end. */
function rowAt(index: number, rows: number): number {
  if (index < -rows || index >= rows) throw new RangeError("no such row");
  return index < 0 ? index + rows : index;
}

/** Where an index along an axis points from a position. */
function aimed(index: Plain, at: Position, axis: number, length: number): number[] {
  return at.map((i, d) => (d === axis ? rowAt(get(index, at), length) : i));
}

const ALONG = [
  [[7], [5], 0],
  [[1], [9], 0],
  [[2, 5], [2, 7], 1],
  [[5, 3], [4, 3], 0],
  [[3, 4, 2], [3, 9, 2], 1],
] as const;

const alongEmpty = [
  { x: [0], index: [0], axis: 0 },
  { x: [3], index: [0], axis: 0 },
  { x: [3, 0], index: [2, 0], axis: 0 },
  { x: [0], index: [2], axis: 0 },
];

const WIDTHS = [1, 2, 3, 4, 5, 17, 40];

export const indexingReferences = {
  gatherRows: {
    value: ([x, index]) =>
      build([...index!.shape, ...x!.shape.slice(1)], (at) => {
        const lead = index!.shape.length;
        return get(x!, [rowAt(get(index!, at.slice(0, lead)), x!.shape[0]!), ...at.slice(lead)]);
      }),
    integers: ["i32", "u8", "bool"],
    large: [
      ...WIDTHS.map((width) => ({
        inputs: [{ shape: [6, width] }, { shape: [2, 3], dtype: "i32" as const, range: [-6, 6] as const }],
        params: null,
      })),
      { inputs: [{ shape: [3, 2, 2] }, { shape: [], dtype: "i32", range: [-3, 3] }], params: null },
    ],
    empty: [
      { inputs: [{ shape: [4, 0] }, { shape: [5], dtype: "i32", range: [-4, 4] }], params: null },
      { inputs: [{ shape: [4, 3] }, { shape: [0], dtype: "i32" }], params: null },
      { inputs: [{ shape: [0, 3] }, { shape: [0], dtype: "i32" }], params: null },
      { inputs: [{ shape: [0, 3] }, { shape: [2], dtype: "i32", range: [0, 1] }], params: null },
    ],
  },
  scatterAddRows: {
    value([x, index], rows) {
      const width = x!.shape.slice(index!.shape.length);
      const shape = [rows, ...width];
      const data = new Array<number>(count(shape)).fill(0);
      for (const at of positions(index!.shape)) {
        const row = rowAt(get(index!, at), rows);
        for (const within of positions(width)) data[rank(shape, [row, ...within])]! += get(x!, [...at, ...within]);
      }
      return { shape, data };
    },
    scale: ([x, index], rows) => scaleOf(x!, index!, rows),
    ulps: 4,
    integers: ["i32"],
    large: WIDTHS.map((width) => ({
      inputs: [{ shape: [2, 5, width] }, { shape: [2, 5], dtype: "i32" as const, range: [-3, 3] as const }],
      params: 3,
    })),
    empty: [
      { inputs: [{ shape: [0, 3] }, { shape: [0], dtype: "i32" }], params: 4 },
      { inputs: [{ shape: [5, 0] }, { shape: [5], dtype: "i32", range: [-4, 4] }], params: 4 },
      { inputs: [{ shape: [0, 3] }, { shape: [0], dtype: "i32" }], params: 0 },
    ],
  },
  lastPlaces: {
    value([index], rows) {
      const data = new Array<number>(rows).fill(-1);
      for (const [i] of positions(index!.shape)) data[rowAt(get(index!, [i!]), rows)] = i!;
      return { shape: [rows], data };
    },
    large: [{ inputs: [{ shape: [70], dtype: "i32", range: [-30, 30] }], params: 40 }],
    empty: [
      { inputs: [{ shape: [0], dtype: "i32" }], params: 4 },
      { inputs: [{ shape: [0], dtype: "i32" }], params: 0 },
    ],
  },
  gather: {
    value: ([x, index], axis) => build(index!.shape, (at) => get(x!, aimed(index!, at, axis, x!.shape[axis]!))),
    integers: ["i32", "u8", "bool"],
    call: ([x, index], axis) => gather(x!, axis, index!),
    large: ALONG.map(([x, index, params]) => ({
      inputs: [{ shape: x }, { shape: index, dtype: "i32", range: [-x[params]!, x[params]!] }],
      params,
    })),
    empty: alongEmpty.map(({ x, index, axis }) => ({
      inputs: [{ shape: x }, { shape: index, dtype: "i32", range: [0, 1] }],
      params: axis,
    })),
  },
  scatterAdd: {
    value([x, index, source], axis) {
      const data = [...x!.data];
      for (const at of positions(index!.shape))
        data[rank(x!.shape, aimed(index!, at, axis, x!.shape[axis]!))]! += get(source!, at);
      return { shape: x!.shape, data };
    },
    scale: ([x, , source]) =>
      build(x!.shape, () => [...x!.data, ...source!.data].reduce((sum, v) => sum + Math.abs(v), 0)),
    ulps: 4,
    integers: ["i32"],
    call: ([x, index, source], axis) => scatterAdd(x!, axis, index!, source!),
    large: ALONG.map(([x, index, params]) => ({
      inputs: [{ shape: x }, { shape: index, dtype: "i32", range: [-x[params]!, x[params]!] }, { shape: index }],
      params,
    })),
    empty: alongEmpty.map(({ x, index, axis }) => ({
      inputs: [{ shape: x }, { shape: index, dtype: "i32", range: [0, 1] }, { shape: index }],
      params: axis,
    })),
  },
} satisfies Partial<References>;

function scaleOf(x: Plain, index: Plain, rows: number): Plain {
  const shape = [rows, ...x.shape.slice(index.shape.length)];
  return build(shape, () => x.data.reduce((sum, value) => sum + Math.abs(value), 0));
}
