import { expect, test } from "vitest";
import { add, backward, grad, memory, mul, scope, square, sum, tensor, type Tensor } from "../../bindings/index.js";

test("8000 slices of one tensor have the gradient that they add up to", () => {
  const [rows, columns] = [8000, 8];
  const values = Float64Array.from({ length: rows * columns }, (_, i) => Math.sin(i));
  scope(() => {
    const x = tensor(values, { shape: [rows, columns], requiresGrad: true });
    let loss = tensor(0, { dtype: "f64" });
    for (let i = 0; i < rows; i++) {
      // Neighbouring slices overlap by a row.
      const window = x.slice([i, i + 2]);
      loss = add(loss, mul(sum(square(window)), (i % 5) - 2));
    }
    const before = memory().highWater;
    backward(loss);
    // One buffer for all adjoints: a buffer for each would be 4 GB.
    expect(memory().highWater - before).toBeLessThan(40 * rows * columns * 8);
    const got = x.grad!.data();
    const weight = (i: number) => (i >= 0 ? (i % 5) - 2 : 0);
    for (let i = 0; i < rows * columns; i++) {
      const row = Math.floor(i / columns);
      expect(Math.abs(got[i]! - 2 * values[i]! * (weight(row) + weight(row - 1)))).toBeLessThan(1e-12);
    }
  });
});

test("a value that is used twenty thousand times adds up its adjoints", () => {
  scope(() => {
    const g = grad((x: Tensor) => {
      let y = mul(x, 0);
      for (let i = 1; i <= 20_000; i++) y = add(y, mul(x, i));
      return sum(y);
    })(tensor([1, 2], { dtype: "f64" }));
    expect(g.toArray()).toEqual([200010000, 200010000]);
  });
});
