import { describe, expect, test } from "vitest";
import * as w from "../../bindings/index.js";
import { compile, tensor, vmap, type DTypeName, type Tensor } from "../../bindings/index.js";

// What integers do where floats would hide it: see docs/types.md.

const whole = (...list: number[]): Tensor => tensor(Int32Array.from(list));
const typed = (x: Tensor): unknown => [x.dtype, x.toArray()];

describe("products of integers", () => {
  const x = whole(65537, -3, 2);
  const y = whole(65537, 100000, 50000);
  /** 65537² - 300000 + 100000, modulo 2³². */
  const wrapped = Number(BigInt.asIntN(32, 65537n * 65537n - 300000n + 100000n));

  test.each([
    ["matmul", () => w.matmul(x, y)],
    ["dot", () => w.dot(x, y)],
    ["inner", () => w.inner(x, y)],
    ["tensordot", () => w.tensordot(x, y, 1)],
    ["einsum", () => w.einsum("i,i->", x, y)],
    ["vecdot", () => w.vecdot(x, y)],
    ["compiled matmul", () => compile((a: Tensor, b: Tensor) => a.matmul(b))(x, y)],
  ] as const)("stay integers, and wrap, in %s", (_, run) => expect(typed(run())).toEqual(["i32", wrapped]));

  test("are of matrices, batches and examples", () => {
    const a = tensor(Int32Array.from({ length: 12 }, (_, i) => i - 5), { shape: [2, 2, 3] }); // prettier-ignore
    const b = tensor(Int32Array.from({ length: 6 }, (_, i) => 2 * i - 3), { shape: [3, 2] }); // prettier-ignore
    const expected = w.matmul(a.cast("f64"), b.cast("f64")).cast("i32").toArray();
    expect(typed(w.matmul(a, b))).toEqual(["i32", expected]);
    expect(typed(vmap((m: Tensor) => m.matmul(b))(a))).toEqual(["i32", expected]);
    expect(typed(w.matmul(a, whole(1, 0, -1)))).toEqual(["i32", [[-2, -2], [-2, -2]]]); // prettier-ignore
    expect(typed(w.bmm(a, w.zeros([2, 3, 0], { dtype: "i32" })))).toEqual(["i32", [[[], []], [[], []]]]); // prettier-ignore
    expect(typed(w.outer(whole(2, 3), whole(5, 7)))).toEqual(["i32", [[10, 14], [15, 21]]]); // prettier-ignore
  });

  test("of bytes and truth values are counted in i32", () => {
    const bytes = tensor(new Uint8Array([200, 200]));
    expect(typed(w.matmul(bytes, bytes))).toEqual(["i32", 80000]);
    expect(typed(w.dot(tensor([true, true]), tensor([true, true])))).toEqual(["i32", 2]);
    expect(w.matmul(bytes, w.ones(2)).dtype).toBe("f32");
  });
});

test("the distance of integers does not wrap where closeness is asked for", () => {
  const [low, high] = [whole(-2147483648, -2147483648, 7), whole(0, 2147483647, 7)];
  for (const f of [w.isClose, compile((a: Tensor, b: Tensor) => w.isClose(a, b))])
    expect([f(low, high).toArray(), f(high, low).toArray()]).toEqual([
      [false, false, true],
      [false, false, true],
    ]);
  expect(w.allClose(whole(-2147483648), whole(0)).item()).toBe(0);
});

test("comparisons with numbers that are no integers of the type are exact", () => {
  const x = whole(2, 3, 16777217, 2147483647);
  expect(x.gt(2.5).toArray()).toEqual([false, true, true, true]);
  expect(x.eq(16777216.5).toArray()).toEqual([false, false, false, false]);
  expect(x.ge(2147483648).toArray()).toEqual([false, false, false, false]);
  expect(w.lt(1e10, x).toArray()).toEqual([false, false, false, false]);
  expect(x.eq(4294967298).toArray()).toEqual([false, false, false, false]);
  expect(
    tensor(new Uint8Array([0, 255]))
      .lt(255.5)
      .toArray(),
  ).toEqual([true, true]);
  const above = compile((a: Tensor, limit: number) => a.gt(limit as never));
  expect(above(x, 16777216.5).toArray()).toEqual([false, false, true, true]);
  expect(above(x, 3).toArray()).toEqual([false, false, true, true]);
});

test("what is put into a tensor leaves its type as it is", () => {
  const x = whole(1, 2, 3);
  expect(typed(x.sliceAssign([[0, 2]], [7, 8]))).toEqual(["i32", [7, 8, 3]]);
  expect(typed(x.scatter(0, whole(2), whole(9)))).toEqual(["i32", [1, 2, 9]]);
  expect(typed(x.indexAdd(0, whole(0, 0), whole(5, 6)))).toEqual(["i32", [12, 2, 3]]);
  expect(typed(x.maskedFill(x.gt(1), 0))).toEqual(["i32", [1, 0, 0]]);
  expect(typed(w.ones(2).sliceAssign([0], tensor(0.1, { dtype: "f64" })))).toEqual(["f32", [Math.fround(0.1), 1]]);
  expect(typed(w.ones(2, { dtype: "f16" }).sliceAssign([0], 0.1))).toEqual(["f16", [0.0999755859375, 1]]);
});

test.each(["f64", "i32"] as DTypeName[])("a mean of no entries is 0 in %s", (dtype) => {
  const means = w.segmentMean(tensor([1, 2, 3], { dtype }), [0, 0, 2], 4);
  expect(means.toArray()).toEqual([1.5, 0, 3, 0]);
});

test("integers are rounded exactly, to as many digits before the point as wanted, and stay integers", () => {
  const x = whole(123456789, -55, 45, 2147483647, -2147483648);
  expect(typed(w.round(x, { decimals: 2 }))).toEqual(["i32", x.toArray()]);
  expect(typed(w.round(x, { decimals: -1 }))).toEqual(["i32", [123456790, -60, 40, 2147483647, -2147483648]]);
  expect(typed(w.round(tensor(Uint8Array.of(255, 4)), { decimals: -1 }))).toEqual(["i32", [260, 0]]);
  expect(w.round(12.345, { decimals: 1 }).item()).toBeCloseTo(12.3, 5);
});

test.each(["i32", "u8"] as DTypeName[])("a quotient of %s is 0 where there is none, in programs too", (dtype) => {
  const x = tensor([5, 0, 7, 200], { dtype });
  const y = tensor([0, 0, 2, 0], { dtype });
  const quotients = [
    (a: Tensor, b: Tensor) => w.floorDivide(a, b),
    (a: Tensor, b: Tensor) => w.div(a, b, { roundingMode: "floor" }),
    (a: Tensor, b: Tensor) => w.div(a, b, { roundingMode: "trunc" }),
  ];
  for (const f of quotients) for (const g of [f, compile(f)]) expect(typed(g(x, y))).toEqual([dtype, [0, 0, 3, 0]]);
});
