import { describe, expect, test } from "vitest";
import {
  CaptureError,
  compile,
  configure,
  crossEntropy,
  FreedError,
  full,
  grad,
  GradientError,
  IndexError,
  memory,
  nllLoss,
  parameter,
  scope,
  ShapeError,
  sum,
  tensor,
  ValueError,
  variable,
  vmap,
  WengertError,
  type Tensor,
} from "../../bindings/index.js";
import { gatherRows } from "../../bindings/primitives/indexing.js";
import { name } from "../../bindings/core/running/names.js";
import { expectRefused } from "../support/refusal.js";

const x = tensor([1, 2, 3]);

describe("what cannot be captured says what to do instead", () => {
  const refused: Record<string, (a: Tensor, n: number) => unknown> = {
    item: (a) => a.sum().item(),
    data: (a) => a.data(),
    "a comparison of numbers": (a) => (Number(a.sum()) > 0 ? a : a.neg()),
    "a number in arithmetic": (a, n) => a.mul(n * 2),
    "a sum with a number": (a, n) => a.mul(n + 1),
    "a comparison with a number": (a, n) => (n > 1 ? a : a.neg()),
    "a number as a shape": (_, n) => full([n], 1),
  };
  for (const [what, f] of Object.entries(refused)) {
    test(what, () => {
      expect(() => compile(f)(x, 2)).toThrow(what.startsWith("a number as a") ? WengertError : CaptureError);
      expect(() => compile(f)(x, 2)).toThrow(/static/);
    });
  }

  test("printing is possible", () => {
    const w = variable([1, 2, 3]);
    compile((a: Tensor, n: number) => {
      expect(String(a.add(w))).toBe("tensor(symbolic, shape [3], f32)");
      expect(String(w)).toBe("tensor(symbolic, shape [3], f32)");
      expect(`${n}`).toMatch(/static/);
    })(x, 2);
    expect(String(w)).toContain("1");
  });

  test("a variable's value, and a new variable", () => {
    const w = variable([1, 2, 3], { label: "w" });
    expect(() => compile(() => w.item())()).toThrow(ShapeError);
    expect(() => compile(() => w.toArray())()).toThrow(CaptureError);
    expect(() => compile(() => variable(1))()).toThrow(CaptureError);
  });

  test("static arguments are numbers", () => {
    const program = compile((a: Tensor, n: number) => a.mul(n * 2), { static: [1] });
    expect(program(x, 3).toArray()).toEqual([6, 12, 18]);
    expect(program(x, 4).toArray()).toEqual([8, 16, 24]);
  });

  test("a static position beyond the arguments", () => {
    const refused = (f: (...args: never[]) => unknown, position: number): void => {
      const program = compile(f as (a: Tensor) => Tensor, { static: [position], name: "step" });
      expectRefused(
        () => program(x),
        ValueError,
        /^step: expected static: .* below 1, the number of arguments, got \d$/,
      );
    };
    refused((a: Tensor) => a.neg(), 1);
    refused(function (a: Tensor) { return a.mul([1, 1, 1].map((n = 2) => n)); }, 3); // prettier-ignore
    // What a call may leave out is no mistake.
    const scaled = (a: Tensor, n = 2): Tensor => a.mul(n);
    const rest = (...all: readonly (Tensor | number)[]): Tensor => (all[0] as Tensor).mul(all.length);
    expect(compile(scaled, { static: [1] })(x).toArray()).toEqual([2, 4, 6]);
    expect(compile(rest, { static: [1] })(x).toArray()).toEqual([1, 2, 3]);
    expect(compile(scaled.bind(null), { static: [1] })(x).toArray()).toEqual([2, 4, 6]);
    const commented = { toString: () => "(a /* what (or whom) */, n = 2) => a.mul(n)" };
    expect(compile(Object.assign(scaled, commented), { static: [1] })(x).toArray()).toEqual([2, 4, 6]);
    const optional = (a: Tensor, n?: number): Tensor => a.mul(n ?? 3);
    expect(compile(optional, { static: [1] })(x).toArray()).toEqual([3, 6, 9]);
  });

  test("a promise", () => {
    expect(() => compile(async (a: Tensor) => Promise.resolve(a))(x)).toThrow(CaptureError);
  });
});

test("an error while capturing leaves everything as it was", () => {
  const w = parameter([1, 2, 3], { label: "w" });
  sum(w.mul(x)).backward();
  const [before, grads, version] = [memory().tensors, w.grad, w.version];
  const constant = scope(() => {
    const made = x.mul(2);
    const program = compile((a: Tensor) => {
      sum(w.mul(a).mul(made)).backward();
      w.assign(w.sub(w.grad!));
      throw new RangeError("on purpose");
    });
    expect(() => program(x)).toThrow(/on purpose/);
    expect(w.grad).toBe(grads);
    expect(w.version).toBe(version);
    expect(w.toArray()).toEqual([1, 2, 3]);
    return made.storage!.version;
  });
  expect(constant).toBe(0);
  expect(memory().tensors).toBe(before);
});

