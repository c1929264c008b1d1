import { assignParts } from "../core/assign.js";
import { constant, variable } from "../core/create.js";
import type { Tensor } from "../core/graph.js";
import type { Tree } from "../core/tree.js";
import type { Variable } from "../core/variable.js";
import { dense } from "../primitives/define.js";
import { sgd, type SgdParams } from "../primitives/update.js";
import { checkNumber, Optimizer, type Scalars } from "./optimizer.js";

export interface SGDOptions {
  lr: number;
  /** Share of the last step's direction that is kept. Default 0. */
  momentum?: number;
  /** Share of the gradient that the direction does not take, but at its first step. Default 0. */
  dampening?: number;
  /** Look ahead by the momentum (Nesterov). Default false. */
  nesterov?: boolean;
  /** Times the parameter, added to its gradient. Default 0. */
  weightDecay?: number;
}

/**
 * Stochastic gradient descent, with momentum as PyTorch has it: v ← μ v + (1 - τ) g, p ← p - η v, where τ is the
 * dampening and the first v is g; with Nesterov's look-ahead, p ← p - η (g + μ v).
 */
export class SGD extends Optimizer {
  private readonly params: SgdParams;
  private readonly dampening: number;
  private readonly velocity: readonly Variable[];
  /** What share of its gradient each velocity takes in next, where that changes. */
  private readonly shares: readonly Variable[];

  constructor(parameters: Tree, { lr, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 }: SGDOptions) {
    super(parameters, lr);
    this.params = {
      momentum: checkNumber("SGD", "momentum", momentum, 0),
      weightDecay: checkNumber("SGD", "weightDecay", weightDecay, 0),
      nesterov,
    };
    this.dampening = checkNumber("SGD", "dampening", dampening, 0);
    this.velocity = momentum > 0 ? this.zerosLikeParameters("velocity") : [];
    this.shares =
      dampening > 0 ? this.velocity.map(({ dtype }) => variable(1, { dtype, label: "share of the gradient" })) : [];
  }

  protected override readonly temporaries = 1;
  private stepRate: Scalars | null = null;

  protected advance(): void {
    this.stepRate = this.scalars(this.rate);
  }

  protected update(parameter: Variable, gradient: Tensor, i: number): void {
    const inputs = [parameter, dense(gradient), this.stepRate!(parameter.dtype)];
    const v = this.velocity[i];
    const share = this.shares[i];
    if (v) inputs.push(v, share ?? constant(1, v.dtype));
    assignParts(v ? [parameter, v] : [parameter], sgd.primitive, inputs, this.params);
    share?.assign(1 - this.dampening);
  }
}
