import "../methods.js";
import { withTracking } from "../core/running/apply.js";
import { asTensor, variable, type TensorLike } from "../core/values/create.js";
import { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import { sameShape, showShape } from "../core/shape.js";
import type { Variable } from "../core/variable.js";
import { ShapeError, ValueError } from "../errors.js";
import { nanmean } from "../functions/reductions/statistics.js";
import { where } from "../primitives/elementwise/arithmetic.js";
import { Printed } from "../shared/printed.js";

/**
 * Features brought to mean 0 and standard deviation 1, by what was measured on one set of examples, the training set: NaN is
 * left out there. A feature that does not vary becomes 0. What was measured are variables, for checkpoints to keep.
 */
export class Standardizer extends Printed {
  /** The mean of each feature, in the shape of one example. */
  readonly mean: Variable;
  /** The standard deviation of each feature, or 1 where that is 0. */
  readonly deviation: Variable;

  /** Measures examples of floating-point features, [n, ..]. */
  constructor(examples: TensorLike) {
    super();
    const [mean, deviation] = withTracking(false, () =>
      ownedBy("Standardizer", () => {
        const x = asTensor("Standardizer", examples);
        if (!x.shape[0]) throw new ShapeError("Standardizer", "examples [n, ..], at least one", showShape(x.shape));
        const centre = nanmean(x, 0);
        const spread = nanmean(x.sub(centre).square(), 0).sqrt();
        return [centre, where(spread.gt(0), spread, 1)] as const;
      }),
    );
    this.mean = variable(mean, { label: "mean" });
    this.deviation = variable(deviation, { label: "deviation" });
    mean.dispose();
    deviation.dispose();
  }

  /** (x - mean) / deviation, for one example or for many. */
  transform(x: TensorLike): Tensor {
    return asTensor("transform", x).sub(this.mean).div(this.deviation);
  }

  /** What `transform` was given. */
  inverse(z: TensorLike): Tensor {
    return asTensor("inverse", z).mul(this.deviation).add(this.mean);
  }

  /** What an example is. */
  toString(): string {
    return `Standardizer(${this.mean.dtype} ${showShape(this.mean.shape)})`;
  }

  /** What was measured: its own variables, no copies. */
  stateDict(): { mean: Variable; deviation: Variable } {
    return { mean: this.mean, deviation: this.deviation };
  }

  /** Takes up what `stateDict` gave: of the same shapes, or nothing is changed. */
  loadStateDict(state: { readonly mean: Tensor; readonly deviation: Tensor }): void {
    for (const name of ["mean", "deviation"] as const) {
      const [given, own] = [(state as Partial<typeof state> | null | undefined)?.[name] as unknown, this[name]];
      if (given instanceof Tensor && given.type.float && sameShape(given.shape, own.shape)) continue;
      const got = given instanceof Tensor ? `${given.dtype} ${showShape(given.shape)}` : String(given);
      throw new ValueError("Standardizer.loadStateDict", `${name} of floats ${showShape(own.shape)}`, `${name} ${got}`);
    }
    this.mean.assign(state.mean);
    this.deviation.assign(state.deviation);
  }
}
