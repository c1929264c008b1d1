import type { Tensor } from "../../core/graph.js";
import type { Variable } from "../../core/variable.js";
import { pow } from "../../primitives/elementwise/powers.js";
import { checkBetas, checkNumber } from "../checks.js";
import { slopeOf, type Move, type Tick } from "./first-order.js";
import type { CommonOptions, ParameterGroup } from "../group.js";
import { set } from "../temporaries.js";
import type { Known } from "../../shared/options.js";

// What Adam and its kin share: running means of the gradients and of their squares, which begin at zero.

/** What Adam and its variants can be told. */
export interface MomentOptions extends CommonOptions {
  /** Decay of the mean of the gradients, and of their squares. Default [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Added to the root, against division by zero. Default 1e-8. */
  eps?: number;
  /** Take the weight decay times the learning rate off the parameter, instead of adding it to the gradient. Default false. */
  decoupledWeightDecay?: boolean;
}

/** What a group of parameters of these methods goes by. */
export type MomentSettings = Required<MomentOptions>;

/** The kinds of these options. */
export const MOMENT_OPTIONS: Known<MomentOptions> = {
  lr: 0,
  weightDecay: 0,
  maximize: false,
  betas: null,
  eps: 0,
  decoupledWeightDecay: false,
};

/** The options, checked, with defaults. */
export function settleMoments(name: string, lr: number, options: MomentOptions): MomentSettings {
  const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, decoupledWeightDecay = false, maximize = false } = options;
  return {
    lr: checkNumber(name, "lr", options.lr ?? lr, 0),
    betas: checkBetas(name, betas),
    eps: checkNumber(name, "eps", eps, 0),
    weightDecay: checkNumber(name, "weightDecay", weightDecay, 0),
    ...{ decoupledWeightDecay, maximize },
  };
}

/** Steps, and the powers β₁ᵗ and β₂ᵗ: multiplied up, so that they are the same on every platform. */
export const MOMENT_CLOCKS = { steps: 0, power1: 1, power2: 1 } as const;
export type MomentClocks = keyof typeof MOMENT_CLOCKS;
type MomentGroup = ParameterGroup<MomentSettings, string, MomentClocks>;

export interface Corrections {
  /** Steps with this one, t. */
  readonly steps: Variable;
  /** β₁, and 1 - β₁. */
  readonly beta: number | Tensor;
  readonly rest: number | Tensor;
  /** 1 - β₁ᵗ and 1 - β₂ᵗ: what the means are short of, having begun at zero. */
  readonly first: Tensor;
  readonly second: Tensor;
  /** What a decoupled decay leaves of the parameter. */
  readonly keep: number | Tensor;
}

/** Counts a step of these parameters. */
export function corrections({ rate, clocks, settings, momentum }: MomentGroup, tick: Tick): Corrections {
  const { steps, power1, power2 } = clocks;
  const { betas, weightDecay, decoupledWeightDecay } = settings;
  const fixed = typeof momentum === "number";
  tick(steps, steps.add(1));
  tick(power2, power2.mul(betas[1]));
  if (fixed) tick(power1, power1.mul(momentum));
  return {
    steps,
    beta: momentum,
    rest: complement(momentum),
    first: (fixed ? power1 : pow(momentum, steps)).neg().add(1),
    second: power2.neg().add(1),
    keep: decoupledWeightDecay ? rate.mul(-weightDecay).add(1) : 1,
  };
}

/** Decays the parameter, or gives the gradient with the decay in it. */
export function decayed(move: Move<MomentSettings, never, "keep">): Tensor {
  const { parameter, gradient, settings, factors } = move;
  if (!settings.decoupledWeightDecay) return slopeOf(move);
  set(parameter, () => parameter.mul(factors.keep));
  return gradient;
}

/** The running mean of x after this step: β m + (1-β) x. */
export function blend(mean: Tensor, x: Tensor, beta: Tensor | number, rest = complement(beta)): Tensor {
  return mean.mul(beta).add(x.mul(rest));
}

/** 1 - x. */
export function complement(x: Tensor | number): Tensor | number {
  return typeof x === "number" ? 1 - x : x.neg().add(1);
}
