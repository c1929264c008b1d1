import { expect, test } from "vitest";
import {
  assign,
  compile,
  crossEntropy,
  name,
  ones,
  parameter,
  stack,
  sum,
  tensor,
  ValueError,
  type Tensor,
} from "../../bindings/index.js";
import { tensorsOf } from "../../bindings/core/tree.js";
import { Linear, ReLU, Sequential } from "../../bindings/nn/index.js";
import { SGD } from "../../bindings/optim/index.js";
import { expectRefused } from "../support/refusal.js";

function training() {
  const model = new Sequential(new Linear(20, 8), new ReLU(), new Linear(8, 4));
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const step = (x: Tensor, y: Tensor): Tensor => {
    optimizer.zeroGrad();
    const loss = crossEntropy(model(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
  return { model, step: compile(step, { name: "step" }) };
}
const x = ones([6, 20]);
const y = tensor([0, 1, 2, 3, 0, 1], { dtype: "i32" });

test("explain tells the steps of every pass, the memory, and all instructions", () => {
  const { step } = training();
  step(x, y);
  const text = step.explain();
  expect(text).toMatch(/^step\(f32 \[6, 20\], i32 \[6\]\)\n/);
  for (const pass of ["captured", "simplified", "planned"]) expect(text).toMatch(new RegExp(`\n  ${pass} +\\d+`));
  const [, slab] = /\n  slab +([\d ]+) bytes/.exec(text)!;
  const [, peak] = /\n  peak +([\d ]+) bytes/.exec(text)!;
  const number = (digits: string): number => Number(digits.replaceAll(" ", ""));
  expect(number(slab!)).toBeLessThanOrEqual(1.1 * number(peak!));
  const [, count] = /\ntape: (\d+) instructions, \d+ words\n/.exec(text)!;
  const [, listing] = text.split(/\ntape: .*\n/);
  expect(listing!.split("\n")).toHaveLength(Number(count) + 1);
  expect(listing).toContain("crossEntropy");
  expect(step.explain({ steps: true })).toMatch(/\ncaptured\n +0 {2}/);
});

test("fused steps of one kind are counted", () => {
  const f = compile((x: Tensor) => {
    let y = x;
    for (let i = 0; i < 5; i++) y = sum(y.mul(2).add(1).exp()).add(x);
    return y;
  });
  f(ones([3]));
  expect(f.explain()).toContain(`
fused steps
  1  fused(mul, add)       f32 [3]
  4  fused(add, mul, add)  f32 [3]

`);
});

test("arguments are called by their places in every pass", () => {
  const program = compile((_: Tensor, a: Tensor, n: number) => a.exp().mul(n).add(1).tanh().sum());
  const text = program.explain({ steps: true }, x, ones([5000]), 2);
  // The number is cast before all else, and first in some passes.
  expect(text.match(/= cast\(\w+/g)!.length).toBeGreaterThanOrEqual(4);
  expect(new Set(text.match(/= cast\(\w+/g))).toEqual(new Set(["= cast(x3"]));
  expect(text).toContain("= exp(x2)");
  expect(program.toDot(x, ones([5000]), 2)).toMatch(/x1.*x2.*x3/s);
});

test("times are measured without a change of variables, gradients or later results", () => {
  const [{ model, step }, other] = [training(), training()];
  const [ours, theirs] = [model, other.model].map((each) => tensorsOf(each.parameters()));
  for (const [i, parameter] of theirs!.entries()) assign(parameter, ours![i]!);
  step(x, y);
  other.step(x, y);
  const values = () => ours!.map((p) => [p.toArray(), p.grad?.toArray()]);
  const before = values();
  const text = step.explain({ time: true });
  expect(text).toMatch(/ us one by one/);
  const shares = [...text.matchAll(/ ([\d.]+) % /g)].map(([, share]) => Number(share));
  expect(shares.reduce((a, b) => a + b)).toBeGreaterThan(95);
  step.explain({ time: true }, x, y);
  expect(values()).toEqual(before);
  expect(step(x, y).item()).toBe(other.step(x, y).item());
});

test("programs that were not called are explained for the arguments that are given", () => {
  const f = compile((a: Tensor) => sum(a.mul(2)), { name: "f" });
  expectRefused(() => f.explain(), ValueError, /f\.explain: expected a program that was called, or arguments/);
  expect(f.explain({}, x)).toContain("f(f32 [6, 20])");
  expect(compile((a: Tensor) => a.mul(2)).explain({}, x)).toMatch(/\ntape: 1 instruction, \d+ words\n/);
  expect(compile(() => parameter([1]).add(1).shape.length).explain.length).toBeLessThan(3);
});

test("a name is one line wherever it stands", () => {
  const program = compile((a: Tensor) => a.mul(2), { name: "two\n lines\u2028" });
  program(tensor([1, 2]));
  expect(program.toString().split("\n")[0]).toBe("program two lines");
  expect(program.explain()).toMatch(/^two lines\(f32 \[2\]\)\n/);
  expect(program.toDot()).toMatch(/^digraph "two lines" \{/);
  program.dispose();
  expect(String(program)).toBe("program two lines");
  expect(() => program(tensor([1, 2]))).toThrow(/^two lines: expected a program/);
  expect(compile((a: Tensor) => a, { name: " \n" }).toString()).toBe("program program");
});

test("hostile names spoil neither the text nor the picture", () => {
  const hostile = 'a"; b -> c; "\\" \\N\n] } \u0000\u2028<script>';
  const f = compile((a: Tensor) => name(a.mul(3).add(1), hostile), { name: hostile });
  f(x);
  expect(
    f
      .explain()
      .split("\n")
      .every((line) => line.length < 200),
  ).toBe(true);
  const dot = f.toDot();
  const outside = dot.replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
  expect(outside).not.toMatch(/script|\\|[^\n -~]/);
  for (const line of outside.trimEnd().split("\n")) {
    expect(line).toMatch(/^digraph "" \{$|^ {2}\w+ \[(?:\w+=(?:\w+|""),? ?)+\];$|^ {2}\w+ -> \w+;$|^\}$/);
  }
});

test("no text ends in half a character, and the picture has none", () => {
  const half = /\p{Surrogate}/u;
  for (let before = 0; before < 2; before++) {
    const long = "x".repeat(before) + "😀".repeat(200);
    const f = compile((a: Tensor) => name(a.mul(3), long).add(name(a.sub(1), "half \ud83d of one")), { name: long });
    f(x);
    const text = f.explain({ steps: true }).replaceAll("half \ud83d of one", "");
    expect(text).toContain("😀…");
    expect(text).not.toMatch(half);
    const dot = f.toDot();
    expect(dot).toContain("half   of one");
    expect(dot).not.toMatch(half);
  }
});

test("a step of a thousand arguments makes no line longer than can be read", () => {
  const program = compile((x: Tensor) => stack(Array.from({ length: 1000 }, (_, i) => x.mul(i))));
  program(tensor([1, 2]));
  const lines = program.explain({ steps: true }).split("\n");
  expect(lines.length).toBeGreaterThan(3000);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(500);
  expect(lines.filter((line) => line.includes("…")).length).toBeGreaterThan(0);
});
