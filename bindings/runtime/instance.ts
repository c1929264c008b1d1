import type * as NodeModule from "node:module";
import { Team } from "../../assembly/abi/team.js";
import { baseline, relaxed, stamp } from "./generated/kernels.js";
import { OutOfMemoryError, RuntimeError, WengertError } from "../errors.js";
import { canShareMemory, hasRelaxedSimd, patchUnshared } from "./module.js";
import { nodeModule } from "./node.js";
import { chosenOptions, sealOptions, type RuntimeOptions } from "./options.js";
import { PAGE } from "./page.js";
import type { Wide } from "./wide.js";

/** What the WebAssembly module exports. Addresses come back signed: read them with `>>> 0`. */
export interface Kernels {
  allocate(bytes: number): number;
  release(address: number): number;
  /** Gives back the working memory of a thread. */
  surrender(thread: number): void;
  /** Tells the arena that memory has grown. */
  extend(): number;
  /** Runs the instructions in [tape, end); 0, or status | instruction number << 8. */
  replay(tape: number, end: number): number;
  fault(): number;
  statistics(): number;
  /** Marks the instructions in [tape, end) that are worth dividing among threads. */
  mark(tape: number, end: number): void;
  /** Waits for threads for a millisecond or so: a status. */
  joinThreads(): number;
  /** Address of what the host and the threads tell each other. */
  team(): number;
  /** Gives up the present job: a bit for each thread that has not done its part. */
  abandon(): number;
  /** Lets a worker end. */
  dismiss(thread: number): void;
  /** A worker has ended. */
  bury(thread: number): void;
  /** The place in the table of an operation as a function of one vector; 0 if it has none. */
  vectorFunction(op: number, dtype: number): number;
}

/** Views of the whole of linear memory. Made anew when it grows: never keep one across an allocation. */
export interface Heap {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
}

/** How the library came to run, for `info()`. */
export interface Platform {
  readonly build: "baseline" | "relaxed" | "wide" | "custom";
  readonly shared: boolean;
  readonly maximumBytes: number;
  readonly wideReason: string | undefined;
}

/** Address of the words that hold the one instruction of an eager operation, and its index in `heap.i32`. */
export let scratch = 0;
export let scratchWord = 0;

/** Bytes set aside for one instruction: more than the longest, a map of rank 16 with three inputs. */
export const SCRATCH_BYTES = 4096;

export let heap: Heap = viewsOf(new ArrayBuffer(0));
export let platform: Platform | undefined;
/** The functions that Emitted instructions call. Not before `start`. */
export let functions: WebAssembly.Table;
let memory: WebAssembly.Memory | undefined;
let module: WebAssembly.Module | undefined;
/** What the core of wide mode imports. */
let tiles: WebAssembly.Module | undefined;

/** The exports; until the first use they are a stand-in that starts the runtime. Nothing else is called before that. */
export let kernels = {
  allocate: (bytes) => (start(), kernels.allocate(bytes)),
  release: () => 0,
  replay: (tape, end) => (start(), kernels.replay(tape, end)),
  statistics: () => (start(), kernels.statistics()),
  vectorFunction: () => 0,
} as Pick<Kernels, "allocate" | "release" | "replay" | "statistics" | "vectorFunction"> as Kernels;

/** Whether there may be several threads, so that instructions are looked at before they are run. */
export let divides = false;

/** Compiles and instantiates the core, synchronously. Does nothing when that has been done. */
export function start(): void {
  if (platform) return;
  try {
    load();
  } catch (error) {
    if (error instanceof WengertError) throw error;
    throw new RuntimeError("load", "an engine that runs WebAssembly with 128-bit SIMD", String(error), {
      cause: error,
    });
  }
}

function load(): void {
  const options = chosenOptions();
  const shared = options.shared ?? canShareMemory();
  const wide: Wide = options.wide ? openWide(options, shared) : {};
  tiles = wide.tiles;
  const build = tiles ? "wide" : options.wasm ? "custom" : chooseBuild(options.build, options.deterministic ?? false);
  const bytes = wide.bytes ?? (options.wasm ? bytesOf(options.wasm) : build === "relaxed" ? relaxed() : baseline());
  const created = createMemory(shared, options.maximumPages);
  const exports = instantiate(created.shared ? bytes : patchUnshared(bytes), created.memory);
  memory = created.memory;
  kernels = exports;
  functions = exports.table;
  exports.initialize();
  refreshViews();
  scratch = kernels.allocate(SCRATCH_BYTES) >>> 0;
  scratchWord = scratch >>> 2;
  platform = { build, shared: created.shared, maximumBytes: created.pages * PAGE, wideReason: wide.reason };
  sealOptions(settleThreads);
}

/**
 * Turns of loops, about a millisecond. Where processors are busy, a thread that has been woken may come to lie on that of the one
 * that woke it; only one that stays awake for longer is moved to another.
 */
const PATIENCE = 400_000;
const WAKEFULNESS = 1_000_000;

