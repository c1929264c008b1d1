import { backward } from "../../autodiff/backward.js";
import { compile } from "../../compile/program.js";
import { item } from "../../core/values/access.js";
import { withTracking } from "../../core/running/apply.js";
import { kindOf } from "../../core/checks.js";
import { Tensor } from "../../core/graph.js";
import { ownedBy } from "../../core/running/scopes.js";
import { isPlainObject } from "../../core/tree.js";
import { ValueError } from "../../errors.js";
import type { ExponentialMovingAverage } from "../average.js";
import { clipGradNorm, gradNorm } from "../clip.js";
import { LBFGS } from "../methods/lbfgs.js";
import type { Optimizer } from "../optimizer.js";

/** A loss, and metrics beside it. */
export interface Measured<T> {
  /** What is made small. */
  readonly loss: T;
  readonly [metric: string]: T;
}

/** What a training step is made of besides the loss. */
export interface StepOptions {
  readonly optimizer: Optimizer;
  readonly average: ExponentialMovingAverage | undefined;
  /** Batches that make one step. */
  readonly accumulate: number;
  readonly clipNorm: number | undefined;
  readonly compile: boolean;
}

/**
 * The parts of a step, eager or compiled: the gradients of each batch, and then what is done with them. Between the two the
 * numbers are read, so that a step that would spoil the parameters can be left out. What the parts make, they free.
 */
export class TrainingStep<B> {
  private readonly programs: { dispose(): void }[] = [];
  private readonly forward: (batch: B) => Measured<Tensor>;
  private readonly both: (batch: B) => Measured<Tensor>;
  private readonly move: () => void;
  /** The batch whose gradients were computed last. */
  private latest: B | undefined;

  constructor(
    measure: (batch: B) => Tensor | Measured<Tensor>,
    private readonly options: StepOptions,
  ) {
    const { optimizer, average, accumulate } = options;
    const measured = (batch: B): Measured<Tensor> => {
      const result = measure(batch);
      if (result instanceof Tensor) return { loss: result };
      const given: unknown = result;
      if (!isPlainObject(given) || !("loss" in given) || !Object.values(given).every((x) => x instanceof Tensor))
        throw new ValueError(
          "fit",
          "a loss that gives a tensor, or tensors by name with one of them loss",
          kindOf(given),
        );
      return result;
    };
    this.forward = this.prepared(measured);
    this.both = this.prepared((batch) => {
      const result = measured(batch);
      backward(accumulate === 1 ? result.loss : result.loss.div(accumulate));
      return mapped(result, (x) => x.detach());
    });
    this.move = this.prepared(() => {
      optimizer.step();
      average?.update();
      optimizer.zeroGrad();
    });
  }

  /** Adds the gradients of a batch to those of the parameters. */
  gradients(batch: B): Measured<number> {
    this.latest = batch;
    return numbersOf(() => this.both(batch));
  }

  /** What a batch measures, without gradients. */
  measure(batch: B): Measured<number> {
    return withTracking(false, () => numbersOf(() => this.forward(batch)));
  }

  /** The norm of all gradients; they are clipped, if that is asked for. */
  norm(): number {
    const { optimizer, clipNorm } = this.options;
    const { parameters } = optimizer;
    return ownedBy("fit", () =>
      item(clipNorm === undefined ? gradNorm(parameters) : clipGradNorm(parameters, clipNorm)),
    );
  }

  /** Moves the parameters, and forgets their gradients. LBFGS computes those of the last batch at further points. */
  update(): void {
    const { optimizer, average } = this.options;
    if (!(optimizer instanceof LBFGS)) return this.move();
    ownedBy("fit", () => {
      optimizer.step(() => {
        optimizer.zeroGrad();
        return this.both(this.latest!).loss;
      });
      average?.update();
      optimizer.zeroGrad();
    });
  }

  /** Gives back the memory of its programs; a later call makes them anew. */
  dispose(): void {
    for (const program of this.programs) program.dispose();
  }

  private prepared<A extends readonly unknown[], Y>(f: (...args: A) => Y): (...args: A) => Y {
    if (!this.options.compile) return f;
    type Program = ((...args: A) => Y) & { dispose(): void };
    const make = () => compile(f, { name: "fit" }) as Program;
    let program: Program | null = null;
    this.programs.push({
      dispose() {
        program?.dispose();
        program = null;
      },
    });
    return (...args) => (program ??= make())(...args);
  }
}

function numbersOf(body: () => Measured<Tensor>): Measured<number> {
  return ownedBy("fit", () => mapped(body(), item));
}

function mapped<X, Y>(measured: Measured<X>, change: (x: X) => Y): Measured<Y> {
  return Object.fromEntries(Object.entries(measured).map(([name, x]) => [name, change(x)])) as unknown as Measured<Y>;
}
