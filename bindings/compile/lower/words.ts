import type { DTypeName } from "../../core/dtype.js";
import { Tensor } from "../../core/graph.js";
import { isDense, sizeOf } from "../../core/shape.js";
import { Storage } from "../../runtime/storage.js";
import type { Tape } from "../../runtime/tape.js";

/** Instructions in ordinary memory. */
export class Words implements Tape {
  words = new Int32Array(1024);
  length = 0;

  reserve(words: number): number {
    const first = this.length;
    this.length += words;
    if (this.length > this.words.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.words);
      this.words = larger;
    }
    return first;
  }
}

/** A tensor that an encoder can look at, in memory that begins at an address. */
export function standIn(
  dtype: DTypeName,
  address: number,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): Tensor {
  const storage = new Storage(0, 0);
  storage.address = address;
  return new Tensor(storage, dtype, shape, strides, offset, sizeOf(shape), isDense(shape, strides));
}
