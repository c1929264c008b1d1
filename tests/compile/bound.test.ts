import { expect, test } from "vitest";
import {
  compile,
  crossEntropy,
  DTypeError,
  FreedError,
  Generator,
  GradientError,
  memory,
  OverwrittenError,
  parameter,
  ShapeError,
  sum,
  tensor,
  ValueError,
  variable,
  type Tensor,
} from "../../bindings/index.js";
import { Linear, Module, ReLU, Sequential } from "../../bindings/nn/index.js";
import { SGD } from "../../bindings/optim/index.js";
import { wrong } from "../support/refusal.js";

const x = tensor([1, 2, 3]);

test("a bound program reads arguments and writes results where they lie", () => {
  const total = variable([0, 0, 0]);
  const given = new Float32Array([1, 1, 1]);
  const program = compile((a: Tensor, b: Tensor, n: number) => {
    total.assign(total.add(b));
    return { y: a.mul(b).mul(n), s: sum(b) };
  });
  const results = { y: tensor([0, 0, 0]), s: tensor(0) };
  const bound = program.bind([x, given, 2], results);
  const used = memory();
  expect(bound().y).toBe(results.y);
  expect(results.y.toArray()).toEqual([2, 4, 6]);
  given.set([1, 2, 3]);
  bound();
  expect(results.y.toArray()).toEqual([2, 8, 18]);
  expect(results.s.item()).toBe(6);
  expect(total.toArray()).toEqual([2, 3, 4]);
  for (let i = 0; i < 100; i++) bound();
  expect(memory()).toEqual(used);
});

test("without results it has its own, and a change of mode finds another graph", () => {
  const w = parameter([1, 2, 3]);
  const program = compile((a: Tensor) => {
    sum(w.mul(a)).backward();
    return w.grad!.sum();
  });
  const bound = program.bind([x]);
  expect(bound()).toBe(bound());
  expect(bound().item()).toBe(18);
  w.zeroGrad();
  expect(bound().item()).toBe(6);
  bound.dispose();
  expect(() => bound()).toThrow(FreedError);
});

test("results that do not fit are refused", () => {
  const program = compile((a: Tensor) => a.mul(2));
  expect(() => program.bind([x], tensor([1, 2]))).toThrow(ShapeError);
  expect(() =>
    program.bind(
      [x],
      tensor([[1, 2, 3]])
        .reshape([3])
        .flip(),
    ),
  ).toThrow(ShapeError);
  expect(() => program.bind([x], tensor([1, 2, 3], { dtype: "i32" }))).toThrow(DTypeError);
  expect(() => program.bind([x], x)).toThrow(ValueError);
  expect(() => program.bind([x], variable([1, 2, 3]))).toThrow(ValueError);
  expect(() => program.bind([x], [x, x] as unknown as Tensor)).toThrow(ValueError);
  const bound = program.bind([x]);
  program.dispose();
  expect(() => bound()).toThrow(FreedError);
});

test("results in memory that the program reads are refused", () => {
  const [w, constant] = [parameter([1, 2, 3]), tensor([3, 2, 1])];
  const program = compile((a: Tensor) => {
    w.zeroGrad();
    sum(w.mul(a)).backward();
    return w.mul(a).mul(constant).cumsum(0);
  });
  program(x);
  for (const y of [constant, constant.slice([0, 3]), w.detach(), w.slice([0, 3]), w.grad!])
    expect(() => program.bind([x], y)).toThrow(ValueError);
  const both = compile((a: Tensor) => [constant, a.mul(2)]).bind([x]);
  expect(both()[0]!.toArray()).toEqual([3, 2, 1]);
});

test("results lie where they have their names, in any order", () => {
  const program = compile((a: Tensor) => ({ twice: a.mul(2), rest: [a.mul(3), 5] as const }));
  const [twice, thrice] = [tensor([0, 0, 0]), tensor([0, 0, 0])];
  program.bind([x], { rest: [thrice, 5], twice })();
  expect([twice.toArray(), thrice.toArray()]).toEqual([
    [2, 4, 6],
    [3, 6, 9],
  ]);
  for (const given of [{ twice }, { twice, rest: thrice }, [twice, thrice], null])
    expect(() => program.bind([x], wrong(given))).toThrow(ValueError);
});

