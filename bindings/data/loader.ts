import "../methods.js";
import { withTracking } from "../core/running/apply.js";
import { checkFunction, checkWhole, kindOf } from "../core/checks.js";
import { tensor } from "../core/values/create.js";
import type { Tensor } from "../core/graph.js";
import { keep, ownedBy } from "../core/running/scopes.js";
import { showShape } from "../core/shape.js";
import { mapTree, tensorsOf, type AnyTree } from "../core/tree.js";
import { Generator } from "../functions/random/random.js";
import { IndexError, ShapeError, ValueError } from "../errors.js";
import { gatherRows } from "../primitives/indexing.js";
import { copy, stridedSlice } from "../primitives/movement.js";
import { Scope } from "../runtime/scope.js";
import { breath } from "./breath.js";
import { collate, type Batch } from "./collate.js";
import { Dataset } from "./dataset.js";
import type { Sampler } from "./sampler.js";
import { checkOptions } from "../shared/options.js";
import { counted, Printed } from "../shared/printed.js";
import { checkSignal } from "../shared/signal.js";

/** How far a pass over the data has come. */
export interface Progress {
  /** Passes finished before this one. */
  readonly epoch: number;
  /** Batches handed out in this pass. */
  readonly batch: number;
  /** Batches in a whole pass. */
  readonly batches: number;
}

/** What a loader hands out before `map`: the batch of a dataset's examples, or so many rows of a tree of tensors. */
export type BatchOf<T> = T extends Dataset<infer E> ? Batch<E> : T;

/** Options of `DataLoader`. */
export interface DataLoaderOptions<T, U = BatchOf<T>> {
  /** Examples in a batch. Default 32. */
  batchSize?: number;
  /** A new order of the examples for each pass. Default false. */
  shuffle?: boolean;
  /** Seed of the shuffling. Default 0. */
  seed?: number;
  /** Which examples make up a pass, in which order, instead of all of them: see `WeightedSampler`. */
  sampler?: Sampler;
  /** Leave out a last batch that is not full. Default false. */
  dropLast?: boolean;
  /** Applied to each batch, such as a cast or a scaling; what it makes belongs to the batch. */
  map?: (batch: BatchOf<T>) => U;
  /** Called as each batch is handed out. */
  onProgress?: (progress: Progress) => void;
  /** Ends the iteration with the signal's reason once it is aborted. */
  signal?: AbortSignal | null;
}

/**
 * Batches of a dataset, or of a tree of tensors whose first axes count the examples. Each iteration owns what its body makes: it is freed
 * when the next batch is asked for. Variables and their gradients stay, and so does what `keep` was called on. The values of
 * the last iteration stay readable until the loader is iterated again or disposed of.
 */
export class DataLoader<T extends AnyTree, U = BatchOf<T>> extends Printed {
  /** Examples in the data. */
  readonly examples: number;
  private readonly batchSize: number;
  private readonly order: Generator | null;
  private epoch = 0;
  /** The last iteration's values. */
  private last: Scope | null = null;

  constructor(
    private readonly source: T,
    private readonly options: DataLoaderOptions<T, U> = {},
  ) {
    super();
    checkOptions("DataLoader", options, {
      batchSize: 0,
      shuffle: false,
      seed: 0,
      sampler: null,
      dropLast: false,
      map: null,
      onProgress: null,
      signal: null,
    });
    const { batchSize = 32, shuffle = false, seed = 0, sampler, map, onProgress, signal } = options;
    checkWhole("DataLoader", "batchSize", batchSize, 1);
    if (sampler && shuffle)
      throw new ValueError("DataLoader", "shuffle or a sampler, which has an order of its own", "both");
    if (map) checkFunction("DataLoader", "a function that makes something of each batch as map", map);
    if (onProgress) checkFunction("DataLoader", "a function that is told of each batch as onProgress", onProgress);
    if (sampler && !(Number.isInteger(sampler.length) && typeof (sampler as Partial<Sampler>).draw === "function"))
      throw new ValueError("DataLoader", "a sampler with a length and draw()", kindOf(sampler));
    checkSignal("DataLoader", signal);
    this.batchSize = batchSize;
    this.examples = source instanceof Dataset ? source.length : countExamples(source);
    this.order = shuffle ? new Generator(seed) : null;
  }

