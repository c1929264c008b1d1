import * as w from "../../bindings/index.js";
import { build, get, positions, rank } from "../support/plain.js";
import { sum, flat, anyType, mod } from "./lines.js";
import { on, type Composed } from "./reference.js";

/** Functions that are told places. */
export const placesComposed: Readonly<Record<string, Composed>> = {
  sliceAssign: on(
    [
      [
        [4, 5],
        [1, 2],
      ],
      [[3, 4], [2]],
    ],
    (x, v) =>
      w.sliceAssign(
        x,
        [
          [1, 3],
          [-1, 1, -1],
        ].slice(0, 2) as never,
        w.slice(v, "...", [0, 1]),
      ),
    (x, v) =>
      build(x.shape, ([i, j]) =>
        i! >= 1 && i! < 3 && j! > 1
          ? get(
              v,
              v.shape.map(() => 0),
            )
          : get(x, [i!, j!]),
      ),
    { like: 0 },
  ),
  sliceAssignSteps: on(
    [[[5, 4], []]],
    (x, v) => w.sliceAssign(x, [[0, null, 2]], v),
    (x, v) => build(x.shape, ([i, j]) => (i! % 2 === 0 ? v.data[0]! : get(x, [i!, j!]))),
    { like: 0 },
  ),
  scatter: on(
    [
      [[4, 3], { shape: [2, 3], dtype: "i32", range: [-4, 4] }, [3, 3]],
      [[4, 3], { shape: [3, 2], dtype: "i32", range: [0, 4] }, [3, 2]],
    ],
    (x, i, s) => w.scatter(x, 0, i, s),
    (x, index, s) => {
      const data = [...x.data];
      for (const at of positions(index.shape))
        data[rank(x.shape, [mod(get(index, at), x.shape[0]!), at[1]!])] = get(s, at);
      return flat([...x.shape], data);
    },
    { like: 0 },
  ),
  indexAdd: on(
    [[[4, 3], { shape: [5], dtype: "i32", range: [-4, 4] }, [5, 3]]],
    (x, i, s) => w.indexAdd(x, 0, i, s, { alpha: 2 }),
    (x, index, s) => {
      const data = [...x.data];
      for (const at of positions(s.shape))
        data[rank(x.shape, [mod(get(index, [at[0]!]), 4), at[1]!])]! += 2 * get(s, at);
      return flat([4, 3], data);
    },
    { like: 0 },
  ),
  indexFill: on(
    [
      [[2, 4, 3], { shape: [2], dtype: "i32", range: [-4, 4] }, []],
      [[3, 4], { shape: [0], dtype: "i32" }, []],
    ],
    (x, i, v) => w.indexFill(x, 1, i, v),
    (x, index, v) =>
      build(x.shape, (at) => ([...index.data].some((i) => mod(i, 4) === at[1]) ? v.data[0]! : get(x, at))),
    { like: 0 },
  ),
  take: on(
    [
      [[3, 4], { shape: [2, 2], dtype: "i32", range: [-12, 12] }],
      [[3], { shape: [], dtype: "i32", range: [-3, 3] }],
      [[2, 2], { shape: [0], dtype: "i32" }],
    ],
    (x, i) => w.take(x, i),
    (x, index) => build(index.shape, (at) => x.data[mod(get(index, at), x.data.length)]!),
    { ...anyType, like: 0 },
  ),
  takeAlongAxis: on(
    [
      [[3, 4], { shape: [3, 2], dtype: "i32", range: [-4, 4] }],
      [[3, 4], { shape: [1, 2], dtype: "i32", range: [-4, 4] }],
    ],
    (x, i) => w.takeAlongAxis(x, i, -1),
    (x, index) => build([3, 2], ([i, j]) => get(x, [i!, mod(get(index, [index.shape[0] === 1 ? 0 : i!, j!]), 4)])),
    { ...anyType, like: 0 },
  ),
  segmentMean: on(
    [[[5, 2], { shape: [5], dtype: "i32", range: [0, 3] }]],
    (x, i) => w.segmentMean(x, i, 4),
    (x, index) =>
      build([4, 2], ([i, j]) => {
        const own = positions([5]).filter(([k]) => get(index, [k!]) === i);
        return sum(own.map(([k]) => get(x, [k!, j!]))) / (own.length || 1);
      }),
  ),
  bucketize: on(
    [[[2, 3]], [[]], [[0, 2]]],
    (x) => w.bucketize(x, w.tensor([-1, 0.25, 1])),
    (x) => build(x.shape, (at) => [-1, 0.25, 1].filter((bound) => bound < get(x, at)).length),
    { constant: true, result: "i32" },
  ),
  segmentSum: on(
    [[[5, 2], { shape: [5], dtype: "i32", range: [0, 3] }]],
    (x, i) => w.segmentSum(x, i, 4),
    (x, index) =>
      build([4, 2], ([i, j]) => sum(positions([5]).map(([k]) => (get(index, [k!]) === i ? get(x, [k!, j!]) : 0)))),
  ),
  indexing: on(
    [[[4, 3], { shape: [2, 2], dtype: "i32", range: [-4, 4] }]],
    (x, i) => w.slice(x, i, 1),
    (x, index) => build([2, 2], (at) => get(x, [mod(get(index, at), 4), 1])),
    anyType,
  ),
  maskedSelect: on(
    [[[4, 3]], [[0, 2]]],
    (x) => w.maskedSelect(x, w.gt(x, 0)),
    (x) => {
      const data = x.data.filter((v) => v > 0);
      return flat([data.length], data);
    },
    anyType,
  ),
};
