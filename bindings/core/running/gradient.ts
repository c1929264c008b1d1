import { recorder } from "./capturing.js";
import type { Node, Tensor } from "../graph.js";

/** The gradient that a leaf has so far; while a program is made, as it will be when the program comes to this place. */
export function gradientOf(leaf: Node): Tensor | null {
  return recorder ? recorder.gradientOf(leaf) : leaf.grad;
}
