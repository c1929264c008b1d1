import { arrayDType, weakDType, type DTypeName, type ElementArray } from "../../core/dtype.js";
import { data } from "../../core/values/access.js";
import { viewOf } from "../../core/running/apply.js";
import { Tensor } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { sameShape, showShape, type Shape } from "../../core/shape.js";
import { isPlainObject } from "../../core/tree.js";
import { Variable } from "../../core/variable.js";
import type { WeakNumber } from "../../core/values/weak.js";
import { ValueError } from "../../errors.js";

/** What a leaf of the arguments is for a program: the values that it is called with. */
export type Leaf = Tensor | number | ElementArray;

/** Arguments that are nested as deep as this have no end. */
const DEEPEST = 1000;

/** What arguments must look like for a graph to serve them. Leaves are numbered in the order of the tree. */
export type Pattern =
  | { readonly kind: "tensor"; readonly position: number; readonly like: TensorLook }
  /** A number; how it met integers decided something. */
  | { readonly kind: "number"; readonly position: number; met: readonly Meeting[] }
  | { readonly kind: "array"; readonly position: number; readonly dtype: DTypeName; readonly length: number }
  /** Exactly this: a static argument, a string, a variable, a module. */
  | { readonly kind: "same"; readonly value: unknown }
  | { readonly kind: "list"; readonly parts: readonly Pattern[] }
  | { readonly kind: "record"; readonly keys: readonly string[]; readonly parts: readonly Pattern[] };

/** What a graph depends on of a tensor. */
export interface TensorLook {
  readonly dtype: DTypeName;
  readonly shape: Shape;
  /** Null where it lies densely. */
  readonly strides: readonly number[] | null;
}

/** Beside this type of integers a number took that one. */
export interface Meeting {
  readonly beside: DTypeName;
  readonly took: DTypeName;
}

/** The pattern of arguments, and the leaves in order. `statics`: the positions of arguments that are part of the pattern. */
export function patternOf(args: readonly unknown[], statics: readonly number[]): { pattern: Pattern; leaves: Leaf[] } {
  const leaves: Leaf[] = [];
  const parts = args.map((argument, i) => look(argument, statics.includes(i), leaves));
  return { pattern: { kind: "list", parts }, leaves };
}

function look(x: unknown, fixed: boolean, leaves: Leaf[], depth = 0): Pattern {
  if (depth > DEEPEST) throw new ValueError("compile", "arguments of an end", "one that holds itself");
  const inside = (part: unknown): Pattern => look(part, fixed, leaves, depth + 1);
  if (Array.isArray(x)) return { kind: "list", parts: x.map(inside) };
  if (isPlainObject(x)) {
    const keys = Object.keys(x);
    return { kind: "record", keys, parts: keys.map((key) => inside(x[key])) };
  }
  if (fixed || x instanceof Variable) return { kind: "same", value: x };
  const position = leaves.length;
  if (x instanceof Tensor) {
    leaves.push(x);
    const like = { dtype: x.dtype, shape: x.shape, strides: x.dense ? null : x.strides };
    return { kind: "tensor", position, like };
  }
  if (typeof x === "number") {
    leaves.push(x);
    return { kind: "number", position, met: [] };
  }
  const dtype = arrayDType(x);
  if (!dtype) return { kind: "same", value: x };
  leaves.push(x as ElementArray);
  return { kind: "array", position, dtype, length: (x as ElementArray).length };
}

/** Arguments with what stands for them in their places. */
export function lift(pattern: Pattern, inputs: readonly Tensor[]): unknown {
  switch (pattern.kind) {
    case "same":
      return pattern.value;
    case "list":
      return pattern.parts.map((part) => lift(part, inputs));
    case "record":
      return Object.fromEntries(pattern.keys.map((key, i) => [key, lift(pattern.parts[i]!, inputs)]));
    default:
      return inputs[pattern.position];
  }
}

/** How the numbers among the arguments met integers becomes part of the pattern. */
export function rememberMeetings(pattern: Pattern, inputs: readonly Tensor[]): void {
  if (pattern.kind === "list" || pattern.kind === "record") {
    for (const part of pattern.parts) rememberMeetings(part, inputs);
  } else if (pattern.kind === "number") {
    const { met, example } = inputs[pattern.position] as WeakNumber;
    pattern.met = [...met].map((beside) => ({ beside, took: weakDType(example, beside) }));
  }
}

