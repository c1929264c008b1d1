// bindings/ -> dist: the bundles and, beside them, the declarations.
import { mkdirSync, readFileSync, renameSync, rmSync, existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle } from "./bundle.mjs";
import { ROOT, runNode } from "./run.mjs";

/** Writes dist; returns what `import "wengert"` costs to download. */
export async function buildDist() {
  const [, types] = await Promise.all([bundle(), declarations()]);
  if (types) throw new Error(types);
  const sizes = ["index.js", "core.js", "kernels.js"].map(
    (file) => gzipSync(readFileSync(join(ROOT, "dist", file)), { level: 9 }).length,
  );
  return `import "wengert" loads ${(sizes.reduce((a, b) => a + b) / 1024).toFixed(1)} KiB gzipped`;
}

/** Writes dist/types whole; returns what tsc complains of. */
async function declarations() {
  const draft = join(ROOT, "build", `types.${process.pid}`);
  const { code, output } = await runNode([
    "node_modules/typescript/bin/tsc",
    "-p",
    "tsconfig.build.json",
    "--outDir",
    draft,
  ]);
  if (code === 0) {
    const old = `${draft}.old`;
    const types = join(ROOT, "dist/types");
    mkdirSync(join(ROOT, "dist"), { recursive: true });
    if (existsSync(types)) renameSync(types, old);
    renameSync(draft, types);
    rmSync(old, { recursive: true, force: true });
  }
  rmSync(draft, { recursive: true, force: true });
  return code === 0 ? "" : output;
}
