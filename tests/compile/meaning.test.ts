import { describe, expect, test } from "vitest";
import {
  cat,
  CaptureError,
  compile,
  DTypeError,
  grad,
  GradientError,
  IndexError,
  jvp,
  load,
  noGrad,
  oneHot,
  parameter,
  pow,
  sum,
  tensor,
  ValueError,
  variable,
  vmap,
  type Tensor,
} from "../../bindings/index.js";
import { expectRefused, wrong } from "../support/refusal.js";

// Where a program would mean something else than its function, and say nothing.

const x = tensor([4, 5, 6]);
const i32 = (values: number[]): Tensor => tensor(values, { dtype: "i32" });

describe("a derivative by what a program closes over is an error, not 0", () => {
  const around = (w: Tensor): Tensor => compile((a: Tensor) => sum(w.mul(a)))(x);
  const derivatives: Record<string, () => unknown> = {
    grad: () => grad(around)(tensor([1, 2, 3])),
    jvp: () => jvp(around, [tensor([1, 2, 3])], [x]),
    "the gradient of a sum, of which it is one term": () => {
      const [w, other] = [parameter([1, 2, 3]), parameter(1)];
      compile((a: Tensor) => sum(w.mul(a)))(x)
        .add(other)
        .backward();
    },
    "of a bound program": () => {
      const w = parameter([1, 2, 3]);
      compile((a: Tensor) => sum(w.mul(a)))
        .bind([x])()
        .add(w.sum())
        .backward();
    },
    "of one that was bound without tracking": () => {
      const w = parameter([1, 2, 3]);
      const bound = noGrad(() => compile((a: Tensor) => sum(w.mul(a))).bind([x]));
      bound().add(w.sum()).backward();
    },
    "of one that ran without tracking in between": () => {
      const w = parameter([1, 2, 3]);
      const bound = compile((a: Tensor) => sum(w.mul(a))).bind([x]);
      noGrad(bound);
      bound().add(w.sum()).backward();
    },
    "of given results whose program was disposed of": () => {
      const [w, y] = [parameter([1, 2, 3]), tensor(0)];
      const bound = compile((a: Tensor) => sum(w.mul(a))).bind([x], y);
      bound();
      bound.dispose();
      y.add(w.sum()).backward();
    },
    "of a program of numbers": () => {
      const w = parameter(3);
      const square = w.square();
      const y = compile((n: Tensor) => square.mul(n))(2) as unknown as Tensor;
      w.mul(y).backward();
    },
    "of a program of numbers, in forward mode": () =>
      jvp((w: Tensor) => compile((n: Tensor) => w.mul(n))(2) as unknown as Tensor, [tensor(3)], [tensor(1)]),
    "of a parameter among the arguments, which is used where it lies": () =>
      compile((v: Tensor) => sum(v.mul(x)))(parameter([1, 2, 3])).backward(),
    "of what was tracked before": () => {
      const w = parameter([1, 2, 3]);
      const squares = w.square();
      compile((a: Tensor) => ({ y: sum(squares.mul(a)) }))(x).y.backward();
    },
  };
  for (const [what, run] of Object.entries(derivatives))
    test(what, () => {
      expect(run).toThrow(GradientError);
      expect(run).toThrow(/closes over; pass that as an argument of grad\(\)/);
    });

  test("others are what they are", () => {
    const w = parameter([1, 2, 3]);
    const program = compile((a: Tensor) => sum(w.mul(a)));
    expect(vmap((v: Tensor) => compile((a: Tensor) => sum(v.mul(a)))(x))(tensor([[1, 2, 3]])).toArray()).toEqual([32]);
    expect(grad(compile((v: Tensor) => sum(v.mul(x))))(w).toArray()).toEqual(x.toArray()); // An argument of grad is no parameter.
    // What f closes over is a constant to a derivative by something else, and to none.
    expect(grad((a: Tensor) => a.mul(program(x)))(tensor(2)).item()).toBe(32);
    const leaf = parameter(2);
    leaf.mul(program(x).detach()).backward();
    expect(leaf.grad!.item()).toBe(32);
    program(x).sign().add(leaf).backward(); // No slope leads to it.
    expect(leaf.grad!.item()).toBe(33);
    const made = program(x);
    made.dispose();
    expect(made.storage!.address).toBe(0); // No graph holds it.
    // A loss whose backward ran inside has no graph left.
    const step = compile((a: Tensor) => {
      w.zeroGrad();
      const loss = sum(w.mul(a));
      loss.backward();
      return loss;
    });
    expect(leaf.mul(step(x).detach()).item()).toBe(64);
    expect(w.grad!.toArray()).toEqual([4, 5, 6]);
  });
});

