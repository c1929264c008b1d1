// The package as users get it: packed, installed into an empty project, type-checked, run in Node and in a page.
import { spawnSync } from "node:child_process";
import { build } from "esbuild";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as sources from "../bindings/index.js";
import { chromiumLaunchOptions } from "../scripts/lib/chromium.mjs";
import type * as program from "./pack/program.js";
import { inProject, installPackage, makeProject } from "./pack/project.js";
import { serve } from "../scripts/lib/serve.mjs";

/** What everything that `import "wengert"` loads may weigh, gzipped: see docs/decisions/0007, whose goal is 125,000. */
const BUDGET = 152_345;

/** A network that has not learnt, a slope that is wrong or a name that is lost shows here. */
const HEALTHY = { learnt: true, slope: 12, errorName: "ShapeError" };

const project = makeProject();
const dist = join(project, "node_modules/wengert/dist");

/** A file of dist, and all that it imports statically. */
function filesOf(file: string, found = new Set<string>()): string[] {
  if (!found.has(file)) {
    found.add(file);
    const imported = readFileSync(join(dist, file), "utf8").matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g);
    for (const [, name] of imported) filesOf(name!, found);
  }
  return [...found];
}

beforeAll(() => installPackage(project), 180_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

test("holds the bundles and their types, and asks for nothing else", () => {
  expect(readdirSync(dist).sort()).toEqual([
    "core.js",
    "data.js",
    "index.js",
    "io.js",
    "kernels.js",
    "nn.js",
    "optim.js",
    "shared.js",
    "thread.js",
    "tiles.wasm",
    "types",
    "viz.js",
    "wide.cjs",
    "wide.wasm",
    "worker.js",
  ]);
  expect(readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["wengert"]);
});

test("describes every method of a tensor to an editor, and offers none of what is the library's alone", () => {
  const file = join(project, "program.ts");
  const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, types: [], skipLibCheck: true };
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const [imported] = program.getSourceFile(file)!.statements;
  const entry = checker.getSymbolAtLocation((imported as ts.ImportDeclaration).moduleSpecifier)!;
  const tensor = checker.getExportsOfModule(entry).find(({ name }) => name === "Tensor")!;
  const members = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(tensor)).getProperties();
  const names = members.map(({ name }) => name).filter((name) => !name.startsWith("__@"));
  expect(names.length).toBeGreaterThan(200);
  expect(names).not.toEqual(expect.arrayContaining(["storage"]));
  expect(names).not.toEqual(expect.arrayContaining(["node"]));
  const properties = ["shape", "dtype", "rank", "size", "T", "grad", "requiresGrad", "strides", "offset", "dense"];
  const methods = ["zeroGrad", "view", "toString", "toJSON"];
  const known = new Set([...Object.keys(sources), ...properties, ...methods]);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
  const bare = members.filter((member) => member.getDocumentationComment(checker).length === 0);
  expect(bare.map(({ name }) => name).filter((name) => names.includes(name))).toEqual([]);
});

