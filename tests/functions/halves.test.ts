// f16 and bf16 store numbers, and are computed with as f32.
import { describe, expect, test } from "vitest";
import * as w from "../../bindings/index.js";
import { DTypeError, grad, memory, scope, tensor, variable, type Tensor } from "../../bindings/index.js";
import { bfloat16ToFloat, floatToBfloat16, floatToHalf, halfToFloat } from "../../bindings/io/half.js";
import { checkSame } from "../support/compare.js";
import { toPlain } from "../support/plain.js";
import { Random } from "../support/random.js";

const HALVES = ["f16", "bf16"] as const;
const scalar = {
  f16: { widen: halfToFloat, shorten: floatToHalf },
  bf16: { widen: bfloat16ToFloat, shorten: floatToBfloat16 },
};
const vector = (data: Iterable<number>) => toPlain(tensor(Float64Array.from(data)));

describe.each(HALVES)("%s", (dtype) => {
  const { widen, shorten } = scalar[dtype];

  test("every pattern of bits is its number, in f32 and in f64", () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const x = tensor(bits, { dtype });
    const want = widen(bits);
    for (const wide of ["f32", "f64"] as const) checkSame(wide, toPlain(x.cast(wide)), vector(want));
  });

  test("numbers are rounded once, to the nearest, of two the even", () => {
    const random = new Random(`numbers for ${dtype}`);
    const exact = widen(Uint16Array.from({ length: 20000 }, () => random.integer(0, 65536)));
    const near = [...exact].flatMap((v) => [v, v * (1 + 2 ** -12), v * (1 - 2 ** -9), v * (1 + 2 ** -40), v * 1.5]);
    const middles = [...exact].map((v, i) => (v + exact[(i + 1) % exact.length]!) / 2);
    const values = Float64Array.from([...near, ...middles, 65519.99, 65520, 2 ** -25, 2 ** -133, 5e-324, 1e308]);
    for (const given of [values, Float32Array.from(values)]) {
      const got = tensor(given).cast(dtype).cast("f64");
      checkSame(given.constructor.name, toPlain(got), vector(widen(shorten(given))));
    }
  });

  test("takes half the memory, and moves as others do", () => {
    const before = memory().bytes;
    const x = tensor([[1, 2, 3], [4, 5, 6]], { dtype }); // prettier-ignore
    expect(memory().bytes - before).toBeLessThanOrEqual(64);
    expect(x.T.toArray()).toEqual([[1, 4], [2, 5], [3, 6]]); // prettier-ignore
    expect(tensor(x.T).toArray()).toEqual(x.T.toArray());
    expect(tensor(x.slice([null, null, -1], [0, 2])).toArray()).toEqual([[4, 5], [1, 2]]); // prettier-ignore
    expect(
      tensor(x.slice(0).expand([4, 3]))
        .sum(0)
        .toArray(),
    ).toEqual([4, 8, 12]);
    expect(x.slice(1, 2).item()).toBe(6);
    const both = w.cat([x.T, x.T], 1);
    expect([both, w.stack([x, x]), w.roll(x, 1, 0)].map((y) => y.dtype)).toEqual([dtype, dtype, dtype]);
    expect(both.toArray()).toEqual([[1, 4, 1, 4], [2, 5, 2, 5], [3, 6, 3, 6]]); // prettier-ignore
    const twice = w.compile((t: Tensor) => w.stack([t, t], 1));
    expect([twice(x).dtype, twice(x).toArray()]).toEqual([dtype, w.stack([x.cast("f32"), x.cast("f32")], 1).toArray()]);
    expect(w.cat([x, x.cast(dtype === "f16" ? "bf16" : "f16")]).dtype).toBe("f32");
    expect(String(x)).toContain(dtype);
    expect([...w.zeros([3], { dtype }).data()]).toEqual([0, 0, 0]);
    expect(w.full([2], 1.5, { dtype }).toArray()).toEqual([1.5, 1.5]);
    const large = Float32Array.from({ length: 130 * 140 }, (_, i) => i % 256);
    const wide = tensor(large, { shape: [130, 140] });
    expect(tensor(wide.cast(dtype).T).toArray()).toEqual(wide.T.toArray());
  });

  test("is computed with as f32", () => {
    const [x, y] = [tensor([1, 2, 3], { dtype }), tensor([3, 2, 1], { dtype })];
    for (const z of [x.add(y), x.mul(2), x.add(0.5), x.sin(), x.sum(), x.mean(), x.matmul(y), x.softmax(), x.max()])
      expect(z.dtype).toBe("f32");
    expect(x.add(y).toArray()).toEqual([4, 4, 4]);
    expect(x.gt(y).toArray()).toEqual([false, false, true]);
    expect(x.add(tensor([1, 1, 1], { dtype: "f64" })).dtype).toBe("f64");
    expect(x.add(tensor([1, 1, 1], { dtype: "i32" })).dtype).toBe("f32");
    expect(w.isFinite(tensor([1, Infinity, NaN], { dtype })).toArray()).toEqual([true, false, false]);
    expect(w.isInf(tensor([1, -Infinity, NaN], { dtype })).toArray()).toEqual([false, true, false]);
    expect(w.signBit(tensor([1, -0, -2], { dtype })).toArray()).toEqual([false, true, true]);
  });

  test("any operation computes, or says what it wants: nothing takes the bits for numbers", () => {
    const x = tensor([[1, 2], [3, 4]], { dtype }); // prettier-ignore
    const wide = x.cast("f32");
    const unary: Record<string, (t: Tensor) => unknown> = {};
    for (const name of [
      "cumsum",
      "prod",
      "sort",
      "argMax",
      "flip",
      "abs",
      "std",
      "unique",
      "logsumexp",
      "relu",
      "neg",
    ] as const)
      unary[name] = (t) => (w[name] as (t: Tensor) => unknown)(t);
    unary["cat"] = (t) => w.cat([t, t]);
    unary["stack"] = (t) => w.stack([t, t]);
    unary["gather"] = (t) => w.indexSelect(t, 0, [1, 0]);
    unary["pad"] = (t) => w.pad(t, [1, 1]);
    unary["roll"] = (t) => w.roll(t, 1, 0);
    unary["where"] = (t) => w.where(t.gt(2), t, 0);
    const show = (f: (t: Tensor) => unknown, t: Tensor): unknown => {
      const result = f(t) as Tensor | Record<string, Tensor>;
      return "toArray" in result ? (result as Tensor).toArray() : Object.values(result).map((part) => part.toArray());
    };
    for (const [name, f] of Object.entries(unary)) {
      let got: unknown;
      try {
        got = show(f, x);
      } catch (error) {
        expect(error, name).toBeInstanceOf(DTypeError);
        continue;
      }
      expect(got, name).toEqual(show(f, wide));
    }
  });

  test("a variable of it takes f32, and a parameter of it is refused", () => {
    const v = variable([1, 2], { dtype });
    v.assign(tensor([0.1, 3]));
    expect(v.toArray()).toEqual([...widen(shorten(Float32Array.of(0.1, 3)))]);
    expect(() => tensor([1], { dtype, requiresGrad: true })).toThrow(DTypeError);
    expect(() => tensor(Uint16Array.of(1))).toThrow(DTypeError);
    const stored = tensor([2, 3], { dtype });
    expect(grad((x: Tensor) => x.mul(stored).sum())(tensor([1, 1])).toArray()).toEqual([2, 3]);
  });

  test("what is refused leaves nothing behind, and a fraction is no position", () => {
    const before = memory().tensors;
    expect(() => tensor([1, 2], { dtype, requiresGrad: true })).toThrow(DTypeError);
    expect(memory().tensors).toBe(before);
    const x = tensor([5, 6, 7]);
    expect(w.indexSelect(x, 0, tensor([2, 0], { dtype })).toArray()).toEqual([7, 5]);
    expect(() => w.indexSelect(x, 0, tensor([0.5], { dtype }))).toThrow(/whole numbers/);
  });

  test("programs compute with it as eager code does", () => {
    const f = (x: Tensor, t: Tensor): Tensor => x.mul(t).add(1).cast(dtype).cast("f32").mul(3);
    const [x, t] = [tensor([0.1, -2, 7]), tensor([3, 0.3, 1e3], { dtype })];
    expect(w.compile(f)(x, t).toArray()).toEqual(scope(() => f(x, t)).toArray());
    const one = (a: Tensor): Tensor => a.mul(3).cast(dtype).cast("f32");
    expect(w.compile(one)(tensor(0.1)).item()).toBe(one(tensor(0.1)).item());
  });
});
