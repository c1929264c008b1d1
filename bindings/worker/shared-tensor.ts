import { FreedError } from "../errors.js";
import { tensor } from "../core/values/create.js";
import type { DTypeName, TypedArray } from "../core/dtype.js";
import type { Tensor } from "../core/graph.js";
import { showShape, type Shape } from "../core/shape.js";
import { Printed } from "../shared/printed.js";
import { isShared, type Parcel } from "./share.js";

/** Tells a worker that what is looked at no more needs not be held. */
const forgotten = new FinalizationRegistry<() => void>((release) => release());

/**
 * A tensor of a worker, as the page sees it. Where memory is shared, `elements` is the worker's own memory: what the worker
 * writes there is seen at once, and given to a task, it is the very same tensor. Elsewhere it is a copy.
 */
export class SharedTensor extends Printed {
  /** Element type. */
  readonly dtype: DTypeName;
  /** The length of each axis. */
  readonly shape: Shape;
  private seen: TypedArray | null;
  private readonly release: () => void;

  /** @internal */
  constructor(
    { dtype, shape, elements, held }: Parcel,
    /** The worker whose it is, to which alone its number means something. */
    readonly owner: object,
    release: (held: number) => void,
  ) {
    super();
    this.dtype = dtype;
    this.shape = shape;
    this.seen = elements;
    this.held = held;
    this.release = () => {
      if (held >= 0) release(held);
    };
    if (held >= 0) forgotten.register(this, this.release, this);
  }

  /** @internal Its number with its owner; -1 of a copy. */
  readonly held: number;

  /** The elements in row-major order: those of a variable change while the worker trains. Truth values are bytes, f16 and bf16 are f32. */
  get elements(): TypedArray {
    if (!this.seen) throw new FreedError("elements", "a shared tensor", "one that was disposed of");
    return this.seen;
  }

  /** Whether `elements` is the worker's memory. */
  get shared(): boolean {
    return isShared(this.elements.buffer);
  }

  /** A tensor of this thread with the elements as they are now: a copy. */
  toTensor(): Tensor {
    return tensor(this.elements, { dtype: this.dtype, shape: this.shape });
  }

  /** Lets the worker free it, if nothing else there needs it. Without this the collector does so, some time. */
  dispose(): void {
    if (!this.seen) return;
    this.seen = null;
    forgotten.unregister(this);
    this.release();
  }

  /** Element type and shape. */
  toString(): string {
    return `SharedTensor(${this.dtype} ${showShape(this.shape)})`;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