test("what a program leaves behind in memory, it gives back when it is disposed of", () => {
  const w = parameter([1, 2, 3]);
  const before = memory().tensors;
  scope(() => {
    const program = compile((a: Tensor) => {
      w.zeroGrad();
      sum(w.mul(a).mul(tensor([1, 2, 3]))).backward();
      return w.mul(2);
    });
    program(x);
    program.bind([x])();
    expect(w.grad!.toArray()).toEqual([1, 4, 9]);
    program.dispose();
    expect(w.grad).toBe(null);
    expect(() => program(x)).toThrow(FreedError);
  });
  expect(memory().tensors).toBe(before);
});

test("an index outside is refused before anything has changed, with the user's name", () => {
  const w = variable([[1], [2], [3]], { label: "table" });
  const count = variable(0, { label: "count" });
  const program = compile((i: Tensor) => {
    count.assign(count.add(1));
    w.assign(w.mul(2));
    return name(gatherRows(w.add(1), i), "rows").sum();
  });
  expect(program(tensor([0, 1], { dtype: "i32" })).item()).toBe(8);
  const bad = tensor([0, 7], { dtype: "i32" });
  expect(() => program(bad)).toThrow(IndexError);
  expect(() => program(bad)).toThrow(/gatherRows of "rows"/);
  expect([count.item(), ...(w.toArray() as number[][]).flat()]).toEqual([1, 2, 4, 6]);
});

test("freed arguments, closed-over tensors that go out of scope, variables that are gone", () => {
  const dead = tensor([1, 2, 3]);
  const program = compile((a: Tensor) => a.mul(2));
  program(dead);
  dead.dispose();
  expect(() => program(dead)).toThrow(FreedError);

  const closing = scope(() => {
    const inner = tensor([1, 2, 3]);
    const made = compile((a: Tensor) => a.mul(inner));
    made(x);
    return made;
  });
  expect(closing(x).toArray()).toEqual([1, 4, 9]);

  const w = variable([1, 2, 3]);
  const reading = compile((a: Tensor) => a.mul(w));
  reading(x);
  w.dispose();
  expect(() => reading(x)).toThrow(FreedError);
});

test("verify finds hidden state", () => {
  let calls = 0;
  expect(() => compile((a: Tensor) => a.mul(++calls), { verify: true })(x)).toThrow(/captured again.*mul/);
  expect(() => compile((a: Tensor) => (++calls % 2 ? a : a.neg()), { verify: true })(x)).toThrow(CaptureError);
  const steady = compile((a: Tensor) => a.mul(tensor([3, 4, 5])).sum(), { verify: true });
  expect(steady(x).item()).toBe(26);
});

test("inside of derivatives, vmap and other programs a program is its function", () => {
  const square = compile((a: Tensor) => sum(a.square()));
  expect(grad(square as (a: Tensor) => Tensor)(x).toArray()).toEqual([2, 4, 6]);
  expect(vmap(square as (a: Tensor) => Tensor)(x.reshape([3, 1])).toArray()).toEqual([1, 4, 9]);
  const outer = compile((a: Tensor) => square(a).add(1));
  expect(outer(x).item()).toBe(15);
  const leaf = tensor([1, 2, 3], { requiresGrad: true });
  square(leaf).backward();
  expect(() => square.bind([leaf])).toThrow(GradientError);
  expect(leaf.grad!.toArray()).toEqual([2, 4, 6]);
});

test("the default dtype is part of what a program is made for", () => {
  const program = compile((n: number) => tensor([1]).add(n));
  const dtype = (): string => (program(0.1) as unknown as Tensor).dtype;
  expect(dtype()).toBe("f32");
  configure({ dtype: "f64" });
  try {
    expect(dtype()).toBe("f64");
  } finally {
    configure({ dtype: "f32" });
  }
});

test("whether a number beside integers is whole is seen at each call", () => {
  const f = (a: Tensor, n: number): Tensor => a.add(n);
  const program = compile(f);
  const counts = tensor([1, 2, 3], { dtype: "i32" });
  for (const n of [2, 0.5, 3, 2 ** 40]) {
    const [got, want] = [program(counts, n), f(counts, n)];
    expect([got.dtype, got.toArray()]).toEqual([want.dtype, want.toArray()]);
  }
});

test.each([
  ["crossEntropy", crossEntropy],
  ["nllLoss", nllLoss],
] as const)("a program names the class that %s was given, which never counts from the end", (name, loss) => {
  const x = tensor([0, 1, 2].map(() => [1, 2, 3]));
  for (const options of [{}, { ignoreIndex: null }, { weight: [1, 2, 3] }]) {
    const program = compile((scores: Tensor, classes: Tensor) => loss(scores, classes, options));
    const good = tensor([0, 2, 1], { dtype: "i32" });
    expect(program(x, good).item()).toBe(loss(x, good, options).item());
    for (const bad of [3, -1, -3, -4, 2 ** 31 - 1, -(2 ** 31)]) {
      const classes = tensor([0, 2, bad], { dtype: "i32" });
      const message = new RegExp(`^${name} in program: expected indices from 0 to 2, got ${bad} at position 2$`);
      expectRefused(() => program(x, classes), IndexError, message);
    }
  }
});
