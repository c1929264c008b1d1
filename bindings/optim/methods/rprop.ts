import { ValueError } from "../../errors.js";
import { ge, gt, lt, maximum, minimum, where } from "../../primitives/elementwise/arithmetic.js";
import { checkNumber } from "../checks.js";
import { FirstOrderOptimizer, type Factors, type Move } from "./first-order.js";
import type { CommonOptions, ParameterGroup, ParameterTree } from "../group.js";
import { only, set } from "../temporaries.js";
import type { Known } from "../../shared/options.js";

/** Options of `Rprop`. */
export interface RpropOptions extends Omit<CommonOptions, "weightDecay"> {
  /** The first step of every element; what a schedule makes of it later counts no more. Default 0.01. */
  lr?: number;
  /** By what a step changes where the sign of the slope has turned, and where it has not. Default [0.5, 1.2]. */
  etas?: readonly [number, number];
  /** The smallest and the largest step. Default [1e-6, 50]. */
  stepSizes?: readonly [number, number];
}
type RpropSettings = Required<RpropOptions> & { weightDecay: number };
type Places = "previous" | "size";

const method = {
  known: { lr: 0, maximize: false, etas: null, stepSizes: null } satisfies Known<RpropOptions>,
  settle: (options: RpropOptions, name: string): RpropSettings => {
    const { lr = 0.01, etas = [0.5, 1.2], stepSizes = [1e-6, 50], maximize = false } = options;
    for (const [option, pair] of Object.entries({ etas, stepSizes }))
      if (!Array.isArray(pair) || pair.length !== 2)
        throw new ValueError(name, `${option} as two numbers`, String(pair));
    checkNumber(name, "first of etas", etas[0], 0, 1);
    checkNumber(name, "second of etas", etas[1], 1);
    checkNumber(name, "first of stepSizes", stepSizes[0], 0);
    checkNumber(name, "second of stepSizes", stepSizes[1], stepSizes[0]);
    return { lr: checkNumber(name, "lr", lr, 0), etas, stepSizes, maximize, weightDecay: 0 };
  },
  // No size is negative: there was no step yet.
  memory: () => ({ places: { previous: 0, size: -1 }, clocks: {} }),
};

/**
 * Resilient propagation (Riedmiller and Braun, 1993), for whole batches: each element has a step of its own, which grows while
 * its slope keeps its sign and shrinks where it turns; there the element rests. p ← p - sign(g) s.
 */
export class Rprop extends FirstOrderOptimizer<RpropSettings, Places, never, "first"> {
  constructor(parameters: ParameterTree, options: RpropOptions = {}) {
    super(parameters, options, method);
  }

  protected temporaries(): number {
    return 5;
  }

  protected advance({ rate }: ParameterGroup<RpropSettings, Places, never>): Factors<"first"> {
    return { first: rate };
  }

  protected update({ parameter, gradient, settings, state, factors }: Move<RpropSettings, Places, "first">): void {
    const { previous, size } = state;
    const [down, up] = settings.etas;
    const [least, most] = settings.stepSizes;
    const agreement = only(() => gradient.mul(previous));
    set(size, () => {
      const shrunk = only(() => where(lt(agreement, 0), size.mul(down), where(ge(size, 0), size, factors.first)));
      const changed = only(() => where(gt(agreement, 0), size.mul(up), shrunk));
      return maximum(minimum(changed, most), least);
    });
    set(previous, () => where(lt(agreement, 0), 0, gradient));
    set(parameter, () => parameter.sub(only(() => previous.sign().mul(size))));
  }
}
