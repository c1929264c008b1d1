import { assignParts } from "../../core/values/assign.js";
import { constant } from "../../core/values/create.js";
import { Tensor } from "../../core/graph.js";
import type { Variable } from "../../core/variable.js";
import { dense } from "../../primitives/define.js";
import { sgd } from "../../primitives/update.js";
import { ValueError } from "../../errors.js";
import { checkNumber } from "../checks.js";
import { FirstOrderOptimizer, slopeOf, type Factors, type Move, type Tick } from "./first-order.js";
import type { CommonOptions, ParameterGroup, ParameterTree } from "../group.js";
import { set } from "../temporaries.js";
import type { Known } from "../../shared/options.js";

/** Options of `SGD`. */
export interface SGDOptions extends CommonOptions {
  /** The learning rate. Default 0.001. */
  lr?: number;
  /** Share of the last step's direction that is kept. Default 0. */
  momentum?: number;
  /** Share of the gradient that the direction does not take, except at its first step. Default 0. */
  dampening?: number;
  /** Look ahead by the momentum (Nesterov). Default false. */
  nesterov?: boolean;
}
type SGDSettings = Required<SGDOptions>;
type Factor = "rate" | "momentum" | "share";

const method = {
  known: {
    lr: 0,
    weightDecay: 0,
    maximize: false,
    momentum: 0,
    dampening: 0,
    nesterov: false,
  } satisfies Known<SGDOptions>,
  settle: (options: SGDOptions, name: string): SGDSettings => {
    const { lr = 0.001, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0, maximize = false } = options;
    if (nesterov && !(momentum > 0 && dampening === 0))
      throw new ValueError(name, "a momentum, and no dampening, for nesterov", `${momentum} and ${dampening}`);
    return {
      lr: checkNumber(name, "lr", lr, 0),
      momentum: checkNumber(name, "momentum", momentum, 0),
      dampening: checkNumber(name, "dampening", dampening, 0),
      nesterov,
      weightDecay: checkNumber(name, "weightDecay", weightDecay, 0),
      maximize,
    };
  },
  memory: ({ momentum, dampening }: SGDSettings, varied: boolean) => ({
    places: momentum > 0 || varied ? { velocity: 0 } : {},
    // What share of its gradient each velocity takes in next, where that changes.
    clocks: dampening > 0 ? { share: 1 } : {},
  }),
};

/**
 * Stochastic gradient descent, with momentum as PyTorch has it: v ← μ v + (1 - τ) g, p ← p - η v, where τ is the
 * dampening and the first v is g; with Nesterov's look-ahead, p ← p - η (g + μ v).
 */
export class SGD extends FirstOrderOptimizer<SGDSettings, "velocity", "share", Factor> {
  constructor(parameters: ParameterTree, options: SGDOptions = {}) {
    super(parameters, options, method);
  }

  protected temporaries({ momentum }: ParameterGroup<SGDSettings, "velocity", "share">): number {
    return typeof momentum === "number" ? 1 : 5;
  }

  protected advance(
    { rate, momentum, settings, clocks }: ParameterGroup<SGDSettings, "velocity", "share">,
    tick: Tick,
  ): Factors<Factor> {
    const { share } = clocks as { share?: Variable };
    const factors = { rate, momentum, share: share?.copy() ?? 1 };
    if (share) tick(share, 1 - settings.dampening);
    return factors;
  }

  protected update({ parameter, gradient, settings, state, factors }: Move<SGDSettings, "velocity", Factor>): void {
    const { rate, momentum, share } = factors;
    const { velocity } = state as { velocity?: Variable };
    if (typeof momentum === "number") {
      const inputs = [parameter, dense(gradient), rate as Tensor];
      if (velocity) inputs.push(velocity, share instanceof Tensor ? share : constant(share, velocity.dtype));
      const { weightDecay, nesterov } = settings;
      const params = { momentum, weightDecay, nesterov };
      assignParts(velocity ? [parameter, velocity] : [parameter], sgd.primitive, inputs, params);
      return;
    }
    const slope = slopeOf({ parameter, gradient, settings });
    set(velocity!, () => velocity!.mul(momentum).add(slope.mul(share)));
    set(parameter, () => {
      const direction = settings.nesterov ? slope.add(velocity!.mul(momentum)) : velocity!;
      return parameter.sub(direction.mul(rate));
    });
  }
}
