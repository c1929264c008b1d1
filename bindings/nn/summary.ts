import { withTracking } from "../core/running/apply.js";
import { ownedBy } from "../core/running/scopes.js";
import { showShape, type Shape } from "../core/shape.js";
import { tensorsOf } from "../core/tree.js";
import type { Variable } from "../core/variable.js";

/** A module as a line of a summary. */
export interface SummaryRow {
  /** Full name; empty for the model itself. */
  readonly name: string;
  /** The name of its class. */
  readonly type: string;
  /** What it made of the example, or null if it was not called. */
  readonly output: readonly Shape[] | null;
  /** Numbers in its own parameters, without those of modules inside. */
  readonly parameters: number;
  /** Multiplications with additions, of the module itself, without modules inside. */
  readonly multiplyAdds: number;
}

/** What a model is made of; as a string, a table. */
export interface Summary {
  /** The model itself, then the modules in it, in order. */
  readonly rows: readonly SummaryRow[];
  /** Numbers in all parameters; a shared one counts once. */
  readonly parameters: number;
  /** Those of them that are trained. */
  readonly trainable: number;
  /** Numbers in all buffers. */
  readonly buffers: number;
  /** Of all modules, for the example. */
  readonly multiplyAdds: number;
  /** A table of the rows, with the sums below. */
  toString(): string;
}

/** A module as its summary sees it. */
export interface SummarisedModule {
  readonly name: string;
  /** The name of its class. */
  readonly type: string;
  readonly module: object & { forward(...inputs: never): unknown };
  /** Its own variables. */
  readonly parameters: readonly Variable[];
  readonly buffers: readonly Variable[];
  multiplyAdds(inputs: readonly Shape[], outputs: readonly Shape[]): number;
}

/** Describes parts of a model; `run`, if given, is a call of it, during which the parts are watched. */
export function summarise(parts: readonly SummarisedModule[], run: (() => unknown) | null): Summary {
  const seen = new Map<SummarisedModule, { output: readonly Shape[]; multiplyAdds: number }>();
  if (run) {
    const unwatch = parts.map((part) =>
      watch(part.module, (inputs, outputs) => {
        const before = seen.get(part)?.multiplyAdds ?? 0;
        seen.set(part, { output: outputs, multiplyAdds: before + part.multiplyAdds(inputs, outputs) });
      }),
    );
    try {
      ownedBy("summary", () => void withTracking(false, run));
    } finally {
      for (const stop of unwatch) stop();
    }
  }
  const rows = parts.map((part): SummaryRow => {
    const { output, multiplyAdds } = seen.get(part) ?? { output: null, multiplyAdds: 0 };
    return { name: part.name, type: part.type, output, parameters: sizeOfAll(part.parameters), multiplyAdds };
  });
  const parameters = parts.flatMap((part) => part.parameters);
  const totals = {
    parameters: sizeOfAll(parameters),
    trainable: sizeOfAll(parameters.filter(({ requiresGrad }) => requiresGrad)),
    buffers: sizeOfAll(parts.flatMap((part) => part.buffers)),
    multiplyAdds: rows.reduce((sum, row) => sum + row.multiplyAdds, 0),
  };
  const toString = (): string => table(rows, totals, run !== null);
  return { rows, ...totals, toString, [Symbol.for("nodejs.util.inspect.custom")]: toString };
}

function sizeOfAll(variables: readonly Variable[]): number {
  return [...new Set(variables)].reduce((sum, { size }) => sum + size, 0);
}

/** Lets `see` know the shapes of every call of a module's forward, until the function that it returns is called. */
function watch(
  module: SummarisedModule["module"],
  see: (inputs: readonly Shape[], outputs: readonly Shape[]) => void,
): () => void {
  const own = Object.getOwnPropertyDescriptor(module, "forward");
  const forward = module.forward as (...inputs: readonly unknown[]) => unknown;
  const value = (...inputs: readonly unknown[]): unknown => {
    const result = forward.apply(module, [...inputs]);
    see(shapesOf(inputs), shapesOf(result));
    return result;
  };
  Object.defineProperty(module, "forward", { value, configurable: true, enumerable: false });
  return () => {
    if (own) Object.defineProperty(module, "forward", own);
    else Reflect.deleteProperty(module, "forward");
  };
}

function shapesOf(tree: unknown): Shape[] {
  return tensorsOf(tree).map(({ shape }) => shape);
}

function table(rows: readonly SummaryRow[], totals: Omit<Summary, "rows" | "toString">, ran: boolean): string {
  const number = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
  const cells = rows.map(({ name, type, output, parameters, multiplyAdds }) => {
    const depth = name === "" ? 0 : name.split(".").length;
    return [
      `${"  ".repeat(depth)}${name === "" ? "" : `${name.split(".").pop()}: `}${type}`,
      output ? output.map(showShape).join(" ") : "",
      parameters > 0 ? number(parameters) : "",
      multiplyAdds > 0 ? number(multiplyAdds) : "",
    ];
  });
  const all = [["layer", "output", "parameters", "multiply-adds"], ...cells];
  // Without an example there are no shapes, and nothing was multiplied.
  const columns = ran ? [0, 1, 2, 3] : [0, 2];
  const widths = columns.map((c) => Math.max(...all.map((row) => row[c]!.length)));
  const lines = all.map((row) =>
    columns
      .map((c, i) => (c < 2 ? row[c]!.padEnd(widths[i]!) : row[c]!.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
  const { parameters, trainable, buffers, multiplyAdds } = totals;
  const frozen = trainable < parameters ? `, ${number(trainable)} of them trained` : "";
  const kept = buffers > 0 ? `; ${number(buffers)} number${buffers === 1 ? "" : "s"} in buffers` : "";
  const work = ran ? `; ${number(multiplyAdds)} multiply-adds` : "";
  const rule = "-".repeat(Math.max(...lines.map(({ length }) => length)));
  return [lines[0], rule, ...lines.slice(1), rule, `${number(parameters)} parameters${frozen}${kept}${work}`].join(
    "\n",
  );
}
