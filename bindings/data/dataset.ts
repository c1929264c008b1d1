import { select } from "../functions/shapes/split.js";
import { checkFunction, checkWhole, kindOf } from "../core/checks.js";
import type { Tensor } from "../core/graph.js";
import { showShape } from "../core/shape.js";
import { mapTree, tensorsOf } from "../core/tree.js";
import type { Generator } from "../functions/random/random.js";
import { IndexError, ShapeError, ValueError } from "../errors.js";
import { checkArrayLike, checkCounts, checkTimes } from "./checks.js";
import { collate, type Batch } from "./collate.js";
import { shuffled, sizesOf } from "./order.js";
import { Stream } from "./stream.js";
import { checkOptions } from "../shared/options.js";
import { counted, Printed } from "../shared/printed.js";

/** Options of `dataset.split`. */
export interface SplitOptions<T> {
  /** Seed of the order in which examples are dealt out, or null for the order that they have. Default 0. */
  seed?: number | Generator | null;
  /** The class of an example: each part gets its share of every class. */
  stratify?: (example: T) => string | number | boolean;
}

/**
 * Examples with numbers from 0 on, made when they are asked for. Every method but the last few gives another dataset and leaves
 * this one as it is; nothing is read or computed before an example is used, but by `filter`, and by `split` with `stratify`.
 */
export class Dataset<T> extends Printed {
  /** A dataset of `length` examples, of which `make` gives any one. */
  constructor(
    /** Number of examples. */
    readonly length: number,
    private readonly make: (position: number) => T,
  ) {
    super();
    checkWhole("Dataset", "number of examples", length, 0);
    checkFunction("Dataset", "a function that makes the example of a position", make);
  }

  /** The items of an array, such as the rows of a table. */
  static from<T>(items: readonly T[]): Dataset<T> {
    checkArrayLike("Dataset.from", "an array", items);
    return new Dataset(items.length, (i) => items[i]!);
  }

  /** The rows of a tree of tensors, whose first axes count the examples: views without a copy. */
  static fromTensors<T>(tree: T): Dataset<T> {
    const tensors = tensorsOf(tree);
    const [first] = tensors;
    if (!first) throw new ValueError("Dataset.fromTensors", "a tree with tensors", "none");
    for (const x of tensors) {
      if (x.rank === 0 || x.shape[0] !== first.shape[0])
        throw new ShapeError(
          "Dataset.fromTensors",
          "tensors with one number of examples along the first axis",
          `${showShape(first.shape)} and ${showShape(x.shape)}`,
        );
    }
    const row = (x: Tensor | number, i: number): unknown => (typeof x === "number" ? x : select(x, 0, i));
    return new Dataset(first.shape[0]!, (i) => mapTree(tree, (x) => row(x, i)) as T);
  }

  /** One example. */
  get(position: number): T {
    if (!Number.isInteger(position) || position < 0 || position >= this.length)
      throw new IndexError("get", `a position from 0 to below ${this.length}`, String(position));
    return this.make(position);
  }

  /** What `change` makes of each example, every time that it is asked for. */
  map<U>(change: (example: T, position: number) => U): Dataset<U> {
    checkFunction("map", "a function that makes something of each example", change);
    return new Dataset(this.length, (i) => change(this.make(i), i));
  }

  /** The examples that `keep` is true of. All of them are looked at once, now. */
  filter(keep: (example: T, position: number) => boolean): Dataset<T> {
    checkFunction("filter", "a function that tells which examples to keep", keep);
    const positions: number[] = [];
    for (let i = 0; i < this.length; i++) if (keep(this.make(i), i)) positions.push(i);
    return this.pick(positions);
  }

  /** The examples at some positions, in their order. */
  pick(positions: ArrayLike<number>): Dataset<T> {
    checkArrayLike("pick", "positions in an array", positions);
    return new Dataset(positions.length, (i) => this.get(positions[i]!));
  }

  /** The examples from `start` up to but without `end`; negative ones count from the end, as in `Array.slice`. */
  slice(start: number, end = this.length): Dataset<T> {
    const at = (position: number): number => {
      if (typeof position !== "number" || Number.isNaN(position) || (position % 1 !== 0 && Number.isFinite(position)))
        throw new ValueError("slice", "whole positions", String(position));
      return Math.min(Math.max(position < 0 ? this.length + position : position, 0), this.length);
    };
    const first = at(start);
    return new Dataset(Math.max(at(end) - first, 0), (i) => this.make(first + i));
  }

