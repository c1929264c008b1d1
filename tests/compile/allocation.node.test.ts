import { expect, test } from "vitest";
import { compile, Generator, memory, mseLoss, type Tensor } from "../../bindings/index.js";
import { Linear, Sequential, Tanh } from "../../bindings/nn/index.js";
import { SGD } from "../../bindings/optim/index.js";

/** Bytes of the JavaScript heap after forced collections. */
function heapUsed(): number {
  for (let i = 0; i < 4; i++) globalThis.gc!();
  return process.memoryUsage().heapUsed;
}

test("100,000 replays of a bound training step allocate nothing, neither in WebAssembly nor in JavaScript", () => {
  const generator = new Generator(1);
  const model = new Sequential(new Linear(2, 4, { generator }), new Tanh(), new Linear(4, 1, { generator }));
  const optimizer = new SGD(model.parameters(), { lr: 0.01, momentum: 0.5 });
  const program = compile((x: Tensor, y: Tensor) => {
    optimizer.zeroGrad();
    const loss = mseLoss(model(x), y.reshape([8, 1]));
    loss.backward();
    optimizer.step();
    return loss;
  });
  const bound = program.bind([generator.normal([8, 2]), new Float32Array(8).fill(0.5)]);
  const replay = (times: number): void => {
    for (let i = 0; i < times; i++) bound();
  };
  replay(5000);
  const before = memory();
  // The test runner allocates as well: the least of several differences counts.
  const differences = Array.from({ length: 4 }, () => {
    const start = heapUsed();
    replay(25_000);
    return Math.abs(heapUsed() - start);
  });
  expect(Math.min(...differences)).toBeLessThan(65_536);
  expect(memory()).toEqual(before);
});
