import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  Generator,
  grad,
  memory,
  OutOfMemoryError,
  parameter,
  scope,
  ShapeError,
  tensor,
  valueAndGrad,
  variable,
  type Tensor,
} from "../../bindings/index.js";
import { Linear } from "../../bindings/nn/index.js";
import { Adam, CosineAnnealingLR, SGD } from "../../bindings/optim/index.js";
import { collected } from "../support/collected.js";
import { batches } from "../support/training.js";

/** The bytes that `body` leaves behind. */
function left(body: () => void): number {
  const before = memory().bytes;
  body();
  return memory().bytes - before;
}

const generator = new Generator(0);
const assigned = variable([0, 0]);
const optimizer = new SGD(parameter(1));
const schedule = new CosineAnnealingLR(optimizer, { tMax: 5 });
const loaded = new Linear(1, 2, { bias: false });
const square = (v: Tensor): Tensor => v.square().sum();

describe("disposing of all that one holds leaves nothing", () => {
  test.each<[string, () => void]>([
    [
      "a gradient and its argument",
      () => {
        const x = tensor([1, 2]);
        grad(square)(x).dispose();
        x.dispose();
      },
    ],
    [
      "a value, a gradient and their argument",
      () => {
        const x = tensor([1, 2]);
        const [value, gradient] = valueAndGrad(square)(x);
        for (const each of [value, gradient, x]) each.dispose();
      },
    ],
    ["a leaf", () => tensor([1, 2], { requiresGrad: true }).dispose()],
    ["numbers and arrays that were assigned", () => [1, [2, 3], Float32Array.of(4, 5)].map((x) => assigned.assign(x))],
    [
      "a value of another type that was refused, or assigned",
      () => {
        const [x, y] = [tensor([1, 2], { dtype: "f64" }), tensor([1, 2, 3])];
        assigned.assign(x);
        expect(() => assigned.assign(y)).toThrow(ShapeError);
        for (const each of [x, y]) each.dispose();
      },
    ],
    [
      "a rate, and what a schedule makes of it",
      () => {
        optimizer.lr = 0.5;
        schedule.step();
      },
    ],
    [
      "what was assigned, and what was loaded",
      () => {
        const [x, state] = [tensor([1, 2]), { weight: tensor([[1], [2]]) }];
        assigned.assign(x);
        loaded.loadStateDict(state);
        for (const each of [x, state.weight]) each.dispose();
        expect([assigned.toArray(), loaded.weight.toArray()]).toEqual([[1, 2], [[1], [2]]]); // prettier-ignore
      },
    ],
    [
      "the value of the identity",
      () => {
        const x = tensor(2);
        const [value, gradient] = valueAndGrad((v: Tensor) => v)(x);
        expect([value.item(), gradient.item(), x.item()]).toEqual([2, 1, 2]);
        for (const each of [value, gradient, x]) each.dispose();
      },
    ],
    [
      "the loss of a step",
      () => {
        const w = parameter([1, 2]);
        const optimizer = new SGD({ w }, { lr: 0.1 });
        optimizer.minimize(() => square(w)).dispose();
        for (const each of [w, optimizer.rate]) each.dispose();
      },
    ],
    [
      "a layer",
      () => {
        const layer = new Linear(20, 30, { generator });
        layer.weight.dispose();
        layer.bias!.dispose();
      },
    ],
  ])("%s", (_, body) => {
    expect(left(body)).toBe(0);
  });
});

describe("gradients", () => {
  test("are never the tensor that backward was started with", () => {
    const p = tensor([1, 2], { requiresGrad: true });
    const g = tensor([1, 1]);
    p.copy().backward({ gradient: g });
    p.zeroGrad();
    expect(g.toArray()).toEqual([1, 1]);
    p.add(0).backward({ gradient: g });
    g.dispose();
    expect(p.grad!.toArray()).toEqual([1, 1]);
  });

  test("that were looked at outlive the next backward", () => {
    const p = parameter([1, 2]);
    square(p).backward();
    const first = p.grad!;
    square(p).backward();
    expect(first.toArray()).toEqual([2, 4]);
    expect(p.grad!.toArray()).toEqual([4, 8]);
  });

  test("of several arguments are handles of their own", () => {
    const [da, db] = grad((a: Tensor, b: Tensor) => a.add(b).square(), { argnums: [0, 1] })(1, 2);
    da.dispose();
    expect(db.item()).toBe(6);
  });

  test("are right when a view of an assigned variable was disposed of", () => {
    const p = parameter([
      [1, 2],
      [3, 4],
    ]);
    p.assign(p.mul(2));
    const t = p.T;
    const y = t.square().sum();
    t.dispose();
    y.backward();
    expect(p.grad!.toArray()).toEqual([
      [4, 8],
      [12, 16],
    ]);
  });
});

test("nested loops leave nothing that only their loaders hold", async () => {
  if (!(globalThis as { gc?: () => void }).gc) return;
  const nest = (): void => {
    for (const _ of batches({ seed: 1 })) for (const { x } of batches({ seed: 2 })) x.sum();
  };
  nest();
  await collected();
  const before = memory().bytes;
  nest();
  nest();
  // Less where the collector, whose time nobody sets, finds only now what came before.
  await collected(() => memory().bytes <= before);
  expect(memory().bytes).toBeLessThanOrEqual(before);
});

test("results are new handles even where nothing had to be done", () => {
  const v = variable(1);
  const sum = v.sum();
  const same = v.cast("f32");
  v.assign(2);
  expect(() => sum.item()).toThrow(/assigned to since/);
  expect(() => same.item()).toThrow(/assigned to since/);
  const x = tensor([1, 2]);
  x.cast("f32").dispose();
  expect(x.toArray()).toEqual([1, 2]);
});

test("a step of an optimiser is done whole or not at all", () => {
  const [a, b] = [parameter([1]), parameter(new Float32Array(1000))];
  const optimizer = new Adam({ a, b });
  a.square().sum().add(b.square().sum()).backward();
  // A parameter list whose temporaries cannot fit: the largest bytes are asked for before anything moves.
  Object.defineProperty(b.storage!, "bytes", { value: 8e9, configurable: true });
  expect(() => optimizer.step()).toThrow(OutOfMemoryError);
  expect(a.item()).toBe(1);
  expect(optimizer.groups[0]!.clocks.steps.toArray()).toEqual([0, 0]);
  Object.defineProperty(b.storage!, "bytes", { value: 4000, configurable: true });
  optimizer.step();
  expect(a.item()).toBeCloseTo(0.999, 6);
});

test("soft targets keep the shape of the examples", () => {
  scope(() => {
    const logits = tensor(new Float32Array(24), { shape: [2, 3, 4] });
    const soft = tensor(new Float32Array(24).fill(1 / 3), { shape: [2, 3, 4] });
    expect(crossEntropy(logits, soft, { reduction: "none" }).shape).toEqual([2, 4]);
  });
});
