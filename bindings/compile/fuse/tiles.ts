import { Limit } from "../../../assembly/abi/limit.js";
import { dtypes } from "../../core/dtype.js";
import type { Value } from "../capture/graph.js";
import { boxOf, type Box, type Group } from "./groups.js";
import { writesOf, type Phase } from "./phases.js";
import { aligned, ALIGNMENT } from "../plan/plan.js";

// How a group is cut into tiles, and where in its scratch memory these lie.

/** Elements of a tile: a multiple of the blocks of a sum, and few enough for all tiles to stay in the nearest cache. */
const TILE = 1024;
/** Tiles are of whole rows: where that takes more elements than these, a group is not cut into tiles. */
const LARGEST_TILE = 4096;

/** How a group goes from tile to tile. */
export interface Tiling {
  readonly box: Box;
  /** What a tile counts in: elements where all lies in one dimension, else rows. */
  readonly unit: number;
  /** Units of a tile. */
  readonly length: number;
}

/** The tiling of a group; null where its rows are too long for it. */
export function tilingOf({ shape, operands }: Group, phases: readonly Phase[]): Tiling | null {
  const box = boxOf(shape, operands)!;
  if (box.rows === 1) return { box, unit: 1, length: TILE };
  const sums = phases.some(({ kind }) => kind === "total");
  // Sums want whole blocks: as many rows as make one.
  const length = sums ? TILE / divisor(TILE, box.columns) : Math.max(1, Math.floor(TILE / box.columns));
  return length * box.columns > LARGEST_TILE ? null : { box, unit: box.columns, length };
}

function divisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

/** Bytes of the sum of a block. */
export function sumBytes({ dtype }: Value): number {
  return dtype === "i32" ? 4 : 8;
}

/** What of a group's values lies where in its scratch memory, in bytes. */
export interface Room {
  readonly offsets: ReadonlyMap<Value, number>;
  /** Bytes of the tiles, behind which the sums of blocks lie. */
  readonly tiles: number;
  /** Blocks of each sum. */
  readonly blocks: number;
  readonly bytes: number;
}

/**
 * Where the tiles lie, and behind them the sums of blocks: a tile is taken again when its value has been read for the last time.
 */
export function roomFor(
  phases: readonly Phase[],
  isWanted: (value: Value) => boolean,
  { box, unit, length }: Tiling,
): Room {
  const offsets = new Map<Value, number>();
  const free: number[] = [];
  let bytes = 0;
  // Every tile has room for the widest elements there are.
  const widest = Math.max(...phases.flatMap(({ steps }) => steps.map(({ outputs: [y] }) => dtypes[y!.dtype].bytes)));
  const last = new Map<Value, number>();
  for (const [at, { steps }] of phases.entries()) for (const { inputs } of steps) for (const x of inputs) last.set(x.value, at); // prettier-ignore
  for (const [at, phase] of phases.entries()) {
    for (const value of phase.kind === "total" ? [] : writesOf(phase, phases, isWanted)) {
      if (isWanted(value)) continue;
      const offset = free.pop() ?? bytes;
      if (offset === bytes) bytes += aligned(unit * length * widest);
      offsets.set(value, offset);
    }
    for (const [value, use] of last) if (use === at && offsets.has(value)) free.push(offsets.get(value)!);
  }
  const tiles = bytes;
  const blocks = Math.ceil((box.rows * box.columns) / Limit.Block);
  for (const { kind, steps } of phases) {
    if (kind !== "total") continue;
    for (const value of steps[0].outputs) {
      offsets.set(value, bytes);
      bytes += aligned(blocks * sumBytes(value));
    }
  }
  return { offsets, tiles, blocks, bytes: bytes || ALIGNMENT };
}
