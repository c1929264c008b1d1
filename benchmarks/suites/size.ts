import { build } from "esbuild";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "../contestant.js";
import type { Figure } from "../report.js";
import type { Suite } from "../suite.js";

/** What `import "wengert"` may weigh, in KB of 1000 bytes. */
const LIMIT = 125;
const ENTRIES = ["index", "nn", "optim", "data", "io", "viz", "worker"];
const PEERS = join(ROOT, "benchmarks/peers");

/** A peer: what is imported, and the WebAssembly that is fetched at run time. */
const OTHERS = [
  {
    label: "tfjs-wasm",
    source: `export * from "@tensorflow/tfjs-core"; export * from "@tensorflow/tfjs-backend-wasm";
             import "@tensorflow/tfjs-core/dist/register_all_gradients"`,
    fetched: ["@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm"],
  },
  { label: "jax-js", source: `export * from "@jax-js/jax"`, fetched: [] },
];

/** What must be downloaded, minified and compressed as servers do. */
export const size: Suite = {
  name: "size",
  about: "what an import downloads: minified, gzip level 9, WebAssembly included, in KB of 1000 bytes",
  async *run({ wants, note }) {
    const others: Figure[] = [];
    for (const { label, source, fetched } of OTHERS) {
      if (existsSync(join(PEERS, "node_modules"))) {
        others.push({ label, samples: [await bundled(source, fetched)] });
      } else {
        note(`  ${label}: absent, not installed; npm run bench:peers`);
      }
    }
    const loaded = new Set<string>();
    const whole: Figure[] = [];
    for (const entry of ENTRIES) {
      // Each entry point weighs what those before it have not loaded already.
      const added = filesOf(join(ROOT, "dist", `${entry}.js`)).filter((file) => !loaded.has(file));
      for (const file of added) loaded.add(file);
      const name = entry === "index" ? `import "wengert"` : `then "wengert/${entry}"`;
      const kilobytes = added.reduce((sum, file) => sum + compressed(readFileSync(file)), 0);
      if (entry === "index") note(`  ${name}: ${((1000 * kilobytes) / 1024).toFixed(1)} KiB in ${added.length} files`);
      if (entry === "index") whole.push({ label: name, samples: [kilobytes] });
      if (!wants(name)) continue;
      yield {
        bench: "size",
        case: name,
        unit: "KB",
        lowerIsBetter: true,
        subjects: [{ label: "", samples: [kilobytes] }],
        references: entry === "index" ? [{ label: "limit", samples: [LIMIT] }, ...others] : whole,
      };
    }
  },
};

/** A file of dist and all that it imports statically. */
function filesOf(file: string, found = new Set<string>()): string[] {
  if (!found.has(file)) {
    found.add(file);
    for (const [, name] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*"(\.\/[^"]+)"/g)) {
      filesOf(resolve(file, "..", name!), found);
    }
  }
  return [...found];
}

function compressed(content: Uint8Array): number {
  return gzipSync(content, { level: 9 }).length / 1000;
}

/** KB of a program that imports everything of a peer, as esbuild makes it, with what it fetches. */
async function bundled(source: string, fetched: readonly string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: PEERS },
    ...{ bundle: true, minify: true, write: false, logLevel: "silent" },
    ...{ format: "esm", platform: "browser", target: "es2022" },
    // Branches for Node that never run in a page.
    external: ["fs", "path", "os", "util", "crypto", "perf_hooks", "worker_threads"],
  });
  const parts = [
    ...outputFiles.map(({ contents }) => contents),
    ...fetched.map((path) => readFileSync(join(PEERS, "node_modules", path))),
  ];
  return parts.reduce((sum, part) => sum + compressed(part), 0);
}
