// docs/operations.md: what the sources say of the operations, what they turn out to do, and how many golden cases they pass.
import * as wengert from "../../bindings/index.js";
import { grad, scope, type DTypeName, type Tensor } from "../../bindings/index.js";
import type { Primitive } from "../../bindings/core/graph.js";
import * as nn from "../../bindings/nn/index.js";
import { composed } from "../composed/index.js";
import type { InputLike } from "../composed/reference.js";
import { readGolden } from "../golden/file.js";
import { camelCase } from "../golden/library.js";
import { runGolden } from "../golden/run.js";
import type { Reference } from "../reference/reference.js";
import { references } from "../reference/index.js";
import { toTensor } from "../support/plain.js";
import type { Exported } from "./exported.js";
import { made, trials, type Trial } from "./trials.js";

const DTYPES = ["f32", "f64", "i32", "u8", "bool"] as const;

/** The function behind a name. */
function functionOf(name: string): { readonly primitive?: Primitive } | undefined {
  const [room, inner] = name.split(".");
  const found = ({ ...wengert, nn } as Record<string, unknown>)[room!];
  return (inner === undefined ? found : (found as Record<string, unknown>)[inner]) as never;
}

/** Kernel, fused kernel, or composite of others. */
export function kindOf(name: string): string {
  const primitive = functionOf(name)?.primitive;
  if (!primitive) return "composite";
  return primitive.derivative.kind === "fused" ? "fused" : primitive.view ? "view" : "kernel";
}

interface Found {
  readonly dtypes: string;
  /** Forward, reverse, second order. */
  readonly modes: readonly [string, string, string];
}

/** What an operation takes and how it is differentiated, tried out where there is a case to try. */
function foundOf(name: string): Found {
  const primitive = functionOf(name)?.primitive;
  if (!primitive) {
    const make = made[name];
    if (make) return { dtypes: DTYPES.filter((dtype) => works(() => make(dtype))).join(" "), modes: ["–", "–", "–"] };
    const row = composed[name.split(".").pop()!] ?? trials[name];
    if (row) return tried(row);
    throw new Error(`tests/operations/trials.ts: there is nothing to try ${name} with`);
  }
  const reference = (references as Readonly<Record<string, Reference>>)[primitive.name];
  const integers = reference?.integers ?? [];
  const has = primitive.derivative.kind === "none" ? "0" : "yes";
  return { dtypes: [...floatsOf(primitive), ...integers].join(" "), modes: [has, has, has] };
}

/** What samples of a row may be given as, beside the integers that its reference names. */
function floatsOf({ samples }: Primitive): readonly DTypeName[] {
  // Operations on bits: what they compute in stands in the samples.
  const given = samples().flatMap(({ inputs }) => inputs.slice(0, 1).map(({ dtype }) => dtype));
  return given.length > 0 && given.every((dtype) => dtype === "i32") ? ["i32", "u8", "bool"] : ["f32", "f64"];
}

function works(run: () => unknown): boolean {
  try {
    scope(() => {
      run();
    });
    return true;
  } catch {
    return false;
  }
}

function tried(row: Trial): Found {
  const shapes: readonly InputLike[] = row.cases?.[0] ?? Array.from({ length: row.arity! }, () => ({ shape: [2] }));
  const inputs = (dtype: DTypeName): Tensor[] =>
    shapes.map(({ shape, dtype: own, range = row.range ?? [-2, 2] }) => {
      const size = shape.reduce((n, length) => n * length, 1);
      const data = Array.from({ length: size }, () =>
        own ? 0 : dtype === "bool" ? 1 : Math.max(1, Math.floor(range[1] / 2)),
      );
      return toTensor({ shape, data }, own ?? dtype);
    });
  const dtypes = DTYPES.filter((dtype) => works(() => row.call(...inputs(dtype))));
  if (row.constant) return { dtypes: dtypes.join(" "), modes: ["0", "0", "0"] };
  const f = (x: Tensor): Tensor => row.call(x, ...inputs("f64").slice(1)).sum();
  const at = (): Tensor => inputs("f64")[0]!;
  const yes = (run: () => unknown): string => (works(run) ? "yes" : "no");
  return {
    dtypes: dtypes.join(" "),
    modes: [
      yes(() => wengert.jvp(f, [at()], [wengert.onesLike(at())])),
      yes(() => grad(f)(at())),
      yes(() => grad((x: Tensor) => grad(f)(x).sum())(at())),
    ],
  };
}

