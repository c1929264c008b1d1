import { NonFiniteError } from "../../errors.js";
import { heap } from "../../runtime/instance.js";
import type { Node, Tensor } from "../graph.js";
import { showShape, sizeOf } from "../shape.js";

let on = false;
/** Whether a rule is running, whose results alone are looked at. */
let inRule = false;

/** What made a value: one operation, of these. */
interface Origin {
  readonly operation: string;
  readonly inputs: readonly Tensor[];
}

/** Where the values to come of a rule are from; null for those on its way, which nobody looks at. */
const origins = new WeakMap<Node, Origin | null>();

/** Switches the search for the first NaN or infinity on or off. */
export function setDebugNaN(value: boolean): void {
  on = value;
}

/** Whether every result is looked at. */
export function findsNonFinite(): boolean {
  return on && !inRule;
}

/**
 * Runs a rule as one operation: its results are looked at, now or when they have values, but not what it computes on the
 * way, since an infinite partial may well be multiplied by 0.
 */
export function asOneOperation<R extends readonly (Tensor | null)[]>(
  operation: string,
  inputs: () => readonly Tensor[],
  rule: () => R,
): R {
  if (!findsNonFinite()) return rule();
  const origin: Origin = { operation, inputs: inputs() };
  const results = unseen(rule);
  // What the rule was given, and passes on, is not of its making.
  for (const y of results) if (y?.node && origins.get(y.node) === null) origins.set(y.node, origin);
  checkFinite(origin.operation, origin.inputs, results);
  return results;
}

/** Runs what only leads to the result of a rule: its results are not checked. */
export function unseen<T>(body: () => T): T {
  const before = inRule;
  inRule = true;
  try {
    return body();
  } finally {
    inRule = before;
  }
}

/** Notes a node whose value is yet to come. */
export function noteSymbolic(node: Node): void {
  if (on && inRule) origins.set(node, null);
}

/** Where the value of a node is from, if a rule made it. */
export function originOf(node: Node): Origin | null | undefined {
  return on ? origins.get(node) : undefined;
}

/** Throws where an operation made a NaN or an infinity of finite numbers. One without inputs, such as `full`, may. */
export function checkFinite(operation: string, inputs: readonly Tensor[], outputs: readonly (Tensor | null)[]): void {
  if (inputs.length === 0) return;
  for (const y of outputs) {
    const place = y ? firstNonFinite(y) : null;
    if (!y || !place || inputs.some((x) => firstNonFinite(x))) continue;
    const from = inputs.map((x) => `${x.dtype} ${showShape(x.shape)}${madeAt(x)}`).join(", ");
    throw new NonFiniteError(
      operation,
      "finite numbers, as debugNaN demands",
      `${place.value} at [${place.position.join(", ")}] of ${y.dtype} ${showShape(y.shape)}, from ${from}`,
    );
  }
}

function madeAt(x: Tensor): string {
  return x.storage?.madeAt ? ` made at ${x.storage.madeAt}` : "";
}

/** The first element that is NaN or infinite, with its position; null if all are finite. */
function firstNonFinite(x: Tensor): { value: number; position: number[] } | null {
  // Without an address it has no values yet.
  if (!x.storage?.address || !x.type.float) return null;
  const elements = x.dtype === "f32" ? heap.f32 : heap.f64;
  const base = x.storage.address / x.type.bytes + x.offset;
  for (let i = 0; i < x.size; i++) {
    const position = positionOf(i, x);
    const value = elements[position.reduce((at, index, axis) => at + index * x.strides[axis]!, base)]!;
    if (!Number.isFinite(value)) return { value, position };
  }
  return null;
}

function positionOf(i: number, { shape }: Tensor): number[] {
  return shape.map((length, axis) => Math.floor(i / sizeOf(shape.slice(axis + 1))) % length);
}
