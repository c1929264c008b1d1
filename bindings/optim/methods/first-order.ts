import { viewOf, withTracking } from "../../core/running/apply.js";
import { tensor } from "../../core/values/create.js";
import type { DTypeName } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { ownedBy } from "../../core/running/scopes.js";
import type { Variable } from "../../core/variable.js";
import { GradientError } from "../../errors.js";
import { where } from "../../primitives/elementwise/arithmetic.js";
import { castTo } from "../../primitives/define.js";
import { reserve } from "../../runtime/scope.js";
import { checkClosure } from "../checks.js";
import { gradientOfParameter } from "../gradients.js";
import type { ParameterGroup, Settings } from "../group.js";
import { Optimizer } from "../optimizer.js";
import { only } from "../temporaries.js";

/** Bytes that a temporary takes at most beyond its elements, with the small ones beside it. */
const ROOM = 1024;

/** Temporaries that have a number in f64 for each parameter, at most. */
const COUNTS = 32;
const BYTES = 8;

/** Numbers of a step: constants, and tensors in f64, 0-d or with a number for each parameter. */
export type Factors<F extends string> = Readonly<Record<F, Tensor | number>>;

/** What moves one parameter. */
export interface Move<S extends Settings, K extends string, F extends string> {
  readonly parameter: Variable;
  /** Its gradient; with `maximize` the negative. */
  readonly gradient: Tensor;
  readonly settings: S;
  readonly state: Readonly<Record<K, Variable>>;
  /** What `advance` computed: numbers, and 0-d tensors of the parameter's dtype. */
  readonly factors: Factors<F>;
}

/** Gives a clock its next value, for the parameters that are being moved. */
export type Tick = (clock: Variable, next: Tensor | number) => void;

/**
 * A method whose step needs gradients alone. Numbers of a step are computed once for all parameters of a group (`advance`),
 * in f64; then each parameter is moved (`update`).
 */
export abstract class FirstOrderOptimizer<
  S extends Settings,
  K extends string,
  C extends string,
  F extends string,
> extends Optimizer<S, K, C> {
  /** How many tensors of a parameter's size `update` has at a time, at most, for a parameter of this group. */
  protected abstract temporaries(group: ParameterGroup<S, K, C>): number;

  /** What is the same for all parameters of a group, or a number for each: f64, 0-d or [parameters]. */
  protected abstract advance(group: ParameterGroup<S, K, C>, tick: Tick): Factors<F>;

  /** Moves one parameter. What it makes is freed when it returns. */
  protected abstract update(move: Move<S, K, F>): void;

  step(): void;
  step(closure: () => Tensor): Tensor;
  step(closure?: () => Tensor): Tensor | undefined {
    const { parameters } = this;
    const name = `${this.constructor.name}.step`;
    if (closure !== undefined) checkClosure(name, "the loss and its gradients", closure);
    const loss = closure?.();
    if (parameters.every((parameter) => !gradientOfParameter(parameter)))
      throw new GradientError(name, "parameters with gradients", "none; call backward first");
    withTracking(false, () =>
      ownedBy("step", () => {
        // Room for all that is computed on the way, before the first variable changes: a step is done whole or not at all.
        reserve(Math.max(...this.groups.map((group) => this.roomFor(group))));
        for (const group of this.groups) this.move(group);
      }),
    );
    return loss;
  }

  private roomFor(group: ParameterGroup<S, K, C>): number {
    const largest = Math.max(...group.parameters.map((p) => p.storage!.bytes + ROOM));
    const count = this.temporaries(group) + (group.settings.maximize ? 1 : 0);
    return largest * count + COUNTS * BYTES * group.parameters.length;
  }

  private move(group: ParameterGroup<S, K, C>): void {
    const { parameters, settings } = group;
    const gradients = parameters.map(gradientOfParameter);
    if (gradients.every((gradient) => !gradient)) return;
    const mask = gradients.includes(null) ? tensor(gradients.map((gradient) => gradient !== null)) : null;
    const factors = this.advance(group, (clock, next) => {
      clock.assign(mask ? where(mask, next, clock) : next);
    });
    const inDType = new Map<DTypeName, Factors<F>>();
    for (const { dtype } of parameters)
      if (!inDType.has(dtype))
        inDType.set(
          dtype,
          mapped(factors, (x) => castTo(x, dtype)),
        );
    for (let i = 0; i < parameters.length; i++) {
      const [parameter, gradient] = [parameters[i]!, gradients[i]];
      if (!gradient) continue;
      ownedBy("step", () => {
        this.update({
          parameter,
          gradient: settings.maximize ? gradient.neg() : gradient,
          settings,
          state: group.state[i]!,
          factors: mapped(inDType.get(parameter.dtype)!, (x) => (x.rank === 0 ? x : element(x, i))),
        });
      });
    }
  }
}

/** The gradient with the decay of the parameter in it. */
export function slopeOf({
  parameter,
  gradient,
  settings,
}: Pick<Move<Settings, never, never>, "parameter" | "gradient" | "settings">): Tensor {
  return settings.weightDecay === 0 ? gradient : only(() => gradient.add(parameter.mul(settings.weightDecay)));
}

/** The factors with their tensors changed. */
function mapped<F extends string>(factors: Factors<F>, change: (x: Tensor) => Tensor): Factors<F> {
  const all: Record<F, Tensor | number> = { ...factors };
  for (const name in all) {
    const x = all[name];
    if (typeof x !== "number") all[name] = change(x);
  }
  return all;
}

/** An element of a vector, where it lies. */
function element(x: Tensor, i: number): Tensor {
  return viewOf(x, { shape: [], strides: [], offset: x.offset + i });
}
