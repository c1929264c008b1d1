// node --expose-gc probe.mjs READER FILE: prints what reading a file came to, and by how many bytes
// the process has grown at most. In Linux, whose kernel tells.
import { readFileSync, writeFileSync } from "node:fs";

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

const [reader = "", path = ""] = process.argv.slice(2);
const read = READERS[reader];
if (!read) throw new Error(`no reader ${reader}`);

// What the code itself takes is taken before.
const x = tensor([1, 2, 3]);
parseSafetensors(formatSafetensors({ x }));
parseNpy(formatNpy(x));
await readNpz(await formatNpz({ x }, { compress: true }));
await new Response(new Blob([new Uint8Array(1 << 20)]).stream()).arrayBuffer();

for (let i = 0; i < 4; i++) globalThis.gc?.();
writeFileSync("/proc/self/clear_refs", "5"); // The peak is from now on.
const before = kilobytes("VmRSS");
let result;
try {
  result = await read(path);
} catch (error) {
  result = error;
}
const grown = (kilobytes("VmHWM") - before) * 1024;
const outcome = result instanceof Error ? `${result.name}: ${result.message}` : "read";
console.log(JSON.stringify({ outcome, grown }));

/** @param {string} name */
function kilobytes(name) {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)?.[1]);
}
