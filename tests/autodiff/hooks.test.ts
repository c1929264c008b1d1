import { describe, expect, test } from "vitest";
import {
  CaptureError,
  checkpoint,
  grad,
  GradientError,
  jacobian,
  tensor,
  vmap,
  type Tensor,
} from "../../bindings/index.js";

// Hooks on values of graphs that are built again.

const x = tensor(Float64Array.of(1, 2));

/** Σ (3 x)², with an adjoint of 3 x that is changed. */
const hooked =
  (hook: (g: Tensor) => Tensor | undefined = (g) => g.mul(2)) =>
  (z: Tensor): Tensor => {
    const h = z.mul(3);
    h.registerHook(hook);
    return h.square();
  };

describe("hooks are called", () => {
  const twice = hooked();
  const f = (z: Tensor): Tensor => twice(z).sum();
  const wanted = [36, 72];

  test("under checkpoint, also nested, batched and in a Jacobian", () => {
    expect(grad(f)(x).toArray()).toEqual(wanted);
    expect(grad((z: Tensor) => checkpoint(twice)(z).sum())(x).toArray()).toEqual(wanted);
    expect(grad(checkpoint((z: Tensor) => checkpoint(twice)(z).sum()))(x).toArray()).toEqual(wanted);
    expect(grad((z: Tensor) => vmap(checkpoint(twice))(z).sum())(x).toArray()).toEqual(wanted);
    expect(jacobian(checkpoint(f), { mode: "reverse" })(x).toArray()).toEqual(wanted);
  });

  test("over a batch, with the adjoint of one example", () => {
    expect(grad((z: Tensor) => vmap(twice)(z).sum())(x).toArray()).toEqual(wanted);
    expect(vmap(grad(twice))(x).toArray()).toEqual(wanted);
    const shapes: (readonly number[])[] = [];
    const see = hooked((g) => (shapes.push(g.shape), undefined));
    expect(grad((z: Tensor) => vmap(see)(z).sum())(x).toArray()).toEqual([18, 36]);
    expect(shapes).toEqual([[]]);
    const nested = (z: Tensor): Tensor => vmap((y: Tensor) => vmap(twice)(y.mul(x)))(z).sum();
    expect(grad(nested)(x).toArray()).toEqual([180, 360]);
  });

  test("until they are removed", () => {
    const removers: (() => void)[] = [];
    const once = (z: Tensor): Tensor => {
      const h = z.mul(3);
      removers.push(h.registerHook((g: Tensor) => g.mul(2)));
      return h.square();
    };
    const removing = (wrap: (g: typeof once) => typeof once) =>
      grad((z: Tensor) => {
        const y = wrap(once)(z).sum();
        for (const remove of removers) remove();
        return y;
      })(x).toArray();
    expect(removing((g) => checkpoint(g))).toEqual([18, 36]);
    expect(removing((g) => vmap(g))).toEqual([18, 36]);
  });
});

test("retainGrad is refused where the value is not kept, and hooks where the graph is gone", () => {
  const retained = (z: Tensor): Tensor => {
    const h = z.mul(3);
    h.retainGrad();
    return h.square();
  };
  const leaf = tensor([1, 2], { requiresGrad: true });
  expect(() => checkpoint(retained)(leaf)).toThrow(/^checkpoint: .*retainGrad/);
  expect(() => vmap(retained)(leaf)).toThrow(CaptureError);
  const h = leaf.mul(3);
  h.sum().backward();
  expect(() => h.retainGrad()).toThrow(/^retainGrad: .*earlier backward/);
  expect(() => h.registerHook(() => undefined)).toThrow(GradientError);
});
