import { Flow } from "../../assembly/abi/flow.js";
import { Limit } from "../../assembly/abi/limit.js";
import { dtypes, type DTypeName } from "../core/dtype.js";
import { addressOf, encodeEmitted, encodeReduce, encodeRepeat } from "../core/encode.js";
import type { Tensor } from "../core/graph.js";
import type { Tape } from "../runtime/tape.js";
import type { Expression } from "./emit/expression.js";
import { fusedPrimitive, liesAs, operandOf, type EmittedParams } from "./emitted-step.js";
import type { Step, Value } from "./graph.js";
import { boxOf, domainOf, sameSpread, spread, type Box, type Group, type Spread } from "./groups.js";
import { expressionOf, readsOf, writesOf, type Phase } from "./phases.js";
import { standIn, Words } from "./words.js";

/** Elements of a tile: a multiple of the blocks of a sum, and few enough for all tiles to stay in the nearest cache. */
const TILE = 1024;
const LONGEST_ROW = 4096;
const ALIGNMENT = 64;

/** How a group goes from tile to tile. */
export interface Tiling {
  readonly box: Box;
  /** What a tile counts in: elements where all lies in one dimension, else rows. */
  readonly unit: number;
  /** Units of a tile. */
  readonly length: number;
}

/** The tiling of a group; null where its rows are too long for it. */
export function tileOf({ shape, operands }: Group, phases: readonly Phase[]): Tiling | null {
  const box = boxOf(shape, operands)!;
  if (box.rows === 1) return { box, unit: 1, length: TILE };
  const sums = phases.some(({ kind }) => kind === "total");
  // Sums want whole blocks: as many rows as make one.
  const length = sums ? TILE / divisor(TILE, box.columns) : Math.max(1, Math.floor(TILE / box.columns));
  return length * box.columns > LONGEST_ROW ? null : { box, unit: box.columns, length };
}

function divisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

/** Elements in the memory of a value, or in a tile: for the first tile, and how far from row to row and in a row. */
interface Location {
  readonly dtype: DTypeName;
  readonly address: number;
  readonly row: number;
  readonly column: number;
  /** A tile stays where it is. */
  readonly stays: boolean;
}

/** A step that does all phases of a group tile by tile. What passes between phases lies in tiles. */
export function tiledStep(
  group: Group,
  phases: readonly Phase[],
  isWanted: (value: Value) => boolean,
  tiling: Tiling,
): { steps: [Step]; emitted: { expression: Expression; params: EmittedParams }[] } {
  const { box, unit, length } = tiling;
  const { shape, operands } = group;
  const all = phases.flatMap(({ steps }) => steps);
  const outputs = all.flatMap((step) => step.outputs).filter(isWanted);
  const blocks = Math.ceil((box.rows * box.columns) / Limit.Block);
  const room = tilesOf(phases, isWanted, unit * length, blocks);
  const scratch: Value = {
    origin: { kind: "step" },
    dtype: "u8",
    shape: [room.bytes],
    size: room.bytes,
    name: undefined,
  };
  const emitted: { expression: Expression; params: EmittedParams }[] = [];
  const functions = new Map<Phase, { params: EmittedParams; reads: readonly Spread[]; writes: readonly Value[] }>();
  const columnOf = (x: Spread): number => {
    const i = operands.findIndex((y) => sameSpread(x, y));
    return i < 0 ? 1 : box.strides[i]![1];
  };
  for (const phase of phases) {
    if (phase.kind !== "emitted") continue;
    const reads = readsOf(phase.steps);
    const writes = writesOf(phase, phases, isWanted);
    const params: EmittedParams = { place: 0, rows: 0, columns: 0, steps: [] };
    emitted.push({ expression: expressionOf(phase, reads, reads.map((x) => columnOf(x) === 1), writes), params }); // prettier-ignore
    functions.set(phase, { params, reads, writes });
  }

  const encodeParts = (tape: Tape, addresses: readonly number[], inputs: readonly Tensor[]): void => {
    const totals = addresses.at(-1)!;
    let at = totals;
    const locate = (x: Spread): Location => {
      const { dtype } = x.value;
      const i = operands.findIndex((y) => sameSpread(x, y));
      if (i >= 0) {
        const [row, column] = box.strides[i]!;
        return { dtype, address: addressOf(inputs[i]!), row, column, stays: false };
      }
      const k = outputs.indexOf(x.value);
      if (k >= 0) return { dtype, address: addresses[k]!, row: box.columns, column: 1, stays: false };
      return { dtype, address: at + room.offsets.get(x.value)!, row: box.columns, column: 1, stays: true };
    };
    const whole = (value: Value): Location => locate({ value, offset: 0, strides: [] });

    /** The instructions for so many units from one on. */
    const encodeTile = (to: Tape, from: number, units: number): void => {
      const move = ({ dtype, address, row, column, stays }: Location): number =>
        stays ? address : address + from * (unit === 1 ? column : row) * dtypes[dtype].bytes;
      const tensor = (x: Location): Tensor => {
        const over = unit === 1 ? [units] : [units, unit];
        return standIn(x.dtype, move(x), over, unit === 1 ? [x.column] : [x.row, x.column]);
      };
      for (const phase of phases) {
        if (phase.kind === "emitted") {
          const { params, reads, writes } = functions.get(phase)!;
          const list = [...writes.map(whole), ...reads.map(locate)];
          const flat = unit === 1 || list.every(({ row, column }) => (column === 1 ? row === unit : row === 0));
          const elements = units * unit;
          const words = list.map(
            (x) => [move(x), (flat ? elements * x.column : x.row) * dtypes[x.dtype].bytes] as const,
          );
          encodeEmitted(to, params.place, flat ? 1 : units, flat ? elements : unit, words);
          continue;
        }
        const [step] = phase.steps;
        const [output] = step.outputs;
        const given = step.inputs.map((x) => locate(spread(x, domainOf(step))));
        if (phase.kind === "kernel") {
          step.primitive.encode!(to, tensor(whole(output!)), given.map(tensor), step.params);
        } else {
          const done = Math.floor((from * unit) / Limit.Block) * sumBytes(output!);
          const sums = standIn("f64", totals + room.offsets.get(output!)! + done, [], []);
          const count = units * unit;
          encodeReduce(to, Flow.Blocks, sums, standIn(output!.dtype, move(given[0]!), [count], [1]), 1, count, 1);
        }
      }
    };

    const units = (box.rows * box.columns) / unit;
    const times = Math.floor(units / length);
    if (times > 0) {
      const tile = (from: number): Int32Array => {
        const words = new Words();
        encodeTile(words, from, length);
        return words.words.slice(0, words.length);
      };
      const [body, next] = [tile(0), tile(length)];
      at += ALIGNMENT;
      const elsewhere = tile(0);
      at -= ALIGNMENT;
      encodeRepeat(tape, times, body, next, elsewhere, at, room.tiles);
    }
    if (times * length < units) encodeTile(tape, times * length, units - times * length);
    for (const { kind, steps } of phases) {
      if (kind !== "total") continue;
      const [y] = steps[0].outputs;
      const sums = standIn(y!.dtype, totals + room.offsets.get(y!)!, [blocks], [1]);
      encodeReduce(tape, Flow.Total, standIn(y!.dtype, addresses[outputs.indexOf(y!)]!, [], []), sums, 1, blocks, 1);
    }
  };

  const step: Step = {
    primitive: fusedPrimitive(all, encodeParts),
    params: null,
    inputs: operands.map((x) => operandOf(x, shape)),
    outputs: [...outputs, scratch],
    parts: true,
    over: [...outputs.map((y) => overwritten(y, group, phases, box)), []],
    repeated: false,
  };
  return { steps: [step], emitted };
}

