import { arrayOf } from "../../core/values/create.js";
import { denseStrides, sameShape, showShape } from "../../core/shape.js";
import { cut } from "./table.js";
import { isWhole, type Operand, type Step, type Value } from "../capture/graph.js";

const PREFIX = { input: "x", variable: "w", gradient: "g", constant: "c", step: "v" } as const;
const LONGEST = 32;

/** What the values of a graph are called where people read of them: as the user calls them, by number otherwise. */
export class ValueNames {
  private readonly names = new Map<Value, string>();
  private readonly taken = new Map<string, number>();
  private readonly counts = { variable: 0, gradient: 0, constant: 0, step: 0 };

  of(value: Value): string {
    let name = this.names.get(value);
    if (name === undefined) this.names.set(value, (name = this.make(value)));
    return name;
  }

  private make(value: Value): string {
    const { origin } = value;
    if (origin.kind === "constant" && value.size === 1 && origin.tensor.version === origin.tensor.storage!.version)
      return String(Number(arrayOf(origin.tensor)[0]!.toPrecision(6)));
    // Arguments by their places, in whatever order a pass has its steps.
    const number = 1 + (origin.kind === "input" ? origin.position : this.counts[origin.kind]++);
    const name = oneLine(value.name ?? "") || `${PREFIX[origin.kind]}${number}`;
    const before = this.taken.get(name) ?? 0;
    this.taken.set(name, before + 1);
    return before === 0 ? name : `${name}#${before + 1}`;
  }

  /** A value and how it is looked at. */
  operand(x: Operand): string {
    const name = this.of(x.value);
    if (isWhole(x) && sameShape(x.shape, x.value.shape)) return name;
    if (x.elements === 1) return x.value.size === 1 ? name : `${name}[${x.offset}]`;
    const turned = x.shape.length === 2 && x.offset === 0 && x.elements === x.value.size && !x.dense;
    if (turned && sameShape(x.strides, denseStrides(x.value.shape).reverse())) return `${name}ᵀ`;
    return `${name} as ${showShape(x.shape)}`;
  }

  /** A step as a formula. */
  step({ primitive, inputs, outputs, params }: Step): string {
    const details = showParams(params);
    const args = inputs.map((x) => this.operand(x));
    const { symbol } = primitive;
    const of =
      symbol !== undefined && args.length === 2
        ? `${args[0]} ${symbol} ${args[1]}`
        : symbol !== undefined && args.length === 1
          ? `${symbol}${args[0]}`
          : `${oneLine(primitive.name, 200)}(${[...args, ...(details === "" ? [] : [details])].join(", ")})`;
    return `${outputs.map((y) => this.of(y)).join(", ")} = ${of}`;
  }
}

/** A user's name, without what would spoil a line of text. */
export function oneLine(text: string, most = LONGEST): string {
  return cut(text.replace(/[\p{Cc}\s]+/gu, " ").trim(), most);
}

/** Parameters in a few words; nothing where there is nothing to say. */
function showParams(params: unknown): string {
  if (params === null || params === undefined) return "";
  const text = JSON.stringify(params, (_, x: unknown) => (typeof x === "function" ? undefined : x)) ?? "";
  const short = text.replaceAll('"', "").replace(/[:,]/g, "$& ");
  return short.length > 60 ? "…" : short;
}
