// A worker thread that compiles assembly/ for the targets of asconfig.json that it is sent, one after the other, and posts
// for each the WebAssembly or what is wrong.
import { main as compile } from "assemblyscript/asc";
import { parentPort } from "node:worker_threads";
import { ROOT } from "./run.mjs";

/** Targets that are not the kernels. @type {Record<string, string>} */
const ENTRIES = { unpack: "assembly/unpack/index.ts", tiles: "assembly/tiles/index.ts" };

/** @typedef {Record<"setAlwaysInlineMaxSize" | "setFlexibleInlineMaxSize", (size: number) => void>} Module as asc optimises it */

/**
 * Puts fewer functions in the place of their calls: those of at most 6 nodes, and of 12 where that may help, not 12 and 70,
 * which packs 1.7 KB smaller. What is called in the loops of kernels is `@inline`, so that no size decides about it.
 */
class FewerInlined {
  /** @this {{ program: { module: Module } }} as asc makes it */
  afterCompile() {
    const { module } = this.program;
    const { setAlwaysInlineMaxSize: always, setFlexibleInlineMaxSize: flexible } = module;
    module.setAlwaysInlineMaxSize = () => always.call(module, 6);
    module.setFlexibleInlineMaxSize = () => flexible.call(module, 12);
  }
}

/**
 * A class of a transform: asc makes the object, though its types ask for one.
 * @param {unknown} made
 */
function asTransform(made) {
  return /** @type {import("assemblyscript/asc").Transform} */ (made);
}

parentPort?.on("message", async (/** @type {string} */ target) => {
  /** @type {unknown} */
  let wasm;
  const entry = ENTRIES[target] ?? "assembly/index.ts";
  const { error, stderr } = await compile([entry, "--config", "asconfig.json", "--target", target, "--baseDir", ROOT], {
    transforms: [asTransform(FewerInlined)],
    writeFile(_name, content) {
      wasm = content;
    },
  });
  parentPort?.postMessage({ wasm: error ? undefined : wasm, messages: stderr.toString() || error?.message || "" });
});
