import "../methods.js";
import { withTracking } from "../core/apply.js";
import { assign } from "../core/assign.js";
import { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/scopes.js";
import { sameShape, showShape } from "../core/shape.js";
import { isPlainObject } from "../core/tree.js";
import { Variable } from "../core/variable.js";
import { ValueError } from "../errors.js";

/** What a part of a training run is at one moment: tensors, numbers, truth values and texts by name. */
export type State = Readonly<Record<string, Tensor | Scalar>>;
export type Scalar = number | boolean | string | null;

/**
 * Something that tells its state, as an object of tensors and scalars, or of such objects, and takes the like of it back: it
 * copies what it is given, and refuses what it cannot be.
 */
export interface Stateful {
  stateDict(): object;
  loadStateDict(state: never): unknown;
}

/** Something whose state are variables: a model with parameters and buffers, or a generator. */
export type Holder =
  { namedParameters(): Iterable<readonly [string, Variable]>; buffers(): object } | { readonly state: Variable };

/** What has a state: a model, an optimiser, a schedule, a generator. */
export type Part = Stateful | Holder;

/**
 * Puts a part into a state that was read, such as a model into the tensors of a safetensors file. Every name, shape and dtype
 * that differs is named in one `ValueError`, and then nothing has changed. Floating-point tensors are cast to what the part has.
 */
export function loadState(part: Part, state: State): void {
  loadStates("loadState", new Map([["", { part, state }]]));
}

/** Whether a value is a part, and not a scalar. */
export function isPart(value: unknown): value is Part {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return isStateful(value) || "namedParameters" in value || ("state" in value && value.state instanceof Variable);
}

function isStateful(part: object): part is Stateful {
  return "stateDict" in part && "loadStateDict" in part;
}

/** The state of a part, by dotted names: its own tensors, no copies. */
export function stateOf(part: Part): State {
  if (isStateful(part)) return Object.fromEntries(flat(part.stateDict(), ""));
  if (!("namedParameters" in part)) return { state: part.state };
  return Object.fromEntries([...part.namedParameters(), ...flat(part.buffers(), "")]);
}

/** The leaves of a tree of objects and arrays; what is no scalar is refused when it is written. */
function flat(tree: unknown, name: string): [string, Tensor | Scalar][] {
  if (!isBranch(tree)) return [[name, tree as Tensor | Scalar]];
  return Object.entries(tree).flatMap(([key, branch]) => flat(branch, name ? `${name}.${key}` : key));
}

/** A tree like another, with the leaves of these names. */
function treeLike(tree: unknown, name: string, leaves: State): unknown {
  if (!isBranch(tree)) return leaves[name];
  const at = (key: string | number): string => (name ? `${name}.${key}` : String(key));
  if (Array.isArray(tree)) return tree.map((branch, i) => treeLike(branch, at(i), leaves));
  return Object.fromEntries(Object.entries(tree).map(([key, branch]) => [key, treeLike(branch, at(key), leaves)]));
}

function isBranch(tree: unknown): tree is object {
  return Array.isArray(tree) || isPlainObject(tree);
}

/** Puts all parts into their states, or none: parts by the prefix of their names. */
export function loadStates(operation: string, parts: ReadonlyMap<string, { part: Part; state: State }>): void {
  withTracking(false, () =>
    ownedBy(operation, () => {
      const differences = [...parts].flatMap(([prefix, { part, state }]) => compare(prefix, stateOf(part), state));
      if (differences.length > 0) {
        const count = differences.length === 1 ? "one difference" : `${differences.length} differences`;
        const wanted = "the names, shapes and dtypes of what is loaded into";
        throw new ValueError(operation, wanted, `${count}: ${differences.join("; ")}`);
      }
      const undo: (() => void)[] = [];
      try {
        for (const { part, state } of parts.values()) {
          undo.push(restorer(part));
          put(part, state);
        }
      } catch (error) {
        for (const restore of undo.reverse()) restore();
        throw error;
      }
    }),
  );
}

/** Puts a part back into the state that it has now. */
function restorer(part: Part): () => void {
  const copies = Object.entries(stateOf(part)).map(([name, value]) => [
    name,
    value instanceof Tensor ? value.copy() : value,
  ]);
  return () => put(part, Object.fromEntries(copies) as State);
}

function put(part: Part, state: State): void {
  const own = stateOf(part);
  const cast = Object.entries(state).map(([name, value]) => {
    const like = own[name];
    return [name, value instanceof Tensor && like instanceof Tensor ? value.cast(like.dtype) : value] as const;
  });
  if (isStateful(part)) part.loadStateDict(treeLike(part.stateDict(), "", Object.fromEntries(cast)) as never);
  else for (const [name, value] of cast) assign(own[name] as Variable, value as Tensor);
}

/** What differs between the state that a part has and one that it is given, a sentence each. */
function compare(prefix: string, own: State, given: State): string[] {
  const missing = Object.keys(own).filter((name) => !Object.hasOwn(given, name));
  return [
    ...missing.map((name) => `${prefix}${name} is missing`),
    ...Object.entries(given).flatMap(([name, value]) => {
      if (!Object.hasOwn(own, name)) return `${prefix}${name} is not known`;
      const difference = differ(own[name]!, value);
      return difference ? `${prefix}${name} is ${difference}` : [];
    }),
  ];
}

function differ(own: Tensor | Scalar, given: Tensor | Scalar): string | null {
  if (!(own instanceof Tensor) || !(given instanceof Tensor)) {
    const same = !(own instanceof Tensor) && !(given instanceof Tensor);
    return same
      ? null
      : `${given instanceof Tensor ? "a tensor" : String(given)}, not ${own instanceof Tensor ? "a tensor" : String(own)}`;
  }
  const fits = own.dtype === given.dtype || (own.type.float && given.type.float);
  if (fits && sameShape(own.shape, given.shape)) return null;
  return `${given.dtype} ${showShape(given.shape)}, not ${own.dtype} ${showShape(own.shape)}`;
}
