// A worker thread that compiles assembly/ for one target of asconfig.json, and posts the WebAssembly or what is wrong.
import { main as compile } from "assemblyscript/asc";
import { parentPort, workerData } from "node:worker_threads";
import { ROOT } from "./run.mjs";

/** Targets that are not the kernels. @type {Record<string, string>} */
const ENTRIES = { unpack: "assembly/unpack/index.ts", tiles: "assembly/tiles/index.ts" };

/** @type {unknown} */
let wasm;
const { error, stderr } = await compile(
  [ENTRIES[workerData] ?? "assembly/index.ts", "--config", "asconfig.json", "--target", workerData, "--baseDir", ROOT],
  {
    writeFile(_name, content) {
      wasm = content;
    },
  },
);
parentPort?.postMessage({ wasm: error ? undefined : wasm, messages: stderr.toString() || error?.message || "" });
