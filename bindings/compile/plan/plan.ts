import { readersOf, type Graph, type Value } from "../capture/graph.js";
import { bytesOf, originalPlace, worksInPlace, type Place } from "./place.js";
import { settle } from "./settle.js";

/** Steps, and where each value lies. */
export interface Plan {
  readonly graph: Graph;
  readonly places: ReadonlyMap<Value, Place>;
  /** Bytes of the slab. */
  readonly bytes: number;
}

/** Every block starts at a multiple of this many bytes. */
export const ALIGNMENT = 64;

/** Bytes up to where the next block may start. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Bytes of the block that a value takes. */
export function blockBytes(value: Value): number {
  return aligned(bytesOf(value) || 1);
}

/** A part of the slab, for one value or for several that take each other's place. */
interface Block {
  readonly bytes: number;
  /** The first step that writes it, and the last that reads it. */
  readonly first: number;
  last: number;
  offset: number;
}

/**
 * Gives every value its place. What is wanted in the end lies where it is wanted; everything else shares one slab: a block
 * is taken again after its value's last use, and at once by a step that works element by element and is the last reader of
 * an input of its size.
 */
export function plan(captured: Graph): Plan {
  const { graph, places: settled } = settle(captured);
  const places = new Map<Value, Place>(settled);
  const { blocks, blockOf } = blocksOf(graph, settled);
  const bytes = arrange(blocks);
  for (const [value, { offset }] of blockOf) places.set(value, { kind: "slab", offset });
  for (const { inputs } of graph.steps) {
    for (const { value } of inputs) {
      const place = originalPlace(value);
      if (place) places.set(value, place);
    }
  }
  return { graph, places, bytes };
}

/** The lifetimes of what has no place yet. */
function blocksOf(graph: Graph, settled: ReadonlyMap<Value, Place>) {
  const readers = readersOf(graph);
  const blocks: Block[] = [];
  const blockOf = new Map<Value, Block>();
  const lastUse = (value: Value, made: number): number => readers.get(value)?.at(-1) ?? made;
  for (const [at, step] of graph.steps.entries()) {
    for (const output of step.outputs) {
      if (settled.has(output)) continue;
      const last = lastUse(output, at);
      const taken = step.inputs
        .map(({ value }) => value)
        .find((value) => {
          const block = blockOf.get(value);
          return block?.last === at && lastUse(value, at) === at && worksInPlace(step, value, output);
        });
      let block = taken && blockOf.get(taken);
      if (block) {
        block.last = last;
      } else {
        block = { bytes: blockBytes(output), first: at, last, offset: 0 };
        blocks.push(block);
      }
      blockOf.set(output, block);
    }
  }
  return { blocks, blockOf };
}

/**
 * Large blocks first, each at the lowest place that is free throughout its life, or behind all others: other orders need more as a
 * rule. Takes a time that grows with the square of their number. Returns the bytes that all take.
 */
function arrange(blocks: readonly Block[]): number {
  const placed: Block[] = [];
  let bytes = 0;
  for (const block of [...blocks].sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    let offset = 0;
    for (const other of placed) {
      if (other.last < block.first || other.first > block.last) continue;
      if (offset + block.bytes <= other.offset) break;
      offset = Math.max(offset, other.offset + other.bytes);
    }
    block.offset = offset;
    bytes = Math.max(bytes, offset + block.bytes);
    // They stay in the order of their offsets.
    let at = placed.length;
    while (at > 0 && placed[at - 1]!.offset > offset) at--;
    placed.splice(at, 0, block);
  }
  return bytes;
}
