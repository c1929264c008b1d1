// What is run in every runtime, bundled once.
import { build, type BuildOptions, type Plugin } from "esbuild";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../scripts/lib/run.mjs";

/** Where the programs are, relative to the root. */
export const OUT = "build/runtimes";

const PORTABLE = "tests/runtimes/portable";

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  sourcemap: "linked",
  logLevel: "warning",
} satisfies BuildOptions;

/** Bundles training and the probe from the built package, and the unit tests from the sources; the names of the latter. */
export async function bundlePrograms(): Promise<string[]> {
  rmSync(join(ROOT, OUT), { recursive: true, force: true });
  const tests = unitTests();
  await Promise.all([
    build({
      ...COMMON,
      entryPoints: ["train", "probe"].map((name) => join(PORTABLE, `${name}.ts`)),
      outdir: OUT,
      plugins: [nodeModules()],
    }),
    build({
      ...COMMON,
      entryPoints: [...Object.entries({ ...tests, unit: join(PORTABLE, "unit.ts") })].map(([out, file]) => ({
        in: file,
        out,
      })),
      outdir: join(OUT, "unit"),
      // Messages tell the library's own files from others by their folder.
      chunkNames: "library/[name]-[hash]",
      alias: { vitest: join(ROOT, PORTABLE, "vitest.ts") },
      plugins: [nodeModules()],
    }),
  ]);
  return Object.keys(tests);
}

/** Tests that need no Node, and no modules that are loaded anew, and the references of another system: files by name. */
function unitTests(): Record<string, string> {
  const all = readdirSync(join(ROOT, "tests"), { recursive: true, encoding: "utf8" }).sort();
  const needsVitest = (file: string) => /\bvi\b.*from "vitest"/.test(readFileSync(join(ROOT, "tests", file), "utf8"));
  const files = all.filter(
    (file) => /(?<!\.node|\.browser)\.test\.ts$/.test(file) && !file.includes("node_modules") && !needsVitest(file),
  );
  const named = files.map((file) => [file.replace(/\.ts$/, "").replaceAll("/", "."), join("tests", file)]);
  return { golden: join(PORTABLE, "golden.ts"), ...Object.fromEntries(named) };
}

/** Modules of Node stay where they are asked for when something runs, and go where nothing asks. */
function nodeModules(): Plugin {
  return {
    name: "node",
    setup: ({ onResolve }) =>
      onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true, sideEffects: false })),
  };
}
