// npm run build: assembly/ -> build/*.wasm -> dist/*.js and dist/types.
//   --if-stale   only what the sources of the last build do not answer for
//   --kernels    only the WebAssembly and the module that carries it, if stale
import { hashOf, isFresh, writeWhole } from "./lib/stale.mjs";

const TOOLS = ["package.json", "package-lock.json", "asconfig.json", "scripts/build.mjs", "scripts/lib"];

/** Loaded only when there is work: the compilers take longer to start than a check takes. */
const STAGES = [
  {
    name: "kernels",
    sources: [...TOOLS, "assembly"],
    products: [
      ...["baseline", "relaxed", "wide", "tiles"].map((name) => `build/${name}.wasm`),
      "bindings/runtime/generated/kernels.ts",
    ],
    make: async () => (await import("./lib/kernels.mjs")).buildKernels(),
  },
  {
    name: "dist",
    sources: [...TOOLS, "assembly", "bindings", "tsconfig.json", "tsconfig.build.json"],
    products: [
      "dist/index.js",
      "dist/core.js",
      "dist/thread.js",
      "dist/wide.cjs",
      "dist/wide.wasm",
      "dist/tiles.wasm",
      "dist/types/bindings/index.d.ts",
    ],
    make: async () => (await import("./lib/dist.mjs")).buildDist(),
  },
];

const flags = new Set(process.argv.slice(2));
const onlyKernels = flags.has("--kernels");
const ifStale = onlyKernels || flags.has("--if-stale");

for (const { name, sources, products, make } of onlyKernels ? STAGES.slice(0, 1) : STAGES) {
  const stamp = `build/${name}.stamp`;
  const hash = hashOf(sources);
  if (ifStale && isFresh(stamp, hash, products)) continue;
  const start = performance.now();
  try {
    const summary = await make();
    writeWhole(stamp, hash);
    console.log(`${name.padEnd(8)} ${((performance.now() - start) / 1000).toFixed(1)} s  ${summary}`);
  } catch (error) {
    console.error(`${name} failed\n${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}
