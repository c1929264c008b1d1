// The snippets of the documentation, as a reader would run them: from the built package, each a module of its own.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, expect, test } from "vitest";
import * as wengert from "../bindings/index.js";
import { parameter, tensor, where, type DTypeName } from "../bindings/index.js";
import * as io from "../bindings/io/index.js";
import * as nn from "../bindings/nn/index.js";
import * as optim from "../bindings/optim/index.js";
import { runNode } from "../scripts/lib/run.mjs";
import { constructorsOf } from "./support/constructors.js";

/** Inside of the package, so that its name resolves to it. */
const folder = "build/snippets";
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a module of TypeScript without its types, and returns where. */
function write(name: string, code: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, transformSync(code, { loader: "ts" }).code);
  return path;
}

/** What a page says that its snippets print: the comments behind an arrow. */
function snippetsOf(page: string): { code: string; prints: string[] }[] {
  const text = readFileSync(page, "utf8");
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => ({
    code: code!,
    prints: [...code!.matchAll(/\/\/ → (.*)$/gm)].map(([, line]) => line!),
  }));
}

const PAGES = [
  ["docs/coming-from.md", 6],
  ["docs/derivatives.md", 10],
  ["docs/dynamic-and-static.md", 9],
  ["docs/layers.md", 9],
  ["docs/memory.md", 7],
  ["docs/data-and-files.md", 9],
  ["docs/training.md", 7],
  ["docs/types.md", 1],
] as const;

test.each(PAGES)("%s: every snippet prints what it says, and there are %d at least", async (page, least) => {
  const snippets = snippetsOf(page);
  expect(snippets.length).toBeGreaterThanOrEqual(least);
  for (const [i, { code }] of snippets.entries()) write(String(i), code);
  const all = snippets.map((_, i) => `console.log("snippet ${i}");\nawait import("./${i}.mjs");\n`);
  const { code, output } = await runNode([write("all", all.join(""))]);
  expect(code, output).toBe(0);
  const printed = output.trim().split("\n");
  expect(printed).toEqual(snippets.flatMap(({ prints }, i) => [`snippet ${i}`, ...prints]));
});

