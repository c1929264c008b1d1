import { checkBetas, checkNumber } from "../checks.js";
import { FirstOrderOptimizer, type Factors, type Move } from "./first-order.js";
import type { CommonOptions, ParameterGroup, ParameterTree } from "../group.js";
import { only, set } from "../temporaries.js";
import { blend, complement } from "./moments.js";
import type { Known } from "../../shared/options.js";

/** Options of `Lion`. */
export interface LionOptions extends CommonOptions {
  /** The learning rate. Default 0.0001: every element moves by it. */
  lr?: number;
  /** Share of the mean in the direction, and decay of the mean. Default [0.9, 0.99]. */
  betas?: readonly [number, number];
  /** Times the learning rate and the parameter, taken off. Default 0. */
  weightDecay?: number;
}
type LionSettings = Required<LionOptions>;
type Factor = "rate" | "keep" | "beta" | "rest";

const method = {
  known: { lr: 0, weightDecay: 0, maximize: false, betas: null } satisfies Known<LionOptions>,
  settle: (options: LionOptions, name: string): LionSettings => {
    const { lr = 0.0001, betas = [0.9, 0.99], weightDecay = 0, maximize = false } = options;
    return {
      lr: checkNumber(name, "lr", lr, 0),
      betas: checkBetas(name, betas),
      weightDecay: checkNumber(name, "weightDecay", weightDecay, 0),
      maximize,
    };
  },
  memory: () => ({ places: { mean: 0 }, clocks: {} }),
};

/**
 * Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023): p ← (1 - η λ) p - η sign(β₁ m + (1-β₁) g), then
 * m ← β₂ m + (1-β₂) g.
 */
export class Lion extends FirstOrderOptimizer<LionSettings, "mean", never, Factor> {
  constructor(parameters: ParameterTree, options: LionOptions = {}) {
    super(parameters, options, method);
  }

  protected temporaries(): number {
    return 5;
  }

  protected advance({ rate, settings, momentum }: ParameterGroup<LionSettings, "mean", never>): Factors<Factor> {
    const keep = settings.weightDecay === 0 ? 1 : rate.mul(-settings.weightDecay).add(1);
    return { rate, keep, beta: momentum, rest: complement(momentum) };
  }

  protected update({ parameter, gradient, settings, state, factors }: Move<LionSettings, "mean", Factor>): void {
    const { mean } = state;
    const { rate, keep, beta, rest } = factors;
    set(parameter, () => {
      const kept = settings.weightDecay === 0 ? parameter : parameter.mul(keep);
      const direction = only(() => blend(mean, gradient, beta, rest).sign());
      return kept.sub(direction.mul(rate));
    });
    set(mean, () => blend(mean, gradient, settings.betas[1]));
  }
}
