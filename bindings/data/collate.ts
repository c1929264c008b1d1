import { withTracking } from "../core/running/apply.js";
import { tensor } from "../core/values/create.js";
import { arrayDType, type TypedArray } from "../core/dtype.js";
import { Tensor } from "../core/graph.js";
import { isPlainObject } from "../core/tree.js";
import { stack } from "../functions/shapes/movement.js";
import { ShapeError, ValueError } from "../errors.js";
import { checkArrayLike } from "./checks.js";

/** Arrays of whole numbers. */
type IntegerArray =
  Int8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array;

/** Numbers and truth values in arrays of one shape. */
type Values = readonly (number | boolean)[] | readonly Values[];

/** What all examples have under a name, where they have it: what may be left out is left out by all. */
type Given<T, K extends keyof T> = object extends Pick<T, K> ? Exclude<T[K], undefined> : T[K];

/** What a batch is made of, for examples of a type: see `collate`. */
export type Batch<T> = T extends Tensor | TypedArray | IntegerArray | number | bigint | boolean | Values
  ? Tensor
  : T extends string
    ? string[]
    : T extends readonly unknown[] | object
      ? { [K in keyof T]: Batch<Given<T, K>> }
      : T[];

/**
 * Examples as one batch, whose first axis counts them: numbers, truth values, arrays of them, typed arrays and tensors become a
 * tensor, objects and arrays of such things are taken apart, and everything else, such as texts, becomes an array. All examples
 * are of one structure and shape.
 *
 * The element type does not depend on values. Numbers become floats, since 1 is 1.0 in JavaScript: losses and embeddings take
 * such classes and indices. Tensors keep their type, and so do typed arrays; those of integers that no tensor has, and bigints,
 * become i32, or are a ValueError where one does not fit.
 */
export function collate<T>(examples: readonly T[]): Batch<T> {
  checkArrayLike("collate", "examples in an array", examples);
  if (examples.length === 0) throw new ValueError("collate", "at least one example", "none");
  return withTracking(false, () => together(examples, "")) as Batch<T>;
}

function together(examples: readonly unknown[], path: string): unknown {
  const first = examples[0];
  const kind = kindOfExample(first);
  for (const example of examples) {
    if (kindOfExample(example) !== kind) throw new ValueError("collate", `${kind} ${as(path)}`, kindOfExample(example));
  }
  const part = (key: string | number): unknown =>
    together(
      examples.map((example) => (example as Record<string | number, unknown>)[key]),
      path ? `${path}.${key}` : String(key),
    );
  switch (kind) {
    case "tensors":
      return placed(path, () => stack(examples as Tensor[]));
    case "numbers":
    case "truth values":
      return tensor(examples as Values);
    case "typed arrays":
      return typed(examples as TypedArray[], path);
    case "bigints":
      return tensor(wholes(examples as bigint[], path));
    case "arrays of values":
      return placed(path, () => tensor(examples as Values));
    case "arrays":
      sameKeys(examples, path);
      return (first as unknown[]).map((_, i) => part(i));
    case "objects":
      sameKeys(examples, path);
      return Object.fromEntries(Object.keys(first as object).map((key) => [key, part(key)]));
    case "promises":
      throw new ValueError("collate", "examples that are there, as in dataset.stream(), which awaits them", kind);
    case "others":
      return [...examples];
  }
}

/** Where in the examples something should stand: in a field, or as the example itself. */
function as(path: string): string {
  return path ? `as .${path} of each example` : "as each example";
}

/** What is refused, with where in the examples it stands. */
function placed<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof ShapeError) throw new ShapeError("collate", `${error.expected} ${as(path)}`, error.got);
    if (error instanceof ValueError) throw new ValueError("collate", `${error.expected} ${as(path)}`, error.got);
    throw error;
  }
}

type Kind =
  | "tensors"
  | "numbers"
  | "bigints"
  | "truth values"
  | "typed arrays"
  | "arrays of values"
  | "arrays"
  | "objects"
  | "promises"
  | "others";

function kindOfExample(example: unknown): Kind {
  if (example instanceof Tensor) return "tensors";
  if (typeof example === "number") return "numbers";
  if (typeof example === "bigint") return "bigints";
  if (typeof example === "boolean") return "truth values";
  if (ArrayBuffer.isView(example) && !(example instanceof DataView)) return "typed arrays";
  if (Array.isArray(example)) return isValues(example) ? "arrays of values" : "arrays";
  if (example instanceof Promise) return "promises";
  return isPlainObject(example) ? "objects" : "others";
}

/** An image and its label are not: an array beside a number. */
function isValues(array: readonly unknown[]): boolean {
  return Array.isArray(array[0])
    ? array.every((x) => Array.isArray(x) && isValues(x))
    : array.every((x) => typeof x === "number" || typeof x === "boolean");
}

function typed(arrays: readonly TypedArray[], path: string): Tensor {
  const [first] = arrays as [TypedArray];
  const { length, [Symbol.toStringTag]: type } = first;
  // Node's Buffers are Uint8Arrays like others, but are not made like them.
  const constructor = first instanceof Uint8Array ? Uint8Array : first.constructor;
  const joined = new (constructor as new (length: number) => TypedArray)(arrays.length * length);
  for (const [i, array] of arrays.entries()) {
    const own = array[Symbol.toStringTag];
    if (array.length !== length || own !== type)
      throw new ShapeError("collate", `${type}s of ${length} elements ${as(path)}`, `${own} of ${array.length}`);
    joined.set(array, i * length);
  }
  return tensor(elementsOf(joined, path), { shape: [arrays.length, length] });
}

/** Integers, and halves where there are any, in a type that tensors have; other arrays as they are. */
function elementsOf(array: TypedArray | IntegerArray, path: string): TypedArray {
  if ((array[Symbol.toStringTag] as string) === "Float16Array") return Float32Array.from(array as TypedArray);
  return arrayDType(array) ? (array as TypedArray) : wholes(array as IntegerArray, path);
}

function wholes(values: Iterable<number | bigint>, path: string): Int32Array {
  return Int32Array.from(values as Iterable<number>, (value) => {
    const number = Number(value);
    if ((number | 0) === number) return number;
    throw new ValueError("collate", `integers that i32 holds ${as(path)}`, String(value));
  });
}

function sameKeys(examples: readonly unknown[], path: string): void {
  const keysOf = (example: unknown): string =>
    Object.keys(example as object)
      .sort()
      .join(", ");
  const keys = keysOf(examples[0]);
  for (const example of examples) {
    const own = keysOf(example);
    if (own !== keys)
      throw new ValueError("collate", `the names ${keys} ${path ? `in .${path} of` : "in"} each example`, own);
  }
}