/** What an output may be written over: operands that no later phase reads. */
function overwritten(output: Value, { operands, shape }: Group, phases: readonly Phase[], box: Box): Value[] {
  if (box.rows > 1) return [];
  const made = phases.findIndex(({ steps }) => steps.some(({ outputs }) => outputs.includes(output)));
  const later = phases.slice(made + 1).flatMap(({ steps }) => steps.flatMap(({ inputs }) => inputs));
  return operands.flatMap((x) => {
    if (!liesAs(x, output, operands, shape) || later.some(({ value }) => value === x.value)) return [];
    return x.value;
  });
}

/** Bytes of the sum of a block. */
function sumBytes({ dtype }: Value): number {
  return dtype === "i32" ? 4 : 8;
}

/**
 * Where the tiles lie, and behind them the sums of blocks: a tile is taken again when its value has been read for the last time.
 */
function tilesOf(
  phases: readonly Phase[],
  isWanted: (value: Value) => boolean,
  elements: number,
  blocks: number,
): { offsets: ReadonlyMap<Value, number>; tiles: number; bytes: number } {
  const offsets = new Map<Value, number>();
  const free: number[] = [];
  let bytes = 0;
  // Every tile has room for the widest elements there are.
  const widest = Math.max(
    ...phases.flatMap(({ steps }) => steps.map(({ outputs }) => dtypes[outputs[0]!.dtype].bytes)),
  );
  const last = new Map<Value, number>();
  for (const [at, { steps }] of phases.entries()) for (const { inputs } of steps) for (const x of inputs) last.set(x.value, at); // prettier-ignore
  for (const [at, phase] of phases.entries()) {
    for (const value of phase.kind === "total" ? [] : writesOf(phase, phases, isWanted)) {
      if (isWanted(value)) continue;
      const offset = free.pop() ?? bytes;
      if (offset === bytes) bytes += aligned(elements * widest);
      offsets.set(value, offset);
    }
    for (const [value, use] of last) if (use === at && offsets.has(value)) free.push(offsets.get(value)!);
  }
  const tiles = bytes;
  for (const { kind, steps } of phases) {
    if (kind !== "total") continue;
    for (const value of steps[0].outputs) {
      offsets.set(value, bytes);
      bytes += aligned(blocks * sumBytes(value));
    }
  }
  return { offsets, tiles, bytes: Math.max(bytes, ALIGNMENT) };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
