// The two-layer network of the lecture, h = s(w1 x + b1), y = s(w2 h + b2), and the gradient of its loss ½ (y - d)² three ways.
import { grad, numericalGradient, scope, sigmoid, tensor, type Tensor } from "wengert";

/** w1, b1, w2, b2. */
export type Parameters = readonly [number, number, number, number];

/** An input, and the output that is wanted. */
export interface Instance {
  readonly x: number;
  readonly d: number;
}

/** The gradient of one instance's loss. */
export type Gradient = (parameters: Parameters, instance: Instance) => Parameters;

const s = (z: number): number => 1 / (1 + Math.exp(-z));

/** The network in plain numbers. */
export function output([w1, b1, w2, b2]: Parameters, x: number): number {
  return s(w2 * s(w1 * x + b1) + b2);
}

/** By hand: forward, keeping what is needed, then backward with s' = s (1 - s). */
export const byHand: Gradient = ([w1, b1, w2, b2], { x, d }) => {
  const h = s(w1 * x + b1);
  const y = s(w2 * h + b2);
  const z2 = (y - d) * y * (1 - y); //  adjoint of w2 h + b2
  const z1 = z2 * w2 * h * (1 - h); //  adjoint of w1 x + b1
  return [z1 * x, z1, z2 * h, z2];
};

/** The loss of one instance: what the other two differentiate. All in f64. */
function loss(p: Tensor, { x, d }: Instance): Tensor {
  const [w1, b1, w2, b2] = [p.slice(0), p.slice(1), p.slice(2), p.slice(3)];
  const h = sigmoid(w1.mul(x).add(b1));
  const y = sigmoid(w2.mul(h).add(b2));
  return y.sub(d).square().div(2);
}

const vector = (parameters: Parameters): Tensor => tensor(Float64Array.from(parameters));
const numbers = (x: Tensor): Parameters => x.toArray() as unknown as Parameters;

/** Numerically: central differences, eight evaluations of the loss. */
export const numerically: Gradient = (parameters, instance) =>
  scope(() => numbers(numericalGradient((p: Tensor) => loss(p, instance))(vector(parameters))));

/** Automatically: reverse mode, one evaluation and one walk back. */
export const automatically: Gradient = (parameters, instance) =>
  scope(() => numbers(grad((p: Tensor) => loss(p, instance))(vector(parameters))));
