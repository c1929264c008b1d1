import { kindOf } from "../core/checks.js";
import { checkUsable, withTracking } from "../core/running/apply.js";
import { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import { sameShape, showShape } from "../core/shape.js";
import { Variable } from "../core/variable.js";
import { assign } from "../core/values/assign.js";
import { ValueError } from "../errors.js";
import { apart } from "../shared/apart.js";

/**
 * What something must remember to go on as if it had not been interrupted, under flat names such as
 * `groups.0.0.weight.mean`: tensors, for a file of tensors, and numbers or null, for its part in JSON. The tensors are the
 * variables themselves, not copies: write or copy them before the next step changes them.
 */
export type TrainingState = Readonly<Record<string, Tensor | number | null>>;

/** A number that is remembered, or null where there is none yet. */
export interface Remembered {
  /** The number as it is at present. */
  get(): number | null;
  /** Puts a number of a state in its place, after it was looked at. */
  set(value: number | null): void;
  /** Whether null is a value that it can have. */
  readonly nullable?: boolean;
  /** The numbers that it can be. By default all that are finite. */
  readonly range?: Range;
}

/** Numbers from `low` on and below `high`; or only the whole ones. */
interface Range {
  readonly low: number;
  readonly high?: number;
  readonly whole?: boolean;
}

/** What counts steps, or metrics. */
export const COUNT: Range = { low: 0, whole: true };

/** A learning rate, or how far a schedule has come. */
export const POSITIVE: Range = { low: 0 };

/** All that something remembers, by flat names. */
export type StateEntries = ReadonlyMap<string, Variable | Remembered>;

/** What has a state that can be saved and taken up again. */
export interface Stateful {
  /** Where each part of the state is kept, by its flat name. */
  readonly entries: StateEntries;
  /** The present state, by names: its own variables, no copies. */
  stateDict(): TrainingState;
  /** Puts it back into such a state; throws, and changes nothing, where one does not fit. */
  loadStateDict(state: TrainingState): void;
}

/** The numbers in an object, by the names that they have there. */
export function numbersOf<K extends string>(holder: Record<K, number>): [name: K, Remembered][] {
  const names = Object.keys(holder) as K[];
  return names.map((name) => [name, { get: () => holder[name], set: (x) => (holder[name] = x!) }]);
}

/** The entries of parts under the names of the parts. */
export function prefixed(parts: Iterable<readonly [prefix: string, entries: StateEntries]>): StateEntries {
  const all = new Map<string, Variable | Remembered>();
  for (const [prefix, entries] of parts) for (const [name, entry] of entries) all.set(`${prefix}.${name}`, entry);
  return all;
}

/** The state as it is at present. */
export function stateOf(entries: StateEntries): TrainingState {
  return Object.fromEntries(
    [...entries].map(([name, entry]) => [name, entry instanceof Variable ? entry : entry.get()]),
  );
}

/** Takes a state up, whole or, with a ValueError that tells all that does not fit, not at all. */
export function takeUp(operation: string, entries: StateEntries, state: TrainingState): void {
  checkTrainingState(operation, state);
  const problems = [
    ...[...entries].flatMap(([name, entry]) => problemOf(operation, name, entry, state) ?? []),
    ...Object.keys(state).flatMap((name) => (entries.has(name) ? [] : `${name} is unknown`)),
  ];
  if (problems.length > 0)
    throw new ValueError(operation, "the names, shapes and dtypes of its own state", problems.join(", "));
  const variables: [Variable, Tensor][] = [];
  for (const [name, entry] of entries) if (entry instanceof Variable) variables.push([entry, state[name] as Tensor]);
  withTracking(false, () =>
    ownedBy(operation, () => {
      for (const [variable, value] of apart(variables)) assign(variable, value);
    }),
  );
  for (const [name, entry] of entries) if (!(entry instanceof Variable)) entry.set(state[name] as number | null);
}

/** Refuses what is no state at all. */
export function checkTrainingState(operation: string, state: TrainingState): void {
  if (typeof (state as unknown) !== "object" || (state as unknown) === null)
    throw new ValueError(operation, "a state as stateDict() gives it", kindOf(state));
}

function problemOf(operation: string, name: string, entry: Variable | Remembered, state: TrainingState): string | null {
  if (!Object.hasOwn(state, name)) return `${name} is missing`;
  const value = state[name] as unknown;
  if (!(entry instanceof Variable)) {
    const { range, nullable = false } = entry;
    if (isIn(value, range) || (value === null && nullable)) return null;
    const limits = range ? ` from ${range.low}${range.high === undefined ? "" : ` to below ${range.high}`}` : "";
    const kind = `a ${range?.whole ? "whole" : "finite"} number${limits}${nullable ? " or null" : ""}`;
    return `${name} is ${describe(value)} instead of ${kind}`;
  }
  if (value instanceof Tensor && value.dtype === entry.dtype && sameShape(value.shape, entry.shape)) {
    checkUsable(operation, value);
    return null;
  }
  return `${name} is ${describe(value)} instead of ${describe(entry)}`;
}

function isIn(value: unknown, { low, high = Infinity, whole = false }: Range = { low: -Infinity }): boolean {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  return value >= low && value < high && (!whole || Number.isInteger(value));
}

function describe(value: unknown): string {
  return value instanceof Tensor ? `${value.dtype} ${showShape(value.shape)}` : String(value);
}