test(`import "wengert" loads no more than ${BUDGET / 1000} KB gzipped`, () => {
  const sizes = filesOf("index.js").map((file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(BUDGET);
});

test("shows the message of an error that nobody catches, behind a line that can be read", () => {
  const lines = readdirSync(dist, { encoding: "utf8" })
    .filter((file) => file.endsWith(".js"))
    .flatMap((file) => readFileSync(join(dist, file), "utf8").split("\n"))
    // What is one long text, the kernels, or one list of exports does not throw.
    .filter((line) => !/^.{0,80}(["`][\d+/=-[\]-_a-~]*["`].{0,9})+$|^export\{[^{}]*\}$/.test(line));
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(2000);

  const script = `import { matmul, zeros } from "wengert"; matmul(zeros([2, 3]), zeros([4, 5]));`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: project,
    encoding: "utf8",
    timeout: 120_000,
  });
  expect(status).toBe(1);
  expect(stderr).toContain("matmul: expected [.., m, k] and [.., k, n], got [2, 3] and [4, 5]");
  expect(stderr.length).toBeLessThan(5000);
});

test("exports what the sources do, and entry points see what the main one configures", () => {
  const script = `
    import * as main from "wengert";
    import { Linear } from "wengert/nn";
    main.configure({ dtype: "f64" });
    console.log(JSON.stringify({ names: Object.keys(main), dtype: new Linear(1, 1).weight.dtype }));
  `;
  const found: unknown = JSON.parse(inProject(project, process.execPath, "--input-type=module", "--eval", script));
  expect(found).toEqual({ names: Object.keys(sources), dtype: "f64" });
});

test("calls classes by their names, also where one is called without new", () => {
  const script = `
    import * as main from "wengert";
    import * as nn from "wengert/nn";
    let message = "none";
    try { nn.Linear(1, 1) } catch (error) { message = error.message }
    const made = [main.ones([1]), main.parameter(1), new main.Generator(), new main.ShapeError("f", "a", "b"), new nn.ReLU()];
    console.log(JSON.stringify({ message, names: made.map((one) => one.constructor.name) }));
  `;
  const found: unknown = JSON.parse(inProject(project, process.execPath, "--input-type=module", "--eval", script));
  expect(found).toEqual({
    message: "Class constructor Linear cannot be invoked without 'new'",
    names: ["Tensor", "Variable", "Generator", "ShapeError", "ReLU"],
  });
});

test("trains in Node", () => {
  const script = `
    import { errorName, slope, train } from "./program.js";
    const { first, last } = train();
    console.log(JSON.stringify({ learnt: last < first / 20, slope: slope(), errorName: errorName() }));
  `;
  expect(JSON.parse(inProject(project, process.execPath, "--input-type=module", "--eval", script))).toEqual(HEALTHY);
});

test("finds the files of wide mode, from a bundle too", async () => {
  const contents = `
    import { configure, info } from "wengert";
    configure({ wide: true });
    console.log(info().wideReason ?? info().build);
  `;
  const outfile = join(project, "out/wide.js");
  const stdin = { contents, resolveDir: project };
  await build({ stdin, outfile, bundle: true, format: "esm", platform: "node", logLevel: "error" });
  for (const args of [["--input-type=module", "--eval", contents], [outfile]]) {
    // What it says is in these files.
    expect(inProject(project, process.execPath, ...args)).toMatch(/^(it takes Node 24 or newer|tile .*|wide)\n$/);
  }
});

test("names the package that a function needs, where it is not installed", () => {
  const script = `
    import { sin } from "wengert";
    import { decodeImage, parseCsv } from "wengert/data";
    import { readNpz } from "wengert/io";
    import { graphOf } from "wengert/viz";
    const png = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
    const jpeg = Uint8Array.of(255, 216);
    const calls = [graphOf(sin, 1).toSVG(), readNpz(png), parseCsv("a"), decodeImage(png), decodeImage(jpeg)];
    for (const call of calls) await call.catch(({ name, message }) => console.log(name, message));
  `;
  const said = inProject(project, process.execPath, "--input-type=module", "--eval", script).trimEnd().split("\n");
  const packages = ["@viz-js/viz", "@zip.js/zip.js", "csv-parse", "fast-png", "jpeg-js"];
  expect(said.length).toBe(packages.length);
  for (const [i, name] of packages.entries())
    expect(said[i]).toMatch(new RegExp(`^MissingPackageError \\w+: expected the package ${name} .*, got n`));
});

test("writes a file and reads it back", () => {
  const script = `
    import { Generator, tensor } from "wengert";
    import { loadCheckpoint, readSafetensors, saveCheckpoint } from "wengert/io";
    await saveCheckpoint("run.safetensors", { generator: new Generator(1), step: 7 });
    const { tensors } = await readSafetensors("run.safetensors");
    console.log(String(tensors["generator.state"]), await loadCheckpoint("run.safetensors", { generator: new Generator() }));
  `;
  expect(inProject(project, process.execPath, "--input-type=module", "--eval", script)).toBe(
    "tensor([1, 0, 0, 0], shape [4], i32) { step: 7 }\n",
  );
});

test("trains, and starts its worker, out of a bundle that is minified", async () => {
  const out = join(project, "out");
  const entryPoints = ["main", "tasks"].map((name) => join(project, `app/${name}.js`));
  const minified = { bundle: true, splitting: true, minify: true } as const;
  await build({ entryPoints, outdir: out, ...minified, format: "esm", logLevel: "error" });
  const healthy = { ...HEALTHY, doubled: [2, 4] };
  expect(JSON.parse(inProject(project, process.execPath, join(out, "main.js")))).toEqual(healthy);
});

test("trains in a plain page", async () => {
  const server = await serve(project);
  const browser = await chromium.launch(await chromiumLaunchOptions());
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`${server.url}/page.html`, { waitUntil: "load" });
    const result = await page.evaluate(() => {
      const { errorName, slope, train } = (globalThis as unknown as { program: typeof program }).program;
      const { first, last } = train();
      return { learnt: last < first / 20, slope: slope(), errorName: errorName() };
    });
    expect(errors).toEqual([]);
    expect(result).toEqual(HEALTHY);
  } finally {
    await browser.close();
    await server.close();
  }
});