test("what a bound program leaves without tracking depends on nothing", () => {
  const [w, leaf, y] = [parameter([1, 2, 3]), parameter(2), tensor(0)];
  const bound = compile((a: Tensor) => sum(w.mul(a))).bind([x], y);
  expect(() => {
    bound().mul(leaf).backward();
  }).toThrow(GradientError);
  noGrad(bound);
  y.mul(leaf).backward();
  expect(leaf.grad!.item()).toBe(32);
  // Nor on what the given tensor was made of.
  const given = w.square();
  compile((a: Tensor) => a.mul(2)).bind([x], given)();
  sum(given).mul(leaf).backward();
  expect([w.grad, leaf.grad!.item()]).toEqual([null, 62]);
});

test("numbers stay numbers where nothing tracked plays a part", () => {
  const [w, square] = [parameter(3), parameter(3).square()];
  expect(compile((n: Tensor) => square.detach().mul(n))(2)).toBe(18);
  const program = compile((n: Tensor) => square.mul(n));
  expect(noGrad(() => program(2))).toBe(18);
  expect((program(2) as unknown as Tensor).item()).toBe(18);
  expect((compile((n: Tensor) => w.mul(n))(2) as unknown as Tensor).item()).toBe(6);
});

describe("a program takes numbers and arrays alike wherever its function runs by itself", () => {
  const program = compile((a: Tensor, n: Tensor, more: { array: Tensor[] }) => {
    const y = n.mul(a).add(more.array[0]!.sum());
    return { y, n, squared: n.square() };
  });
  const array = [Float32Array.of(1, 2)];
  const call = (a: Tensor): Tensor => {
    const { y, n, squared } = program(a, 3, { array });
    expect(typeof n).toBe("number");
    return y.add(squared);
  };
  const wanted = [24, 27, 30];
  const ways: Record<string, () => Tensor> = {
    "by itself": () => call(x),
    "in another program": () => compile(call)(x),
    "under a derivative": () => jvp(call, [x], [x])[0],
    "in vmap": () => vmap(call)(x),
  };
  for (const [way, run] of Object.entries(ways)) test(way, () => expect(run().toArray()).toEqual(wanted));

  test("and numbers are weak there too, and shared by the examples of vmap", () => {
    const scaled = compile((a: Tensor, n: Tensor) => n.mul(a));
    const outer = (a: Tensor): [Tensor, Tensor] => [scaled(a.cast("i32"), 3), scaled(a.cast("f64"), 2.5)];
    expect(jvp(outer, [x], [x])[0].map((y) => y.dtype)).toEqual(["i32", "f64"]);
    const each = compile((a: Tensor, n: Tensor) => vmap((z: Tensor, m: Tensor) => [z.mul(m), m])(a, n));
    const [product, same] = each(x, 2) as [Tensor, unknown];
    expect([product.toArray(), same]).toEqual([[8, 10, 12], 2]);
  });
});

test("given results are constants again once no program that is bound to them is left", () => {
  const y = tensor([0, 0, 0]);
  const [twice, thrice] = [2, 3].map((by) => compile((a: Tensor) => a.mul(by)).bind([x], y));
  const reading = (): unknown => compile((a: Tensor) => a.mul(y.data()[0]!))(x).toArray();
  thrice!();
  expect(reading).toThrow(CaptureError);
  twice!.dispose();
  twice!.dispose();
  expect(reading).toThrow(CaptureError);
  thrice!.dispose();
  expect(reading()).toEqual([48, 60, 72]);
});

test("a result that a bound program writes again is no constant to others", () => {
  for (const value of [1, [1], [1, 1]]) {
    const a = variable(value);
    const own = compile((v: Tensor) => v.mul(1.5).sub(0.5)).bind([a]);
    const given = tensor(value);
    const into = compile((v: Tensor) => v.mul(1)).bind([a], given);
    const result = own();
    const closing = compile((z: Tensor) => z.mul(given).add(z.mul(result)).add(given.mul(2)));
    const sums = [1, 3].map((to) => {
      a.assign(a.mul(0).add(to));
      into();
      own();
      return closing(tensor(2)).sum().item();
    });
    expect(sums).toEqual([6, 20].map((each) => each * a.size));
    expect(() => compile((z: Tensor) => own().mul(z))(x)).toThrow(CaptureError);
  }
});

