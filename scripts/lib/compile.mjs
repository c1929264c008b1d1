// A worker thread that compiles assembly/ for the targets of asconfig.json that it is sent, one after the other, and posts
// for each the WebAssembly or what is wrong.
import { main as compile } from "assemblyscript/asc";
import { parentPort } from "node:worker_threads";
import { ROOT } from "./run.mjs";

/** Targets that are not the kernels. @type {Record<string, string>} */
const ENTRIES = { unpack: "assembly/unpack/index.ts", tiles: "assembly/tiles/index.ts" };

parentPort?.on("message", async (/** @type {string} */ target) => {
  /** @type {unknown} */
  let wasm;
  const entry = ENTRIES[target] ?? "assembly/index.ts";
  const { error, stderr } = await compile([entry, "--config", "asconfig.json", "--target", target, "--baseDir", ROOT], {
    writeFile(_name, content) {
      wasm = content;
    },
  });
  parentPort?.postMessage({ wasm: error ? undefined : wasm, messages: stderr.toString() || error?.message || "" });
});
