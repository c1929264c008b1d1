import type { Tensor } from "../../core/graph.js";
import { checkNumber } from "../checks.js";
import { FirstOrderOptimizer, slopeOf, type Factors, type Move } from "./first-order.js";
import type { CommonOptions, ParameterGroup, ParameterTree } from "../group.js";
import { only, set } from "../temporaries.js";
import { blend } from "./moments.js";
import type { Known } from "../../shared/options.js";

/** Options of `Adadelta`. */
export interface AdadeltaOptions extends CommonOptions {
  /** The learning rate. Default 1: the method finds the size of its steps. */
  lr?: number;
  /** Decay of both mean squares. Default 0.9. */
  rho?: number;
  /** Added under both roots. Default 1e-6. */
  eps?: number;
}
type AdadeltaSettings = Required<AdadeltaOptions>;
type Places = "square" | "delta";

const method = {
  known: { lr: 0, weightDecay: 0, maximize: false, rho: 0, eps: 0 } satisfies Known<AdadeltaOptions>,
  settle: (options: AdadeltaOptions, name: string): AdadeltaSettings => {
    const { lr = 1, rho = 0.9, eps = 1e-6, weightDecay = 0, maximize = false } = options;
    return {
      lr: checkNumber(name, "lr", lr, 0),
      rho: checkNumber(name, "rho", rho, 0, 1),
      eps: checkNumber(name, "eps", eps, 0),
      weightDecay: checkNumber(name, "weightDecay", weightDecay, 0),
      maximize,
    };
  },
  memory: () => ({ places: { square: 0, delta: 0 }, clocks: {} }),
};

/** Adadelta (Zeiler, 2012): v ← ρ v + (1-ρ) g², d = √(u + ε) / √(v + ε) g, u ← ρ u + (1-ρ) d², p ← p - η d. */
export class Adadelta extends FirstOrderOptimizer<AdadeltaSettings, Places, never, "rate"> {
  constructor(parameters: ParameterTree, options: AdadeltaOptions = {}) {
    super(parameters, options, method);
  }

  protected temporaries(): number {
    return 6;
  }

  protected advance({ rate }: ParameterGroup<AdadeltaSettings, Places, never>): Factors<"rate"> {
    return { rate };
  }

  protected update(move: Move<AdadeltaSettings, Places, "rate">): void {
    const { parameter, settings, state, factors } = move;
    const { square, delta } = state;
    const { rho, eps } = settings;
    const slope = slopeOf(move);
    set(square, () => blend(square, slope.square(), rho));
    const root = (x: Tensor): Tensor => only(() => x.add(eps).sqrt());
    const step = only(() => root(delta).div(root(square)).mul(slope));
    set(delta, () => blend(delta, step.square(), rho));
    set(parameter, () => parameter.sub(step.mul(factors.rate)));
  }
}
