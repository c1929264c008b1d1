import { Head } from "../../../assembly/abi/form.js";
import { denseStrides } from "../../core/shape.js";
import type { Tape } from "../../runtime/tape.js";
import type { Step, Value } from "../capture/graph.js";
import type { Place } from "../plan/place.js";
import type { Plan } from "../plan/plan.js";
import { standIn, Words } from "./words.js";

/** Words of the tape that hold addresses which differ from call to call: of each its place, block and distance, in turn. */
export type Relocations = Int32Array;

/** A Wengert list in words. */
export interface Lowered {
  readonly words: Int32Array;
  /** Blocks that move are the arguments, then the results; a distance is in bytes from the start of the block. */
  readonly relocations: Relocations;
  /** The position of the step of each instruction. */
  readonly stepOf: readonly number[];
}

/** The address of a place, or the number of the block that it is the start of, if that moves. */
export type Locate = (place: Place) => { readonly address: number } | { readonly block: number };

/**
 * Writes the steps as instructions, each with the encoder of its row. Which words hold addresses in blocks that move is found
 * by encoding everything twice, with the blocks in different places.
 */
export function lower({ graph, places }: Plan, locate: Locate): Lowered {
  const [first, second] = [0, 1].map((time) => {
    const at = (value: Value): number => {
      const found = locate(places.get(value)!);
      return "address" in found ? found.address : blockAt(found.block, time);
    };
    return encode(graph.steps, at);
  }) as [Encoded, Encoded];
  const relocations: number[] = [];
  for (let word = 0; word < first.words.length; word++) {
    const difference = second.words[word]! - first.words[word]!;
    if (difference === 0) continue;
    const block = difference / STEP - 1;
    relocations.push(word, block, first.words[word]! - blockAt(block, 0));
  }
  return { ...first, relocations: Int32Array.from(relocations) };
}

/** Blocks are told apart by how far they move between the two times. */
const STEP = 64;

function blockAt(block: number, time: number): number {
  return 65536 + time * STEP * (block + 1);
}

interface Encoded {
  readonly words: Int32Array;
  readonly stepOf: readonly number[];
}

function encode(steps: readonly Step[], at: (value: Value) => number): Encoded {
  const tape = new Words();
  const stepOf: number[] = [];
  for (const [position, step] of steps.entries()) {
    const from = tape.length;
    encodeStep(tape, step, at);
    for (let word = from; word < tape.length; word += tape.words[word + Head.Length]!) stepOf.push(position);
  }
  return { words: tape.words.slice(0, tape.length), stepOf };
}

function encodeStep(
  tape: Tape,
  { primitive, inputs, outputs, params, parts }: Step,
  at: (value: Value) => number,
): void {
  const given = inputs.map(({ value, shape, strides, offset }) =>
    standIn(value.dtype, at(value), shape, strides, offset),
  );
  if (parts) {
    primitive.encodeParts!(tape, outputs.map(at), given, params);
  } else {
    const { dtype, shape } = outputs[0]!;
    primitive.encode!(tape, standIn(dtype, at(outputs[0]!), shape, denseStrides(shape)), given, params);
  }
}
