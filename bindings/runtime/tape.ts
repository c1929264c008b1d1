import { Head } from "../../assembly/abi/form.js";
import { Fault, Status } from "../../assembly/abi/status.js";
import { DTypeError, IndexError, OutOfMemoryError, RuntimeError, SingularError } from "../errors.js";
import { faultValue } from "./fault.js";
import { divides, grow, heap, kernels, platform, scratch, SCRATCH_BYTES, scratchWord, start } from "./instance.js";
import { allocateStorage, retain } from "./scope.js";
import type { Storage } from "./storage.js";
import { checkEnded, ending, hire, lose, settle, workAlone } from "./threads.js";

/** Counts the instructions whose operands were looked at. */
export interface Audit {
  instructions: number;
}

/** Where instructions are written: the layout of their words is in assembly/abi/form.ts. */
export interface Tape {
  /** The memory that holds the words. Fetch it after `reserve`. */
  readonly words: Int32Array;
  /** There where what is written comes from outside: operands that do not suffice for their instruction are refused. */
  readonly audit?: Audit | null;
  /** Room for an instruction of so many words: the index of the first. */
  reserve(words: number): number;
}

/** The tape of eager execution: instructions are run as soon as `run` is called, or when the room is used up. */
class EagerTape implements Tape {
  private at = 0;
  private operation = "";

  get words(): Int32Array {
    return heap.i32;
  }

  /** Begins an operation that writes where values have been before. */
  beginInPlace(operation: string): void {
    checkEnded(operation);
    this.begin(operation);
  }

  begin(operation: string): void {
    this.operation = operation;
    if (scratch === 0) start();
    this.at = scratchWord;
  }

  reserve(words: number): number {
    if (this.at + words > scratchWord + SCRATCH_BYTES / 4) this.run();
    const first = this.at;
    this.at += words;
    return first;
  }

  /** Runs what has been written. Throws what the kernels refuse. */
  run(): void {
    const end = this.at * 4;
    this.at = scratchWord;
    if (divides) kernels.mark(scratch, end);
    const status = kernels.replay(scratch, end);
    if (status !== 0) resume(scratch, end, status, () => this.operation);
  }
}

export const eagerTape = new EagerTape();

/** The tape of a program: it stays in the arena, and is run again and again. */
export class ProgramTape {
  private readonly storage: Storage;
  private readonly end: number;

  /** `names` says what the instruction at a position is called in an error. */
  constructor(
    words: Int32Array,
    private readonly names: (instruction: number) => string,
  ) {
    this.storage = allocateStorage(Math.max(words.length, 1) * 4, null);
    retain(this.storage);
    this.end = this.storage.address + words.length * 4;
    heap.i32.set(words, this.first);
    // Even where there is one thread now: there may be more when it is run.
    if (platform!.shared) kernels.mark(this.storage.address, this.end);
  }

  /** Index of the first word in `heap.i32`. */
  get first(): number {
    return this.storage.address >>> 2;
  }

  /** Runs the whole list. Throws what the kernels refuse. */
  run(): void {
    if (ending.size > 0) checkEnded(this.names(0));
    const status = kernels.replay(this.storage.address, this.end);
    if (status !== 0) resume(this.storage.address, this.end, status, this.names);
  }

  /** Runs the instructions from one word up to another. */
  runPart(from: number, to: number): void {
    const { address } = this.storage;
    const status = kernels.replay(address + 4 * from, address + 4 * to);
    if (status !== 0) resume(address + 4 * from, address + 4 * to, status, this.names);
  }

  free(by: string): void {
    this.storage.free(by);
  }
}

/** Goes on where a replay came to a stop, if that was no failure; else throws what the kernels refuse. */
function resume(start: number, end: number, status: number, names: (instruction: number) => string): void {
  let position = 0;
  for (let from = start, refused = 0; status !== 0; status = kernels.replay(from, end)) {
    const next = (): number => from + (heap.u32[(from >>> 2) + Head.Length] ?? 0) * 4;
    position += status >>> 8;
    for (let i = status >>> 8; i > 0; i--) from = next();
    status &= 255;
    if (status === Status.Pending) status = settle();
    if (status === Status.Ok) {
      position++;
      from = next();
      if (from >= end) return;
    } else if (status === Status.Start) {
      hire();
    } else if (status === Status.Lost) {
      throw lose(names(position));
    } else if (status === Status.OutOfMemory && from !== refused && grow(faultValue())) {
      // A kernel asks for working memory before it writes anything.
      refused = from;
    } else if (status !== Status.OutOfMemory || !workAlone()) {
      throw refusal(names(position), status);
    }
  }
}

/** The error for a status that a kernel answered, with the details that it left. */
function refusal(operation: string, status: Status): Error {
  const at = kernels.fault() >>> 0;
  const position = heap.u32[(at + Fault.Position) >>> 2] ?? 0;
  const value = faultValue();
  const limit = heap.u32[(at + Fault.Limit) >>> 2] ?? 0;
  switch (status) {
    case Status.IndexOutOfRange:
    case Status.OutsideFromStart:
      return new IndexError(
        operation,
        `indices from ${status === Status.IndexOutOfRange ? -limit : 0} to ${limit - 1}`,
        `${value} at position ${position}`,
      );
    case Status.NotAnInteger:
      return new IndexError(operation, "whole numbers as indices", `${value} at position ${position}`);
    case Status.Singular:
    case Status.NotPositive: {
      const expected = status === Status.Singular ? "a regular matrix" : "a positive definite matrix";
      return new SingularError(operation, expected, `pivot ${position} = ${value} in matrix ${limit}`, position, limit);
    }
    case Status.OutOfMemory:
      return new OutOfMemoryError(
        operation,
        `${value} bytes of working memory for the kernel`,
        "an arena that is full",
      );
    case Status.Unsupported:
      return new DTypeError(operation, "a dtype that the operation computes in", "one it has no kernel for");
    default:
      return new RuntimeError(operation, "a kernel that answers", `status ${status}`);
  }
}
