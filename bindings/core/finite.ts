import { NonFiniteError } from "../errors.js";
import { heap } from "../runtime/instance.js";
import type { Tensor } from "./graph.js";
import { showShape, sizeOf } from "./shape.js";

let on = false;

/** Switches the search for the first NaN or infinity on or off. */
export function setDebugNaN(value: boolean): void {
  on = value;
}

/** Whether every result is looked at. */
export function findsNonFinite(): boolean {
  return on;
}

/** Runs a rule without looking at what it computes on the way: an infinite partial may well be multiplied by 0. */
export function withoutFinding<T>(rule: () => T): T {
  const before = on;
  on = false;
  try {
    return rule();
  } finally {
    on = before;
  }
}

/** Throws where an operation made a NaN or an infinity of finite numbers. What it made of nothing, it was asked for. */
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
  if (!x.storage || !x.type.float) return null;
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
