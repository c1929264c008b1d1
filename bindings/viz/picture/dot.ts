import type { GraphData, GraphEdge, GraphNode } from "./data.js";
import { isDerived, linesOf, LOOKS, rolesIn } from "./label.js";

/** What is drawn. */
export interface Drawing extends GraphData {
  /** "down": from the inputs at the top to the results at the bottom; "right": from left to right. */
  readonly direction: "down" | "right";
  readonly values: boolean;
  readonly partials: boolean;
  readonly legend: boolean;
}

const FONT = 'fontname="Helvetica,Arial,sans-serif"';

/** The drawing in Graphviz's language. */
export function toDot(drawing: Drawing): string {
  const { nodes, edges, direction, values, partials, legend } = drawing;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const lines = [
    "digraph {",
    `  graph [rankdir=${direction === "down" ? "TB" : "LR"}, ranksep=0.35, nodesep=0.3, bgcolor="#ffffff", pad=0.2, ${FONT}];`,
    `  node [shape=box, style=filled, fontsize=12, height=0.3, ${FONT}];`,
    `  edge [color="#374151", arrowsize=0.7, fontsize=10, fontcolor="#4b5563", ${FONT}];`,
    ...nodes.map((node) => `  ${node.id} [${nodeAttributes(node, values)}];`),
    ...edges.map((edge) => edgeLine(edge, byId, partials)),
    // A derivative stands beside what it is the derivative of.
    ...nodes.flatMap(({ id, of }) => (of === undefined ? [] : [`  { rank=same; ${of}; ${id}; }`])),
    ...(legend ? legendOf(drawing) : []),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

function nodeAttributes(node: GraphNode, values: boolean): string {
  const { fill, line, text, dashed, rounded } = LOOKS[node.role];
  const style = ["filled", ...(rounded ? ["rounded"] : []), ...(dashed ? ["dashed"] : [])].join(",");
  const lines = linesOf(node, values);
  // Graphviz measures in Helvetica; other fonts are wider.
  const margin = 0.12 + 0.004 * lines.reduce((most, { length }) => Math.max(most, length), 0);
  const colors = `fillcolor="${fill}", color="${line}", fontcolor="${text}", style="${style}"`;
  return `label="${lines.map(escaped).join("\\n")}", margin="${margin.toFixed(2)},0.07", ${colors}`;
}

function edgeLine({ from, to, partial }: GraphEdge, byId: ReadonlyMap<string, GraphNode>, partials: boolean): string {
  const [start, end] = [byId.get(from)!, byId.get(to)!];
  const label = partials && partial !== undefined ? ` [label="  ${escaped(partial)} "]` : "";
  if (!isDerived(end)) return `  ${from} -> ${to}${label};`;
  // Values that a derivative uses: faint, and without a say in the layout.
  if (!isDerived(start)) return `  ${from} -> ${to} [color="#9ca3af", style=dashed, arrowsize=0.5, constraint=false];`;
  const role = end.standsFor ?? end.role;
  // Adjoints flow from the results to the inputs, so against the direction of the drawing.
  if (role === "adjoint") return `  ${to} -> ${from} [dir=back, color="${LOOKS[role].line}"];`;
  return `  ${from} -> ${to} [color="${LOOKS[role].line}"];`;
}

/** A table of the roles that occur; what is not shown says so itself. */
function legendOf({ nodes, partials, edges }: Drawing): string[] {
  const rows = rolesIn(nodes).flatMap((role) => {
    const { fill, line, meaning } = LOOKS[role];
    if (role === "elided") return [];
    return `<TR><TD BGCOLOR="${fill}" COLOR="${line}" BORDER="1" WIDTH="18"> </TD><TD ALIGN="LEFT">${meaning}</TD></TR>`;
  });
  const shown = partials && edges.some(({ partial }) => partial !== undefined);
  if (shown) rows.push(`<TR><TD>5</TD><TD ALIGN="LEFT">local partial ∂v/∂u</TD></TR>`);
  const uses = new Map(nodes.map((node) => [node.id, isDerived(node)]));
  if (edges.some(({ from, to }) => uses.get(to) && !uses.get(from)))
    rows.push(`<TR><TD><FONT COLOR="#9ca3af">- -</FONT></TD><TD ALIGN="LEFT">value in a partial</TD></TR>`);
  const table = `<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="4">${rows.join("")}</TABLE>`;
  return [`  legend [shape=plain, style="", fontsize=10, fontcolor="#4b5563", label=<${table}>];`];
}

/** Text inside double quotes. Graphviz reads backslashes, and the entities of HTML, as more than themselves, and no half characters. */
function escaped(text: string): string {
  const whole = text.replace(/\p{Surrogate}/gu, "\ufffd");
  return whole.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("&", "&amp;");
}
