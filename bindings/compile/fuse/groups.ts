import { collapse } from "../../core/encode/encode.js";
import { broadcastStrides, denseStrides, sameShape, type Shape } from "../../core/shape.js";
import { isWhole, readersOf, type Graph, type Operand, type Step, type Value } from "../capture/graph.js";

// Which steps become one pass over memory: elementwise ones of one shape that share what they read, and sums at their end.

/** How the operands of a group lie: rows of columns, and for each operand the elements from row to row and in a row. */
export interface Box {
  readonly rows: number;
  readonly columns: number;
  readonly strides: readonly (readonly [row: number, column: number])[];
}

/** What a group reads: elements of a value from an offset on, with strides over the group's shape. */
export interface Spread {
  readonly value: Value;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** At most so many steps and operands: registers, and streams that a processor fetches ahead, are few. */
const MOST_STEPS = 64;
const MOST_OPERANDS = 16;

/** Of the groups that read one value, the last so many are asked: all steps of a long loop read the same weights. */
const MOST_READERS = 8;

/** Steps that run together, by their positions in the list. */
export class Group {
  readonly members: number[] = [];
  /** What the members read that none of them makes. */
  operands: Spread[] = [];

  constructor(
    /** Without axes of length 1. */
    readonly shape: Shape,
  ) {}
}

/** How operands and a dense output of a shape lie; null if that is not in two dimensions. */
export function boxOf(shape: Shape, operands: readonly Spread[]): Box | null {
  const all = [denseStrides(shape), ...operands.map(({ strides }) => strides)];
  const { sizes, strides } = collapse(shape, all);
  if (sizes.length > 2) return null;
  const [rows, columns] = [sizes.at(-2) ?? 1, sizes.at(-1) ?? 1];
  const pairs = strides.map((s) => [s.at(-2) ?? 0, s.at(-1) ?? 0] as const);
  if (pairs.some(([, column]) => column !== 0 && column !== 1)) return null;
  return { rows, columns, strides: pairs.slice(1) };
}

/** Whether a step works element by element, on its own. */
function isElementwise({ primitive, outputs, parts }: Step): boolean {
  if (parts || primitive.batch !== "elementwise" || !primitive.encode || primitive.refuses) return false;
  return outputs[0]!.size > 0;
}

/** Whether a step is the sum of all elements of its input. */
export function isTotal({ primitive, inputs, params }: Step): boolean {
  return primitive.isTotal?.(inputs[0]!.shape, params) ?? false;
}

/** The groups of more than one step. */
export function groupsOf(graph: Graph): Group[] {
  return new Grouping(graph).run();
}

class Grouping {
  private readonly groupOf: (Group | undefined)[];
  private readonly madeBy = new Map<Value, number>();
  /** The groups that read a value that is made elsewhere, the last few of them. */
  private readonly groupsReading = new Map<Value, Group[]>();
  /** For each step met so far a number above those of what it reads; one for all members of a group. */
  private readonly levels: number[] = [];
  /** The steps that read a value. */
  private readonly stepsReading: Map<Value, number[]>;

  constructor(private readonly graph: Graph) {
    this.stepsReading = readersOf(graph);
    this.groupOf = new Array<Group | undefined>(graph.steps.length);
    for (const [at, { outputs }] of graph.steps.entries()) for (const y of outputs) this.madeBy.set(y, at);
  }

  run(): Group[] {
    const groups = new Set<Group>();
    for (const [at, step] of this.graph.steps.entries()) {
      this.lift(at, 1 + Math.max(0, ...step.inputs.map(({ value }) => this.levels[this.madeBy.get(value) ?? -1] ?? 0)));
      const total = isTotal(step);
      if (!total && !isElementwise(step)) continue;
      const shape = withoutOnes(domainOf(step));
      let joined = this.candidates(step, shape, total).find((group) => this.join(group, at));
      if (!joined && !total) {
        joined = new Group(shape);
        if (!this.join(joined, at)) continue;
        groups.add(joined);
      }
      if (!joined) continue;
      for (const other of this.candidates(step, shape, true)) if (this.merge(joined, other)) groups.delete(other);
    }
    return [...groups].filter(({ members }) => members.length > 1);
  }

  /** Groups that make what a step reads, and those that read it too. */
  private candidates({ inputs }: Step, shape: Shape, makersOnly: boolean): Group[] {
    const found = new Set<Group>();
    for (const { value } of inputs) {
      const at = this.madeBy.get(value);
      const maker = at === undefined ? undefined : this.groupOf[at];
      if (maker) found.add(maker);
    }
    if (!makersOnly) {
      for (const { value } of inputs) {
        // What has one element is read by everyone, which brings nobody together.
        if (value.size > 1) for (const group of this.groupsReading.get(value) ?? []) found.add(group);
      }
    }
    return [...found].filter((group) => group.members.length > 0 && sameShape(group.shape, shape));
  }

  /** Takes a step into a group if it then still runs as one. */
  private join(group: Group, at: number): boolean {
    const step = this.graph.steps[at]!;
    const operands = this.operandsWith(group, [step]);
    if (!operands || group.members.length >= MOST_STEPS || this.leadsTo(step.inputs, group)) return false;
    this.take(group, [at], operands);
    return true;
  }

