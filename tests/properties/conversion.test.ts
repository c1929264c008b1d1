import fc from "fast-check";
import { expect, test } from "vitest";
import {
  cast,
  compile,
  memory,
  ones,
  scope,
  ShapeError,
  tensor,
  WengertError,
  type DTypeName,
  type NestedArray,
  type Tensor,
  type TypedArray,
} from "../../bindings/index.js";
import { array, RUNS, scattered, shape } from "../support/arbitrary.js";
import { checkSame } from "../support/compare.js";
import { count, rounded, toPlain, toTensor, type Plain } from "../support/plain.js";
import { Random } from "../support/random.js";

const DTYPES = ["f32", "f64", "i32", "u8", "bool", "f16", "bf16"] as const;
const INTEGERS: readonly DTypeName[] = ["i32", "u8", "bool"];
const dtype = fc.constantFrom(...DTYPES);
const SPECIAL = [
  0,
  -0,
  0.5,
  -0.5,
  1.999,
  -1.999,
  254.7,
  255.5,
  256,
  -1,
  NaN,
  Infinity,
  -Infinity,
  2147483647.5,
  -2147483649,
  1e300,
  1e-300,
  16777217,
];

/** Floats become integers towards zero, held at the ends of the range; wider integers lose their high bits. */
function converted(value: number, from: DTypeName, to: DTypeName): number {
  if (to === "bool" || !INTEGERS.includes(to) || INTEGERS.includes(from)) return rounded(value, to);
  const [low, high] = to === "u8" ? [0, 255] : [-2147483648, 2147483647];
  return Number.isNaN(value) ? 0 : Math.min(Math.max(Math.trunc(value), low), high) + 0;
}

/** What a dtype holds of the special values, many times over. */
function held(type: DTypeName, shape: readonly number[], seed: number): Plain {
  const random = new Random(`special ${seed}`);
  const one = () => {
    const value = SPECIAL[random.integer(0, SPECIAL.length)]!;
    return INTEGERS.includes(type) ? converted(value, "f64", type) : rounded(value, type);
  };
  return { shape, data: Array.from({ length: count(shape) }, one) };
}

test("cast converts between all types", () => {
  fc.assert(
    fc.property(dtype, dtype, shape, fc.nat(1e6), fc.nat(3), (from, to, of, seed, way) =>
      scope(() => {
        const values = held(from, of, seed);
        const y = cast(scattered(values, from, way), to);
        expect(y.dtype).toBe(to);
        checkSame(`${from} to ${to}`, toPlain(y), {
          shape: of,
          data: values.data.map((value) => converted(value, from, to)),
        });
      }),
    ),
    { ...RUNS, numRuns: 600 },
  );
});

const arrays = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u8: Uint8Array } as const;

test("typed arrays come back as they went in, as copies", () => {
  fc.assert(
    fc.property(fc.constantFrom("f32", "f64", "i32", "u8"), shape, fc.nat(1e6), (type, of, seed) =>
      scope(() => {
        const values = arrays[type].from(held(type, of, seed).data) as TypedArray;
        const x = tensor(values, { shape: of });
        expect(x.dtype).toBe(type);
        const first = x.data();
        expect(first).toEqual(values);
        expect(first.constructor).toBe(values.constructor);
        values.fill(1);
        first.fill(2);
        expect(x.data()).not.toBe(first);
        expect(toPlain(x).data).toEqual(held(type, of, seed).data.map((value) => rounded(value, type)));
      }),
    ),
    RUNS,
  );
});

test("what an ImageData holds are bytes", () => {
  const pixels = new Uint8ClampedArray([0, 128, 300, 1]);
  const x = tensor(pixels, { shape: [1, 1, 4] });
  expect([x.dtype, x.toArray()]).toEqual(["u8", [[[0, 128, 255, 1]]]]);
  expect(tensor(pixels, { dtype: "i32" }).toArray()).toEqual([0, 128, 255, 1]);
  expect(() => tensor(pixels, { dtype: "bool" })).toThrow(/^tensor: .*from 0 to 1 for bool, got 128 at position 1/);
  expect(ones([4]).mul(pixels).toArray()).toEqual([0, 128, 255, 1]);
  expect(compile((y: Tensor) => y.add(1))(pixels).toArray()).toEqual([1, 129, 256, 2]);
});

/** Nested arrays of a shape. */
function nested(
  { shape: of, data }: Plain,
  wrap: (value: number) => number | boolean = (value) => value,
): number | boolean | NestedArray {
  if (of.length === 0) return wrap(data[0]!);
  const [n, ...rest] = of as [number, ...number[]];
  const size = count(rest);
  return Array.from({ length: n }, (_, i) => nested({ shape: rest, data: data.slice(i * size, (i + 1) * size) }, wrap));
}

/** The shape that nested arrays can show: nothing is inside an empty one. */
function visible(of: readonly number[]): readonly number[] {
  const end = of.indexOf(0);
  return end < 0 ? of : of.slice(0, end + 1);
}

test("nested arrays come back as they went in", () => {
  fc.assert(
    fc.property(array, fc.boolean(), (values, truth) =>
      scope(() => {
        const list = nested(values, truth ? (value) => value > 0 : undefined);
        const x = tensor(list);
        expect(x.shape).toEqual(visible(values.shape));
        expect(x.dtype).toBe(truth && values.data.length > 0 ? "bool" : "f32");
        expect(x.toArray()).toEqual(list);
        expect(toTensor(values, "f64").toArray()).toEqual(nested(values));
      }),
    ),
    RUNS,
  );
});

test("arrays that are not regular are refused, whatever is wrong with them and wherever", () => {
  const regular = array.filter(({ shape: of }) => of.length > 0 && count(of) > 0);
  const faults = ["longer", "shorter", "number", "array", "text"] as const;
  fc.assert(
    fc.property(
      regular,
      fc.constantFrom(...faults),
      fc.array(fc.nat(100), { minLength: 5, maxLength: 5 }),
      (values, fault, path) => {
        const list = nested(values) as unknown[];
        // Walk down to some array, and spoil it; unless what comes out is regular again.
        let level = list;
        const depth = path[4]! % values.shape.length;
        const trail = path.slice(0, depth).map((step, axis) => step % values.shape[axis]!);
        for (const step of trail) level = level[step] as unknown[];
        if (fault === "longer") level.push(level[0]);
        else if (fault === "shorter") level.pop();
        else level[level.length - 1] = fault === "number" ? 1 : fault === "array" ? [[1]] : "1";
        if (isRegular(list)) return;
        const before = memory();
        expect(() => tensor(list as NestedArray)).toThrow(fault === "text" ? WengertError : ShapeError);
        expect(memory()).toEqual(before);
      },
    ),
    { ...RUNS, numRuns: 300 },
  );
});

/** Whether nested arrays have one shape and hold numbers, by comparing every element with its neighbours. */
function isRegular(list: unknown): boolean {
  const describe = (element: unknown): string =>
    Array.isArray(element)
      ? `[${element.length}:${[...new Set(element.map(describe))].sort().join("|")}]`
      : typeof element;
  const text = describe(list);
  return !text.includes("|") && !text.includes("string");
}
