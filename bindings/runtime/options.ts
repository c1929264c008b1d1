import type * as OperatingSystem from "node:os";
import { Limit } from "../../assembly/abi/limit.js";
import { ValueError } from "../errors.js";
import { nodeModule } from "./node.js";
import { PAGE } from "./page.js";

/** What the runtime can be told before its first use. */
export interface RuntimeOptions {
  /** WebAssembly bytes to use instead of those inside the bundle, for pages whose policy forbids inlining them. */
  wasm?: ArrayBuffer | ArrayBufferView;
  /** Pin the baseline build: the same bits on every engine and machine. Default false. */
  deterministic?: boolean;
  /** Which build to run; by default the fastest that the engine has. */
  build?: "baseline" | "relaxed";
  /**
   * Experimental, in Node 24 or newer: products of matrices by vectors of 256 bits, where V8 can be brought to that. Default false.
   * `info()` says whether it is so, or why not.
   */
  wide?: boolean;
  /** Whether linear memory is shared; by default wherever the platform allows it. */
  shared?: boolean;
  /** Most bytes of linear memory, up to 4 GiB (the default). */
  maximumBytes?: number;
  /**
   * Threads that large operations are divided among, this one included: 1 to 16; by default as many as there are cores, up to 8. They
   * are started when there is enough work for them. May be changed at any time.
   */
  threads?: number;
  /**
   * The estimated nanoseconds of one thread's work from which an operation is divided. Default 10,000; 0 divides all that can be. Programs that are made already
   * are divided as before.
   */
  splitAbove?: number;
  /** Where the script of workers is, for pages whose policy forbids those made of a Blob: wengert/thread.js, of the package. */
  workerUrl?: string | URL;
}

const MOST_PAGES = 65536;

const FIXED = ["wasm", "deterministic", "build", "wide", "shared", "maximumBytes"];
const MOST_THREADS = 8;

let chosen: RuntimeOptions = {};
/** Once the runtime has started: what tells it of options that can still change. */
let apply: (() => void) | undefined;

/** Adds to the options, but what is undefined; an error once the runtime has started, for those that cannot change then. */
export function configureRuntime(given: RuntimeOptions): void {
  const options = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as RuntimeOptions;
  const late = apply ? Object.keys(options).filter((name) => FIXED.includes(name)) : [];
  if (late.length > 0)
    throw new ValueError("configure", "runtime options before the first tensor is made", late.join(", "));
  if (options.build !== undefined && options.build !== "baseline" && options.build !== "relaxed") {
    throw new ValueError("configure", "build baseline or relaxed", String(options.build));
  }
  if (
    options.maximumBytes !== undefined &&
    !(options.maximumBytes >= 4 * PAGE && options.maximumBytes <= MOST_PAGES * PAGE)
  ) {
    throw new ValueError("configure", "maximumBytes from 256 KiB to 4 GiB", String(options.maximumBytes));
  }
  const { threads, splitAbove } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= Limit.Threads))
    throw new ValueError("configure", `threads from 1 to ${Limit.Threads}`, String(threads));
  if (splitAbove !== undefined && !(splitAbove >= 0))
    throw new ValueError("configure", "splitAbove of at least 0 nanoseconds", String(splitAbove));
  chosen = { ...chosen, ...options };
  if (threads !== undefined || splitAbove !== undefined) apply?.();
}

/** From now on most options are fixed; `then` hears of the others, now and whenever they change. */
export function sealOptions(then: () => void): void {
  apply = then;
  then();
}

/** The options as they stand. */
export function chosenOptions(): RuntimeOptions & {
  readonly maximumPages: number;
  readonly threads: number;
  readonly splitAbove: number;
} {
  return {
    ...chosen,
    maximumPages: Math.floor((chosen.maximumBytes ?? MOST_PAGES * PAGE) / PAGE),
    threads: chosen.threads ?? Math.min(cores(), MOST_THREADS),
    splitAbove: chosen.splitAbove ?? 10_000,
  };
}

/** Cores that there are for this process. Node 20 has no navigator. */
function cores(): number {
  if (typeof navigator !== "undefined") return navigator.hardwareConcurrency || 1;
  const os = nodeModule("node:os") as typeof OperatingSystem | undefined;
  return os?.availableParallelism() ?? 1;
}
