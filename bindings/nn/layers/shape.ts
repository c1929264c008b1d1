import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { showShape, type Shape } from "../../core/shape.js";
import { unflatten } from "../../functions/shapes/arrange.js";
import { flatten } from "../../functions/shapes/movement.js";
import { Module } from "../module.js";

/** x as it is. */
export class Identity extends Module {
  forward(x: TensorLike): Tensor {
    return asTensor("Identity", x);
  }
}

/** The axes from `start` (default 1: all but the examples) to `end` (default the last) as one. */
export class Flatten extends Module {
  constructor(
    /** The first axis that is joined; negative ones count from the end. */
    readonly start = 1,
    /** The last axis that is joined; negative ones count from the end. */
    readonly end = -1,
  ) {
    super();
  }

  forward(x: TensorLike): Tensor {
    return flatten(x, this.start, this.end);
  }

  protected override describe(): string {
    return `${this.start}, ${this.end}`;
  }
}

/** An axis as several, whose lengths are given. */
export class Unflatten extends Module {
  constructor(
    /** The axis that becomes several; negative ones count from the end. */
    readonly axis: number,
    /** Lengths of the axes that it becomes; one of them may be -1, what is left. */
    readonly sizes: Shape,
  ) {
    super();
  }

  forward(x: TensorLike): Tensor {
    return unflatten(x, this.axis, this.sizes);
  }

  protected override describe(): string {
    return `${this.axis}, ${showShape(this.sizes)}`;
  }
}
