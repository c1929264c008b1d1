// Wide mode: the file dist/wide.cjs, which the core asks for where it is wanted. See docs/wide.md.
import type * as FileSystem from "node:fs";
import type * as V8 from "node:v8";
import type * as VirtualMachine from "node:vm";
import { nodeModule } from "./node.js";

/** What the core runs in wide mode, or why it cannot. */
export interface Wide {
  /** The core, which imports the tiles. */
  readonly bytes?: Uint8Array;
  readonly tiles?: WebAssembly.Module;
  readonly reason?: string;
}

type Tile = (a: number, aRow: number, aStep: number, b: number, bStep: number, k: number, c: number, cRow: number) => void; // prettier-ignore

/** The exports of assembly/tiles. */
export type Tiles = Readonly<Record<string, Tile>>;

const LEAST_NODE = 24;
const LEAST_GAIN = 1.2;

/** The two parts of wide mode, once they have been seen to belong to the core that asks, and to be right and fast here. */
export function open(stamp: string): Wide {
  const { readFileSync } = nodeModule("node:fs") as typeof FileSystem;
  const read = (name: string) => readFileSync(`${__dirname}/${name}.wasm`);
  const [bytes, merged] = [read("wide"), read("tiles")];
  if (![bytes, merged].every((file) => file.subarray(-stamp.length).toString() === stamp))
    return { reason: "its files are of another version than what is running" };
  const { node = "", bun, deno } = process.versions as Partial<Record<string, string>>;
  if (bun !== undefined || deno !== undefined || !(parseInt(node) >= LEAST_NODE))
    return { reason: `it takes Node ${LEAST_NODE} or newer` };
  const tiles = new WebAssembly.Module(merged);
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
  const { exports } = new WebAssembly.Instance(tiles, { env: { memory } });
  optimise(exports as Tiles);
  const reason = fault(exports as Tiles, memory.buffer) ?? slowness(exports as Tiles);
  return reason === undefined ? { bytes, tiles } : { reason };
}

/**
 * Lets the optimising compiler have all tiles at once: the flag that makes it merge vectors is set no longer than that takes, so
 * hardly anything else that the process compiles is merged.
 */
function optimise(tiles: Tiles): void {
  const { setFlagsFromString } = nodeModule("node:v8") as typeof V8;
  const { runInThisContext } = nodeModule("node:vm") as typeof VirtualMachine;
  setFlagsFromString("--allow-natives-syntax");
  try {
    const compile = runInThisContext("(f) => %WasmTierUpFunction(f)") as (tile: Tile) => void;
    for (const name of PLAIN) compile(tiles[name]!);
    setFlagsFromString("--experimental-wasm-revectorize");
    for (const { name } of FORMS) compile(tiles[name]!);
  } finally {
    setFlagsFromString("--no-experimental-wasm-revectorize");
    setFlagsFromString("--no-allow-natives-syntax");
  }
}

const PLAIN = ["plain32", "plain64"] as const;

/** The tiles that are merged, with what they are compared with. */
const FORMS = (["32", "64"] as const).flatMap((bits) =>
  (["tall", "short", "addTall", "addShort"] as const).map((form) => ({
    name: `${form}${bits}`,
    plain: `plain${bits}`,
    size: Number(bits) / 8,
    rows: form.endsWith("hort") ? 4 : 6,
    adds: form.startsWith("add"),
  })),
);

/** Terms of the longest sums; bytes across a panel; rows of C of which there is one too many. */
const K = 256;
const PANEL = 64;
const ROWS = 7;

/**
 * Where the operands are, and the bytes from row to row of B and C: as if they were panels, and as in larger matrices that begin
 * anywhere. A tile may be wrong at some addresses alone.
 */
const PLACES = [
  { a: 0x10000, b: 0x20000, c: 0x30000, line: PANEL },
  { a: 0x12348, b: 0x21358, c: 0x32468, line: 3 * PANEL + 8 },
] as const;
const [{ a: A, b: B, c: C }] = PLACES;

/** What is wrong with the bits of the tiles, if anything. */
export function fault(tiles: Tiles, memory: ArrayBuffer): string | undefined {
  for (const { name, plain, size, rows, adds } of FORMS) {
    const Numbers = size === 4 ? Float32Array : Float64Array;
    for (const { a, b, c: place, line } of PLACES) {
      // The elements of A one behind the other along a row, or down a column.
      const [aRow, aStep] = line === PANEL ? [K * size, size] : [size, rows * size];
      for (const k of [1, 2, 3, K]) {
        const c = new Numbers(memory, place, (ROWS * line) / size);
        fill(memory);
        const before = c.slice();
        for (const half of [0, PANEL / 2]) tiles[plain]!(a, aRow, aStep, b + half, line, k, place + half, line);
        const isWritten = (i: number) => i * size < rows * line && (i * size) % line < PANEL;
        const expected = c.map((value, i) => (isWritten(i) ? (adds ? before[i]! + value : value) : before[i]!));
        c.set(before);
        tiles[name]!(a, aRow, aStep, b, line, k, place, line);
        if (c.some((value, i) => !Object.is(value, expected[i]))) return `tile ${name} computes something else`;
      }
    }
  }
  return undefined;
}

/** Numbers whose sums round: as f32 from 1 to 2, of either sign, and as f64 such as are not far from these. */
function fill(memory: ArrayBuffer): void {
  const words = new Uint32Array(memory, PLACES[0].a);
  let seed = 1;
  for (let i = 0; i < words.length; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    words[i] = (seed & 0x807fffff) | 0x3f800000;
  }
}

const ROUNDS = 15;
const CALLS = 10;

/** Which of the tiles is hardly faster than the ordinary one, if any: by the quickest of some runs, in turn. */
function slowness(tiles: Tiles): string | undefined {
  for (const { name, plain, size, rows } of FORMS) {
    const time = (tile: Tile): number => {
      const begun = performance.now();
      for (let i = 0; i < CALLS; i++) tile(A, K * size, size, B, PANEL, K, C, PANEL);
      return performance.now() - begun;
    };
    let [ordinary, merged] = [Infinity, Infinity];
    for (let i = 0; i < ROUNDS; i++) {
      ordinary = Math.min(ordinary, time(tiles[plain]!));
      merged = Math.min(merged, time(tiles[name]!));
    }
    // The ordinary tile has six rows, of half a panel.
    const gain = (2 * ordinary * rows) / 6 / merged;
    if (!(gain >= LEAST_GAIN)) return `tile ${name} is not faster: ${gain.toFixed(2)} times the ordinary one`;
  }
  return undefined;
}
