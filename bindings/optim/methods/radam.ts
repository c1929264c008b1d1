import { gt, maximum, where } from "../../primitives/elementwise/arithmetic.js";
import { FirstOrderOptimizer, type Factors, type Move, type Tick } from "./first-order.js";
import type { ParameterGroup, ParameterTree } from "../group.js";
import { only, set } from "../temporaries.js";
import {
  blend,
  corrections,
  decayed,
  MOMENT_CLOCKS,
  MOMENT_OPTIONS,
  settleMoments,
  type MomentClocks,
  type MomentOptions,
  type MomentSettings,
} from "./moments.js";
import type { Known } from "../../shared/options.js";

/** Options of `RAdam`. */
export interface RAdamOptions extends MomentOptions {
  /** The learning rate. Default 0.001. */
  lr?: number;
}
type Places = "mean" | "square";
type Factor = "rate" | "scale" | "keep" | "beta" | "rest";

const method = {
  known: MOMENT_OPTIONS satisfies Known<RAdamOptions>,
  settle: (options: RAdamOptions, name: string): MomentSettings => settleMoments(name, 0.001, options),
  memory: () => ({ places: { mean: 0, square: 0 }, clocks: MOMENT_CLOCKS }),
};

/** The length of the running average, as it were, from which on the variance can be trusted. */
const LONG = 5;

/**
 * Rectified Adam (Liu et al., 2020). With ρ∞ = 2/(1-β₂) - 1 and ρ = ρ∞ - 2 t β₂ᵗ/(1-β₂ᵗ), a step is Adam's times
 * √((ρ-4)(ρ-2)ρ∞ / ((ρ∞-4)(ρ∞-2)ρ)) where ρ > 5; before that, p ← p - η m / (1-β₁ᵗ).
 */
export class RAdam extends FirstOrderOptimizer<MomentSettings, Places, MomentClocks, Factor> {
  constructor(parameters: ParameterTree, options: RAdamOptions = {}) {
    super(parameters, options, method);
  }

  protected temporaries(): number {
    return 5;
  }

  protected advance(group: ParameterGroup<MomentSettings, Places, MomentClocks>, tick: Tick): Factors<Factor> {
    const { first, second, steps, keep, beta, rest } = corrections(group, tick);
    const limit = 2 / (1 - group.settings.betas[1]) - 1;
    const length = steps.mul(group.clocks.power2).div(second).mul(-2).add(limit);
    const long = maximum(length, LONG);
    const rectified = long
      .sub(4)
      .mul(long.sub(2))
      .mul(limit / ((limit - 4) * (limit - 2)))
      .div(long);
    return {
      rate: group.rate.div(first),
      // 0 stands for a step that does not adapt.
      scale: where(gt(length, LONG), rectified.mul(second).sqrt(), 0),
      ...{ keep, beta, rest },
    };
  }

  protected update(move: Move<MomentSettings, Places, Factor>): void {
    const { parameter, settings, state, factors } = move;
    const { mean, square } = state;
    const { rate, scale, beta, rest } = factors;
    const slope = decayed(move);
    set(mean, () => blend(mean, slope, beta, rest));
    set(square, () => blend(square, slope.square(), settings.betas[1]));
    set(parameter, () => {
      const adaptive = only(() => square.sqrt().add(settings.eps).reciprocal().mul(scale));
      const direction = only(() => where(gt(scale, 0), adaptive, 1).mul(mean));
      return parameter.sub(direction.mul(rate));
    });
  }
}
