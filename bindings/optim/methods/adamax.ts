import { maximum } from "../../primitives/elementwise/arithmetic.js";
import { FirstOrderOptimizer, slopeOf, type Factors, type Move, type Tick } from "./first-order.js";
import type { ParameterGroup, ParameterTree } from "../group.js";
import { set } from "../temporaries.js";
import {
  blend,
  corrections,
  MOMENT_CLOCKS,
  settleMoments,
  type MomentClocks,
  type MomentOptions,
  type MomentSettings,
} from "./moments.js";
import type { Known } from "../../shared/options.js";

/** Options of `Adamax`. */
export interface AdamaxOptions extends Omit<MomentOptions, "decoupledWeightDecay"> {
  /** The learning rate. Default 0.002. */
  lr?: number;
}
type Places = "mean" | "largest";
type Factor = "rate" | "beta" | "rest";

const method = {
  known: {
    lr: 0,
    weightDecay: 0,
    maximize: false,
    betas: null,
    eps: 0,
  } satisfies Known<AdamaxOptions>,
  settle: (options: AdamaxOptions, name: string): MomentSettings => settleMoments(name, 0.002, options),
  memory: () => ({ places: { mean: 0, largest: 0 }, clocks: MOMENT_CLOCKS }),
};

/**
 * Adamax (Kingma and Ba, 2015), Adam with the infinity norm: m ← β₁ m + (1-β₁) g, u ← max(β₂ u, |g| + ε),
 * p ← p - η / (1-β₁ᵗ) · m / u.
 */
export class Adamax extends FirstOrderOptimizer<MomentSettings, Places, MomentClocks, Factor> {
  constructor(parameters: ParameterTree, options: AdamaxOptions = {}) {
    super(parameters, options, method);
  }

  protected temporaries(): number {
    return 5;
  }

  protected advance(group: ParameterGroup<MomentSettings, Places, MomentClocks>, tick: Tick): Factors<Factor> {
    const { first, beta, rest } = corrections(group, tick);
    return { rate: group.rate.div(first), beta, rest };
  }

  protected update(move: Move<MomentSettings, Places, Factor>): void {
    const { parameter, settings, state, factors } = move;
    const { mean, largest } = state;
    const { rate, beta, rest } = factors;
    const slope = slopeOf(move);
    set(mean, () => blend(mean, slope, beta, rest));
    set(largest, () => maximum(largest.mul(settings.betas[1]), slope.abs().add(settings.eps)));
    set(parameter, () => parameter.sub(mean.div(largest).mul(rate)));
  }
}
