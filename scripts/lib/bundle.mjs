// dist/*.js: one file an entry point, and one core that they all share.
import { build as esbuild, transform } from "esbuild";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { rollup } from "rollup";
import { minify as terser } from "terser";
import ts from "typescript";
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

/** What `withClassNames` writes. */
const CLASS_NAME = /static get name\(\) \{\s*return "(\w+)";/g;

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
 * Writes each class's name into it, since people read the names of errors and layers: minifying takes the other one. By a
 * getter, which engines lay out with the class: a field would replace the name that a function has, after which V8 looks
 * everything of the class up by hash, and `instanceof` costs 20 ns more; `class Linear` loses its name where a page's own
 * bundler minifies.
 * @param {string} code as esbuild prints it
 */
function withClassNames(code) {
  return code.replace(/^var (\w+) = class.*\{$/gm, '$&\n  static get name() { return "$1"; }');
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

/** @returns {import("rollup").Plugin} */
function minify() {
  return {
    name: "minify",
    renderChunk: async (code, { name }) => {
      // Statements in a row, calls of short functions as they are, and comparisons as they are written, repeat more than what they
      // could become.
      const ecma = /** @type {const} */ (2020);
      // Functions are arrows where they can be: nobody calls one with `new`.
      const compress = { ecma, passes: 3, sequences: false, inline: 1, lhs_constants: false, unsafe_arrows: true };
      // A line a statement costs no byte, and little once it is compressed: Node prints the line that an uncaught error is
      // thrown from, before the message.
      const format = { ecma, semicolons: false, ascii_only: true };
      // Engines know a class by its variable, as in "Class constructor Linear cannot be invoked without 'new'".
      const reserved = name === "core" ? [] : [...code.matchAll(CLASS_NAME)].map(([, own]) => own ?? "");
      // The exports of a module as an object need not be without a prototype.
      const plain = code.replace(/\n *__proto__: null,/g, "");
      const { code: short } = await terser(plain, { module: true, compress, format, mangle: { reserved } });
      if (short === undefined) throw new Error("terser wrote nothing");
      return alike(short);
    },
  };
}

/**
 * Writes with one word what declares names, and with one sign what delimits texts: what is alike packs better. Texts that
 * bundlers look for, those of imports and of URLs, stay as they are.
 * @param {string} code minified
 */
function alike(code) {
  const file = ts.createSourceFile("chunk.js", code, ts.ScriptTarget.ES2022, true);
  /** @type {string[]} */
  const parts = [];
  let written = 0;
  const put = (/** @type {number} */ start, /** @type {number} */ end, /** @type {string} */ text) => {
    parts.push(code.slice(written, start), text);
    written = end;
  };
  const visit = (/** @type {ts.Node} */ node) => {
    const start = node.getStart(file);
    if (ts.isVariableDeclarationList(node) && node.flags & ts.NodeFlags.Const)
      put(start, start + "const".length, "let");
    const text = ts.isStringLiteral(node) && isValue(node) ? code.slice(start + 1, node.end - 1) : "$";
    // At the beginning of a line it would belong to the one before.
    if (!/[`$\\]/.test(text) && code[start - 1] !== "\n") put(start, node.end, `\`${text}\``);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return parts.join("") + code.slice(written);
}

/**
 * Whether a text stands for a value: it is no name, no directive, and no place that is imported or made a URL.
 * @param {ts.StringLiteral} text
 */
function isValue(text) {
  const { parent } = text;
  if (ts.isCallExpression(parent)) return parent.expression.kind !== ts.SyntaxKind.ImportKeyword;
  if (ts.isNewExpression(parent)) return parent.expression.getText() !== "URL";
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isExpressionStatement(parent))
    return false;
  return !("name" in parent && parent.name === text);
}

/**
 * Says every name of the public interface once: the core exports it, and the main entry point all of the core. What else the other
 * entry points need of the core are properties of one object, its default export, which `export *` leaves out. They are
 * handed on by value, which is why the linter keeps variables that change from those entry points.
 * @param {readonly import("rollup").OutputChunk[]} chunks minified
 */
function exportOnce(chunks) {
  /** @type {Map<string, string>} By what rollup calls an export of the core: what it is called inside. */
  const inside = new Map();
  /** @type {Map<string, string>} By the same: a public name. */
  const open = new Map();
  /** @type {string[]} */
  const list = [];
  const core = fileOf("core.js", chunks);
  const main = fileOf("index.js", chunks);
  core.code = core.code.replace(/export\{([^{}]*)\};?\s*$/, (_, names) => {
    for (const [local, exported] of pairsOf(names)) inside.set(exported, local);
    return "";
  });
  main.code = main.code.replace(/export\{([^{}]*)\}from"\.\/core\.js"/, (_, names) => {
    for (const [exported, name] of pairsOf(names)) {
      open.set(exported, name);
      list.push(`${inside.get(exported)} as ${name}`);
    }
    return 'export*from"./core.js"';
  });
  const hidden = new Set([...inside].flatMap(([exported, local]) => (open.has(exported) ? [] : [local])));
  core.code += `\nexport{${list.join()}}\nexport default{${[...hidden].join()}};`;
  for (const chunk of chunks) {
    chunk.code = chunk.code.replace(/\bimport\{([^{}]*)\}from"\.\/core\.js"/, (_, names) => {
      const pairs = pairsOf(names);
      const named = pairs.flatMap(([exported, local]) =>
        open.has(exported) ? `${open.get(exported)} as ${local}` : [],
      );
      const taken = pairs.flatMap(([exported, local]) =>
        open.has(exported) ? [] : `${inside.get(exported)}:${local}`,
      );
      return `import core,{${named.join()}}from"./core.js"\nlet{${taken.join()}}=core`;
    });
  }
}

/**
 * @param {string} name
 * @param {readonly import("rollup").OutputChunk[]} chunks
 */
function fileOf(name, chunks) {
  const chunk = chunks.find(({ fileName }) => fileName === name);
  if (!chunk) throw new Error(`There is no ${name} among the bundles.`);
  return chunk;
}

/**
 * The names of a list of imports or exports: on the left and on the right of `as`.
 * @param {string} list
 * @returns {[left: string, right: string][]}
 */
function pairsOf(list) {
  return list.split(",").map((one) => {
    const [left = "", right = left] = one.split(" as ");
    return [left, right];
  });
}

/** @type {import("rollup").WarningHandlerWithDefault} */
function refuse(warning) {
  // Imports of node: modules and of optional peers are dynamic and stay so; all else that rollup doubts is a mistake.
  const asked = warning.exporter ?? "";
  const optional = PEERS.some((name) => asked === name || asked.startsWith(`${name}/`));
  if (warning.code === "UNRESOLVED_IMPORT" && (optional || asked.startsWith("node:"))) return;
  throw new Error(warning.message);
}
