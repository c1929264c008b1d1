import type { Tensor } from "../../core/graph.js";
import { checkNumber } from "../checks.js";
import { FirstOrderOptimizer, slopeOf, type Factors, type Move } from "./first-order.js";
import type { CommonOptions, ParameterGroup, ParameterTree } from "../group.js";
import { only, set } from "../temporaries.js";
import { blend } from "./moments.js";
import type { Known } from "../../shared/options.js";

/** Options of `RMSprop`. */
export interface RMSpropOptions extends CommonOptions {
  /** The learning rate. Default 0.01. */
  lr?: number;
  /** Decay of the mean square. Default 0.99. */
  alpha?: number;
  /** Added to the root, against division by zero. Default 1e-8. */
  eps?: number;
  /** Share of the last step's direction that is kept. Default 0. */
  momentum?: number;
  /** Divide by an estimate of the standard deviation, not of the root of the mean square. Default false. */
  centered?: boolean;
}
type RMSpropSettings = Required<RMSpropOptions>;
type Places = "square" | "mean" | "velocity";
type Factor = "rate" | "momentum";

const method = {
  known: {
    lr: 0,
    weightDecay: 0,
    maximize: false,
    alpha: 0,
    eps: 0,
    momentum: 0,
    centered: false,
  } satisfies Known<RMSpropOptions>,
  settle: (options: RMSpropOptions, name: string): RMSpropSettings => {
    const { lr = 0.01, alpha = 0.99, eps = 1e-8, momentum = 0, weightDecay = 0 } = options;
    return {
      lr: checkNumber(name, "lr", lr, 0),
      alpha: checkNumber(name, "alpha", alpha, 0, 1),
      eps: checkNumber(name, "eps", eps, 0),
      momentum: checkNumber(name, "momentum", momentum, 0),
      weightDecay: checkNumber(name, "weightDecay", weightDecay, 0),
      ...{ centered: options.centered ?? false, maximize: options.maximize ?? false },
    };
  },
  memory: ({ momentum, centered }: RMSpropSettings, varied: boolean) => ({
    places: { square: 0, ...(centered && { mean: 0 }), ...((momentum > 0 || varied) && { velocity: 0 }) },
    clocks: {},
  }),
};

/**
 * RMSprop (Hinton, lecture 6e of "Neural networks for machine learning", 2012; centred: Graves, 2013):
 * v ← α v + (1-α) g², d = g / (√v + ε), or with the mean m of the gradients g / (√(v - m²) + ε); then p ← p - η d, or with
 * momentum b ← μ b + d, p ← p - η b.
 */
export class RMSprop extends FirstOrderOptimizer<RMSpropSettings, Places, never, Factor> {
  constructor(parameters: ParameterTree, options: RMSpropOptions = {}) {
    super(parameters, options, method);
  }

  protected temporaries(): number {
    return 5;
  }

  protected advance({ rate, momentum }: ParameterGroup<RMSpropSettings, Places, never>): Factors<Factor> {
    return { rate, momentum };
  }

  protected update(move: Move<RMSpropSettings, Places, Factor>): void {
    const { parameter, settings, state, factors } = move;
    const { square, mean, velocity } = state;
    const { alpha, eps, centered } = settings;
    const { rate, momentum } = factors;
    const slope = slopeOf(move);
    set(square, () => blend(square, slope.square(), alpha));
    if (centered) set(mean, () => blend(mean, slope, alpha));
    // v - m² is not negative, but for its rounding.
    const variance = (): Tensor => (centered ? only(() => square.sub(mean.square()).relu()) : square);
    const direction = (): Tensor => slope.div(only(() => variance().sqrt().add(eps)));
    if (momentum === 0) {
      set(parameter, () => parameter.sub(direction().mul(rate)));
      return;
    }
    set(velocity, () => velocity.mul(momentum).add(direction()));
    set(parameter, () => parameter.sub(velocity.mul(rate)));
  }
}
