import { expect, test, vi } from "vitest";
import type { Tensor } from "../../bindings/index.js";

test("the default generator is there before the program and the batch that ask for it first", async () => {
  vi.resetModules(); // Nothing has been drawn yet.
  const { compile, Generator, rand, vmap, zeros } = await import("../../bindings/index.js");
  const x = zeros([3]);
  const first = compile(vmap((y: Tensor) => y.add(rand([2]))))(x);
  const generator = new Generator(0);
  expect(first.toArray()).toEqual(vmap((y: Tensor) => y.add(generator.uniform([2])))(x).toArray());
  expect(rand([4]).toArray()).toEqual(generator.uniform([4]).toArray());
});
