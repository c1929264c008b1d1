import { Flow } from "../../../assembly/abi/flow.js";
import { Limit } from "../../../assembly/abi/limit.js";
import { dtypes, type DTypeName } from "../../core/dtype.js";
import { addressOf, encodeEmitted, encodeReduce, encodeRepeat } from "../../core/encode/encode.js";
import type { Tensor } from "../../core/graph.js";
import type { Tape } from "../../runtime/tape.js";
import { fusedStep, mayBecome, type EmittedLoop, type EmittedParams } from "./emitted-step.js";
import type { Step, Value } from "../capture/graph.js";
import { domainOf, sameSpread, spread, type Box, type Group, type Spread } from "./groups.js";
import { expressionOf, readsOf, writesOf, type Phase } from "./phases.js";
import { ALIGNMENT } from "../plan/plan.js";
import { roomFor, sumBytes, type Room, type Tiling } from "./tiles.js";
import { standIn, Words } from "../lower/words.js";

/** A group that goes tile by tile, and all that is known of it before it has addresses. */
interface Tiled {
  readonly group: Group;
  readonly phases: readonly Phase[];
  readonly tiling: Tiling;
  readonly outputs: readonly Value[];
  readonly room: Room;
  readonly loops: ReadonlyMap<Phase, Loop>;
}

/** A phase that is emitted: its function, and what that reads and writes. */
interface Loop extends EmittedLoop {
  readonly reads: readonly Spread[];
  readonly writes: readonly Value[];
}

/** One tile, and where everything lies for it. */
interface Tile {
  readonly inputs: readonly Tensor[];
  /** Of the outputs, and last of the scratch memory. */
  readonly addresses: readonly number[];
  /** Of what passes between phases: that of the scratch memory, but where it is to be seen which words depend on it. */
  readonly local: number;
  /** The first of its units. */
  readonly from: number;
  readonly units: number;
}

/** The first element of something in a tile, and how far elements lie apart from row to row and in a row. */
interface Location {
  readonly dtype: DTypeName;
  readonly address: number;
  readonly row: number;
  readonly column: number;
}

/** A step that does all phases of a group tile by tile. What passes between phases lies in tiles. */
export function tiledStep(
  group: Group,
  phases: readonly Phase[],
  isWanted: (value: Value) => boolean,
  tiling: Tiling,
): { steps: [Step]; emitted: Loop[] } {
  const { box } = tiling;
  const { shape, operands } = group;
  const steps = phases.flatMap((phase) => phase.steps);
  const outputs = steps.flatMap((step) => step.outputs).filter(isWanted);
  const room = roomFor(phases, isWanted, tiling);
  const loops = new Map<Phase, Loop>();
  for (const phase of phases) {
    if (phase.kind !== "emitted") continue;
    const reads = readsOf(phase.steps);
    const writes = writesOf(phase, phases, isWanted);
    const streams = reads.map((x) => (box.strides[operandAt(group, x)]?.[1] ?? 1) === 1);
    const params: EmittedParams = { place: 0, rows: 0, columns: 0, steps: [] };
    loops.set(phase, { expression: expressionOf(phase, reads, streams, writes), params, reads, writes });
  }
  const tiled: Tiled = { group, phases, tiling, outputs, room, loops };
  const scratch: Value = {
    origin: { kind: "step" },
    dtype: "u8",
    shape: [room.bytes],
    size: room.bytes,
    name: undefined,
  };
  const over = [...outputs.map((y) => overwritten(y, group, phases, box)), []];
  const step = fusedStep(steps, shape, operands, [...outputs, scratch], over, (tape, addresses, inputs) =>
    writeAll(tape, tiled, addresses, inputs),
  );
  return { steps: [step], emitted: [...loops.values()] };
}

