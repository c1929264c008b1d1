import { gradientOf } from "../core/running/gradient.js";
import type { Tensor } from "../core/graph.js";
import type { Variable } from "../core/variable.js";

/** The gradient that a parameter has so far; none while it is frozen. */
export function gradientOfParameter({ node }: Variable): Tensor | null {
  return node && gradientOf(node);
}
