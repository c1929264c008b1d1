import { stateOfDraw, withTracking } from "../../core/running/apply.js";
import { asTensor, variable, type TensorLike } from "../../core/values/create.js";
import { defaultDType, type DTypeName } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { recording } from "../../core/running/capturing.js";
import { drawsOfNow, withoutDraws } from "../../core/running/draws.js";
import { ownedBy } from "../../core/running/scopes.js";
import { broadcastShapes, listOf, sameShape, showShape, sizeOf, type Shape } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";
import { ShapeError, ValueError } from "../../errors.js";
import { add, lt, mul } from "../../primitives/elementwise/arithmetic.js";
import { float } from "../../primitives/define.js";
import { advance, bits, integers, normal, permutation, uniform } from "../../primitives/generate.js";
import { assign } from "../../core/values/assign.js";
import { optionsOf } from "../../core/options.js";

/**
 * A source of random numbers: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). The same
 * seed gives the same numbers on every platform. Its state is a variable: key and counter, i32 [4]. Under vmap each example
 * draws numbers of its own, the same that a loop over the examples would draw.
 */
export class Generator {
  /** Key low and high, counter low and high. */
  readonly state: Variable;

  /** `seed` is a whole number from 0 to 2^53 - 1. */
  constructor(seed = 0) {
    this.state = variable(stateOf(seed), { label: "generator state" });
    drawsOfNow()?.begin(this.state);
  }

  /** Begins the stream of a seed. */
  seed(seed: number): void {
    const draws = drawsOfNow();
    if (draws?.drewFrom(this.state))
      throw new ValueError("seed", "a generator that vmap has not drawn from yet", "one that each example draws from");
    draws?.begin(this.state);
    assign(this.state, stateOf(seed));
  }

  /** Uniform numbers in [low, high), by default [0, 1); `high` itself only by rounding, where the interval is narrow. */
  uniform(shape: Shape, options?: { low?: number; high?: number; dtype?: DTypeName }): Tensor {
    const { low, high, dtype } = optionsOf("uniform", options, { low: 0, high: 1, dtype: defaultDType });
    if (!(low <= high && high - low < Infinity))
      throw new ValueError("uniform", "low up to high, both finite", `${low} and ${high}`);
    return this.draw(blocksFor(shape, dtype === "f64" ? 2 : 1), (state) => {
      const drawn = uniform(state, shape, dtype);
      return low === 0 && high === 1 ? drawn : add(mul(drawn, high - low), low);
    });
  }

  /**
   * Normal numbers of a mean (default 0) and a standard deviation (default 1), by the method of Box and Muller: the same bits
   * on every platform with the baseline build.
   */
  normal(shape: Shape, options?: { mean?: number; std?: number; dtype?: DTypeName }): Tensor {
    const { mean, std, dtype } = optionsOf("normal", options, { mean: 0, std: 1, dtype: defaultDType });
    if (!(std >= 0 && std + Math.abs(mean) < Infinity))
      throw new ValueError("normal", "a finite mean, and a standard deviation from 0", `${mean} and ${std}`);
    return this.draw(blocksFor(shape, dtype === "f64" ? 2 : 1), (state) => normal(state, shape, dtype, mean, std));
  }

  /** Whole numbers from `low` up to but without `high`, i32: none is favoured by more than 2^-32 of its share. */
  integers(low: number, high: number, shape: Shape): Tensor {
    if (![low, high].every(Number.isInteger) || low < -2147483648 || high > 2147483648 || low >= high)
      throw new ValueError("integers", "whole numbers low < high that i32 can hold", `${low} and ${high}`);
    return this.draw(blocksFor(shape, 2), (state) => integers(state, shape, low, high - low));
  }

  /**
   * Truth values, true with probability p: a number with a shape, or a tensor, whose shape is taken. In steps of 2^-24, or
   * of 2^-53 for a tensor of f64.
   */
  bernoulli(p: TensorLike, shape?: Shape): Tensor {
    if (typeof p === "number" && !(p >= 0 && p <= 1))
      throw new ValueError("bernoulli", "a probability from 0 to 1", String(p));
    return ownedBy("a random draw", () => {
      const chance = withTracking(false, () => float(asTensor("bernoulli", p)));
      const dtype = typeof p === "number" ? "f32" : chance.dtype;
      const whole = shape ?? chance.shape;
      checkFits("bernoulli", broadcastShapes("bernoulli", chance.shape, listOf(whole)), whole);
      return withTracking(false, () => lt(this.uniform(whole, { dtype }), chance));
    });
  }

  /** Raw words of 32 bits, as i32. */
  bits(shape: Shape): Tensor {
    return this.draw(blocksFor(shape, 1), (state) => bits(state, shape));
  }

  /** A random order of 0 .. n-1, i32 [n]. */
  permutation(n: number): Tensor {
    return this.draw(blocksFor([n], 2), (state) => permutation(state, n));
  }

  /** The state that the next draw begins from. */
  toString(): string {
    return `Generator(${String(this.state)})`;
  }

  /** Draws from the present state, then moves it past what was drawn. Under vmap each example has numbers of its own. */
  private draw(blocks: number, from: (state: Tensor) => Tensor): Tensor {
    return ownedBy("a random draw", () =>
      withTracking(false, () => {
        const own = drawsOfNow()?.take(this.state, blocks);
        if (own) return from(own);
        const drawn = from(stateOfDraw(this.state));
        assign(this.state, advance(this.state, blocks));
        return drawn;
      }),
    );
  }
}

/** Parameters that are larger than the shape asked for are a mistake. */
export function checkFits(operation: string, found: Shape, shape: Shape): void {
  if (!sameShape(found, listOf(shape)))
    throw new ShapeError(operation, `parameters that broadcast to ${showShape(shape)}`, showShape(found));
}

/** Blocks of four 32-bit words that a draw uses up. */
function blocksFor(shape: Shape, wordsPerElement: 1 | 2): number {
  return Math.ceil((sizeOf(listOf(shape)) * wordsPerElement) / 4);
}

function stateOf(seed: number): Int32Array<ArrayBuffer> {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new ValueError("Generator", "a whole seed from 0 to 2^53 - 1", String(seed));
  return new Int32Array([seed | 0, Math.floor(seed / 4294967296), 0, 0]);
}

let standard: Generator | undefined;

/** The generator that serves where none is given; seeded with 0 at first. Who asks for it first has not made it. */
export function defaultGenerator(): Generator {
  return (standard ??= recording(null, () => withoutDraws(() => new Generator(0))));
}

/** Seeds the default generator. */
export function seed(value: number): void {
  defaultGenerator().seed(value);
}
