import type { TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions } from "../../core/options.js";
import { KEEPS, type Axes, type ReduceOptions } from "../../primitives/reductions/reduce.js";
import { matrixNorm } from "../linalg/norms.js";
import { normOf } from "./distance.js";

/**
 * The 2-norm of all elements, or another `vectorNorm` by its p; "fro" is the 2-norm over the axes, "nuc" the `matrixNorm` of that name.
 *
 * @throws AxisError for an axis that x does not have, or one that is named twice
 */
export function norm(x: TensorLike, p: number | "fro" | "nuc" = 2, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkOptions("norm", options, KEEPS);
  if (p === "nuc") return matrixNorm(x, p, (axes ?? undefined) as readonly [number, number] | undefined, options);
  return normOf("norm", x, p === "fro" ? 2 : p, axes, options);
}
