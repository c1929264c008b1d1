// The example of every lecture on automatic differentiation: y = ln x₁ + x₁ x₂ - sin x₂ at (2, 5), differentiated three ways.
//   npx tsx examples/lecture.ts
import { grad, log, mul, sin, tensor, type Tensor } from "wengert";
import { choose } from "./options.js";

choose("Differentiates the lecture's example three ways.", {});

function f(x1: Tensor, x2: Tensor): Tensor {
  return log(x1).add(mul(x1, x2)).sub(sin(x2));
}

/** y, ∂y/∂x₁ and ∂y/∂x₂. */
type Answer = [y: number, dx1: number, dx2: number];

/** By hand: the evaluation trace v₁ .. v₅, then the adjoint of each v, from the last to the first. */
function byHand(x1: number, x2: number): Answer {
  const v1 = Math.log(x1);
  const v2 = x1 * x2;
  const v3 = Math.sin(x2);
  const v4 = v1 + v2;
  const v5 = v4 - v3;

  const a5 = 1;
  const a4 = a5; //                            v₅ = v₄ - v₃
  const a3 = -a5;
  const a2 = a4; //                            v₄ = v₁ + v₂
  const a1 = a4;
  const dx2 = a3 * Math.cos(x2) + a2 * x1; //  v₃ = sin x₂, v₂ = x₁ x₂
  const dx1 = a1 / x1 + a2 * x2; //            v₁ = ln x₁,  v₂ = x₁ x₂
  return [v5, dx1, dx2];
}

/** The gradient as a function of the arguments. */
function byGrad(x1: number, x2: number): Answer {
  const [dx1, dx2] = grad(f, { argnums: [0, 1] })(x1, x2);
  return [f(tensor(x1), tensor(x2)).item(), dx1.item(), dx2.item()];
}

/** The graph is recorded as the value is computed; `backward` walks it and leaves the gradients at the leaves. */
function byBackward(value1: number, value2: number): Answer {
  const x1 = tensor(value1, { requiresGrad: true });
  const x2 = tensor(value2, { requiresGrad: true });
  const y = f(x1, x2);
  y.backward();
  return [y.item(), x1.grad!.item(), x2.grad!.item()];
}

console.log("                 y   ∂y/∂x₁   ∂y/∂x₂");
for (const [name, way] of Object.entries({ "by hand": byHand, grad: byGrad, backward: byBackward })) {
  const cells = way(2, 5).map((number) => number.toFixed(3).padStart(9));
  console.log(name.padEnd(9) + cells.join(""));
}