/** Tells the core of the options about threads, as they are now. */
function settleThreads(): void {
  const { threads, splitAbove } = chosenOptions();
  const at = kernels.team() >>> 0;
  divides = platform!.shared && threads > 1;
  heap.u32[(at + Team.Threads) >>> 2] = divides ? threads : 1;
  heap.u32[(at + Team.Asked) >>> 2] = divides ? 0 : 1;
  heap.f64[(at + Team.Least) >>> 3] = splitAbove;
  heap.u32[(at + Team.Patience) >>> 2] = PATIENCE;
  heap.u32[(at + Team.Wakefulness) >>> 2] = WAKEFULNESS;
}

/** What another thread needs to become part of this instance. */
export function share(): {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  tiles: WebAssembly.Module | undefined;
} {
  return { module: module!, memory: memory!, tiles };
}

/** Takes another block for the instruction of eager operations; the address of the one before. */
export function renewScratch(): number {
  const old = scratch;
  scratch = allocateBlock(SCRATCH_BYTES);
  scratchWord = scratch >>> 2;
  return old;
}

/** Wide mode, by a file of Node's. */
function openWide({ wasm, build, deterministic }: RuntimeOptions, shared: boolean): Wide {
  if (wasm || build || deterministic || !shared) return { reason: "it takes shared memory, and no other build" };
  const node = nodeModule("node:module") as typeof NodeModule | undefined;
  try {
    return node
      ? (node.createRequire(import.meta.url)("wengert/wide.cjs") as { open(stamp: string): Wide }).open(stamp)
      : { reason: "it takes Node" };
  } catch (error) {
    return { reason: String(error) };
  }
}

function chooseBuild(asked: "baseline" | "relaxed" | undefined, deterministic: boolean): "baseline" | "relaxed" {
  if (asked === "relaxed" && !hasRelaxedSimd()) {
    throw new RuntimeError("load", "an engine with relaxed SIMD for build: relaxed", "one without it");
  }
  return asked ?? (!deterministic && hasRelaxedSimd() ? "relaxed" : "baseline");
}

function bytesOf(source: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

/** 64 MiB: the least maximum that is tried, and the most that memory grows by before that is needed. */
const AMPLE_PAGES = 1024;

/** Memory must be created with a maximum; where so much cannot be reserved, half of it is tried, down to `AMPLE_PAGES`. */
function createMemory(
  shared: boolean,
  maximumPages: number,
): { memory: WebAssembly.Memory; shared: boolean; pages: number } {
  let failure: unknown;
  for (let pages = maximumPages; pages >= Math.min(AMPLE_PAGES, maximumPages); pages >>>= 1) {
    try {
      return { memory: new WebAssembly.Memory({ initial: 4, maximum: pages, shared }), shared, pages };
    } catch (error) {
      failure = error;
    }
  }
  throw new RuntimeError("load", `memory for at most ${maximumPages * PAGE} bytes`, "an engine that reserves none", {
    cause: failure,
  });
}

type Exports = Kernels & { initialize(): void; readonly table: WebAssembly.Table };

function instantiate(bytes: Uint8Array, memory: WebAssembly.Memory): Exports {
  const env = { memory };
  module = new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>);
  const imports = { env, tiles: tiles ? new WebAssembly.Instance(tiles, { env }).exports : {} };
  return new WebAssembly.Instance(module, imports).exports as unknown as Exports;
}

/** Instantiates a module that imports the memory, `replay`, and functions by their places. Throws what the engine throws. */
export function instantiateEmitted(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory: memory!, replay: kernels.replay },
    f: new Proxy<WebAssembly.ModuleImports>({}, { get: (_, place) => functions.get(Number(place)) as () => void }),
  }).exports;
}

/** Address of a new block. Grows memory where it must; an error with the figures where it cannot. */
export function allocateBlock(bytes: number, explain = () => "for itself"): number {
  if (bytes < 4294967296) {
    const address = kernels.allocate(bytes) >>> 0;
    if (address !== 0) return address;
    const retried = grow(bytes) ? kernels.allocate(bytes) >>> 0 : 0;
    if (retried !== 0) return retried;
  }
  start();
  throw new OutOfMemoryError(
    "allocate",
    `at most ${platform?.maximumBytes ?? 0} bytes in all`,
    `${bytes} bytes more; ${explain()}`,
  );
}

/** Asks for room for `bytes`, and for half as much again as there is if that is more, so that growth is rare. */
export function grow(bytes: number): boolean {
  if (!memory) return false;
  const needed = Math.ceil((bytes + 2 * PAGE) / PAGE);
  const present = memory.buffer.byteLength / PAGE;
  const generous = Math.max(needed, Math.min(present >>> 1, AMPLE_PAGES));
  // All that is left may do, since what is free at the end of memory counts too.
  for (const pages of [generous, needed, platform!.maximumBytes / PAGE - present]) {
    try {
      memory.grow(pages);
    } catch {
      continue;
    }
    kernels.extend();
    refreshViews();
    return true;
  }
  return false;
}

function refreshViews(): void {
  if (memory) heap = viewsOf(memory.buffer);
}

function viewsOf(buffer: ArrayBufferLike): Heap {
  return {
    u8: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
  };
}
