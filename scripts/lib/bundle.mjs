// dist/*.js: one file an entry point, and one core that they all share.
import { build as esbuild, transform } from "esbuild";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { rollup } from "rollup";
import ts from "typescript";
import { exportOnce } from "./export-once.mjs";
import { minify, withClassNames } from "./minify.mjs";
import { ROOT } from "./run.mjs";
import { writeWhole } from "./stale.mjs";

/** Entry points: file in dist -> source. */
const ENTRIES = {
  index: "bindings/index.ts",
  nn: "bindings/nn/index.ts",
  optim: "bindings/optim/index.ts",
  data: "bindings/data/index.ts",
  io: "bindings/io/index.ts",
  viz: "bindings/viz/index.ts",
  worker: "bindings/worker/index.ts",
};

/** Packages that one function or another asks for when it is called. */
const PEERS = Object.keys(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).peerDependencies);

/** The source of threads is a text, which is code. */
const THREAD = join(ROOT, "bindings/runtime/thread-source.ts");

/** What stays out of the core: the entry points, and the folders of those that have one. */
const ROOMS = Object.values(ENTRIES).map((path) => join(ROOT, path === ENTRIES.index ? path : dirname(path) + "/"));

/** Sources of the core whose classes people see. */
const SEEN = /\/bindings\/(errors|core\/(graph|variable)|functions\/random\/random)\.ts$/;

/** What entry points share, and the core does without. */
const SHARED = join(ROOT, "bindings/shared/");

/** Sources of nothing but const enums. */
const ENUMS = /\/(assembly\/abi\/\w+|opcodes)\.js$/;

/** The sources that carry the kernels. */
const CARRIERS = /\/bindings\/runtime\/(generated\/kernels|unpack|page)\.ts$/;

const TARGET = "es2022";

/** Writes the bundles; files that did not change keep their time. */
export async function bundle() {
  const input = Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) => [name, join(ROOT, path)]));
  const graph = await rollup({ input, plugins: [typescript(), minify()], onwarn: refuse });
  const { output } = await graph.generate({
    format: "es",
    dir: join(ROOT, "dist"),
    chunkFileNames: "[name].js",
    manualChunks: chunkOf,
    freeze: false, // An object of exports.
  });
  await graph.close();
  exportOnce(output.filter((file) => file.type === "chunk"));
  // The core first: an entry point never names what is not there yet.
  for (const file of output.sort((a, b) => Number("isEntry" in a && a.isEntry) - Number("isEntry" in b && b.isEntry))) {
    writeWhole(join("dist", file.fileName), file.type === "chunk" ? file.code : file.source);
  }
  writeWhole("dist/thread.js", await threadSource());
  await writeWide();
}

/** The files of wide mode: a script that Node can load at once, wherever it is asked for, and what it reads. */
async function writeWide() {
  const { outputFiles } = await esbuild({
    entryPoints: [join(ROOT, "bindings/runtime/wide.ts")],
    bundle: true,
    write: false,
    format: "cjs",
    minify: true,
    target: TARGET,
  });
  writeWhole("dist/wide.cjs", outputFiles[0]?.text ?? "");
  for (const name of ["wide.wasm", "tiles.wasm"]) writeWhole(`dist/${name}`, readFileSync(join(ROOT, "build", name)));
}

/** The script of threads, which the core carries as text, for pages that must load it from a file. */
async function threadSource() {
  const { outputFiles } = await esbuild({ entryPoints: [THREAD], bundle: true, write: false, format: "esm" });
  const module = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? "")}`);
  const { code } = await transform(String(module.threadSource), { minify: true, target: TARGET });
  return code;
}

/**
 * Where a source goes: the kernels' text by itself, since a compression does not look back across it.
 * @param {string} id
 */
function chunkOf(id) {
  if (CARRIERS.test(id)) return "kernels";
  if (id.startsWith(SHARED)) return "shared";
  return ROOMS.some((room) => id.startsWith(room)) ? undefined : "core";
}

/**
 * TypeScript, a module at a time. Each is bundled with sources of const enums alone, so that these become literals.
 * @returns {import("rollup").Plugin}
 */
function typescript() {
  return {
    name: "typescript",
    resolveId: (source, importer) =>
      importer && source.startsWith(".") ? sourceOf(resolve(dirname(importer), source)) : null,
    async load(id) {
      if (id === THREAD) return `export const threadSource = ${JSON.stringify(await threadSource())};`;
      const { outputFiles } = await esbuild({
        entryPoints: [id],
        bundle: true,
        write: false,
        format: "esm",
        target: TARGET,
        charset: "utf8",
        logLevel: "silent",
        plugins: [{ name: "enums", setup: ({ onResolve }) => onResolve({ filter: /.*/ }, inlineEnums) }],
      });
      const code = withoutSamples(outputFiles[0]?.text ?? "");
      return isSeen(id) ? withClassNames(code) : code;
    },
  };
}

/**
 * @param {import("esbuild").OnResolveArgs} asked
 * @returns {import("esbuild").OnResolveResult | undefined}
 */
function inlineEnums({ kind, path }) {
  return kind === "entry-point" || ENUMS.test(path) ? undefined : { path, external: true };
}

/** Whether people see objects of the classes of a source: errors, tensors, and all that has an entry point of its own. @param {string} id */
function isSeen(id) {
  return SEEN.test(id) || ROOMS.some((room) => id.startsWith(room));
}

/** @param {string} path */
function sourceOf(path) {
  const source = path.replace(/\.js$/, ".ts");
  return existsSync(source) ? source : null;
}

/**
 * Takes out where the laws draw a row's arguments from: only the tests look there, and they read the sources.
 * @param {string} code
 */
function withoutSamples(code) {
  if (!code.includes("samples")) return code;
  const file = ts.createSourceFile("module.js", code, ts.ScriptTarget.ES2022, true);
  /** @type {[start: number, end: number][]} */
  const cuts = [];
  const visit = (/** @type {ts.Node} */ node) => {
    const property = ts.isObjectLiteralElementLike(node) && node.name?.getText() === "samples";
    if (property) cuts.push([node.getFullStart(), code[node.end] === "," ? node.end + 1 : node.end]);
    else ts.forEachChild(node, visit);
  };
  visit(file);
  return cuts.reduceRight((rest, [start, end]) => rest.slice(0, start) + rest.slice(end), code);
}

/** @type {import("rollup").WarningHandlerWithDefault} */
function refuse(warning) {
  // Imports of node: modules and of optional peers are dynamic and stay so; all else that rollup doubts is a mistake.
  const asked = warning.exporter ?? "";
  const optional = PEERS.some((name) => asked === name || asked.startsWith(`${name}/`));
  if (warning.code === "UNRESOLVED_IMPORT" && (optional || asked.startsWith("node:"))) return;
  throw new Error(warning.message);
}
