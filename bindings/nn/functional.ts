import { asTensor, type TensorLike } from "../core/values/create.js";
import type { Tensor } from "../core/graph.js";
import { isPlainObject } from "../core/tree.js";
import type { Variable } from "../core/variable.js";
import { ValueError } from "../errors.js";
import { Module, placesOfVariables } from "./module.js";
import { misfit, StateError } from "./state.js";

/** Values by full names (`{ "0.weight": w }`), or as a tree (`{ "0": { weight: w } }`), as `model.parameters()` is one. */
export interface ValueTree {
  readonly [name: string]: TensorLike | ValueTree;
}

/**
 * What a model computes of inputs with other values in place of its variables: `grad((p) => loss(functionalCall(model, p, x)))
 * (model.parameters())`, or many models at once under `vmap`. Variables that are not named keep theirs; one that has several
 * names is replaced under all of them. What training assigns to, such as running statistics, has to be a variable: it has the
 * new values afterwards, and the model keeps its own. A StateError lists the names that the model does not have, and shapes that do not fit.
 */
export function functionalCall<I extends readonly unknown[], O>(
  model: Module<I, O>,
  values: ValueTree,
  ...inputs: I
): O {
  if (!(model instanceof Module)) throw new ValueError("functionalCall", "a module", String(model));
  if (!isPlainObject(values)) throw new ValueError("functionalCall", "a tree of values by name", String(values));
  const places = placesOfVariables(model);
  const variables = new Map(places.map(({ name, part }) => [name, part]));
  const replaced = new Map<Variable, Tensor>();
  const problems: string[] = [];
  for (const [name, given] of flat(values, "")) {
    const variable = variables.get(name);
    if (!variable) {
      problems.push(`an unknown "${name}"`);
      continue;
    }
    const value = asTensor("functionalCall", given, variable);
    const problem = misfit(variable, value);
    if (problem) problems.push(`"${name}" ${problem}`);
    replaced.set(variable, value);
  }
  if (problems.length > 0) throw new StateError("functionalCall", problems);
  const changed = places.filter(({ part }) => replaced.has(part));
  try {
    for (const { holder, key, part } of changed) holder[key] = replaced.get(part)!;
    return model(...inputs);
  } finally {
    for (const { holder, key, part } of changed) holder[key] = part;
  }
}

function flat(tree: ValueTree, prefix: string): [string, TensorLike][] {
  return Object.entries(tree).flatMap(([key, value]): [string, TensorLike][] =>
    isPlainObject(value) ? flat(value, `${prefix}${key}.`) : [[prefix + key, value]],
  );
}