/** Passed and all golden cases by the name of an operation. */
function goldenCounts(path: string): Map<string, [passed: number, all: number]> {
  const counts = new Map<string, [number, number]>();
  const file = readGolden(path);
  const names = new Map(file.cases.map(({ id, op }) => [id, op]));
  for (const { id, kind } of runGolden({ core: wengert, nn }, file)) {
    const op = names.get(id.split(" ")[0]!);
    if (op === undefined) continue;
    const key = op
      .replace(/^linalg\./, "")
      .split("_")
      .join("")
      .toLowerCase();
    const count = counts.get(key) ?? [0, 0];
    counts.set(key, [count[0] + Number(kind === "passed" || kind === "chosen"), count[1] + 1]);
  }
  return counts;
}

const HEAD = `# Operations

Written by \`npm run operations\` from the table of primitives, the exports and what they turn out to do; not by hand.

Most are methods of tensors too: \`sum(x, 0)\` is \`x.sum(0)\`. \`nn.\` stands for the entry point \`wengert/nn\`. The whole
description of each is in the editor and in the reference that \`npm run docs\` writes; names in PyTorch, JAX and NumPy are in
[coming-from.md](coming-from.md).

- *dtypes*: what it takes and computes in; \`f16\` and \`bf16\` count as f32 ([types.md](types.md)).
- *forward*, *reverse*, *second order*: whether it has derivatives by forward mode, by reverse mode and of the second order; 0 where
  the result is constant almost everywhere, or no float; – where it is made of numbers alone.
- *kind*: a kernel of its own; fused, which has a definition in other operations besides; a view, without a copy; or a composite of
  others.
- *golden*: comparisons with PyTorch that agree, in f32 and f64, of values and derivatives in every mode.
`;

/** Chapters, and the files whose operations stand in them. */
const CHAPTERS: Readonly<Record<string, readonly string[]>> = {
  "Making tensors": ["creation"],
  "Random numbers": ["draws", "random", "dropout"],
  "Arithmetic and elementary functions": [
    ...[
      "arithmetic",
      "unary",
      "elementwise",
      "exponential",
      "powers",
      "rounding",
      "trigonometric",
      "hyperbolic",
      "special",
    ],
  ],
  "Logic and bits": ["logic", "bitwise"],
  Activations: ["activations"],
  "Sums, extremes and statistics": [...["reduction", "statistics", "extremes", "quantiles", "rows", "running", "scan"]],
  "Shapes and parts": ["movement", "arrange", "slice", "split", "pad", "diagonals"],
  "Indices and order": ["indexing", "choose", "update", "order", "search"],
  "Products and linear algebra": [
    ...["contraction", "products", "einsum", "multi-dot", "systems", "decompositions", "norms"],
  ],
  "Norms, distances and normalisation": ["distance", "norm", "layer-norm", "batch-norm"],
  "Convolutions and images": ["convolution", "pooling", "adaptive-pooling", "unfold", "interpolate"],
  "Attention and recurrence": ["attention", "positions", "recurrent"],
  Losses: ["cross-entropy", "binary", "regression", "ranking"],
};
/** Of files with others: products. */
const PRODUCTS = /^(?:linalg\..*|matrix.*)$/;

function chapterOf({ name, family }: Exported): string {
  if (PRODUCTS.test(name)) return "Products and linear algebra";
  const found = Object.entries(CHAPTERS).find(([, families]) => families.includes(family));
  if (!found)
    throw new Error(`tests/operations/page.ts: no chapter has the operations of ${family}.ts, such as ${name}`);
  return found[0];
}

/** The page. */
export function operationsPage(operations: readonly Exported[], golden: string): string {
  const counts = goldenCounts(golden);
  const own = operations.filter(({ alias }) => alias === undefined);
  const lines = [HEAD, `${own.length} operations, ${operations.length - own.length} aliases.`];
  const aliasesOf = (name: string): string =>
    operations
      .filter(({ alias }) => alias === name)
      .map(({ name: other }) => `, \`${other}\``)
      .join("");
  for (const chapter of Object.keys(CHAPTERS)) {
    lines.push("", `## ${chapter}`, "");
    lines.push(
      "| name | what it gives | signature | dtypes | forward | reverse | second order | kind | golden |",
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    );
    const rows = own.filter((operation) => chapterOf(operation) === chapter);
    rows.sort((a, b) => a.name.localeCompare(b.name, "en"));
    for (const { name, about, signature } of rows) {
      const { dtypes, modes } = foundOf(name);
      const [passed, all] = counts.get(camelCase(name.replace(/^(?:linalg|nn)\./, "")).toLowerCase()) ?? [0, 0];
      const cells = [
        `\`${name}\`${aliasesOf(name)}`,
        about.replace(/[.:]$/, "").replaceAll("|", "\\|"),
        `\`${signature.replaceAll("|", "\\|")}\``,
        ...[dtypes, ...modes, kindOf(name), all ? `${passed}/${all}` : ""],
      ];
      lines.push(`| ${cells.join(" | ")} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}
