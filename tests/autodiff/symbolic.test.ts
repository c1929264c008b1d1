import { expect, test } from "vitest";
import {
  checkpoint,
  crossEntropy,
  grad,
  jacobian,
  jvp,
  max,
  noGrad,
  sin,
  softmax,
  square,
  stack,
  stopGradient,
  sum,
  tensor,
  valueAndGrad,
  vmap,
  type Tensor,
} from "../../bindings/index.js";
import { distance } from "../support/tensors.js";

// Under vmap a function runs on tensors without values, of which everything has a node: derivatives must stop where they
// would stop if there were none.

const x = tensor(Float64Array.of(0.3, -1.2, 2.1, 0.7, 1.5, -0.4), { shape: [2, 3] });
const loop = (f: (z: Tensor) => Tensor): unknown => stack([...x].map(f)).toArray();

test("what is computed in noGrad is constant, inside of vmap and of its derivatives", () => {
  const f = (z: Tensor): Tensor =>
    noGrad(() => square(z))
      .mul(z)
      .sum();
  expect(vmap(grad(f))(x).toArray()).toEqual(square(x).toArray());
  expect(vmap((z: Tensor) => jvp(f, [z], [z])[1])(x).toArray()).toEqual(loop((z) => jvp(f, [z], [z])[1]));
  expect(grad((y: Tensor) => vmap(f)(y).sum())(x).toArray()).toEqual(square(x).toArray());
  expect(vmap(grad(checkpoint(f)))(x).toArray()).toEqual(square(x).toArray());
});

test("forward mode passes neither stopGradient nor what selects among equals", () => {
  const stopped = (z: Tensor): Tensor => stopGradient(square(z)).mul(z).sum();
  expect(vmap((z: Tensor) => jvp(stopped, [z], [z])[1])(x).toArray()).toEqual(loop((z) => jvp(stopped, [z], [z])[1]));
  for (const f of [(z: Tensor) => max(z), (z: Tensor) => sum(square(softmax(z)))]) {
    const along = (z: Tensor): Tensor => jvp(f, [z], [sin(z)])[1];
    expect(distance(vmap(grad(along))(x), stack([...x].map(grad(along))))).toBeLessThan(1e-15);
  }
});

test("what does not depend on an inner derivative's argument keeps its part in the batch", () => {
  const one = tensor(1, { dtype: "f64" });
  const [value, g] = vmap((z: Tensor) => valueAndGrad((_: Tensor) => z.sum())(one))(x);
  expect([value.toArray(), g.toArray()]).toEqual([sum(x, 1).toArray(), [0, 0]]);
  const [, doubled] = vmap((z: Tensor) => grad((y: Tensor) => [square(y), z.mul(2)] as const, { hasAux: true })(one))(
    x,
  );
  expect(doubled.toArray()).toEqual(x.mul(2).toArray());
});

test("a tracked value that all examples share gets the sum of their adjoints", () => {
  const f = (z: Tensor): Tensor => vmap((a: Tensor) => sin(a.mul(z.sum())))(z);
  const row = x.slice(0);
  expect(distance(jacobian(f, { mode: "reverse" })(row), jacobian(f, { mode: "forward" })(row))).toBeLessThan(1e-15);
  expect(vmap(jacobian(f))(x).shape).toEqual([2, 3, 3]);
});

test("forward mode over a batch of cross-entropies", () => {
  const f = (z: Tensor): Tensor => crossEntropy(z.reshape([1, 3]), [2]);
  const pushed = jvp(vmap(f), [x], [sin(x)])[1];
  const apart = stack([...x].map((z) => jvp(f, [z], [sin(z)])[1]));
  expect(distance(pushed, apart)).toBeLessThan(1e-15);
});
