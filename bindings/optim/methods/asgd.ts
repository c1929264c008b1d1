import { div, eq, maximum, where } from "../../primitives/elementwise/arithmetic.js";
import { checkNumber } from "../checks.js";
import { FirstOrderOptimizer, slopeOf, type Factors, type Move, type Tick } from "./first-order.js";
import type { CommonOptions, ParameterGroup, ParameterTree } from "../group.js";
import { only, set } from "../temporaries.js";
import type { Known } from "../../shared/options.js";

/** Options of `ASGD`. */
export interface ASGDOptions extends CommonOptions {
  /** The learning rate at first. Default 0.01. */
  lr?: number;
  /** How fast the learning rate falls, and how much the parameter is drawn to 0. Default 0.0001. */
  lambda?: number;
  /** The power by which the learning rate falls. Default 0.75. */
  alpha?: number;
  /** After how many steps the average begins. Default 1e6. */
  t0?: number;
}
type ASGDSettings = Required<ASGDOptions>;
type Clocks = "steps" | "eta";
type Factor = "eta" | "keep" | "share";

const method = {
  known: { lr: 0, weightDecay: 0, maximize: false, lambda: 0, alpha: 0, t0: 0 } satisfies Known<ASGDOptions>,
  settle: (options: ASGDOptions, name: string): ASGDSettings => {
    const { lr = 0.01, lambda = 0.0001, alpha = 0.75, t0 = 1e6, weightDecay = 0, maximize = false } = options;
    return {
      lr: checkNumber(name, "lr", lr, 0),
      lambda: checkNumber(name, "lambda", lambda, 0),
      alpha: checkNumber(name, "alpha", alpha, 0),
      t0: checkNumber(name, "t0", t0, 0),
      weightDecay: checkNumber(name, "weightDecay", weightDecay, 0),
      maximize,
    };
  },
  memory: () => ({ places: { average: 0 }, clocks: { steps: 0, eta: 0 } }),
};

/**
 * Averaged stochastic gradient descent (Polyak and Juditsky, 1992): p ← (1 - λ η) p - η g, with η = lr / (1 + λ lr t)^α after t
 * steps; after `t0` of them a mean of the parameters is kept, which `stateDict` has under `average`.
 */
export class ASGD extends FirstOrderOptimizer<ASGDSettings, "average", Clocks, Factor> {
  constructor(parameters: ParameterTree, options: ASGDOptions = {}) {
    super(parameters, options, method);
  }

  protected temporaries(): number {
    return 4;
  }

  protected advance(group: ParameterGroup<ASGDSettings, "average", Clocks>, tick: Tick): Factors<Factor> {
    const { rate, clocks, settings } = group;
    const { lambda, alpha, t0 } = settings;
    const eta = where(eq(clocks.steps, 0), rate, clocks.eta);
    const share = div(1, maximum(clocks.steps.sub(t0), 1));
    tick(clocks.steps, clocks.steps.add(1));
    tick(clocks.eta, rate.div(clocks.steps.mul(rate).mul(lambda).add(1).pow(alpha)));
    return { eta, keep: eta.mul(-lambda).add(1), share };
  }

  protected update(move: Move<ASGDSettings, "average", Factor>): void {
    const { parameter, state, factors } = move;
    const { average } = state;
    const { eta, keep, share } = factors;
    const slope = slopeOf(move);
    set(parameter, () => only(() => parameter.mul(keep)).sub(only(() => slope.mul(eta))));
    set(average, () => average.add(only(() => parameter.sub(average).mul(share))));
  }
}
