// Batch normalisation differentiated by hand, checked against automatic and numerical differentiation.
//   npx tsx examples/batchnorm.ts
import {
  checkGradients,
  customGradient,
  grad,
  mean,
  mul,
  numericalGradient,
  seed,
  sqrt,
  Generator,
  type Tensor,
} from "wengert";
import { choose } from "./options.js";

choose("Differentiates batch normalisation by hand.", {});

const EPSILON = 1e-5;

/** x̂ = (x - μ) / σ by column, y = γ x̂ + β: x [n, features], γ and β [features]. */
function batchNorm(x: Tensor, gamma: Tensor, beta: Tensor): Tensor {
  const { normalized } = statistics(x);
  return normalized.mul(gamma).add(beta);
}

/** x̂, and σ = √(variance + ε), of each column. */
function statistics(x: Tensor): { normalized: Tensor; deviation: Tensor } {
  const centered = x.sub(x.mean(0));
  const deviation = sqrt(centered.square().mean(0).add(EPSILON));
  return { normalized: centered.div(deviation), deviation };
}

/**
 * The adjoints, from ȳ. Sums run over the n rows i of the batch; all is by column.
 *
 *   y_i = γ x̂_i + β         gives   β̄ = Σ ȳ_i,   γ̄ = Σ ȳ_i x̂_i,   x̂̄_i = γ ȳ_i.
 *
 * x reaches x̂ = (x - μ) / σ in three ways: by itself, through μ = Σ x_i / n and through σ² = Σ (x_i - μ)² / n + ε.
 *
 *   by itself     ∂x̂_i/∂x_i = 1/σ                       adds   x̂̄_i / σ
 *   through μ     ∂x̂_i/∂μ = -1/σ,  ∂μ/∂x_j = 1/n        adds   - Σ x̂̄_i / (n σ)
 *                 (through μ, σ does not change: ∂σ²/∂μ = -2 Σ (x_i - μ) / n = 0)
 *   through σ     ∂x̂_i/∂σ = -x̂_i/σ,  ∂σ/∂x_j = (x_j - μ) / (n σ) = x̂_j / n
 *                                                        adds   - x̂_j Σ x̂̄_i x̂_i / (n σ)
 *
 * Together, with means in place of sums over n:
 *
 *   x̄_j = (x̂̄_j - mean(x̂̄) - x̂_j mean(x̂̄ x̂)) / σ  =  γ/σ (ȳ_j - mean(ȳ) - x̂_j mean(ȳ x̂)).
 *
 * Six operations, where the graph of the definition has some twenty. Being operations, they can be differentiated again.
 */
const batchNormByHand = customGradient(batchNorm, {
  name: "batchNorm",
  vjp(g, { inputs: [x, gamma] }) {
    const { normalized, deviation } = statistics(x);
    const along = mul(g, normalized);
    const inner = g.sub(g.mean(0)).sub(normalized.mul(mean(along, 0)));
    return [inner.mul(gamma.div(deviation)), along.sum(0), g.sum(0)];
  },
});

seed(0);
const generator = new Generator(0);
const draw = (...shape: number[]): Tensor => generator.normal(shape, { dtype: "f64" });
const [x, gamma, beta, weights] = [draw(8, 3).mul(2).add(1), draw(3), draw(3), draw(8, 3)];

/** A loss whose gradient is different everywhere. */
const loss =
  (norm: (x: Tensor, gamma: Tensor, beta: Tensor) => Tensor) =>
  (x: Tensor, gamma: Tensor, beta: Tensor): Tensor =>
    norm(x, gamma, beta).tanh().mul(weights).sum();

const byHand = grad(loss(batchNormByHand), { argnums: [0, 1, 2] })(x, gamma, beta);
const automatic = grad(loss(batchNorm), { argnums: [0, 1, 2] })(x, gamma, beta);
const numerical = [0, 1, 2].map((argnums) =>
  numericalGradient(loss(batchNorm), { argnums, extrapolations: 2 })(x, gamma, beta),
);

const far = (a: Tensor, b: Tensor): string => a.sub(b).abs().max().item().toExponential(1).padStart(9);
console.log("Largest difference of the gradient by hand from the other two, in f64:\n");
console.log("             automatic   numerical");
for (const [i, name] of ["x [8, 3]", "γ [3]", "β [3]"].entries()) {
  console.log(`${name.padEnd(10)}   ${far(byHand[i]!, automatic[i]!)}   ${far(byHand[i]!, numerical[i]!)}`);
}

const check = checkGradients(loss(batchNormByHand), [x, gamma, beta], { tolerance: 1e-5 });
console.log(
  `\ncheckGradients, forward, reverse and numerical to second order: ${check.passed ? "they agree" : "THEY PART"}`,
);
if (!check.passed) console.log(String(check));
const agree = byHand.every((g, i) => g.sub(automatic[i]!).abs().max().item() < 1e-12);
if (!check.passed || !agree) process.exitCode = 1;
