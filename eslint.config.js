import { readdirSync, readFileSync } from "node:fs";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** The parts of Math whose results are the same bits on every engine. */
const EXACT = "max|min|abs|floor|ceil|round|trunc|sqrt|fround|imul|clz32|sign";
const INEXACT = "Numbers that reach a tensor come from the library's own kernels: this differs between engines.";
const INEXACT_WAYS = [
  {
    selector: `MemberExpression[object.name="Math"]:not([property.name=/^(${EXACT}|[A-Z0-9_]+)$/])`,
    message: INEXACT,
  },
  { selector: 'VariableDeclarator[init.name="Math"]', message: INEXACT },
  { selector: ':matches(BinaryExpression[operator="**"], AssignmentExpression[operator="**="])', message: INEXACT },
];
const ENGINE = "Only bindings/runtime touches WebAssembly.";

/** The core hands the other entry points its values, once: of a variable they would see the first alone. */
const VARIABLES = readdirSync("bindings", { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) =>
    [...readFileSync(`bindings/${file}`, "utf8").matchAll(/^export let (\w+)/gm)].map(([, name]) => ({ file, name })),
  );
/** Ways to them: by their names, or as part of all that their files export. */
const NAMES = `/^(${VARIABLES.map(({ name }) => name).join("|")})$/`;
const FILES = `/(${[...new Set(VARIABLES.map(({ file }) => file.slice(0, -3).replaceAll("/", ".")))].join("|")})[.]js$/`;
const HANDED_ON =
  "This changes, and an entry point beside the main one would see its first value alone: ask a function.";

/** Mistakes that neither tsc nor prettier sees. */
const careful = {
  eqeqeq: "error",
  "no-console": "error",
  "no-constant-condition": ["error", { checkLoops: false }],
  "no-debugger": "error",
  "no-implicit-coercion": ["error", { boolean: false }],
  "no-self-assign": "error",
  "no-unused-expressions": "error",
  "no-useless-return": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  // A class and an interface of one name are how methods.ts adds the operations.
  "@typescript-eslint/no-unsafe-declaration-merging": "off",
  "@typescript-eslint/no-this-alias": "off",
  "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
};

/** What the types of a program tell. */
const typed = {
  "@typescript-eslint/await-thenable": "error",
  "@typescript-eslint/consistent-type-exports": "error",
  "@typescript-eslint/consistent-type-imports": "error",
  "@typescript-eslint/no-base-to-string": "error",
  "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "with-single-extends" }],
  "@typescript-eslint/no-explicit-any": "error",
  "@typescript-eslint/no-floating-promises": "error",
  "@typescript-eslint/no-for-in-array": "error",
  "@typescript-eslint/no-misused-promises": "error",
  "@typescript-eslint/no-unnecessary-type-assertion": "error",
  "@typescript-eslint/prefer-readonly": "error",
  "@typescript-eslint/restrict-plus-operands": "error",
  "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
};

/**
 * AssemblyScript decorates functions, which is no TypeScript: decorators become spaces, so that positions stay.
 * @type {import("eslint").Linter.Parser}
 */
const assemblyParser = {
  ...tseslint.parser,
  parseForESLint: (code, options) =>
    tseslint.parser.parseForESLint(
      code.replace(
        /^( *)(@(?:inline|unmanaged|lazy|global|external|final)\b(?:\([^)\n]*\))?)/gm,
        (_, indent, decorator) => indent.padEnd(indent.length + decorator.length),
      ),
      options,
    ),
};

export default defineConfig(
  globalIgnores([
    "dist",
    "build",
    "out",
    "coverage",
    "docs/api",
    "benchmarks/peers",
    "tests/runtimes/engines",
    "bindings/runtime/generated",
  ]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["{bindings,tests,benchmarks,examples}/**/*.ts", "*.config.ts"],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { project: "./tsconfig.check.json", tsconfigRootDir: import.meta.dirname } },
    rules: { ...careful, ...typed },
  },
  {
    files: ["bindings/**/*.ts"],
    rules: {
      "no-restricted-syntax": ["error", ...INEXACT_WAYS],
      "no-restricted-globals": ["error", { name: "WebAssembly", message: ENGINE }],
    },
  },
  { files: ["bindings/runtime/**/*.ts"], rules: { "no-restricted-globals": "off" } },
  {
    files: ["bindings/{nn,optim,data,io,viz,worker,shared}/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...INEXACT_WAYS,
        ...[
          `ImportSpecifier[imported.name=${NAMES}]`,
          `ExportSpecifier[local.name=${NAMES}]`,
          `ImportDeclaration[importKind!="type"][source.value=${FILES}] > ImportNamespaceSpecifier`,
          `ExportAllDeclaration[exportKind!="type"][source.value=${FILES}]`,
          `ImportExpression[source.value=${FILES}]`,
        ].map((selector) => ({ selector, message: HANDED_ON })),
      ],
    },
  },
  { files: ["{tests,benchmarks,examples}/**/*.ts"], rules: { "no-console": "off" } },
  {
    files: ["scripts/**/*.mjs", "*.config.js", "*.mjs"],
    extends: [tseslint.configs.recommended],
    rules: { ...careful, "no-console": "off" },
  },
  {
    files: ["assembly/**/*.ts"],
    languageOptions: { parser: assemblyParser },
    plugins: { "@typescript-eslint": tseslint.plugin },
    // Functions that are called through a type or a table share their parameters, and === is another word for ==.
    rules: { ...careful, eqeqeq: "off", "@typescript-eslint/no-unused-vars": ["error", { args: "none" }] },
  },
);
