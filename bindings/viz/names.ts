import { leaf } from "../core/values/create.js";
import type { Node, Primitive, Tensor } from "../core/graph.js";
import { nameOf } from "../core/running/names.js";
import { operations } from "../core/operations.js";
import type { Storage } from "../runtime/storage.js";
import { showConstant } from "./number.js";

/** The marks over a name: v̇ is a tangent, v̄ an adjoint. */
export const DOT = "\u0307";
export const BAR = "\u0304";

/** The name with a mark over its first letter. */
export function marked(name: string, mark: string): string {
  const [first = "", ...rest] = name;
  return first + mark + rest.join("");
}

/** Names that have not been given yet. */
export class FreshNames {
  private readonly taken = new Set<string>();

  /** The name wanted, or with a number behind it where that is taken. */
  take(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.taken.has(name); i++) name = `${wanted}_${i}`;
    this.taken.add(name);
    return name;
  }

  /** A user's name for a value, once: the second value of that name has none. */
  own(x: Tensor): string | undefined {
    const name = userName(x);
    return name === undefined || this.taken.has(name) ? undefined : this.take(name);
  }
}

/** What breaks lines, or turns the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** The user's name for a value, on one line. */
export function userName(x: Tensor): string | undefined {
  return nameOf(x)?.replace(UNPRINTABLE, " ").trim() || undefined;
}

/** v1, v2, .., or a user's name where it is not an argument or a parameter, which have their name in the formula. */
export function namesOf(nodes: readonly Node[]): Map<Node, string> {
  const fresh = new FreshNames();
  const passed: readonly Primitive[] = [operations.identity.primitive, leaf];
  const own = nodes.map((node) => (passed.includes(node.primitive) ? undefined : fresh.own(node.output)));
  return new Map(nodes.map((node, i) => [node, own[i] ?? fresh.take(`v${i + 1}`)]));
}

/** What a value that is not computed is called, if it has a name. */
export function constantName(x: Tensor, passed: ReadonlyMap<Storage, string>): string | undefined {
  return userName(x) ?? (x.storage ? passed.get(x.storage) : undefined);
}

/** How a node is computed, from the names of others: `v1 · v2`. */
export function formulaOf(
  { primitive, inputs }: Node,
  names: ReadonlyMap<Node, string>,
  passed: ReadonlyMap<Storage, string>,
): string {
  const args = inputs.map((x) => (x.node && names.get(x.node)) ?? constantName(x, passed) ?? showConstant(x));
  const [x = "", y] = args;
  const { symbol, name } = primitive;
  if (primitive === operations.identity.primitive) return x;
  if (symbol !== undefined && args.length === 2) return `${x} ${symbol} ${y}`;
  if (symbol !== undefined && args.length === 1)
    return symbol.includes("_") ? symbol.split("_").join(x) : `${symbol}${x}`;
  return args.length === 1 ? `${name} ${x}` : `${name}(${args.join(", ")})`;
}
