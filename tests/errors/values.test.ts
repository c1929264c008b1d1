import { describe, expect, test } from "vitest";
import {
  add,
  assign,
  cat,
  configure,
  DTypeError,
  ForeignTensorError,
  FreedError,
  memory,
  mul,
  OutOfMemoryError,
  OverwrittenError,
  parameter,
  scope,
  ShapeError,
  square,
  sum,
  tensor,
  ValueError,
  variable,
  where,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { expectRefused, wrong } from "../support/refusal.js";

// Values that are gone, that belong to others, or that are no numbers.

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

describe("a tensor in JavaScript's own arithmetic", () => {
  const [two, vector] = [wrong(tensor(2)), wrong(tensor([1, 2]))] as unknown as [number, number];

  test("a + b and a == b say what to write", () => {
    expectRefused(() => two + 1, ValueError, /x.add\(y\).*x.item\(\)/);
    expectRefused(() => vector + vector, ValueError, /shape \[2\]; write x.add\(y\)/);
    expectRefused(() => "y = " + vector, ValueError, /x.add\(y\)/);
    // eslint-disable-next-line eqeqeq -- the conversion is the subject.
    expectRefused(() => two == 2, ValueError, /x.eq\(y\)/);
  });

  test("a conversion in a condition takes a single number only", () => {
    expect(two > 1 ? "larger" : "not").toBe("larger");
    expect(two * 3).toBe(6);
    expect(Math.sqrt(two * 2)).toBe(2);
    expect(`${tensor(2)}`).toContain("2.");
    expectRefused(
      () => (vector > 1 ? 1 : 0),
      ValueError,
      /0-d tensor, got shape \[2\]; use methods such as x.mul\(y\) or x.gt\(y\)/,
    );
    expectRefused(() => vector * 2, ValueError, /0-d tensor/);
    expectRefused(() => -vector, ValueError, /0-d tensor/);
  });
});

describe("a tensor of another copy of the library", () => {
  class Foreign {
    readonly shape = [2];
  }
  Object.defineProperty(Foreign.prototype, Symbol.for("wengert.tensor"), { value: true });
  const foreign = wrong(new Foreign());

  test.each<[string, () => unknown]>([
    ["add", () => add(x, foreign)],
    ["add, first", () => add(foreign, x)],
    ["add to a number", () => add(1, foreign)],
    ["sum", () => sum(foreign)],
    ["where", () => where(foreign, 1, 2)],
    ["cat", () => cat([x, foreign])],
    ["tensor", () => tensor(foreign)],
    ["parameter", () => parameter(foreign)],
    ["indexSelect", () => x.indexSelect(0, foreign)],
  ])("%s", (name, run) => {
    const error = expectRefused(
      run,
      ForeignTensorError,
      /this copy of the library, got one of another copy; import it once/,
    );
    if (name.startsWith("add")) expect(error.operation).toBe("add");
  });
});

describe("a value that was given back", () => {
  test("by dispose: every use names it, and disposing of it again is harmless", () => {
    const gone = tensor([1, 2, 3]);
    gone.dispose();
    gone.dispose();
    for (const use of [
      () => add(gone, 1),
      () => gone.data(),
      () => gone.reshape([3, 1]),
      () => gone.sum(),
      () => gone.read((elements) => elements.length),
      () => gone.slice(0).item(),
    ]) {
      expectRefused(use, FreedError, /live tensor, got tensor #\d+ f32 \[3\].*dispose/);
    }
    expect(String(gone)).toContain("freed");
  });

  test("by a scope: the message names what keeps values", () => {
    let escaped: Tensor | undefined;
    scope(() => {
      escaped = tensor([1, 2]).mul(2);
    });
    const error = expectRefused(() => square(escaped!), FreedError, /freed by scope; keep\(x\)/);
    expect(error.operation).toBe("square");
    expectRefused(() => mul(x.slice(0, [0, 2]), escaped!), FreedError, /^mul: /, { temporaries: true });
  });

  test("views and copies of it live on as they should", () => {
    const base = tensor([1, 2, 3, 4]);
    const [view, copied] = [base.reshape([2, 2]), base.copy()];
    base.dispose();
    expect(view.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    view.dispose();
    expect(copied.toArray()).toEqual([1, 2, 3, 4]);
  });
});

describe("a value that was overwritten", () => {
  test("a view of a variable names the variable, and the variable serves", () => {
    const state = variable([1, 2, 3], { label: "counter" });
    const view = state.reshape([3, 1]);
    state.assign([4, 5, 6]);
    expectRefused(() => view.toArray(), OverwrittenError, /the variable "counter" that was assigned to since/);
    expectRefused(() => add(view, 1), OverwrittenError, /^add: /);
    expect(state.toArray()).toEqual([4, 5, 6]);
    expect(state.reshape([3, 1]).toArray()).toEqual([[4], [5], [6]]);
  });

  test("saved for backward it is an error, and no gradient changes", () => {
    const [w, b] = [parameter([1, 2], { label: "w" }), parameter([5, 5])];
    scope(() => sum(mul(w, b)).backward());
    const loss = sum(add(square(w), b));
    w.assign([3, 4]);
    expectRefused(() => loss.backward(), OverwrittenError, /"w"/);
    expect(w.grad!.toArray()).toEqual([5, 5]);
    expect(b.grad!.toArray()).toEqual([1, 2]);
  });
});

describe("assign refuses", () => {
  test("what does not fit, and leaves the variable as it was", () => {
    const state = variable([1, 2]);
    const [wide, tall] = [tensor([1, 2, 3]), tensor([[1, 2]])];
    expectRefused(() => state.assign(wide), ShapeError, /^assign: .*\[3\] and \[2\]$/);
    expectRefused(() => state.assign(tall), ShapeError, /^assign: .*broadcasts to \[2\], got \[1, 2\]$/);
    expect(state.toArray()).toEqual([1, 2]);
    const counter = variable(new Int32Array([7]));
    const half = tensor(0.5);
    expectRefused(() => counter.assign(0.5), ValueError, /^assign: .*whole numbers.*i32, got 0\.5/);
    expectRefused(() => counter.assign(half), DTypeError, /^assign: .*i32.*got f32$/);
    expect(counter.toArray()).toEqual([7]);
    expectRefused(() => assign(x, 1), ValueError, /variable or parameter/);
  });
});

describe("more than memory holds", () => {
  test.each<[string, () => unknown, string]>([
    ["a matrix of a million squared", () => zeros([1e6, 1e6]), "4000000000000 bytes"],
    ["just beyond the address space", () => zeros([1073741825]), "4294967300 bytes"],
    ["an absurd length", () => zeros([1e300]), "4e+300 bytes"],
  ])("%s is refused with the figures", (_, run, figure) => {
    const error = expectRefused(run, OutOfMemoryError, /bytes are in \d+ live tensors.*scope\(\)/);
    expect(error.message).toContain(figure);
  });

  test("as the result of an operation too, and its inputs stay", () => {
    scope(() => {
      const [row, column] = [zeros([1, 50_000]).add(1), zeros([50_000, 1])];
      expectRefused(() => add(row, column), OutOfMemoryError, /10000000000 bytes/);
      expectRefused(() => row.expand([60_000, 50_000]).copy(), OutOfMemoryError, /12000000000 bytes/);
      expect(row.sum().item()).toBe(50_000);
    });
  });
});

test("runtime options come before the first tensor", () => {
  const before = memory().tensors;
  expectRefused(() => configure({ maximumBytes: 1e8 }), ValueError, /before the first tensor.*maximumBytes/);
  // What is undefined is not given.
  configure(wrong({ maximumBytes: undefined, threads: undefined }));
  expectRefused(() => configure({ dtype: wrong("i32") }), DTypeError, /^configure: .*floating-point.*got i32$/);
  expect(memory().tensors).toBe(before);
});
