// The bundles made short, in the ways that pack best.
import { minify as terser } from "terser";
import ts from "typescript";

/** What `withClassNames` writes. */
const CLASS_NAME = /static get name\(\) \{\s*return "(\w+)";/g;

/**
 * Writes each class's name into it, since people read the names of errors and layers: minifying takes the other one. By a
 * getter, which engines lay out with the class: a field would replace the name that a function has, after which V8 looks
 * everything of the class up by hash, and `instanceof` costs 20 ns more; `class Linear` loses its name where a page's own
 * bundler minifies.
 * @param {string} code as esbuild prints it
 */
export function withClassNames(code) {
  return code.replace(/^var (\w+) = class.*\{$/gm, '$&\n  static get name() { return "$1"; }');
}

/** @returns {import("rollup").Plugin} */
export function minify() {
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
