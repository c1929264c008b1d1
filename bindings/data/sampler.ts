import type { Generator } from "../functions/random/random.js";
import { ValueError } from "../errors.js";
import { checkArrayLike } from "./checks.js";
import { generatorOf, uniforms } from "./order.js";
import { checkOptions } from "../shared/options.js";
import { counted, Printed } from "../shared/printed.js";

/** Draws the positions of the examples that make up a pass, anew for each. */
export interface Sampler {
  /** Examples in a pass. */
  readonly length: number;
  /** The positions for the next pass. */
  draw(): Int32Array;
}

/** Options of `WeightedSampler` and `balancedSampler`. */
export interface SamplerOptions {
  /** Examples in a pass. Default: as many as there are weights. */
  count?: number;
  /** Whether an example may come more than once in a pass. Default true. */
  replacement?: boolean;
  /** Seed of the draws, or the generator that they come from. Default 0. */
  seed?: number | Generator;
}

const KNOWN = { count: 0, replacement: false, seed: null } as const;

/**
 * Draws each example with a probability in proportion to its weight; without replacement in proportion among those that are
 * left. The same seed draws the same on every platform.
 */
export class WeightedSampler extends Printed implements Sampler {
  readonly length: number;
  private readonly weights: Float64Array;
  private readonly replacement: boolean;
  private readonly generator: Generator;

  constructor(weights: ArrayLike<number>, options: SamplerOptions = {}) {
    super();
    checkOptions("WeightedSampler", options, KNOWN);
    checkArrayLike("WeightedSampler", "weights in an array", weights);
    const { count = weights.length, replacement = true, seed = 0 } = options;
    this.weights = Float64Array.from(weights);
    const bad = this.weights.find((weight) => !(weight >= 0 && weight < Infinity));
    if (bad !== undefined) throw new ValueError("WeightedSampler", "finite weights from 0", String(bad));
    const total = this.weights.reduce((sum, weight) => sum + weight, 0);
    if (total === Infinity) throw new ValueError("WeightedSampler", "weights with a finite sum", String(total));
    const possible = this.weights.filter((weight) => weight > 0).length;
    const most = replacement ? (possible > 0 ? Infinity : 0) : possible;
    if (!Number.isInteger(count) || count < 0 || count > most)
      throw new ValueError("WeightedSampler", `a count up to ${most} for ${possible} weights above 0`, String(count));
    this.length = count;
    this.replacement = replacement;
    this.generator = generatorOf(seed);
  }

  draw(): Int32Array {
    const sums = new SumTree(this.weights);
    const positions = new Int32Array(this.length);
    for (const [i, u] of uniforms(this.length, this.generator).entries()) {
      positions[i] = sums.find(u * sums.total);
      if (!this.replacement) sums.clear(positions[i]);
    }
    return positions;
  }

  /** How many examples it draws, and how. */
  toString(): string {
    const how = this.replacement ? "with replacement" : "each at most once";
    return `WeightedSampler(${this.length} a pass of ${counted(this.weights.length, "example")}, ${how})`;
  }
}

/** Draws every class equally often on average: each example weighs one over the number of examples of its class. */
export function balancedSampler(
  classes: ArrayLike<number> | readonly (string | boolean)[],
  options: SamplerOptions = {},
): WeightedSampler {
  checkOptions("balancedSampler", options, KNOWN);
  checkArrayLike("balancedSampler", "classes in an array", classes);
  const labels: readonly unknown[] = Array.from(classes as ArrayLike<unknown>);
  const counts = new Map<unknown, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return new WeightedSampler(
    labels.map((label) => 1 / counts.get(label)!),
    options,
  );
}

/** A binary tree of sums: node i is the sum of nodes 2i and 2i + 1, the weights are its leaves. */
class SumTree {
  private readonly leaves: number;
  private readonly sums: Float64Array;

  constructor(weights: Float64Array) {
    this.leaves = 1;
    while (this.leaves < weights.length) this.leaves *= 2;
    this.sums = new Float64Array(2 * this.leaves);
    this.sums.set(weights, this.leaves);
    for (let i = this.leaves - 1; i > 0; i--) this.add(i);
  }

  get total(): number {
    return this.sums[1]!;
  }

  /** The leaf in whose share of the total a number lies, from 0 to below it; never one that weighs nothing. */
  find(target: number): number {
    let i = 1;
    while (i < this.leaves) {
      i *= 2;
      const left = this.sums[i]!;
      if (target < left || this.sums[i + 1] === 0) continue;
      target -= left;
      i++;
    }
    return i - this.leaves;
  }

  /** Takes a leaf's weight away. */
  clear(leaf: number): void {
    let i = this.leaves + leaf;
    this.sums[i] = 0;
    while ((i >>= 1) > 0) this.add(i);
  }

  private add(i: number): void {
    this.sums[i] = this.sums[2 * i]! + this.sums[2 * i + 1]!;
  }
}
