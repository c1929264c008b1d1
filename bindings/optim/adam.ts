import { assignParts } from "../core/assign.js";
import { variable } from "../core/create.js";
import type { DTypeName } from "../core/dtype.js";
import type { Tensor } from "../core/graph.js";
import type { Tree } from "../core/tree.js";
import type { Variable } from "../core/variable.js";
import { dense } from "../primitives/define.js";
import { adam, type AdamParams } from "../primitives/update.js";
import { checkNumber, Optimizer, type Scalars } from "./optimizer.js";

export interface AdamOptions {
  /** Default 0.001. */
  lr?: number;
  /** Decay of the mean of the gradients, and of their squares. Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the root, against division by zero. Default 1e-8. */
  eps?: number;
  /** Times the parameter, added to its gradient; in AdamW times the learning rate instead, taken off. Default 0, 0.01 there. */
  weightDecay?: number;
}

/**
 * Adam (Kingma and Ba, 2015): m ← β₁ m + (1-β₁) g, v ← β₂ v + (1-β₂) g²,
 * p ← p - η / (1-β₁ᵗ) · m / (√v / √(1-β₂ᵗ) + ε).
 */
export class Adam extends Optimizer {
  private readonly params: AdamParams;
  private readonly means: readonly Variable[];
  private readonly squares: readonly Variable[];
  /** Steps taken. */
  readonly steps: Variable;
  /** The powers β₁ᵗ and β₂ᵗ: multiplied up, so that they are the same on every platform. */
  private readonly powers: readonly [Variable, Variable];

  constructor(parameters: Tree, { lr = 0.001, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 }: AdamOptions = {}) {
    super(parameters, lr);
    this.params = {
      betas: [checkNumber("Adam", "betas[0]", betas[0], 0, 1), checkNumber("Adam", "betas[1]", betas[1], 0, 1)],
      epsilon: checkNumber("Adam", "eps", eps, 0),
      weightDecay: checkNumber("Adam", "weightDecay", weightDecay, 0),
    };
    this.means = this.zerosLikeParameters("mean");
    this.squares = this.zerosLikeParameters("mean square");
    this.steps = variable(0, { dtype: "i32", label: "steps" });
    this.powers = [
      variable(1, { dtype: "f64", label: "power of beta 1" }),
      variable(1, { dtype: "f64", label: "power of beta 2" }),
    ];
  }

  protected override readonly temporaries = 1;
  /** This step's η / (1-β₁ᵗ) and 1 / √(1-β₂ᵗ). */
  private corrected: { readonly rate: Scalars; readonly scale: Scalars } | null = null;

  protected advance(): void {
    const [beta1, beta2] = this.params.betas;
    const [power1, power2] = this.powers;
    this.steps.assign(this.steps.add(1));
    power1.assign(power1.mul(beta1));
    power2.assign(power2.mul(beta2));
    this.corrected = {
      rate: this.scalars(this.rate.div(power1.neg().add(1))),
      scale: this.scalars(power2.neg().add(1).sqrt().reciprocal()),
    };
  }

  protected update(parameter: Variable, gradient: Tensor, i: number): void {
    const { rate, scale } = this.corrected!;
    const [m, v] = [this.means[i]!, this.squares[i]!];
    const { dtype } = parameter;
    const inputs = [parameter, dense(gradient), rate(dtype), m, v, scale(dtype), ...this.kept(dtype)];
    assignParts([parameter, m, v], adam.primitive, inputs, this.params);
  }

  /** What the parameter is multiplied with first, if anything. */
  protected kept(_dtype: DTypeName): Tensor[] {
    return [];
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019): p shrinks to (1 - η λ) p before Adam's step, whose moments
 * know nothing of it.
 */
export class AdamW extends Adam {
  private readonly decay: number;
  private keep: Scalars | null = null;

  constructor(parameters: Tree, { weightDecay = 0.01, ...rest }: AdamOptions = {}) {
    super(parameters, rest);
    this.decay = checkNumber("AdamW", "weightDecay", weightDecay, 0);
  }

  protected override advance(): void {
    super.advance();
    this.keep = this.scalars(this.rate.mul(-this.decay).add(1));
  }

  protected override kept(dtype: DTypeName): Tensor[] {
    return [this.keep!(dtype)];
  }
}
