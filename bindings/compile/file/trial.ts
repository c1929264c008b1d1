import { Head } from "../../../assembly/abi/form.js";
import { Tensor, type Primitive } from "../../core/graph.js";
import { denseStrides, sizeOf } from "../../core/shape.js";
import { Storage } from "../../runtime/storage.js";
import type { Audit, Tape } from "../../runtime/tape.js";
import type { Operand, Value } from "../capture/graph.js";
import { bytesOf } from "../plan/place.js";
import { invalid } from "./fields.js";

const MOST_WORDS = 1 << 22;

/** A tape that is never run: it is there for what the writers of instructions refuse. */
class Trial implements Tape {
  words = new Int32Array(1024);
  length = 0;
  readonly audit: Audit = { instructions: 0 };

  reserve(words: number): number {
    const first = this.length;
    this.length += words;
    if (this.length > MOST_WORDS) throw invalid(`operations of at most ${MOST_WORDS} words`, this.length);
    if (this.length > this.words.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.words);
      this.words = larger;
    }
    return first;
  }
}

/** An operand as rows look at it, in memory of the length of its value, which begins at `start`. */
export function unplaced({ value, shape, strides, offset, elements, dense }: Operand, start = 0): Tensor {
  return new Tensor(new Storage(0, bytesOf(value)), value.dtype, shape, strides, offset + start, elements, dense);
}

/** Writes the instructions of a step, in order to see that its operands suffice for them. */
export function tryOut(
  row: Primitive,
  inputs: readonly Tensor[],
  params: unknown,
  outputs: readonly Value[],
  parts: boolean,
): void {
  const trial = new Trial();
  if (parts) {
    if (!row.encodeParts) throw invalid("an operation of several parts", row.name);
    row.encodeParts(trial, outputs.map(() => 64), inputs, params); // prettier-ignore
  } else {
    if (!row.encode) throw invalid("an operation with a kernel", row.name);
    const { shape, dtype } = outputs[0]!;
    const storage = new Storage(0, bytesOf(outputs[0]!));
    row.encode(trial, new Tensor(storage, dtype, shape, denseStrides(shape), 0, sizeOf(shape), true), inputs, params);
  }
  let instructions = 0;
  for (let word = 0; word < trial.length; word += trial.words[word + Head.Length]!) instructions++;
  // A form of instructions whose operands nobody looks at is not for files.
  if (instructions > trial.audit.instructions) throw invalid("an operation that can be in a file", row.name);
}
