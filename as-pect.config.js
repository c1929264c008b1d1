// The tests of assembly/ reach the kernels through the imports of assembly/__tests__/subject.ts: a second module on the
// tests' own memory. WENGERT_SUBJECT picks it: `source` (the default) is compiled here, unoptimised and with every check
// on; `baseline`, `relaxed` and `wide` are the files in build/, as they are shipped.
// npm test compiles the tests once for all subjects (scripts/specs.mjs); `npx asp` runs them against one.
import { readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";

/** The tests' own data and heap begin here (memoryBase in as-pect.asconfig.json), and the subject's arena ends here. */
const MEMORY = { initial: 4096, maximum: 8192, shared: true };

const SHIPPED = ["baseline", "relaxed", "wide"];
const subject = process.env.WENGERT_SUBJECT ?? "source";

// Node 20 has relaxed SIMD behind a flag.
setFlagsFromString("--experimental-wasm-relaxed-simd");

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;

/** What the wide build imports. @type {Promise<WebAssembly.Module> | undefined} */
const tiles = subject === "wide" ? readFile("build/tiles.wasm").then(WebAssembly.compile) : undefined;

export default {
  // One entry and all specs beside it: compiled once rather than 25 times, what they share too.
  entries: ["assembly/__tests__/subject.ts"],
  include: ["assembly/__tests__/**/*.spec.ts"],
  disclude: [/node_modules/],
  outputBinary: false,
  /**
   * @param {unknown} _ memory that is not ours
   * @param {(imports: object) => import("@assemblyscript/loader").Imports} createImports
   * @param {typeof import("@assemblyscript/loader").instantiate} instantiate
   * @param {BufferSource} binary
   */
  async instantiate(_, createImports, instantiate, binary) {
    const memory = new WebAssembly.Memory(MEMORY);
    compiled ??= (SHIPPED.includes(subject) ? readFile(`build/${subject}.wasm`) : source()).then((bytes) =>
      WebAssembly.compile(bytes),
    );
    const env = { memory, abort };
    const imported = tiles ? (await WebAssembly.instantiate(await tiles, { env })).exports : {};
    const { exports } = await WebAssembly.instantiate(await compiled, { env, tiles: imported });
    return instantiate(binary, createImports({ env: { memory }, subject: exports }));
  },
};

function abort() {
  throw new Error("the subject aborted");
}

/** @returns {Promise<Uint8Array<ArrayBuffer>>} the kernels unoptimised and with every check on, or what was made of them before */
function source() {
  const { WENGERT_SOURCE: made } = process.env;
  return made ? readFile(made) : compile();
}

/** @returns {Promise<Uint8Array<ArrayBuffer>>} */
export async function compile() {
  const { main: asc } = await import("assemblyscript/asc");
  let wasm;
  const options =
    "--runtime stub --importMemory --noExportMemory --exportTable --sharedMemory --initialMemory 4 --maximumMemory 65536";
  const { error, stderr } = await asc(
    [
      "assembly/index.ts",
      "--config",
      "none",
      "--debug",
      "--outFile",
      "source.wasm",
      "--enable",
      "simd,threads",
      "--use",
      "FUSED=0",
      "--use",
      "PAIRED=0",
      "--disableWarning",
      "112,201",
      ...options.split(" "),
    ],
    { writeFile: (_, contents) => void (wasm = contents) },
  );
  if (error || !wasm) throw new Error(`assembly/index.ts: ${error?.message}\n${stderr}`);
  return wasm;
}
