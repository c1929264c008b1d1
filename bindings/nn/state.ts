import { withTracking } from "../core/running/apply.js";
import { assign } from "../core/values/assign.js";
import { kindOf } from "../core/checks.js";
import { asTensor, type TensorLike } from "../core/values/create.js";
import { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import { sameShape, showShape } from "../core/shape.js";
import { isPlainObject } from "../core/tree.js";
import type { Variable } from "../core/variable.js";
import { ValueError, WengertError } from "../errors.js";
import { castTo } from "../primitives/define.js";
import { apart } from "../shared/apart.js";
import { checkOptions } from "../shared/options.js";

/** Values by the full names of the variables that they belong to. */
export type StateDict = Readonly<Record<string, TensorLike>>;

/** Names that were left out, where that is allowed. */
export interface LoadResult {
  /** What the model has and the state lacks: left as it was. */
  readonly missing: readonly string[];
  /** What the state has and the model lacks: not used. */
  readonly unexpected: readonly string[];
}

/** A state that does not fit a model: every name that is missing or unknown, and every value of a wrong shape or type. */
export class StateError extends ValueError {
  constructor(
    operation: string,
    /** One for each name, in words. */
    readonly problems: readonly string[],
  ) {
    super(operation, "values for the model's variables, by name", problems.join("; "));
  }
}

/** Assigns values to variables, all or none. Throws a StateError that lists everything that does not fit. */
export function loadState(
  operation: string,
  variables: ReadonlyMap<string, Variable>,
  state: StateDict,
  options: { strict?: boolean } = {},
): LoadResult {
  checkOptions(operation, options, { strict: false });
  const { strict = true } = options;
  if (!isPlainObject(state)) throw new ValueError(operation, "an object with values by name", kindOf(state));
  const missing = [...variables.keys()].filter((name) => !Object.hasOwn(state, name));
  const unexpected = Object.keys(state).filter((name) => !variables.has(name));
  const problems = strict
    ? [...missing.map((name) => `no "${name}"`), ...unexpected.map((name) => `an unknown "${name}"`)]
    : [];
  ownedBy(operation, () => {
    withTracking(false, () => {
      const given: [Variable, Tensor][] = [];
      for (const [name, variable] of variables) {
        if (!Object.hasOwn(state, name)) continue;
        const value = tensorOf(operation, state[name]!, variable);
        const problem = value instanceof Tensor ? misfit(variable, value) : `of ${value.got}`;
        if (problem || !(value instanceof Tensor)) problems.push(`"${name}" ${problem}`);
        // Cast before anything is assigned, so that a lack of memory changes nothing.
        else given.push([variable, castTo(value, variable.dtype)]);
      }
      if (problems.length > 0) throw new StateError(operation, problems);
      for (const [variable, value] of apart(given)) assign(variable, value);
    });
  });
  return { missing, unexpected };
}

/** A value as a tensor, or why it is none. */
function tensorOf(operation: string, value: TensorLike, variable: Variable): Tensor | WengertError {
  try {
    return asTensor(operation, value, variable);
  } catch (error) {
    if (error instanceof WengertError) return error;
    throw error;
  }
}

/** Why a value cannot be assigned to a variable, if it cannot. */
export function misfit(variable: Variable, value: Tensor): string | null {
  const { shape, type, dtype } = variable;
  const isReal = ({ float, half }: typeof type): boolean => float || half === true;
  if (!sameShape(value.shape, shape)) return `of shape ${showShape(value.shape)} instead of ${showShape(shape)}`;
  return isReal(value.type) === isReal(type) ? null : `of dtype ${value.dtype} instead of ${dtype}`;
}
