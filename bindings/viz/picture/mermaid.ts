import type { GraphEdge, GraphNode } from "./data.js";
import type { Drawing } from "./dot.js";
import { isDerived, linesOf, LOOKS, rolesIn } from "./label.js";

/** The drawing in Mermaid's language, which GitHub and many editors draw inside Markdown. */
export function toMermaid({ nodes, edges, direction, values, partials }: Drawing): string {
  const derived = new Map(nodes.map((node) => [node.id, isDerived(node)]));
  const lines = [
    `flowchart ${direction === "down" ? "TB" : "LR"}`,
    ...nodes.map((node) => `  ${node.id}${shaped(node, values)}:::${node.role}`),
    ...edges.map((edge) => edgeLine(edge, derived, partials)),
    ...rolesIn(nodes).map((role) => {
      const { fill, line, text, dashed } = LOOKS[role];
      return `  classDef ${role} fill:${fill},stroke:${line},color:${text}${dashed ? ",stroke-dasharray:4 3" : ""}`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}

function shaped(node: GraphNode, values: boolean): string {
  const label = `"${linesOf(node, values).map(escaped).join("<br/>")}"`;
  return LOOKS[node.role].rounded ? `(${label})` : `[${label}]`;
}

function edgeLine({ from, to, partial }: GraphEdge, derived: ReadonlyMap<string, boolean>, partials: boolean): string {
  const label = partials && partial !== undefined ? `|"${escaped(partial)}"|` : "";
  return `  ${from} ${derived.get(to) && !derived.get(from) ? "-.->" : "-->"}${label} ${to}`;
}

/** Text inside double quotes: Mermaid writes what it would read otherwise as #code; */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N} .,:=+/()·∂−⋯…²√^'-]/gu, (character) => `#${character.codePointAt(0)};`);
}