test("every snippet is TypeScript that the types of the package accept", async () => {
  mkdirSync(join(folder, "types"), { recursive: true });
  for (const page of [...PAGES.map(([page]) => page), "docs/threads.md", "docs/wide.md"])
    for (const [i, { code }] of snippetsOf(page).entries())
      writeFileSync(join(folder, "types", `${basename(page, ".md")}.${i}.ts`), `${code}export {};\n`);
  const compilerOptions = {
    ...{ noEmit: true, strict: true, noUncheckedIndexedAccess: true, skipLibCheck: true },
    ...{ target: "es2022", module: "nodenext", types: ["node"] },
  };
  writeFileSync(join(folder, "types", "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const { code, output } = await runNode(["node_modules/typescript/bin/tsc", "-p", join(folder, "types")]);
  expect(output.trim()).toBe("");
  expect(code).toBe(0);
}, 60_000);

test("docs/types.md: two tensors meet where its table says", () => {
  const text = readFileSync("docs/types.md", "utf8");
  const rows = [...text.matchAll(/^\| (?:`(\w+)` )?\|((?: `\w+` \|){7})$/gm)].map(([, name, cells]) => ({
    name: name as DTypeName | undefined,
    cells: [...cells!.matchAll(/`(\w+)`/g)].map(([, cell]) => cell as DTypeName),
  }));
  const [{ cells: names }, ...table] = rows as [(typeof rows)[0], ...typeof rows];
  expect(names).toEqual(table.map(({ name }) => name));
  for (const { name, cells } of table)
    for (const [i, met] of cells.entries()) {
      const [a, b] = [tensor([1], { dtype: name! }), tensor([0], { dtype: names[i]! })];
      expect(where(tensor([true]), a, b).dtype, `${name!} and ${names[i]!}`).toBe(met);
    }
});

test("every link within the repository leads somewhere, to a heading too", () => {
  const folders = [".", "docs", "docs/decisions", "examples"];
  const pages = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const textOf = (page: string) => readFileSync(page, "utf8").replace(/^```[^]*?^```$/gm, "");
  const headings = (page: string) =>
    [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    );
  const dead: string[] = [];
  for (const page of pages.filter((name) => name.endsWith(".md")))
    for (const [, link] of textOf(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path, heading] = link!.split("#") as [string, string?];
      const target = path === "" ? page : join(dirname(page), path);
      if (!existsSync(target) || (heading !== undefined && !headings(target).includes(heading)))
        dead.push(`${page}: ${link!}`);
    }
  expect(dead).toEqual([]);
});

test("CONTRIBUTING.md: npm run check takes names of steps, and refuses what is none", async () => {
  const { code, output } = await runNode(["scripts/check.mjs", "lint", "flores"]);
  expect(code).toBe(1);
  expect(output).toMatch(/no step is called flores; there are kernels, types, .*floors/);
});

test("README.md: the training loop trains as it stands, in at most 15 lines and without a word of memory", async () => {
  const [, loop] = /^## Train\n\n```ts\n([^]*?)^```$/m.exec(readFileSync("README.md", "utf8"))!;
  expect(loop!.trim().split("\n").length).toBeLessThanOrEqual(15);
  expect(loop).not.toMatch(/scope|dispose|keep|memory/);
  const data = [
    'import { Generator, integers, noGrad, randn } from "wengert";',
    "const generator = new Generator(1);",
    "const [labels, noise] = [integers(0, 10, [1024], { generator }), randn([1024, 784], { generator })];",
    "const images = noise.add(randn([10, 784], { generator }).indexSelect(0, labels));",
  ];
  const after = "console.log(noGrad(() => +crossEntropy(model(images), labels)) < 0.5);";
  const { code, output } = await runNode([write("readme", [...data, loop, after].join("\n"))]);
  expect(code, output).toBe(0);
  expect(output.trim()).toBe("true");
});

test("README.md: its snippets run, one after another, and print what they say", async () => {
  const before = [
    'import { compile, integers, randn, scope, variable } from "wengert";',
    "const [images, labels] = [randn([512, 784]), integers(0, 10, [512])];",
    "const [a, b] = [variable(randn([128, 784])), variable(integers(0, 10, [128]))];",
  ];
  const after = [
    "console.log(bound().size, String(w.grad.toArray()), third(0.7).item().toFixed(4));",
    "console.log((2 * Math.exp(0.7) * (Math.cos(0.7) - Math.sin(0.7))).toFixed(4), total.item());",
  ];
  const snippets = snippetsOf("README.md").map(({ code }) => code);
  const lowered = transformSync([...before, ...snippets, ...after].join("\n"), { loader: "ts", target: "es2022" });
  const { code, output } = await runNode([write("readme", lowered.code)]);
  expect(code, output).toBe(0);
  const [first, ...rest] = output.trim().split("\n");
  expect(first).toMatch(/^11\.652\d* 5\.5 1\.716\d*$/);
  expect(rest).toEqual(["2", "5", "1 2,4,6 0.4858", "0.4858 17.5"]);
});

test("docs/coming-from.md: what its tables name is there", () => {
  const objects = [tensor(1), parameter(1), new nn.Linear(1, 1), new optim.SGD(parameter(1))];
  const there = new Set([wengert, nn, nn.init, optim, io].flatMap((entry) => Object.keys(entry)));
  for (const object of objects)
    for (let each: object | null = object; each; each = Object.getPrototypeOf(each) as object | null)
      for (const name of Object.getOwnPropertyNames(each)) there.add(name);
  const rows = [...readFileSync("docs/coming-from.md", "utf8").matchAll(/^\| .* \| (.*) \|$/gm)];
  const codes = rows.flatMap(([, cell]) => [...cell!.matchAll(/`([^`]*)`/g)].map(([, code]) => code!));
  const names = codes.flatMap((code) =>
    [...code.matchAll(/\w+(?=\()|(?<=\.)\w+|^[a-z]\w{3,}$/g)].map(([name]) => name),
  );
  expect(new Set(names).size).toBeGreaterThan(60);
  expect(names.filter((name) => !there.has(name))).toEqual([]);
});

test("npm run docs: operations are functions, with their arguments", async () => {
  const file = join(folder, "api.json");
  mkdirSync(folder, { recursive: true });
  const outputs = [{ name: "json", path: "api.json" }];
  const options = { extends: ["../../typedoc.json"], entryPoints: ["../../bindings/index.ts"], outputs };
  writeFileSync(join(folder, "typedoc.json"), JSON.stringify(options));
  const { code, output } = await runNode([
    "node_modules/typedoc/bin/typedoc",
    "--options",
    join(folder, "typedoc.json"),
  ]);
  expect(code, output).toBe(0);
  interface Entry {
    readonly name: string;
    readonly variant: string;
    readonly signatures?: readonly { readonly parameters?: readonly { readonly name: string }[] }[];
  }
  const { children } = JSON.parse(readFileSync(file, "utf8")) as { readonly children: readonly Entry[] };
  const described = (name: string) =>
    children.find((entry) => entry.name === name)?.signatures?.[0]?.parameters?.map((parameter) => parameter.name);
  expect(described("sum")).toEqual(["x", "axes", "options"]);
  expect(described("abs")).toEqual(["x"]);
  expect(described("matmul")).toEqual(["a", "b"]);
}, 60_000);

test("docs/layers.md: every layer stands in a list, and is made with what the table of constructors says", () => {
  const text = readFileSync("docs/layers.md", "utf8");
  const types = [...constructorsOf("bindings/nn/index.ts").entries()].filter(([name]) => name !== "StateError");
  const table = [...text.matchAll(/^\| `(\w+\(.*\))` \|$/gm)].map(([, line]) => line);
  expect(table).toEqual(types.map(([, line]) => line));
  const lists = new Set(/^\| layers \|[^]*?\n\n/m.exec(text)![0].match(/\w+/g));
  expect(types.map(([name]) => name).filter((name) => !lists.has(name) && !/2d$/.test(name))).toEqual([]);
}, 60_000);
