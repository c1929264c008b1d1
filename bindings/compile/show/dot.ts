import { showShape } from "../../core/shape.js";
import type { Graph, Value } from "../capture/graph.js";
import { ValueNames } from "./names.js";

const SHAPES = {
  input: "shape=ellipse, style=filled, fillcolor=lightblue",
  variable: "shape=cylinder, style=filled, fillcolor=khaki",
  gradient: "shape=cylinder, style=filled, fillcolor=lightpink",
  constant: "shape=plaintext",
} as const;

/** A graph in the language of Graphviz: steps as boxes, with what they read and make; names of users are quoted. */
export function toDot(graph: Graph, title: string): string {
  const names = new ValueNames();
  const lines: string[] = [];
  const points = new Map<Value, string>();
  /** The point of a value that no step makes. */
  const pointOf = (value: Value): string => {
    let point = points.get(value);
    if (point !== undefined) return point;
    points.set(value, (point = `n${points.size}`));
    const { kind } = value.origin;
    const look = kind === "step" ? "" : `, ${SHAPES[kind]}`;
    lines.push(`${point} [label=${quoted(`${names.of(value)}\n${typeOf(value)}`)}${look}];`);
    return point;
  };
  for (const value of graph.inputs) pointOf(value);
  for (const [i, step] of graph.steps.entries()) {
    const point = `s${i}`;
    const from = step.inputs.map((x) => pointOf(x.value));
    const made = step.outputs.map((y) => `${names.of(y)}: ${typeOf(y)}`);
    lines.push(`${point} [shape=box, label=${quoted([step.primitive.name, ...made].join("\n"))}];`);
    for (const value of step.outputs) points.set(value, point);
    for (const origin of from) lines.push(`${origin} -> ${point};`);
  }
  const end = (value: Value, label: string, i: number): void => {
    const from = pointOf(value);
    lines.push(`e${i} [label=${quoted(label)}, style=bold];`, `${from} -> e${i};`);
  };
  const ends: [Value, string][] = [
    ...graph.results.map(({ value }, i): [Value, string] => [value, `result ${i}`]),
    ...graph.assignments.map(({ variable, value }): [Value, string] => [value.value, `new value of ${variable.label}`]),
    ...graph.gradients.flatMap(({ value }): [Value, string][] => (value ? [[value.value, ".grad"]] : [])),
  ];
  for (const [i, [value, label]] of ends.entries()) end(value, label, i);
  return `digraph ${quoted(title)} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

function typeOf({ dtype, shape }: Value): string {
  return `${dtype} ${showShape(shape)}`;
}

/** Text between quotes: nothing in it can end them, be taken for one of Graphviz's escapes, or for half a character. */
function quoted(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, " ");
  return `"${escaped}"`;
}
