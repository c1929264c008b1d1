import { assignParts } from "../../core/values/assign.js";
import type { Tensor } from "../../core/graph.js";
import { maximum } from "../../primitives/elementwise/arithmetic.js";
import { dense } from "../../primitives/define.js";
import { adam } from "../../primitives/update.js";
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
import { checkOptions } from "../../shared/options.js";

/** Options of `Adam` and `AdamW`. */
export interface AdamOptions extends MomentOptions {
  /** The learning rate. Default 0.001. */
  lr?: number;
  /** Divide by the root of the largest mean square that there has been (Reddi et al., 2018). Default false. */
  amsgrad?: boolean;
}

/** What a group of parameters goes by. */
export interface AdamSettings extends MomentSettings {
  /** Whether the largest mean square so far divides, and not the present one. */
  readonly amsgrad: boolean;
}
type Places = "mean" | "square" | "peak";
type Factor = "rate" | "scale" | "keep" | "beta" | "rest";

const method = {
  known: { ...MOMENT_OPTIONS, amsgrad: false } satisfies Known<AdamOptions>,
  settle: (options: AdamOptions, name: string): AdamSettings => ({
    ...settleMoments(name, 0.001, options),
    amsgrad: options.amsgrad ?? false,
  }),
  memory: ({ amsgrad }: AdamSettings) => ({
    places: { mean: 0, square: 0, ...(amsgrad && { peak: 0 }) },
    clocks: MOMENT_CLOCKS,
  }),
};

/**
 * Adam (Kingma and Ba, 2015): m ← β₁ m + (1-β₁) g, v ← β₂ v + (1-β₂) g²,
 * p ← p - η / (1-β₁ᵗ) · m / (√v / √(1-β₂ᵗ) + ε).
 */
export class Adam extends FirstOrderOptimizer<AdamSettings, Places, MomentClocks, Factor> {
  constructor(parameters: ParameterTree, options: AdamOptions = {}) {
    super(parameters, options, method);
  }

  protected temporaries({ settings, momentum }: ParameterGroup<AdamSettings, Places, MomentClocks>): number {
    return settings.amsgrad || typeof momentum !== "number" ? 5 : 1;
  }

  protected advance(group: ParameterGroup<AdamSettings, Places, MomentClocks>, tick: Tick): Factors<Factor> {
    const { first, second, beta, rest, keep } = corrections(group, tick);
    return { rate: group.rate.div(first), scale: second.sqrt().reciprocal(), keep, beta, rest };
  }

  protected update(move: Move<AdamSettings, Places, Factor>): void {
    const { parameter, gradient, settings, state, factors } = move;
    const { mean, square, peak } = state;
    const { betas, eps, amsgrad, decoupledWeightDecay, weightDecay } = settings;
    const { rate, scale, keep, beta, rest } = factors;
    if (!amsgrad && typeof beta === "number") {
      const inputs = [parameter, dense(gradient), rate, mean, square, scale, ...(decoupledWeightDecay ? [keep] : [])];
      // But for β₁, which is a number here, all factors are tensors.
      assignParts([parameter, mean, square], adam.primitive, inputs as Tensor[], {
        ...{ betas, epsilon: eps, weightDecay: decoupledWeightDecay ? 0 : weightDecay },
      });
      return;
    }
    const slope = decayed(move);
    set(mean, () => blend(mean, slope, beta, rest));
    set(square, () => blend(square, slope.square(), betas[1]));
    if (amsgrad) set(peak, () => maximum(peak, square));
    set(parameter, () => {
      const root = only(() => (amsgrad ? peak : square).sqrt().mul(scale).add(eps));
      return parameter.sub(mean.div(root).mul(rate));
    });
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019), by default 0.01: p shrinks to (1 - η λ) p before Adam's
 * step, whose moments know nothing of it.
 */
export class AdamW extends Adam {
  constructor(parameters: ParameterTree, options: Omit<AdamOptions, "decoupledWeightDecay"> = {}) {
    const { decoupledWeightDecay: _, ...known } = method.known;
    checkOptions<object>(new.target.name, options, known);
    super(parameters, { ...options, weightDecay: options.weightDecay ?? 0.01, decoupledWeightDecay: true });
  }
}
