// The sources as vitest imports them: a hundred chunks in the place of 300 modules. A file's own copy of them is loaded in half of
// the time, and most of what they call in one another are variables, not properties of modules. Node imports them itself, which
// takes half of what is left.
import { build } from "esbuild";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ownFolder } from "./folder.mjs";
import { ROOT } from "./run.mjs";

const SOURCES = join(ROOT, "bindings/");
/** Where chunks are said to lie that are in memory alone. */
const HELD = join(ROOT, "build/chunks/");

/** What Node imports by itself. */
export const NATIVE = [/\/build\/chunks-[\w-]+\//];

/** What follows an address that a browser need not ask for again: vite says so of those with a version. */
const KEPT = "?v=1";

/** What vitest has to import, since it is asked for another copy, or for something else in the place of a package. */
const RESETS = /\b(?:resetModules|mock)\(/;

/** Where a process holds its plugin: vitest reads its configuration, and this module with it, for every project again. */
const HOLDER = Symbol.for("chunks");

/** @returns {Promise<import("vite").Plugin>} */
export function chunks() {
  /** @type {Partial<Record<symbol, Promise<import("vite").Plugin>>>} */
  const held = globalThis;
  return (held[HOLDER] ??= plugin());
}

/** @returns {Promise<import("vite").Plugin>} */
async function plugin() {
  const made = await make(importedByTests());
  const written = write(made);
  return {
    name: "chunks",
    enforce: "pre",
    resolveId(source, importer, asked) {
      if ("scan" in asked && asked.scan) return; // What looks for packages to bundle finds them in the sources.
      const path = resolve(importer ? dirname(importer) : ROOT, source.startsWith("/build/") ? `.${source}` : source);
      const chunk = withoutQuery(path).replace(SOURCES, HELD);
      if (!made.has(chunk)) return;
      if (this.environment.name === "client") return chunk + KEPT;
      const held = !importer || importer.startsWith(HELD) || RESETS.test(readFileSync(importer, "utf8"));
      return held ? chunk : chunk.replace(HELD, written);
    },
    load: (id) => made.get(withoutQuery(id)),
  };
}

/**
 * @param {Map<string, { code: string, map: string }>} chunks
 * @returns {string} the folder, which is gone when this process ends
 */
function write(chunks) {
  // One of its own for every run of the tests, so that nobody has old ones.
  const folder = `${ownFolder("chunks")}/`;
  for (const [path, { code, map }] of chunks) {
    const place = path.replace(HELD, folder);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, `${code}\n//# sourceMappingURL=${basename(place)}.map`);
    writeFileSync(`${place}.map`, map);
  }
  return folder;
}

/** @param {string} id */
function withoutQuery(id) {
  return id.replace(/\?.*/, "");
}

/** The sources that tests name: each can be imported by itself, and what several of them import there is once. */
function importedByTests() {
  const found = new Set();
  for (const file of readdirSync(join(ROOT, "tests"), { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    const text = readFileSync(join(ROOT, "tests", file), "utf8");
    for (const [, path] of text.matchAll(/"(?:\.\.\/)+bindings\/([\w/-]+)\.js"/g))
      found.add(join(SOURCES, `${path}.ts`));
  }
  return [...found];
}

/**
 * @param {string[]} entryPoints
 * @returns {Promise<Map<string, { code: string, map: string }>>} the chunks by their places
 */
async function make(entryPoints) {
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    splitting: true,
    write: false,
    format: "esm",
    target: "es2022",
    packages: "external",
    outbase: SOURCES,
    outdir: HELD,
    sourcemap: "external",
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [path, text]));
  const codes = [...texts].filter(([path]) => path.endsWith(".js"));
  return new Map(
    codes.map(([path, code]) => [path, { code: code + namesOf(code), map: texts.get(`${path}.map`) ?? "" }]),
  );
}

/**
 * What gives the functions that a chunk exports their names again, where two modules have some of one name: a second `sum` is `sum2`.
 * @param {string} code as esbuild prints it
 */
function namesOf(code) {
  const [, list = ""] = /^export \{([^}]*)\};$/m.exec(code) ?? [];
  const renamed = [...list.matchAll(/(\w+) as (\w+)/g)].filter(
    ([, inside, name]) => inside?.replace(/\d+$/, "") === name,
  );
  return renamed
    .map(([, f, name]) => `if (${f}?.name === "${f}") Object.defineProperty(${f}, "name", { value: "${name}" });\n`)
    .join("");
}
