import { test } from "vitest";
import { backward, mul, scope, tensor, type Tensor } from "../../bindings/index.js";
import { expectClose } from "../support/compare.js";

// Seconds of the collector's time, and no walk over a graph is another in Chromium: so in Node alone.
test("backward through a chain of a million operations", () => {
  scope(() => {
    const x = tensor(1, { dtype: "f64", requiresGrad: true });
    const factor = tensor(1 + 1e-6, { dtype: "f64" });
    let y: Tensor = x;
    for (let i = 0; i < 1_000_000; i++) y = mul(y, factor);
    backward(y);
    expectClose(x.grad!.item(), (1 + 1e-6) ** 1e6, 1e-9);
    expectClose(y.item(), x.grad!.item(), 1e-9);
  });
});
