import "../methods.js";
import { withTracking } from "../core/running/apply.js";
import { assign } from "../core/values/assign.js";
import { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import { sameShape, showShape } from "../core/shape.js";
import { Variable } from "../core/variable.js";
import { ValueError, WengertError } from "../errors.js";

/** What a file can hold beside tensors. */
export type Scalar = number | boolean | string | null;

/** What a part of a training run is at one moment, by name. */
export type State = Readonly<Record<string, Tensor | Scalar>>;

/**
 * Something that tells its state by flat names and takes the like of it back, whole or not at all: a model, an optimiser, a
 * schedule. It copies what it is given.
 */
export interface Restorable {
  /** The present state, by names. */
  stateDict(): object;
  /** Puts it back into such a state; throws, and changes nothing, where one does not fit. */
  loadStateDict(state: never): unknown;
  /** For a state that may be longer than its own: makes room for it, and returns what takes that back. */
  makeRoomFor?(state: State): () => void;
}

/** What has a state; that of a generator is one variable. */
export type CheckpointPart = Restorable | { readonly state: Variable };

/** Whether a value is a part, and not a scalar. */
export function isPart(value: unknown): value is CheckpointPart {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return isRestorable(value) || ("state" in value && value.state instanceof Variable);
}

function isRestorable(part: object): part is Restorable {
  return "stateDict" in part && "loadStateDict" in part;
}

/** The state of a part: its own tensors, no copies. */
export function stateOf(part: CheckpointPart): State {
  return isRestorable(part) ? (part.stateDict() as State) : { state: part.state }; // What is no scalar is refused in writing.
}

/** Puts all parts into their states, or none: everything that does not fit, in whichever part, is one ValueError. */
export function loadStates(
  operation: string,
  parts: ReadonlyMap<string, { part: CheckpointPart; state: State }>,
): void {
  withTracking(false, () =>
    ownedBy(operation, () => {
      const problems: string[] = [];
      const undo: (() => void)[] = [];
      for (const [name, { part, state }] of parts) {
        const before = copied(stateOf(part));
        const takeBack = isRestorable(part) ? part.makeRoomFor?.(state) : undefined;
        try {
          put(operation, part, state);
          undo.push(() => {
            takeBack?.();
            put(operation, part, before);
          });
        } catch (error) {
          takeBack?.();
          problems.push(`${name}: ${error instanceof WengertError ? error.got : String(error)}`);
        }
      }
      if (problems.length === 0) return;
      for (const restore of undo) restore();
      throw new ValueError(operation, "states that fit their parts", problems.join("; "));
    }),
  );
}

function copied(state: State): State {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, value instanceof Tensor ? value.copy() : value]),
  );
}

function put(operation: string, part: CheckpointPart, state: State): void {
  if (isRestorable(part)) return void part.loadStateDict(state as never); // It looks for itself at what it is given.
  const { state: value, ...others } = state;
  const { dtype, shape } = part.state;
  const fits = value instanceof Tensor && value.dtype === dtype && sameShape(value.shape, shape);
  if (!fits || Object.keys(others).length > 0) {
    const got = value instanceof Tensor ? `${value.dtype} ${showShape(value.shape)}` : String(value);
    const names = Object.keys(others).join(", ");
    throw new ValueError(
      operation,
      `state ${dtype} ${showShape(shape)} alone`,
      `state ${got}${names && ` and ${names}`}`,
    );
  }
  assign(part.state, value);
}