/** Writes the instructions of a group: of its tiles, of what is left behind the last whole one, and of its sums. */
function writeAll(tape: Tape, tiled: Tiled, addresses: readonly number[], inputs: readonly Tensor[]): void {
  const { phases, tiling, outputs, room } = tiled;
  const scratch = addresses.at(-1)!;
  const { box, unit, length } = tiling;
  const units = (box.rows * box.columns) / unit;
  const times = Math.floor(units / length);
  const write = (to: Tape, from: number, count: number, local = scratch): void =>
    writeTile(to, tiled, { inputs, addresses, local, from, units: count });
  if (times > 0) {
    const whole = (from: number, local?: number): Int32Array => {
      const words = new Words();
      write(words, from, length, local);
      return words.words.slice(0, words.length);
    };
    encodeRepeat(tape, times, whole(0), whole(length), whole(0, scratch + ALIGNMENT), scratch, room.tiles);
  }
  if (times * length < units) write(tape, times * length, units - times * length);
  for (const { kind, steps } of phases) {
    if (kind !== "total") continue;
    const [y] = steps[0].outputs;
    const sums = standIn(y!.dtype, scratch + room.offsets.get(y!)!, [room.blocks], [1]);
    encodeReduce(tape, Flow.Total, standIn(y!.dtype, addresses[outputs.indexOf(y!)]!, [], []), sums, 1, room.blocks, 1);
  }
}

/** Writes the instructions of one tile. */
function writeTile(tape: Tape, tiled: Tiled, tile: Tile): void {
  const { phases, tiling, room, loops } = tiled;
  const { unit } = tiling;
  const { units } = tile;
  const count = units * unit;
  const locate = (x: Spread): Location => locationOf(x, tiled, tile);
  const tensor = ({ dtype, address, row, column }: Location): Tensor =>
    unit === 1 ? standIn(dtype, address, [units], [column]) : standIn(dtype, address, [units, unit], [row, column]);
  for (const phase of phases) {
    if (phase.kind === "emitted") {
      const { params, reads, writes } = loops.get(phase)!;
      const list = [...writes.map(all), ...reads].map(locate);
      const flat = unit === 1 || list.every(({ row, column }) => (column === 1 ? row === unit : row === 0));
      const words = list.map(
        ({ dtype, address, row, column }) => [address, (flat ? count * column : row) * dtypes[dtype].bytes] as const,
      );
      encodeEmitted(tape, params.place, flat ? 1 : units, flat ? count : unit, words);
      continue;
    }
    const [step] = phase.steps;
    const output = step.outputs[0]!;
    const given = step.inputs.map((x) => locate(spread(x, domainOf(step))));
    if (phase.kind === "kernel") {
      step.primitive.encode!(tape, tensor(locate(all(output))), given.map(tensor), step.params);
    } else {
      const done = Math.floor((tile.from * unit) / Limit.Block) * sumBytes(output);
      const sums = standIn("f64", tile.addresses.at(-1)! + room.offsets.get(output)! + done, [], []);
      encodeReduce(tape, Flow.Blocks, sums, standIn(output.dtype, given[0]!.address, [count], [1]), 1, count, 1);
    }
  }
}

/** Where an operand or an output of the group lies, or what passes between its phases and is the same place in every tile. */
function locationOf(x: Spread, { group, tiling: { box, unit }, outputs, room }: Tiled, tile: Tile): Location {
  const { dtype } = x.value;
  const i = operandAt(group, x);
  const [row, column] = box.strides[i] ?? [box.columns, 1];
  const start = i < 0 ? tile.addresses[outputs.indexOf(x.value)] : addressOf(tile.inputs[i]!);
  const address =
    start === undefined
      ? tile.local + room.offsets.get(x.value)!
      : start + tile.from * (unit === 1 ? column : row) * dtypes[dtype].bytes;
  return { dtype, address, row, column };
}

/** The position of what is read among the group's operands; -1 for what it makes itself. */
function operandAt({ operands }: Group, x: Spread): number {
  return operands.findIndex((y) => sameSpread(x, y));
}

/** All of a value that the group makes. */
function all(value: Value): Spread {
  return { value, offset: 0, strides: [] };
}

/** What an output may be written over: operands that no later phase reads. */
function overwritten(output: Value, { operands, shape }: Group, phases: readonly Phase[], box: Box): Value[] {
  if (box.rows > 1) return [];
  const made = phases.findIndex(({ steps }) => steps.some(({ outputs }) => outputs.includes(output)));
  const later = phases.slice(made + 1).flatMap(({ steps }) => steps.flatMap(({ inputs }) => inputs));
  return operands.flatMap((x) => {
    if (!mayBecome(x, output, operands, shape) || later.some(({ value }) => value === x.value)) return [];
    return x.value;
  });
}