test("a number as exponent of integers is refused by programs as by their functions", () => {
  const power = compile((a: Tensor, n: number) => a.pow(n));
  for (const n of [-1, -3])
    expectRefused(() => power(i32([2, 4]), n), ValueError, /pow: expected an exponent from 0 up/, {
      temporaries: true,
    });
  expectRefused(() => power(i32([2, 4]), 2), CaptureError, /pow.*static/, { temporaries: true });
  expect(compile((a: Tensor, n: number) => a.pow(n), { static: [1] })(i32([2, 4]), 3).toArray()).toEqual([8, 64]);
  expect(power(tensor([2, 4]), -1).toArray()).toEqual([0.5, 0.25]);
  expect(compile((n: number, a: Tensor) => pow(n, a))(2, i32([3, 0])).toArray()).toEqual([8, 1]);
});

test("an index outside of the classes is refused by oneHot wherever it runs", () => {
  const classes = (index: Tensor): Tensor => oneHot(index, 3);
  const program = compile(classes);
  expect(program(i32([2, 0])).toArray()).toEqual([[0, 0, 1], [1, 0, 0]]); // prettier-ignore
  expect(vmap(classes)(i32([2, 0])).toArray()).toEqual([[0, 0, 1], [1, 0, 0]]); // prettier-ignore
  for (const index of [3, -1, -3, 2147483647, -2147483648]) {
    const bad = i32([0, index]);
    expectRefused(() => classes(bad), IndexError, /oneHot: expected indices from 0 to 2/, { temporaries: true });
    expectRefused(() => program(bad), IndexError, /oneHot/, { temporaries: true });
    expect(() => vmap(classes)(bad)).toThrow(IndexError);
  }
  expectRefused(() => oneHot(tensor([0.5]), 2), IndexError, /oneHot/, { temporaries: true });
  // How many classes there are depends on what is not known yet.
  const counted = (index: Tensor): Tensor => oneHot(index);
  const two = i32([0, 1]);
  for (const call of [compile(counted), vmap(counted)])
    expectRefused(() => void call(two), CaptureError, /^oneHot: expected a count of classes, got none/, {
      temporaries: true,
    });
  expectRefused(() => oneHot(tensor([true]), 2), DTypeError, /oneHot/, { temporaries: true });
});

test("arguments without end and options that are none are refused in words", () => {
  const record: Record<string, unknown> = { x };
  record["self"] = record;
  const list: unknown[] = [x];
  list.push(list);
  const first = compile((a: unknown) => (Array.isArray(a) ? (a[0] as Tensor) : x).mul(2));
  for (const endless of [record, list]) {
    expectRefused(() => first(endless), ValueError, /holds itself/);
    expectRefused(() => first.bind([endless]), ValueError, /holds itself/);
  }
  first([x]);
  expectRefused(() => first(list), ValueError, /holds itself/);
  expectRefused(() => first.explain(wrong(null)), ValueError, /explain: expected an object with options/);
  expectRefused(() => compile(() => 1, wrong(null)), ValueError, /compile: expected an object with options/);
  expectRefused(() => compile(() => 1, wrong({ verfy: true })), ValueError, /verfy/);
  expectRefused(() => first.bind(wrong(null)), ValueError, /a list of arguments/);
  expectRefused(() => load(new Uint8Array(3), wrong(null)), ValueError, /load: expected an object with options/);
});

test.each<[string, (a: Tensor) => unknown]>([
  ["values", (a) => Array.from({ length: 16500 }, (_, i) => i + 0.5).reduce((y, k) => y.add(k), a)],
  ["operands", (a) => cat(new Array<Tensor>(32769).fill(a))],
  ["results", (a) => Array.from({ length: 32769 }, (_, i) => a.select(0, i % 3))],
])("a graph of more %s than can be loaded is not saved", (_, f) => {
  const long = compile(f);
  long(x);
  expectRefused(
    () => long.save(),
    ValueError,
    /save: expected a graph of at most 32768 values, .*, got (32769|33\d+)$/,
  );
});
