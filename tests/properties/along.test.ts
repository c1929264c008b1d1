import { describe, expect, test } from "vitest";
import {
  arange,
  cat,
  concat,
  gather,
  grad,
  memory,
  mul,
  pad,
  scatterAdd,
  scope,
  square,
  stack,
  sum,
  tensor,
  zeros,
  type PadOptions,
  type Tensor,
} from "../../bindings/index.js";

const list = (x: Tensor): unknown => x.toArray();
const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

describe("gather and scatterAdd", () => {
  test("along either axis, from an index that is shorter along the other", () => {
    expect(list(gather(x, 0, [[1, -2, 1]]))).toEqual([[4, 2, 6]]);
    expect(list(x.gather(1, [[2, 0, 0, -1]]))).toEqual([[3, 1, 1, 3]]);
    expect(list(gather(x, -1, [[0], [1]]))).toEqual([[1], [5]]);
  });

  test("add up in order, into a part of x or all of it", () => {
    expect(
      list(
        scatterAdd(
          zeros([2, 3]),
          1,
          [
            [0, 0, 2],
            [1, 1, -2],
          ],
          x,
        ),
      ),
    ).toEqual([
      [3, 0, 3],
      [0, 15, 0],
    ]);
    expect(list(x.scatterAdd(0, [[1, 1]], 10))).toEqual([
      [1, 2, 3],
      [14, 15, 6],
    ]);
    const counts = scatterAdd(tensor(new Int32Array(3)), 0, new Int32Array([2, 0, 2]), 1);
    expect([list(counts), counts.dtype]).toEqual([[1, 0, 2], "i32"]);
  });

  test("are each other's transposes at every order", () => {
    const index = tensor(new Int32Array([1, 0, 0, 2, 1, 1]), { shape: [2, 3] });
    const f = (v: Tensor) =>
      sum(
        mul(square(gather(v, 1, index)), [
          [1, 2, 3],
          [4, 5, 6],
        ]),
      );
    // f is Σ w x², where the index counts elements several times.
    expect(list(grad(f)(x))).toEqual([
      [10, 4, 0],
      [0, 110, 48],
    ]);
    expect(list(grad((v: Tensor) => sum(grad(f)(v)))(x))).toEqual([
      [10, 2, 0],
      [0, 22, 8],
    ]);
    const g = (v: Tensor) => sum(square(scatterAdd(zeros([2, 3]), 1, index, v)));
    expect(list(grad((v: Tensor) => sum(grad(g)(v)))(x))).toEqual([
      [2, 4, 4],
      [2, 4, 4],
    ]);
    const h = (v: Tensor) => sum(square(scatterAdd(v, 0, [[0], [0]], [[1], [2]])));
    expect(list(grad(h)(x))).toEqual([
      [8, 4, 6],
      [8, 10, 12],
    ]);
  });
});

describe("pad", () => {
  const v = tensor([1, 2, 3]);
  const padded = (widths: [number, number], options?: PadOptions) => list(pad(v, [widths], options));

  test("in every mode", () => {
    expect(padded([1, 2])).toEqual([0, 1, 2, 3, 0, 0]);
    expect(padded([2, 0], { value: 9 })).toEqual([9, 9, 1, 2, 3]);
    expect(padded([2, 2], { mode: "reflect" })).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect(padded([1, 3], { mode: "replicate" })).toEqual([1, 1, 2, 3, 3, 3, 3]);
    expect(padded([2, 1], { mode: "circular" })).toEqual([2, 3, 1, 2, 3, 1]);
    expect(padded([0, 0], { mode: "reflect" })).toEqual([1, 2, 3]);
    expect(padded([0, 0])).toEqual([1, 2, 3]);
  });

  test("around every axis, in any type", () => {
    expect(list(pad(x, 1, { value: -1 }))).toEqual([
      [-1, -1, -1, -1, -1],
      [-1, 1, 2, 3, -1],
      [-1, 4, 5, 6, -1],
      [-1, -1, -1, -1, -1],
    ]);
    expect(
      list(
        x.T.pad(
          [
            [0, 1],
            [1, 0],
          ],
          { mode: "circular" },
        ),
      ),
    ).toEqual([
      [4, 1, 4],
      [5, 2, 5],
      [6, 3, 6],
      [4, 1, 4],
    ]);
    const bytes = pad(tensor(new Uint8Array([7])), 1, { value: 255 });
    expect([list(bytes), bytes.dtype]).toEqual([[255, 7, 255], "u8"]);
    expect(
      pad(zeros([0, 2]), [
        [1, 0],
        [0, 1],
      ]).shape,
    ).toEqual([1, 3]);
  });

  test("sends back the adjoint of every copy", () => {
    const weights = arange(7).cast("f32");
    const pulled = (options: PadOptions) =>
      list(grad((u: Tensor) => sum(mul(square(pad(u, [[2, 2]], options)), weights)))(v));
    expect(pulled({ value: 5 })).toEqual([4, 12, 24]);
    expect(pulled({ mode: "reflect" })).toEqual([16, 36, 24]);
    expect(pulled({ mode: "replicate" })).toEqual([6, 12, 90]);
    expect(pulled({ mode: "circular" })).toEqual([14, 36, 30]);
  });
});

describe("cat", () => {
  test("has another name, and takes any layout and type", () => {
    expect(list(concat([x, x.flip(0)], 1))).toEqual([
      [1, 2, 3, 4, 5, 6],
      [4, 5, 6, 1, 2, 3],
    ]);
    expect(list(stack([tensor([true]), tensor([false])], 1))).toEqual([[true, false]]);
  });

  test("and slices of one tensor go back into one buffer", () => {
    scope(() => {
      const n = 400;
      const rows = arange(n * n)
        .cast("f32")
        .reshape([n, n]);
      const before = memory().bytes;
      const f = (u: Tensor) =>
        sum(
          square(
            cat(
              Array.from({ length: n }, (_, i) => u.slice([n - 1 - i, n - i])),
              0,
            ),
          ),
        );
      const g = grad(f)(rows);
      expect(list(sum(g.sub(rows.mul(2)).abs()))).toBe(0);
      // A buffer for each slice would be 256 MB.
      expect(memory().highWater - before).toBeLessThan(16e6);
    });
  });
});
