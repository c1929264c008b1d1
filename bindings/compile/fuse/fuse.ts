import { sizeOf } from "../../core/shape.js";
import { RuntimeError } from "../../errors.js";
import { acquireFunctions } from "../emit/functions.js";
import type { Expression } from "../emit/expression.js";
import { withEpilogues } from "./epilogues.js";
import { readersOf, type Graph, type Step, type Value } from "../capture/graph.js";
import { groupsOf, type Group } from "./groups.js";
import { phasesOf, widthOf, writesOf, type Phase } from "./phases.js";
import { emittedStep, type EmittedLoop } from "./emitted-step.js";
import { tiledStep } from "./tiled-step.js";
import { tilingOf } from "./tiles.js";

/** A graph in which elementwise steps run together, and the expressions whose functions it calls and must release. */
export interface Fused {
  readonly graph: Graph;
  readonly functions: readonly Expression[];
}

/** From this many elements on, values between the phases of a group are made tile by tile: fewer stay in cache by themselves. */
const TILED = 4096;

/**
 * Makes one pass over memory of elementwise steps of one shape that share what they read, with sums at their end. What only
 * the group itself reads is never written to memory as a whole. Cheap arithmetic becomes a loop in WebAssembly of its own;
 * other steps run as they are, tile by tile where they are long. What products can do in passing, they do. The bits stay what
 * they are.
 */
export function fuse(graph: Graph): Fused {
  const given = withEpilogues(graph);
  return fuseWith(given, true) ?? fuseWith(given, false)!;
}

/** Undefined where functions are to be emitted and the engine refuses them. */
function fuseWith(graph: Graph, emits: boolean): Fused | undefined {
  const readers = readersOf(graph);
  const called: EmittedLoop[] = [];
  const groups = groupsOf(graph);
  const replaced = new Map<Group, readonly Step[]>();
  for (const group of groups) {
    const inside = new Set(group.members);
    const steps = group.members.map((at) => graph.steps[at]!);
    const isWanted = (value: Value): boolean => (readers.get(value) ?? []).some((at) => !inside.has(at));
    const { steps: made, emitted } = pass(group, phasesOf(steps, emits ? widthOf : () => null), isWanted);
    replaced.set(group, made);
    called.push(...emitted);
  }
  const functions = called.map(({ expression }) => expression);
  if (functions.length > 0) {
    const places = acquireFunctions(functions);
    if (!places) return undefined;
    for (const [i, place] of places.entries()) called[i]!.params.place = place;
  }
  return { graph: { ...graph, steps: inOrder(graph, groups, replaced) }, functions };
}

interface Pass {
  readonly steps: readonly Step[];
  readonly emitted: readonly EmittedLoop[];
}

/** The phases of a group as steps: one that goes from tile to tile, or one for each phase. */
function pass(group: Group, phases: readonly Phase[], isWanted: (value: Value) => boolean): Pass {
  const size = sizeOf(group.shape);
  const tiling = phases.length > 1 && size > TILED ? tilingOf(group, phases) : null;
  if (tiling) return tiledStep(group, phases, isWanted, tiling);
  const steps: Step[] = [];
  const emitted: EmittedLoop[] = [];
  for (const phase of phases) {
    if (phase.kind !== "emitted") {
      steps.push(phase.steps[0]);
      continue;
    }
    const made = emittedStep(group, phase, writesOf(phase, phases, isWanted));
    steps.push(made.step);
    emitted.push(made);
  }
  return { steps, emitted };
}

/** All steps such that inputs come before outputs, otherwise as they were; a group stands where its last member stood, or earlier if it must. */
function inOrder(graph: Graph, groups: readonly Group[], replaced: ReadonlyMap<Group, readonly Step[]>): Step[] {
  const groupOf = new Map(groups.flatMap((group) => group.members.map((at) => [at, group] as const)));
  const madeBy = new Map(graph.steps.flatMap(({ outputs }, at) => outputs.map((y) => [y, at] as const)));
  const steps: Step[] = [];
  const placed = new Set<number>();
  const opened = new Set<number>();
  const place = (from: number): void => {
    const pending = [from];
    while (pending.length > 0) {
      const at = pending[pending.length - 1]!;
      const group = groupOf.get(at);
      const unit = group?.members ?? [at];
      if (placed.has(unit[0]!)) {
        pending.pop();
        continue;
      }
      const needed = unit
        .flatMap((member) => graph.steps[member]!.inputs.map(({ value }) => madeBy.get(value)))
        .filter((maker) => maker !== undefined && !placed.has(maker) && !unit.includes(maker));
      if (needed.length > 0) {
        if (opened.has(unit[0]!))
          throw new RuntimeError("compile", "groups of steps that have an order", "a circle of them");
        opened.add(unit[0]!);
        pending.push(...(needed as number[]));
        continue;
      }
      pending.pop();
      for (const member of unit) placed.add(member);
      steps.push(...(group ? replaced.get(group)! : [graph.steps[at]!]));
    }
  };
  for (const at of graph.steps.keys()) {
    const group = groupOf.get(at);
    if (!group || group.members.at(-1) === at) place(at);
  }
  return steps;
}
