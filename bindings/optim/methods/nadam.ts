import { item } from "../../core/values/access.js";
import { tensor } from "../../core/values/create.js";
import { ownedBy } from "../../core/running/scopes.js";
import { pow } from "../../primitives/elementwise/powers.js";
import { checkNumber } from "../checks.js";
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

/** Options of `NAdam`. */
export interface NAdamOptions extends MomentOptions {
  /** The learning rate. Default 0.002. */
  lr?: number;
  /** How fast the momentum comes from β₁/2 to β₁. Default 0.004. */
  momentumDecay?: number;
}

/** What a group of parameters goes by. */
export interface NAdamSettings extends MomentSettings {
  /** 0.96^ψ, where ψ is `momentumDecay`. */
  readonly fading: number;
}
type Places = "mean" | "square";
type Clocks = MomentClocks | "fading" | "product";
type Factor = "ahead" | "along" | "scale" | "keep" | "beta" | "rest";

const method = {
  known: { ...MOMENT_OPTIONS, momentumDecay: 0 } satisfies Known<NAdamOptions>,
  settle: (options: NAdamOptions, name: string): NAdamSettings => {
    const decay = checkNumber(name, "momentumDecay", options.momentumDecay ?? 0.004, 0);
    const fading = ownedBy("momentumDecay", () => item(pow(tensor(0.96, { dtype: "f64" }), decay)));
    return { ...settleMoments(name, 0.002, options), fading };
  },
  // 0.96^(ψ t), and the product of all μ so far.
  memory: () => ({ places: { mean: 0, square: 0 }, clocks: { ...MOMENT_CLOCKS, fading: 1, product: 1 } }),
};

/**
 * Adam with Nesterov's look-ahead (Dozat, 2016). With μ = β₁ (1 - 0.96^(ψ t)/2), μ' the next one, and Π the product of all μ
 * up to now: p ← p - η ((1-μ)/(1-Π) g + μ'/(1-Π μ') m) / (√(v / (1-β₂ᵗ)) + ε), with Adam's m and v.
 */
export class NAdam extends FirstOrderOptimizer<NAdamSettings, Places, Clocks, Factor> {
  constructor(parameters: ParameterTree, options: NAdamOptions = {}) {
    super(parameters, options, method);
  }

  protected temporaries(): number {
    return 5;
  }

  protected advance(group: ParameterGroup<NAdamSettings, Places, Clocks>, tick: Tick): Factors<Factor> {
    const { second, beta, rest, keep } = corrections(group, tick);
    const { rate, settings } = group;
    const { fading, product } = group.clocks;
    tick(fading, fading.mul(settings.fading));
    const now = fading.mul(-0.5).add(1).mul(beta);
    const next = fading
      .mul(-0.5 * settings.fading)
      .add(1)
      .mul(beta);
    tick(product, product.mul(now));
    return {
      ahead: now.neg().add(1).div(product.neg().add(1)).mul(rate),
      along: next.div(product.mul(next).neg().add(1)).mul(rate),
      scale: second.sqrt().reciprocal(),
      ...{ keep, beta, rest },
    };
  }

  protected update(move: Move<NAdamSettings, Places, Factor>): void {
    const { parameter, settings, state, factors } = move;
    const { mean, square } = state;
    const { ahead, along, scale, beta, rest } = factors;
    const slope = decayed(move);
    set(mean, () => blend(mean, slope, beta, rest));
    set(square, () => blend(square, slope.square(), settings.betas[1]));
    set(parameter, () => {
      const root = only(() => square.sqrt().mul(scale).add(settings.eps));
      const direction = only(() => slope.mul(ahead).add(mean.mul(along)));
      return parameter.sub(direction.div(root));
    });
  }
}
