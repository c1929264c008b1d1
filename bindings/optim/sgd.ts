import { assignResult } from "../core/assign.js";
import type { Tensor } from "../core/graph.js";
import type { Tree } from "../core/tree.js";
import type { Variable } from "../core/variable.js";
import { add, sub } from "../primitives/arithmetic.js";
import { checkNumber, Optimizer, type Scalars } from "./optimizer.js";

export interface SGDOptions {
  lr: number;
  /** Share of the last step's direction that is kept. Default 0. */
  momentum?: number;
  /** Look ahead by the momentum (Nesterov). Default false. */
  nesterov?: boolean;
  /** Times the parameter, added to its gradient. Default 0. */
  weightDecay?: number;
}

/**
 * Stochastic gradient descent, with momentum as PyTorch has it: v ← μ v + g, p ← p - η v; with Nesterov's look-ahead,
 * p ← p - η (g + μ v).
 */
export class SGD extends Optimizer {
  private readonly momentum: number;
  private readonly nesterov: boolean;
  private readonly weightDecay: number;
  private readonly velocity: readonly Variable[];

  constructor(parameters: Tree, { lr, momentum = 0, nesterov = false, weightDecay = 0 }: SGDOptions) {
    super(parameters, lr);
    this.momentum = checkNumber("SGD", "momentum", momentum, 0);
    this.weightDecay = checkNumber("SGD", "weightDecay", weightDecay, 0);
    this.nesterov = nesterov;
    this.velocity = momentum > 0 ? this.zerosLikeParameters("velocity") : [];
  }

  protected override readonly temporaries = 4;
  private stepRate: Scalars | null = null;

  protected advance(): void {
    this.stepRate = this.scalars(this.rate);
  }

  protected update(parameter: Variable, gradient: Tensor, i: number): void {
    const g = this.weightDecay > 0 ? gradient.add(parameter.mul(this.weightDecay)) : gradient;
    const v = this.velocity[i];
    if (v) assignResult(v, add, v.mul(this.momentum), g);
    const direction = !v ? g : this.nesterov ? g.add(v.mul(this.momentum)) : v;
    assignResult(parameter, sub, parameter, direction.mul(this.stepRate!(parameter.dtype)));
  }
}
