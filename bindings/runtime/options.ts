import { ValueError } from "../errors.js";
import { PAGE } from "./page.js";

/** What the runtime can be told before its first use. */
export interface RuntimeOptions {
  /** WebAssembly bytes to use instead of those inside the bundle, for pages whose policy forbids inlining them. */
  wasm?: BufferSource;
  /** Pin the baseline build: the same bits on every engine and machine. Default false. */
  deterministic?: boolean;
  /** Which build to run; by default the fastest that the engine has. */
  build?: "baseline" | "relaxed";
  /** Whether linear memory is shared; by default wherever the platform allows it. */
  shared?: boolean;
  /** Most bytes of linear memory, up to 4 GiB (the default). */
  maximumBytes?: number;
}

const MOST_PAGES = 65536;

const KNOWN = ["wasm", "deterministic", "build", "shared", "maximumBytes"];

let chosen: RuntimeOptions = {};
let sealed = false;

/** Adds to the options; an error once the runtime has started, since none can change then. */
export function configureRuntime(options: RuntimeOptions): void {
  if (Object.keys(options).length === 0) return;
  if (sealed)
    throw new ValueError(
      "configure",
      "runtime options before the first tensor is made",
      Object.keys(options).join(", "),
    );
  for (const name of Object.keys(options)) {
    if (!KNOWN.includes(name))
      throw new ValueError("configure", `an option among ${KNOWN.join(", ")}, dtype, debug, debugNaN`, name);
  }
  if (options.build !== undefined && options.build !== "baseline" && options.build !== "relaxed") {
    throw new ValueError("configure", "build baseline or relaxed", String(options.build));
  }
  if (
    options.maximumBytes !== undefined &&
    !(options.maximumBytes >= 4 * PAGE && options.maximumBytes <= MOST_PAGES * PAGE)
  ) {
    throw new ValueError("configure", "maximumBytes from 256 KiB to 4 GiB", String(options.maximumBytes));
  }
  chosen = { ...chosen, ...options };
}

/** From now on the options are fixed. */
export function sealOptions(): void {
  sealed = true;
}

/** The options as they stand. */
export function chosenOptions(): RuntimeOptions & { readonly maximumPages: number } {
  return { ...chosen, maximumPages: Math.floor((chosen.maximumBytes ?? MOST_PAGES * PAGE) / PAGE) };
}