test("a result that two programs write depends on what the last one closes over", () => {
  const w = tensor([1, 2, 3], { requiresGrad: true });
  const [results, before] = [tensor([0, 0, 0]), w.mul(5)];
  const byW = compile((a: Tensor) => a.mul(w)).bind([x], results);
  byW();
  const byTwo = compile((a: Tensor) => a.mul(2)).bind([x], results);
  const backward = (): void => sum(results.mul(w)).backward();
  expect(backward).toThrow(GradientError);
  byTwo();
  backward();
  expect(w.grad!.toArray()).toEqual([2, 4, 6]);
  byW();
  expect(backward).toThrow(GradientError);
  byTwo.dispose();
  expect(backward).toThrow(GradientError);
  compile((a: Tensor) => a.mul(2)).bind([x], before);
  sum(before).backward();
  expect(w.grad!.toArray()).toEqual([7, 9, 11]);
});

test("a bound program that was disposed of is not run, whoever has its results", () => {
  const program = compile((a: Tensor) => a.mul(2));
  const results = tensor([0, 0, 0]);
  const bound = program.bind([x], results);
  bound.dispose();
  expect(() => bound()).toThrow(FreedError);
  expect(results.toArray()).toEqual([0, 0, 0]);
  const total = variable(0);
  const count = compile(() => {
    total.assign(total.add(1));
  }).bind([]);
  count();
  count.dispose();
  count.dispose();
  expect(() => {
    count();
  }).toThrow(FreedError);
  expect(total.item()).toBe(1);
});

test("an array that was bound and has another length since is refused", () => {
  const buffer = new ArrayBuffer(12, { maxByteLength: 4096 });
  const given = new Float32Array(buffer);
  const bound = compile((a: Tensor) => a.add(1)).bind([given]);
  const beside = tensor([1, 2, 3]);
  expect(bound().toArray()).toEqual([1, 1, 1]);
  buffer.resize(4096);
  given.fill(7);
  expect(() => bound()).toThrow(ValueError);
  buffer.resize(8);
  expect(() => bound()).toThrow(/array of 3 elements.*got 2/);
  structuredClone(buffer, { transfer: [buffer] });
  expect(() => bound()).toThrow(ValueError);
  expect(beside.toArray()).toEqual([1, 2, 3]);
});

test("gradients that the user holds refuse to serve after the next call", () => {
  const w = parameter([1, 2, 3]);
  const program = compile((a: Tensor) => {
    w.zeroGrad();
    sum(w.mul(a)).backward();
  });
  program(x);
  const held = w.grad!;
  expect(held.toArray()).toEqual([1, 2, 3]);
  program(x.mul(2));
  expect(() => held.toArray()).toThrow(OverwrittenError);
  expect(w.grad!.toArray()).toEqual([2, 4, 6]);
  w.zeroGrad();
  expect(w.grad).toBe(null);
  sum(w).backward();
  expect(w.grad!.toArray()).toEqual([1, 1, 1]);
});

test("shapes, modes and gradients make other graphs; all of them share the variables", () => {
  class Noisy extends Module {
    forward(a: Tensor): Tensor {
      return this.training ? a.mul(2) : a;
    }
  }
  const generator = new Generator(1);
  const model = new Sequential(
    new Linear(3, 4, { generator }),
    new ReLU(),
    new Noisy(),
    new Linear(4, 2, { generator }),
  );
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  let captures = 0;
  const program = compile((a: Tensor, y: Tensor) => {
    captures++;
    const loss = crossEntropy(model(a), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const [large, small] = [4, 2].map((n) => [generator.normal([n, 3]), tensor(new Int32Array(n))] as const);
  for (let i = 0; i < 3; i++) {
    program(...large!);
    program(...small!);
  }
  expect(captures).toBe(2);
  model.eval();
  const evaluated = program(...small!).item();
  expect(captures).toBe(3);
  model.train();
  expect(program(...small!).item()).not.toBe(evaluated);
  expect(captures).toBe(3);
});
