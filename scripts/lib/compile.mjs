// A worker thread that compiles assembly/ for the targets of asconfig.json that it is sent, one after the other, and posts
// for each the WebAssembly or what is wrong.
import { main as compile } from "assemblyscript/asc";
import { parentPort } from "node:worker_threads";
import { ROOT } from "./run.mjs";

/** Targets that are not the kernels. @type {Record<string, string>} */
const ENTRIES = { unpack: "assembly/unpack/index.ts", tiles: "assembly/tiles/index.ts" };

/**
 * @typedef {Record<"setAlwaysInlineMaxSize" | "setFlexibleInlineMaxSize", (size: number) => void> & {
 *   runPasses: (passes: string[], part?: unknown) => void
 * }} Module as asc optimises it
 */

/**
 * Optimises for small packages. Fewer functions take the place of their calls: those of at most 6 nodes, and of 12 where that may
 * help, not 12 and 70, which packs 1.7 KB smaller: what is called in the loops of kernels is `@inline`, so that no size decides
 * about it. And expressions stay nested, which packs 0.3 KB smaller.
 */
class Packable {
  /** @this {{ program: { module: Module } }} as asc makes it */
  afterCompile() {
    const { module } = this.program;
    const { setAlwaysInlineMaxSize: always, setFlexibleInlineMaxSize: flexible, runPasses: run } = module;
    const isKept = (/** @type {string} */ pass) => pass !== "flatten";
    module.setAlwaysInlineMaxSize = () => always.call(module, 6);
    module.setFlexibleInlineMaxSize = () => flexible.call(module, 12);
    module.runPasses = (passes, part) => run.call(module, passes.filter(isKept), part);
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
    transforms: [asTransform(Packable)],
    writeFile(_name, content) {
      wasm = content;
    },
  });
  parentPort?.postMessage({ wasm: error ? undefined : wasm, messages: stderr.toString() || error?.message || "" });
});