  /** Batches in one pass. */
  get length(): number {
    const { dropLast = false } = this.options;
    const batches = this.passLength / this.batchSize;
    return dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** The batches of a pass, what they are made of, and in which order. */
  toString(): string {
    const { sampler, dropLast } = this.options;
    const order = [
      this.order && "shuffled",
      sampler && "drawn by a sampler",
      dropLast && "a last one that is not full left out",
    ];
    const parts = [
      `${counted(this.length, "batch", "batches")} of ${this.batchSize} from ${counted(this.examples, "example")}`,
    ];
    return `DataLoader(${[...parts, ...order.filter((part) => part)].join(", ")})`;
  }

  /** Examples in one pass. */
  private get passLength(): number {
    return this.options.sampler?.length ?? this.examples;
  }

  /** One pass, for a loop whose body does not await. */
  *[Symbol.iterator](): Iterator<U> {
    const pass = this.begin();
    let scope: Scope | null = null;
    try {
      for (let i = 0; i < this.length; i++) {
        this.options.signal?.throwIfAborted();
        const ended: Scope | null = scope;
        scope = null;
        ended?.leave("DataLoader");
        ended?.close();
        scope = Scope.enter(LABEL);
        const batch = this.batch(pass, i);
        yield batch;
      }
    } finally {
      pass.end();
      if (scope) {
        scope.leave("DataLoader");
        this.retire(scope);
      }
    }
  }

  /** One pass, for a loop whose body may await: `for await (const batch of loader)`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<U, void, undefined> {
    const pass = this.begin();
    let scope: Scope | null = null;
    try {
      for (let i = 0; i < this.length; i++) {
        this.options.signal?.throwIfAborted();
        scope?.close();
        scope = Scope.forFlow(LABEL);
        const batch = scope.source(() => this.batch(pass, i));
        yield batch;
        const pause = breath();
        if (pause) await pause;
      }
    } finally {
      pass.end();
      if (scope) this.retire(scope);
    }
  }

  /** Frees the values of the last iteration. The loader can be used again. */
  dispose(): void {
    this.last?.close();
    this.last = null;
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Frees the last pass's values and fixes the order of the next. */
  private begin(): Pass {
    this.dispose();
    return new Pass(
      this.epoch++,
      ownedBy("shuffle", () => {
        const order = this.order?.permutation(this.examples) ?? this.sampled();
        return order && keep(order);
      }),
    );
  }

  /** The positions that the sampler draws for one pass. */
  private sampled(): Tensor | null {
    const { sampler } = this.options;
    if (!sampler) return null;
    const drawn: ArrayLike<number> | undefined = sampler.draw();
    if (drawn?.length !== sampler.length)
      throw new ValueError("DataLoader", `${sampler.length} positions of the sampler`, String(drawn?.length ?? drawn));
    const positions = Float64Array.from(drawn);
    const strange = positions.find((at) => !(Number.isInteger(at) && at >= 0 && at < this.examples));
    if (strange !== undefined)
      throw new IndexError("DataLoader", `positions below ${this.examples} of the sampler`, String(strange));
    return tensor(Int32Array.from(positions));
  }

  private batch(pass: Pass, i: number): U {
    const { map, onProgress } = this.options;
    const start = i * this.batchSize;
    const count = Math.min(this.batchSize, this.passLength - start);
    onProgress?.({ epoch: pass.epoch, batch: i + 1, batches: this.length });
    const { source } = this;
    const rows = withTracking(false, () =>
      source instanceof Dataset
        ? collate(pass.positions(start, count).map((position) => source.get(position) as unknown))
        : mapTree(source, (x) => (typeof x === "number" ? x : pass.rows(x, start, count))),
    ) as BatchOf<T>;
    return map ? map(rows) : (rows as unknown as U);
  }

  private retire(scope: Scope): void {
    this.last?.close();
    this.last = scope;
    scope.retire();
  }
}

const LABEL = "the next iteration of its DataLoader loop";

/** One pass over the data, in a fixed order. */
class Pass {
  constructor(
    readonly epoch: number,
    private readonly order: Tensor | null,
  ) {}

  /** So many examples of x, always a copy. */
  rows(x: Tensor, start: number, count: number): Tensor {
    if (this.order) return gatherRows(x, firstAxis(this.order, start, count));
    return copy(firstAxis(x, start, count));
  }

  /** Where so many examples are in their dataset. */
  positions(start: number, count: number): number[] {
    if (!this.order) return Array.from({ length: count }, (_, i) => start + i);
    return this.order.read((order) => Array.from(order.subarray(start, start + count)));
  }

  end(): void {
    this.order?.storage?.free("the end of a pass of its DataLoader");
  }
}

function firstAxis(x: Tensor, start: number, count: number): Tensor {
  return stridedSlice(x, {
    starts: x.shape.map((_, axis) => (axis === 0 ? start : 0)),
    sizes: x.shape.map((length, axis) => (axis === 0 ? count : length)),
    steps: x.shape.map(() => 1),
  });
}

function countExamples(source: unknown): number {
  const tensors = tensorsOf(source);
  const first = tensors[0];
  if (!first)
    throw new ValueError(
      "DataLoader",
      "a dataset, or a tree with tensors, as in { x: tensor(values) }",
      kindOf(source),
    );
  for (const x of tensors) {
    if (x.rank === 0 || x.shape[0] !== first.shape[0]) {
      throw new ShapeError(
        "DataLoader",
        "tensors with one number of examples along the first axis",
        `${showShape(first.shape)} and ${showShape(x.shape)}`,
      );
    }
  }
  return first.shape[0]!;
}