  /** These examples and then others. */
  concat(other: Dataset<T>): Dataset<T> {
    if (!((other as unknown) instanceof Dataset)) throw new ValueError("concat", "a dataset", kindOf(other));
    return new Dataset(this.length + other.length, (i) =>
      i < this.length ? this.make(i) : other.make(i - this.length),
    );
  }

  /** The examples `count` times, one pass after another. */
  repeat(count: number): Dataset<T> {
    checkTimes("repeat", count, Number.MAX_SAFE_INTEGER);
    return new Dataset(this.length * count, (i) => this.make(i % this.length));
  }

  /** The examples in an order of a seed. For another order in each pass: `new DataLoader(data, { shuffle: true })`. */
  shuffle(seed: number | Generator = 0): Dataset<T> {
    return this.pick(shuffled(this.length, seed));
  }

  /**
   * Parts that share no example: of so many examples each, or of fractions of all. With `stratify` fractions hold within every
   * class, so that a part may differ from its fraction by one example a class.
   */
  split(parts: readonly number[], options: SplitOptions<T> = {}): Dataset<T>[] {
    checkOptions("split", options, { seed: null, stratify: null });
    const { seed = 0, stratify } = options;
    if (!Array.isArray(parts)) throw new ValueError("split", "parts in an array", String(parts));
    if (stratify) checkFunction("split", "a function that tells the class of an example as stratify", stratify);
    const sizes = sizesOf(parts, this.length);
    const order = seed === null ? Int32Array.from({ length: this.length }, (_, i) => i) : shuffled(this.length, seed);
    const groups = new Map<string | number | boolean, number[]>();
    for (const i of order) {
      const key = stratify ? stratify(this.make(i)) : "";
      const group = groups.get(key);
      if (group) group.push(i);
      else groups.set(key, [i]);
    }
    const fractions = stratify && sizes.map((size) => size / Math.max(this.length, 1));
    const dealt = parts.map((): number[] => []);
    for (const group of groups.values()) {
      let at = 0;
      for (const [i, size] of sizesOf(fractions ?? parts, group.length).entries()) {
        for (const end = at + size; at < end; at++) dealt[i]!.push(group[at]!);
      }
    }
    const rank = new Int32Array(this.length);
    order.forEach((position, i) => (rank[position] = i));
    return dealt.map((positions) => this.pick(positions.sort((a, b) => rank[a]! - rank[b]!)));
  }

  /** Every `size` examples that follow one another, begun `step` apart: as of a series. */
  window(size: number, step = 1): Dataset<T[]> {
    checkCounts("window", size, step);
    const count = Math.max(Math.floor((this.length - size) / step) + 1, 0);
    return new Dataset(count, (i) => Array.from({ length: size }, (_, j) => this.make(i * step + j)));
  }

  /** Examples in batches, as `collate` makes them; the last one may be smaller, or is left out. */
  batch(size: number, options: { dropLast?: boolean } = {}): Dataset<Batch<T>> {
    checkOptions("batch", options, { dropLast: false });
    const { dropLast = false } = options;
    checkCounts("batch", size);
    const count = dropLast ? Math.floor(this.length / size) : Math.ceil(this.length / size);
    return new Dataset(count, (i) => collate(this.slice(i * size, (i + 1) * size).toArray()));
  }

  /** All examples as one batch, such as a table of columns. */
  all(): Batch<T> {
    return collate(this.toArray());
  }

  /** All examples. */
  toArray(): T[] {
    return Array.from({ length: this.length }, (_, i) => this.make(i));
  }

  /** The examples one after another; those that are promises, such as of images still to be loaded, are awaited. */
  stream(): Stream<Awaited<T>> {
    const { length } = this;
    const positions = Stream.from(function* () {
      for (let i = 0; i < length; i++) yield i;
    });
    return positions.map((i) => this.make(i));
  }

  /** As `stream`, with so many examples being made while the ones before are used. */
  prefetch(count: number): Stream<Awaited<T>> {
    return this.stream().prefetch(count);
  }

  /** How many examples there are. */
  toString(): string {
    return `Dataset(${counted(this.length, "example")})`;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let i = 0; i < this.length; i++) yield this.make(i);
  }
}
