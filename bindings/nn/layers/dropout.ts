import type { TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { ValueError } from "../../errors.js";
import { dropout } from "../../functions/random/dropout.js";
import { defaultGenerator, type Generator } from "../../functions/random/random.js";
import { Module } from "../module.js";
import { checkOptions } from "../../shared/options.js";

/** In training each element is 0 with probability p and otherwise x / (1 - p); otherwise x as it is. */
export class Dropout extends Module {
  private readonly generator: Generator;

  constructor(
    /** The probability of a 0, from 0 to 1. */
    readonly p = 0.5,
    options: { generator?: Generator } = {},
  ) {
    super();
    checkOptions("Dropout", options, { generator: null });
    if (!(p >= 0 && p <= 1)) throw new ValueError("Dropout", "a probability from 0 to 1", String(p));
    this.generator = options.generator ?? defaultGenerator();
  }

  forward(x: TensorLike): Tensor {
    const { generator, training } = this;
    return dropout(x, this.p, { training, generator });
  }

  protected override describe(): string {
    return String(this.p);
  }
}
