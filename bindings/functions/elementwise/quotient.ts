import type { Tensor } from "../../core/graph.js";
import { div, eq, where } from "../../primitives/elementwise/arithmetic.js";
import { castTo } from "../../primitives/define.js";

/** The quotient of integers, rounded: 0 where y is 0, as NumPy has it. */
export function wholeQuotient(a: Tensor, b: Tensor, rounded: (x: Tensor) => Tensor): Tensor {
  const [p, q] = [castTo(a, "f64"), castTo(b, "f64")]; // Which holds every integer.
  return castTo(where(eq(q, 0), 0, rounded(div(p, q))), a.dtype === "bool" ? "i32" : a.dtype);
}
