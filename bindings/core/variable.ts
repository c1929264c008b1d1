import type { dtypes } from "./dtype.js";
import { Tensor } from "./graph.js";
import type { Storage } from "../runtime/storage.js";
import { denseStrides, sizeOf, type Shape } from "./shape.js";

/**
 * A tensor whose values can be assigned to, in place: a parameter, an optimiser's state, a running statistic, a
 * generator's state, a learning rate. It belongs to no scope.
 */
export class Variable extends Tensor {
  private saved: Tensor | null = null;

  constructor(storage: Storage, dtype: keyof typeof dtypes, shape: Shape) {
    super(storage, dtype, shape, denseStrides(shape), 0, sizeOf(shape), true);
    storage.holder = this;
  }

  /** A name for messages and summaries. */
  get label(): string {
    return this.storage!.label;
  }
  set label(label: string) {
    this.storage!.label = label;
  }

  /** A handle on the present version, which later assignments make an error to use. */
  snapshot(): Tensor {
    const saved = this.saved;
    if (saved && saved.version === this.version && saved.node === this.node) return saved;
    const fresh = new Tensor(this.storage, this.dtype, this.shape, this.strides, 0, this.size, true);
    fresh.node = this.node;
    return (this.saved = fresh);
  }

  /** Marks the values as changed: handles that saw the old ones refuse to serve from now on. */
  bump(): void {
    this.version = ++this.storage!.version;
  }
}
