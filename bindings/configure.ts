import { setDefaultDType, type DTypeName } from "./core/dtype.js";
import { setDebugNaN } from "./core/running/finite.js";
import { checkOptions, type Known } from "./core/options.js";
import { largestAllocations, setDebug } from "./runtime/debug.js";
import { platform, start } from "./runtime/instance.js";
import { configureRuntime, type RuntimeOptions } from "./runtime/options.js";
import { usage } from "./runtime/storage.js";
import { threadFigures } from "./runtime/threads.js";

/** What `configure` can be told. */
export interface ConfigureOptions extends RuntimeOptions {
  /** Element type of numbers and nested arrays for which none is given: "f32" (the default) or "f64". */
  dtype?: DTypeName;
  /** Record the source lines that make and free tensors, for messages and `memory()`. Slow. Default false. */
  debug?: boolean;
  /**
   * Throw a NonFiniteError that names the first operation that makes a NaN or an infinity of finite numbers, forward or in a
   * derivative. Slow. Default false.
   */
  debugNaN?: boolean;
}

const KNOWN: Known<ConfigureOptions> = {
  dtype: null,
  debug: false,
  debugNaN: false,
  wasm: null,
  deterministic: false,
  build: null,
  wide: false,
  shared: false,
  maximumBytes: 0,
  threads: 0,
  splitAbove: 0,
  workerUrl: null,
};

/** Settings of the library. Those of the runtime must be made before the first tensor, but for what concerns threads. */
export function configure(options: ConfigureOptions): void {
  checkOptions("configure", options, KNOWN);
  const { dtype, debug, debugNaN, ...runtime } = options;
  // What can be refused comes first.
  configureRuntime(runtime);
  if (dtype !== undefined) setDefaultDType(dtype);
  if (debug !== undefined) setDebug(debug);
  if (debugNaN !== undefined) setDebugNaN(debugNaN);
}

/** What `memory` answers. */
export interface MemoryFigures {
  /** Bytes in live tensors. */
  readonly bytes: number;
  /** Live tensors; views of one storage count once. */
  readonly tensors: number;
  /** The most bytes that there have been. */
  readonly highWater: number;
  /** Bytes that the garbage collector or `dispose` will free, no scope: outside of any, kept, in variables, of programs. */
  readonly waiting: number;
  /** Under `configure({ debug: true })`: the source lines that hold most, with their bytes and tensors. */
  readonly largest: readonly { readonly site: string; readonly bytes: number; readonly tensors: number }[];
}

/** How much memory tensors take at present. Constants and working memory of the library itself are not counted. */
export function memory(): MemoryFigures {
  return {
    bytes: usage.bytes,
    tensors: usage.storages,
    highWater: usage.highWater,
    waiting: usage.guardedBytes,
    largest: largestAllocations(10),
  };
}

/** What `info` answers. */
export interface Info {
  /** Which build of the core runs: baseline or relaxed SIMD, that of wide mode, or one given to `configure` (custom). */
  readonly build: string;
  /** Why it is not that of wide mode, where that was asked for. */
  readonly wideReason: string | undefined;
  /** Whether linear memory is shared. */
  readonly shared: boolean;
  /** Threads that work at present, this one included. Others may be on their way, or not be worth starting yet. */
  readonly threads: number;
  /** Why there are fewer threads than there might be, if something stands against them. */
  readonly reason: string | undefined;
  /** The most bytes that linear memory can grow to. */
  readonly maximumBytes: number;
}

/** How the library runs here. */
export function info(): Info {
  start();
  return { ...platform!, ...threadFigures() };
}
