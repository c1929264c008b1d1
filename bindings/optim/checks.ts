import { kindOf } from "../core/checks.js";
import { Tensor } from "../core/graph.js";
import { isPlainObject, type Tree } from "../core/tree.js";
import { ValueError } from "../errors.js";

/** A finite number from `low` on, and below `high`. */
export function checkNumber(operation: string, name: string, value: number, low: number, high = Infinity): number {
  if (typeof value !== "number" || !(value >= low && value < high))
    throw new ValueError(operation, `${name} from ${low} to below ${high}`, String(value));
  return value;
}

/** The decays of two running means, each from 0 to below 1. */
export function checkBetas(operation: string, betas: readonly [number, number]): readonly [number, number] {
  if (!Array.isArray(betas) || betas.length !== 2)
    throw new ValueError(operation, "betas as two numbers", String(betas));
  return [checkNumber(operation, "betas[0]", betas[0], 0, 1), checkNumber(operation, "betas[1]", betas[1], 0, 1)];
}

/** Refuses what is no function that a step could call. */
export function checkClosure(operation: string, what: string, closure: unknown): asserts closure is () => Tensor {
  if (typeof closure !== "function")
    throw new ValueError(operation, `a closure that computes ${what}`, closure === undefined ? "none" : typeof closure);
}

/**
 * Refuses what else stands in a tree of parameters, which would be passed over: a model instead of its `parameters()`, an
 * iterator, a group of options among parameters. A bias that is not there may be null, and names stand beside what they name.
 */
export function checkBranches(operation: string, tree: Tree): void {
  if (tree instanceof Tensor || tree === null || tree === undefined || typeof tree === "string") return;
  const branches = Array.isArray(tree) ? (tree as unknown[]) : isPlainObject(tree) ? Object.values(tree) : null;
  if (!branches) {
    throw new ValueError(operation, "parameters in arrays and objects, such as model.parameters()", kindOf(tree));
  }
  for (const branch of branches) checkBranches(operation, branch);
}