/** Whether a value fits a pattern. Its leaves are put into `leaves`. Allocates nothing. */
export function fits(pattern: Pattern, x: unknown, leaves: Leaf[]): boolean {
  switch (pattern.kind) {
    case "tensor":
      return fitsTensor(pattern, x, leaves);
    case "number":
      if (typeof x !== "number") return false;
      for (const { beside, took } of pattern.met) if (weakDType(x, beside) !== took) return false;
      leaves[pattern.position] = x;
      return true;
    case "array":
      if (arrayDType(x) !== pattern.dtype || (x as ElementArray).length !== pattern.length) return false;
      leaves[pattern.position] = x as ElementArray;
      return true;
    case "same":
      return Object.is(x, pattern.value);
    case "list": {
      const { parts } = pattern;
      if (!Array.isArray(x) || x.length !== parts.length) return false;
      for (let i = 0; i < parts.length; i++) {
        const part = parts[i]!;
        if (part.kind === "tensor" ? !fitsTensor(part, x[i], leaves) : !fits(part, x[i], leaves)) return false;
      }
      return true;
    }
    case "record": {
      const { keys, parts } = pattern;
      if (!isPlainObject(x)) return false;
      let count = 0;
      // In the same order, which a function may look at.
      for (const key in x) {
        if (!Object.hasOwn(x, key)) continue;
        if (key !== keys[count] || !fits(parts[count]!, x[key], leaves)) return false;
        count++;
      }
      return count === keys.length;
    }
  }
}

/** Arguments are tensors more often than not. */
function fitsTensor({ position, like }: Extract<Pattern, { kind: "tensor" }>, x: unknown, leaves: Leaf[]): boolean {
  if (!(x instanceof Tensor) || !looksLike(x, like) || x.storage?.holder === x) return false;
  leaves[position] = x;
  return true;
}

/** Leaves that fit a pattern, without meaning: all zeros. */
export function blankLeaves(pattern: Pattern): Leaf[] {
  switch (pattern.kind) {
    case "tensor":
      return [blankTensor(pattern.like)];
    case "number":
      return [0];
    case "array":
      return [data(operations.fill([pattern.length], 0, pattern.dtype)) as ElementArray]; // No array has halves.
    case "same":
      return [];
    default:
      return pattern.parts.flatMap(blankLeaves);
  }
}

function blankTensor({ dtype, shape, strides }: TensorLook): Tensor {
  if (strides === null) return operations.fill(shape, 0, dtype);
  const [low, high] = reachOf(shape, strides);
  return viewOf(operations.fill([high - low + 1], 0, dtype), { shape, strides, offset: 0 - low });
}

/** The places of a view's first and last element in memory, counted from where it begins. */
export function reachOf(shape: Shape, strides: readonly number[]): [low: number, high: number] {
  const ends = shape.map((length, axis) => strides[axis]! * Math.max(0, length - 1));
  const sides = [Math.min, Math.max].map((side) => ends.reduce((sum, end) => sum + side(0, end), 0));
  return sides as [number, number];
}

/** Whether a tensor is one that a graph can serve. */
function looksLike(x: Tensor, { dtype, shape, strides }: TensorLook): boolean {
  if (x.dtype !== dtype || (x.shape !== shape && !sameShape(x.shape, shape))) return false;
  return strides === null ? x.dense : !x.dense && sameShape(x.strides, strides);
}

/** A pattern in words: `f32 [2, 3], { lr: number }`. */
export function describe(pattern: Pattern): string {
  switch (pattern.kind) {
    case "tensor": {
      const { dtype, shape, strides } = pattern.like;
      return `${dtype} ${showShape(shape)}${strides ? `, a view of strides ${showShape(strides)}` : ""}`;
    }
    case "number":
      return "a number";
    case "array":
      return `an array of ${pattern.length} ${pattern.dtype}`;
    case "same":
      return pattern.value instanceof Variable ? "a variable" : String(pattern.value);
    case "list":
      return `[${pattern.parts.map(describe).join(", ")}]`;
    case "record":
      return `{ ${pattern.keys.map((key, i) => `${key}: ${describe(pattern.parts[i]!)}`).join(", ")} }`;
  }
}
