import { showShape } from "../../core/shape.js";
import type { Executable } from "../run/executable.js";
import type { Graph, Value } from "../capture/graph.js";
import { bytesOf, type Place } from "../plan/place.js";
import { ownedBy } from "../../core/running/scopes.js";
import { blankLeaves, describe, type Leaf } from "../capture/signature.js";
import { oneLine, ValueNames } from "./names.js";
import { peakOf } from "./peak.js";
import { aligned, showBytes } from "./table.js";

/** Options of `program.explain`. */
export interface ExplainOptions {
  /**
   * Measure how long each instruction takes, by running the program again and again, one instruction at a time, with the
   * arguments given, or with zeros. Variables and gradients have their values back afterwards. Default false.
   */
  time?: boolean;
  /** List the steps of the graph after every pass. Default false. */
  steps?: boolean;
}

/** What became of a function's operations on their way to a program, for people to read. */
export function explain(
  executable: Executable,
  { time, steps }: Required<ExplainOptions>,
  leaves: readonly Leaf[] | null,
): string {
  const { passes } = executable;
  const sections = [
    headOf(executable),
    passList(passes),
    ...(steps ? passes.map(stepList) : []),
    fusions(passes),
    memory(executable),
    tape(executable, time ? measure(executable, leaves) : null),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

/** The function, and the arguments that the graph is for. */
export function headOf({ name, captured: { pattern } }: Executable): string {
  const args = pattern.kind === "list" ? pattern.parts.map(describe).join(", ") : describe(pattern);
  return `${oneLine(name)}(${args})`;
}

function measure(executable: Executable, leaves: readonly Leaf[] | null): number[] {
  return ownedBy("explain", () => executable.measure(leaves ?? blankLeaves(executable.captured.pattern)));
}

/** How many steps there are after each pass, and of which operations. */
function passList(passes: Executable["passes"]): string {
  const rows = passes.map(({ name, graph }, i) => {
    const counts = countsOf(graph);
    const before = i === 0 ? new Map<string, number>() : countsOf(passes[i - 1]!.graph);
    const changes = [...new Set([...before.keys(), ...counts.keys()])].flatMap((operation) => {
      const change = (counts.get(operation) ?? 0) - (before.get(operation) ?? 0);
      return change === 0 ? [] : `${i > 0 && change > 0 ? "+" : ""}${change} ${operation}`;
    });
    return [name, String(graph.steps.length), changes.join(", ")];
  });
  return `steps after each pass\n${aligned(rows, [1])}`;
}

function countsOf({ steps }: Graph): Map<string, number> {
  return tally(steps.map(({ primitive }) => oneLine(primitive.name)));
}

/** How often each text is there. */
function tally(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function stepList({ name, graph }: Executable["passes"][number]): string {
  const names = new ValueNames();
  const rows = graph.steps.map((step, i) => [String(i), names.step(step), step.outputs.map(showType).join(", ")]);
  return `${name}\n${aligned(rows, [0])}`;
}

function showType({ dtype, shape }: Value): string {
  return `${dtype} ${showShape(shape)}`;
}

/** The steps that stand for several, those that no pass before fusing knew, and how many there are of each kind. */
function fusions(passes: Executable["passes"]): string {
  const known = new Set(passes[0]!.graph.steps.map(({ primitive }) => primitive));
  const last = passes[passes.length - 1]!.graph;
  const fused = last.steps.filter(({ primitive }) => !known.has(primitive) && /[+(]/.test(primitive.name));
  if (fused.length === 0) return "";
  const kinds = tally(
    fused.map(({ primitive, outputs }) => `${oneLine(primitive.name, 160)}\n${outputs.map(showType).join(", ")}`),
  );
  return `fused steps\n${aligned(
    [...kinds].map(([kind, count]) => [String(count), ...kind.split("\n")]),
    [0],
  )}`;
}

function memory({ plan }: Executable): string {
  const { bytes: slab } = plan;
  const peak = peakOf(plan);
  const sums = new Map<string, { count: number; bytes: number }>();
  const seen = new Set<unknown>();
  for (const [value, place] of plan.places) {
    const { kind } = place;
    const block = kind === "variable" ? place.variable : kind === "gradient" ? place.leaf : value;
    if (kind === "slab" || seen.has(block)) continue;
    seen.add(block);
    const { count, bytes } = sums.get(kind) ?? { count: 0, bytes: 0 };
    sums.set(kind, { count: count + 1, bytes: bytes + bytesOf(value) });
  }
  const ratio = peak > 0 ? ` (the slab is ${(slab / peak).toFixed(2)} of it; steps reuse what they read)` : "";
  const rows = [
    ["slab", showBytes(slab), "for what lives during a call"],
    ["peak", showBytes(peak), `live at once${ratio}`],
    ...[...sums].map(([kind, { count, bytes }]) => [`${kind}s`, showBytes(bytes), `in ${count}`]),
  ];
  return `memory\n${aligned(rows, [1])}`;
}

/** Every instruction: which step it belongs to, where it writes, and what it costs. */
function tape({ plan: { graph, places }, lowered }: Executable, times: readonly number[] | null): string {
  const names = new ValueNames();
  const total = times?.reduce((sum, time) => sum + time, 0) ?? 0;
  const formulas = graph.steps.map((step) => names.step(step));
  const rows = lowered.stepOf.map((at, i) => {
    const { outputs } = graph.steps[at]!;
    const again = i > 0 && lowered.stepOf[i - 1] === at;
    const cost = times ? [(times[i]! * 1000).toFixed(2), `${((100 * times[i]!) / total).toFixed(1)} %`] : [];
    const where = outputs.map((y) => showPlace(places.get(y)));
    return [String(i), ...cost, again ? "  and" : formulas[at]!, outputs.map(showType).join(", "), where.join(", ")];
  });
  const heading = ["", ...(times ? ["us", "share"] : []), "instruction", "", "in"];
  const sum = times ? `, ${(total * 1000).toFixed(2)} us one by one` : "";
  const title = `tape: ${rows.length} instruction${rows.length === 1 ? "" : "s"}, ${lowered.words.length} words${sum}`;
  return `${title}\n${aligned([heading, ...rows], times ? [0, 1, 2] : [0])}`;
}

function showPlace(place: Place | undefined): string {
  switch (place?.kind) {
    case "slab":
      return `slab + ${place.offset}`;
    case "result":
      return `result ${place.position}`;
    case "variable":
      return `variable ${oneLine(place.variable.label)}`.trimEnd();
    case "gradient":
      return "gradient";
    default:
      return place?.kind ?? "";
  }
}
