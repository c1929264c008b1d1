import { BAR, DOT } from "../names.js";
import type { GraphNode, Role } from "./data.js";

/** How a role looks, and what the legend calls it. */
export interface Look {
  readonly fill: string;
  readonly line: string;
  readonly text: string;
  readonly dashed: boolean;
  readonly rounded: boolean;
  readonly meaning: string;
}

const look = (fill: string, line: string, meaning: string, shape: Partial<Look> = {}): Look => {
  return { fill, line, text: "#1c1c1c", dashed: false, rounded: true, meaning, ...shape };
};

/** Light fills with dark lines, told apart by shape and dashes too: for those who see colours otherwise, and in print. */
export const LOOKS: Readonly<Record<Role, Look>> = {
  input: look("#dbeafe", "#1d4ed8", "input", { rounded: false }),
  parameter: look("#ede9fe", "#6d28d9", "parameter", { rounded: false }),
  constant: look("#f3f4f6", "#6b7280", "constant", { rounded: false }),
  value: look("#ffffff", "#374151", "value"),
  output: look("#dcfce7", "#15803d", "result"),
  adjoint: look("#ffedd5", "#c2410c", `adjoint v${BAR} = ∂y/∂v`),
  tangent: look("#fef9c3", "#a16207", `tangent v${DOT}`),
  elided: look("#ffffff", "#6b7280", "not shown", { dashed: true, text: "#6b7280" }),
};

/** Longer lines are cut: a name may be anything. */
const MOST_CHARACTERS = 60;

/** Whether a node belongs to a derivative, and not to the function. */
export function isDerived({ role, standsFor = role }: GraphNode): boolean {
  return standsFor === "adjoint" || standsFor === "tangent";
}

/** The roles that occur among nodes, in the order of the looks. */
export function rolesIn(nodes: readonly GraphNode[]): Role[] {
  return (Object.keys(LOOKS) as Role[]).filter((role) => nodes.some((node) => node.role === role));
}

/** The lines of text in a node: `y = v4 = v1 · v2`, and its value. */
export function linesOf(node: GraphNode, values: boolean): string[] {
  const { role, name, formula, value, results, shape } = node;
  if (role === "elided") return [`… ${name} …`];
  if (role === "constant") return [cut(name || "constant"), ...(values ? [value] : [`[${shape.join(", ")}]`])];
  const others = results.filter((label) => label !== name);
  const names = [...others, name, formula].filter((part) => part !== "");
  const first = cut(names.join(" = "));
  return values && formula !== value ? [first, value] : [first];
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= MOST_CHARACTERS ? text : `${characters.slice(0, MOST_CHARACTERS - 1).join("")}…`;
}
