import { recorder } from "./capturing.js";
import type { Node, Tensor } from "../graph.js";
import { Variable } from "../variable.js";

const names = new WeakMap<Tensor | Node, string>();

/** Names a value for traces, pictures and messages: `name(x.mul(w), "hidden")`. Returns x itself. */
export function name<T extends Tensor>(x: T, label: string): T {
  setName(x, label);
  return x;
}

/** Names a tensor, and with it the node that made it. */
export function setName(x: Tensor, label: string): void {
  names.set(x.node ?? x, label);
  recorder?.named(x, label);
}

/** The user's name for a value, if it has one: a variable's label serves too. */
export function nameOf(x: Tensor): string | undefined {
  const own = names.get(x.node ?? x) ?? names.get(x);
  return own ?? (x instanceof Variable && x.label !== "" ? x.label : undefined);
}
