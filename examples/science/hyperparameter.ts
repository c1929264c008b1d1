// The gradient of the validation loss by the learning rate and the weight decay, through every step of training.
//   npx tsx examples/science/hyperparameter.ts
import { Generator, grad, numericalGradient, tensor, valueAndGrad, type Tensor } from "wengert";
import { choose } from "../options.js";

choose("Differentiates training by its learning rate and weight decay.", {});

const STEPS = 30;
const generator = new Generator(3);
const draw = (...shape: number[]): Tensor => generator.normal(shape, { dtype: "f64" });
const [inputs, weights] = [draw(40, 5), draw(5)];
const targets = inputs.matmul(weights).add(draw(40).mul(0.3));
const [trainX, trainY] = [inputs.slice([0, 20]), targets.slice([0, 20])];
const [validX, validY] = [inputs.slice([20, 40]), targets.slice([20, 40])];

const squares = (w: Tensor, x: Tensor, y: Tensor): Tensor => x.matmul(w).sub(y).square().mean();

/** Trains a linear model by SGD with momentum 0.5, and returns its loss on the other half. h: ln rate and ln decay. */
function validation(h: Tensor): Tensor {
  const [rate, decay] = [h.slice(0).exp(), h.slice(1).exp()];
  const loss = (w: Tensor): Tensor => squares(w, trainX, trainY).add(decay.mul(w.square().sum()));
  let w = tensor(new Float64Array(5));
  let velocity = tensor(new Float64Array(5));
  for (let step = 0; step < STEPS; step++) {
    velocity = velocity.mul(0.5).add(grad(loss)(w)); // a gradient inside: differentiated again outside
    w = w.sub(rate.mul(velocity));
  }
  return squares(w, validX, validY);
}

let h = tensor(Float64Array.of(Math.log(0.005), Math.log(0.3)));
const automatic = grad(validation)(h).toArray() as number[];
const numerical = numericalGradient(validation, { extrapolations: 1 })(h).toArray() as number[];
const off = Math.max(...automatic.map((x, i) => Math.abs(x - numerical[i]!)));
console.log(`The gradient through ${STEPS} steps of SGD, at rate 0.005 and decay 0.3\n`);
console.log("              automatic     numerical");
for (const [i, name] of ["ln rate", "ln decay"].entries())
  console.log(`${name.padEnd(10)}${automatic[i]!.toFixed(9).padStart(14)}${numerical[i]!.toFixed(9).padStart(14)}`);

console.log("\nFollowing it\n\n step    rate   decay   validation loss");
const losses: number[] = [];
for (let step = 0; step <= 20; step++) {
  const [loss, gradient] = valueAndGrad(validation)(h);
  losses.push(loss.item());
  const [rate, decay] = h.exp().toArray() as [number, number];
  if (step % 5 === 0)
    console.log(
      `${String(step).padStart(5)}${rate.toFixed(4).padStart(8)}${decay.toFixed(4).padStart(8)}${losses[step]!.toFixed(6).padStart(18)}`,
    );
  // Steps of one length in the logarithms: where the loss is flat the gradient says little of how far to go.
  h = h.sub(gradient.mul(0.2 / (1e-12 + Math.hypot(...(gradient.toArray() as number[])))));
}
const good = off < 1e-8 && losses[20]! < losses[0]! / 2;
console.log(
  good ? `\nautomatic and numerical agree to ${off.toExponential(0)}; the loss fell` : "\nSOMETHING IS WRONG",
);
if (!good) process.exitCode = 1;