  /** Makes two groups one if they then still run as one. */
  private merge(group: Group, other: Group): boolean {
    if (other === group || group.members.length + other.members.length > MOST_STEPS) return false;
    const steps = other.members.map((at) => this.graph.steps[at]!);
    const operands = this.operandsWith(group, steps, other);
    if (!operands || this.leadsTo(group.operands, other, group) || this.leadsTo(other.operands, group, other))
      return false;
    this.take(group, other.members, operands);
    // What reads the same values finds the group that is left.
    other.members.length = 0;
    return true;
  }

  private take(group: Group, members: readonly number[], operands: Spread[]): void {
    group.members.push(...members);
    group.members.sort((a, b) => a - b);
    group.operands = operands;
    for (const at of members) this.groupOf[at] = group;
    const top = Math.max(...group.members.map((at) => this.levels[at]!));
    for (const at of group.members) this.lift(at, top);
    for (const { value } of operands) {
      const others = (this.groupsReading.get(value) ?? []).filter((reader) => reader !== group);
      this.groupsReading.set(value, [...others.slice(1 - MOST_READERS), group]);
    }
  }

  /** Raises a step, and those that run with it, to a level, and what reads them above it. */
  private lift(at: number, level: number): void {
    const pending = [[at, level] as const];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const [step, to] = next;
      if (this.levels[step]! >= to) continue;
      const unit = this.groupOf[step]?.members ?? [step];
      for (const member of unit) this.levels[member] = to;
      for (const y of unit.flatMap((member) => this.graph.steps[member]!.outputs)) {
        for (const reader of this.stepsReading.get(y) ?? []) {
          if (this.levels[reader] && !unit.includes(reader)) pending.push([reader, to + 1]);
        }
      }
    }
  }

  /** What the group reads with more steps in it; null where these operands do not lie in a box of its shape. */
  private operandsWith(group: Group, steps: readonly Step[], other?: Group): Spread[] | null {
    const inside = (value: Value): Step | undefined => {
      const at = this.madeBy.get(value);
      const step = at === undefined ? undefined : this.graph.steps[at]!;
      if (at === undefined || step === undefined) return undefined;
      const maker = this.groupOf[at];
      return (maker && (maker === group || maker === other)) || steps.includes(step) ? step : undefined;
    };
    const operands: Spread[] = [];
    const members = other ? [...group.members.map((at) => this.graph.steps[at]!), ...steps] : steps;
    if (!other) operands.push(...group.operands);
    for (const step of members) {
      const over = domainOf(step);
      for (const x of step.inputs) {
        const maker = inside(x.value);
        if (maker) {
          const asItLies = isWhole(x) && !isTotal(maker) && sameShape(withoutOnes(x.shape), group.shape);
          if (!asItLies) return null;
          continue;
        }
        const operand = spread(x, over);
        if (!operands.some((y) => sameSpread(operand, y))) operands.push(operand);
      }
    }
    return operands.length <= MOST_OPERANDS && boxOf(group.shape, operands) ? operands : null;
  }

  /**
   * Whether operands depend on what a group makes by way of steps outside of it (and of `beside`). It goes from readers to makers, and
   * looks at each step or group once: so it ends, even where a join would make a cycle.
   */
  private leadsTo(operands: readonly { readonly value: Value }[], group: Group, beside?: Group): boolean {
    const seen = new Set<unknown>();
    const pending: number[] = [];
    const level = this.levels[group.members[0]!] ?? Infinity;
    const follow = (inputs: readonly { readonly value: Value }[], direct: boolean): boolean => {
      for (const { value } of inputs) {
        const at = this.madeBy.get(value);
        if (at === undefined) continue;
        if (this.groupOf[at] === group) {
          if (!direct) return true;
        } else if (this.levels[at]! > level && (!this.groupOf[at] || this.groupOf[at] !== beside)) pending.push(at);
      }
      return false;
    };
    if (follow(operands, true)) return true;
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const maker = this.groupOf[at];
      const unit = maker ?? at;
      if (seen.has(unit)) continue;
      seen.add(unit);
      if (follow(maker ? maker.operands : this.graph.steps[at]!.inputs, false)) return true;
    }
    return false;
  }
}

/** An operand over a shape that it is broadcast to; axes of length 1 do not count. */
export function spread(x: Operand, over: Shape): Spread {
  const strides = broadcastStrides(x.shape, x.strides, over).filter((_, axis) => over[axis] !== 1);
  return { value: x.value, offset: x.offset, strides };
}

/** Whether two operands are the same elements. */
export function sameSpread(x: Spread, y: Spread): boolean {
  return x.value === y.value && x.offset === y.offset && sameShape(x.strides, y.strides);
}

/** The shape that a step works over: that of its output, or of what it adds up. */
export function domainOf(step: Step): Shape {
  return isTotal(step) ? step.inputs[0]!.shape : step.outputs[0]!.shape;
}

function withoutOnes(shape: Shape): Shape {
  return shape.filter((length) => length !== 1);
}
