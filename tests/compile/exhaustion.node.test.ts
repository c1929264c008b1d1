import { expect, test } from "vitest";
import type * as library from "../../bindings/index.js";
import { limitedLibrary, MIB, type Library } from "../support/limited-library.js";

/** Takes all memory but the last few bytes. */
function fillUp(w: Library): { dispose(): void }[] {
  const held: { dispose(): void }[] = [];
  for (const size of [262_144, 16_384, 1024, 64, 16]) {
    try {
      for (;;) held.push(w.zeros([size]));
    } catch (error) {
      expect(error).toBeInstanceOf(w.OutOfMemoryError);
    }
  }
  return held;
}

test("a kernel in the middle of a program makes memory grow, and the program goes on from there", async () => {
  const w = await limitedLibrary(64 * MIB);
  const count = w.variable(0);
  const program = w.compile((a: library.Tensor, b: library.Tensor) => {
    count.assign(count.add(1));
    return w.matmul(a.mul(2), b.transpose()).sum();
  });
  const [a, b] = [w.ones([300, 700]), w.ones([200, 700])];
  expect(program(a, b).item()).toBe(2 * 300 * 700 * 200);
  expect(count.item()).toBe(1);
});

test("a kernel without room to work in is named, with the variables that were written before it", async () => {
  const w = await limitedLibrary(16 * MIB);
  const n = 512;
  const count = w.variable(0, { label: "count" });
  const total = w.variable(w.zeros([]), { label: "total" });
  const program = w.compile((a: library.Tensor, b: library.Tensor) => {
    count.assign(count.add(1));
    const product = w.name(w.matmul(a, b.transpose()), "product");
    total.assign(product.sum());
  });
  const bound = program.bind([w.ones([n, n]), w.ones([n, n])]);
  const held = fillUp(w);
  expect(() => bound()).toThrow(/^matmul of "product" in .*after it wrote the variables "count".* working memory/);
  expect([count.item(), total.item()]).toEqual([1, 0]);
  for (const block of held) block.dispose();
  bound();
  expect([count.item(), total.item()]).toEqual([2, n * n * n]);
});

test("without memory for its slab, or for its results, a program is refused and nothing is left", async () => {
  const w = await limitedLibrary(16 * MIB);
  const x = w.ones([64, 64]);
  const program = w.compile((a: library.Tensor) => [w.matmul(a, a), w.exp(w.matmul(a, a.sin()))]);
  let held = fillUp(w);
  const { tensors } = w.memory();
  expect(() => program(x)).toThrow(w.OutOfMemoryError);
  expect(w.memory().tensors).toBe(tensors);
  for (const block of held) block.dispose();
  expect(program(x).length).toBe(2);
  held = fillUp(w);
  const { tensors: full } = w.memory();
  expect(() => program(x)).toThrow(w.OutOfMemoryError);
  expect(w.memory().tensors).toBe(full);
  for (const block of held) block.dispose();
});
