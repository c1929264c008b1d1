import { checkNumber } from "../checks.js";
import { FirstOrderOptimizer, slopeOf, type Factors, type Move, type Tick } from "./first-order.js";
import type { CommonOptions, ParameterGroup, ParameterTree } from "../group.js";
import { only, set } from "../temporaries.js";
import type { Known } from "../../shared/options.js";

/** Options of `Adagrad`. */
export interface AdagradOptions extends CommonOptions {
  /** The learning rate. Default 0.01. */
  lr?: number;
  /** How fast the learning rate falls, besides: η / (1 + (t-1) γ). Default 0. */
  lrDecay?: number;
  /** What the sums of squares begin with. Default 0. */
  initialAccumulatorValue?: number;
  /** Added to the root, against division by zero. Default 1e-10. */
  eps?: number;
}
type AdagradSettings = Required<AdagradOptions>;

const method = {
  known: {
    lr: 0,
    weightDecay: 0,
    maximize: false,
    lrDecay: 0,
    initialAccumulatorValue: 0,
    eps: 0,
  } satisfies Known<AdagradOptions>,
  settle: (options: AdagradOptions, name: string): AdagradSettings => {
    const { lr = 0.01, lrDecay = 0, initialAccumulatorValue = 0, eps = 1e-10, weightDecay = 0 } = options;
    return {
      lr: checkNumber(name, "lr", lr, 0),
      lrDecay: checkNumber(name, "lrDecay", lrDecay, 0),
      initialAccumulatorValue: checkNumber(name, "initialAccumulatorValue", initialAccumulatorValue, 0),
      eps: checkNumber(name, "eps", eps, 0),
      weightDecay: checkNumber(name, "weightDecay", weightDecay, 0),
      maximize: options.maximize ?? false,
    };
  },
  memory: ({ initialAccumulatorValue }: AdagradSettings) => ({
    places: { sum: initialAccumulatorValue },
    clocks: { steps: 0 },
  }),
};

/** Adagrad (Duchi et al., 2011): s ← s + g², p ← p - η g / (√s + ε). */
export class Adagrad extends FirstOrderOptimizer<AdagradSettings, "sum", "steps", "rate"> {
  constructor(parameters: ParameterTree, options: AdagradOptions = {}) {
    super(parameters, options, method);
  }

  protected temporaries(): number {
    return 5;
  }

  protected advance(
    { rate, clocks, settings }: ParameterGroup<AdagradSettings, "sum", "steps">,
    tick: Tick,
  ): Factors<"rate"> {
    const before = clocks.steps.mul(settings.lrDecay).add(1);
    tick(clocks.steps, clocks.steps.add(1));
    return { rate: rate.div(before) };
  }

  protected update(move: Move<AdagradSettings, "sum", "rate">): void {
    const { parameter, settings, state, factors } = move;
    const slope = slopeOf(move);
    set(state.sum, () => state.sum.add(slope.square()));
    set(parameter, () => {
      const root = only(() => state.sum.sqrt().add(settings.eps));
      return parameter.sub(slope.div(root).mul(factors.rate));
    });
  }
}
