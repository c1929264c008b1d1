// node --expose-gc probe.mjs: for each line "READER FILE" that it is sent, prints what reading the file came to, and by how
// many bytes the process has grown at most since it began: nothing that earlier files left is forgiven. In Linux, whose
// kernel tells.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** @type {typeof import("../../../bindings/io/index.js")} */
const io = await import(String(new URL("../../../dist/io.js", import.meta.url)));
/** @type {typeof import("../../../bindings/index.js")} */
const { tensor } = await import(String(new URL("../../../dist/index.js", import.meta.url)));
const { formatNpy, formatNpz, formatSafetensors, parseNpy, parseSafetensors, readNpy, readNpz, readSafetensors } = io;

/** @type {Record<string, (path: string) => unknown>} */
const READERS = {
  parseSafetensors: (path) => parseSafetensors(readFileSync(path)),
  readSafetensors: (path) => readSafetensors(path),
  streamSafetensors: (path) => readSafetensors(new Blob([readFileSync(path)]).stream()),
  parseNpy: (path) => parseNpy(readFileSync(path)),
  streamNpy: (path) => readNpy(new Blob([readFileSync(path)]).stream()),
  readNpz: (path) => readNpz(path),
};

// What the code itself takes is taken before.
const x = tensor([1, 2, 3]);
parseSafetensors(formatSafetensors({ x }));
parseNpy(formatNpy(x));
await readNpz(await formatNpz({ x }, { compress: true }));
await new Response(new Blob([new Uint8Array(1 << 20)]).stream()).arrayBuffer();

let smallest = Infinity;
for await (const line of createInterface({ input: process.stdin })) {
  const [reader = "", path = ""] = line.split(" ");
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  writeFileSync("/proc/self/clear_refs", "5"); // The peak is from now on.
  smallest = Math.min(smallest, kilobytes("VmRSS"));
  const outcome = await outcomeOf(reader, path);
  console.log(JSON.stringify({ outcome, grown: (kilobytes("VmHWM") - smallest) * 1024 }));
}

/**
 * What reading a file comes to. In a function of its own, whose values are gone when it returns.
 * @param {string} reader
 * @param {string} path
 */
async function outcomeOf(reader, path) {
  const read = READERS[reader];
  if (!read) throw new Error(`no reader ${reader}`);
  try {
    await read(path);
    return "read";
  } catch (error) {
    return String(error);
  }
}

/** @param {string} name */
function kilobytes(name) {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)?.[1]);
}
