import { Limit } from "../../../assembly/abi/limit.js";
import { CaptureError, DTypeError, ForeignTensorError, ShapeError, ValueError } from "../../errors.js";
import { allocateBlock, heap } from "../../runtime/instance.js";
import { retain } from "../../runtime/scope.js";
import { DISPOSED, PERMANENT, Storage, usage } from "../../runtime/storage.js";
import { allocateTensor, checkLive, inPlaceOf, withTracking } from "../running/apply.js";
import { recorder } from "../running/capturing.js";
import { arrayDType, checkDType, defaultDType, dtypes, weakDType, type DTypeName, type TypedArray } from "../dtype.js";
import { Node, Tensor, type Primitive } from "../graph.js";
import { operations } from "../operations.js";
import { checkOptions } from "../options.js";
import { checkShape, showShape, sizeOf, type Shape } from "../shape.js";
import { mapTree, type Tree } from "../tree.js";
import { Variable } from "../variable.js";
import { asDType, besideTensor, WeakNumber } from "./weak.js";

/** Nested arrays of numbers or truth values; all rows of one length. */
export type NestedArray = readonly (number | boolean | NestedArray)[];

/** Whatever an operation takes where it takes a tensor. */
export type TensorLike = Tensor | number | boolean | TypedArray | Uint8ClampedArray | NestedArray;

/** Options of `tensor`. */
export interface TensorOptions {
  /** Element type; by default that of the typed array, or the default floating-point type for numbers. */
  dtype?: DTypeName;
  /** Shape; by default that of the nesting. The number of elements must agree. */
  shape?: Shape;
  /** Whether `backward` accumulates a gradient for it in `.grad`. Default false. */
  requiresGrad?: boolean;
}

/** The primitive of a leaf: a tensor that the user asked gradients of. */
export const leaf: Primitive<null> = {
  name: "leaf",
  infer: ([x]) => x!,
  derivative: { kind: "none" },
  samples: () => [],
};

/** Makes x a leaf of the graph: `backward` accumulates its gradient. */
function makeLeaf(operation: string, x: Tensor): void {
  if (!x.type.float) {
    x.storage?.free(operation); // Made just now, for nobody.
    throw new DTypeError(operation, "a floating-point dtype to differentiate", x.dtype);
  }
  x.node = new Node(leaf, [], null, x); // Saves nothing: a leaf has no rule that reads its value.
  x.node.retainsGrad = true;
}

/** A tensor from numbers, nested arrays, truth values, a typed array or a tensor: always a copy, without history. */
export function tensor(value: TensorLike, options: TensorOptions = {}): Tensor {
  checkOptions("tensor", options, { dtype: null, shape: null, requiresGrad: false });
  return makeTensor("tensor", value, options);
}

/** As `tensor`, for an operation that names itself in what it refuses. */
export function makeTensor(operation: string, value: TensorLike, options: TensorOptions = {}): Tensor {
  if (value instanceof WeakNumber)
    return tensorFromTensor(asDType(operation, value, options.dtype ?? defaultDType), options);
  if (value instanceof Tensor) return tensorFromTensor(value, options);
  const source = readSource(operation, value, options.dtype);
  const shape = checkShape(operation, options.shape ?? source.shape);
  if (sizeOf(shape) !== source.values.length) {
    throw new ShapeError(
      operation,
      `${sizeOf(shape)} elements for the shape ${showShape(shape)}`,
      `${source.values.length}`,
    );
  }
  const dtype = options.dtype ? checkDType(operation, options.dtype) : source.dtype;
  if (dtypes[dtype].half && !(value instanceof Uint16Array))
    return halves(operation, source.values, { ...options, shape });
  if (!dtypes[dtype].float && !dtypes[dtype].half) checkIntegers(operation, source.values, dtype);
  const x = allocateTensor(shape, dtype);
  write(x, source.values);
  if (options.requiresGrad) makeLeaf(operation, x);
  return x;
}

/** Numbers as a type that stores them shorter: rounded once. */
function halves(operation: string, values: ArrayLike<number>, options: TensorOptions): Tensor {
  const wide = makeTensor(operation, Float64Array.from(values), { shape: options.shape! });
  try {
    return tensorFromTensor(wide, options);
  } finally {
    wide.storage!.free(operation);
  }
}

function tensorFromTensor(
  x: Tensor,
  { dtype = x.dtype, shape = x.shape, requiresGrad = false }: TensorOptions,
): Tensor {
  const copied = withTracking(false, () => {
    const shaped = operations.reshape(x, shape);
    const made = dtype === x.dtype ? operations.copy(shaped) : operations.cast(shaped, dtype);
    inPlaceOf(shaped, x); // The view counts no more.
    return made;
  });
  if (requiresGrad) makeLeaf("tensor", copied);
  return copied;
}

/** What a variable is told. */
export interface VariableOptions extends Omit<TensorOptions, "requiresGrad"> {
  /** Its name in messages and summaries. */
  label?: string;
}

/** A tensor with `assign`, in no scope. Its values are a copy. */
export function variable(value: TensorLike, options: VariableOptions = {}): Variable {
  return makeVariable("variable", value, options);
}

function makeVariable(operation: string, value: TensorLike, options: VariableOptions): Variable {
  checkOptions(operation, options, { dtype: null, shape: null, label: null });
  const { label, ...rest } = options;
  if (recorder)
    throw new CaptureError(operation, "variables that are there before the program is made", "a new one in every call");
  const initial = makeTensor(operation, value, rest);
  const { storage } = initial;
  if (!storage) throw new CaptureError(operation, "a value that is known", "an example of vmap");
  initial.version = DISPOSED; // The variable takes the storage over; this handle is never seen.
  storage.handles = 0;
  storage.flow = null;
  retain(storage);
  const made = new Variable(storage, initial.dtype, initial.shape);
  if (label) made.label = label;
  return made;
}

/** A variable that gradients are accumulated for. */
export function parameter(value: TensorLike, options: VariableOptions = {}): Variable {
  const made = makeVariable("parameter", value, options);
  makeLeaf("parameter", made);
  return made;
}

/** Any value that stands for a tensor, as one; a number takes the type that it has beside another tensor. */
export function asTensor(operation: string, value: TensorLike, beside?: Tensor): Tensor {
  if (value instanceof Tensor) {
    checkLive(operation, value); // Here, so that it is this operation that refuses.
    return value instanceof WeakNumber ? besideTensor(value, beside?.dtype) : value;
  }
  if (typeof value === "number") return constant(value, beside ? weakDType(value, beside.dtype) : defaultDType);
  return makeTensor(operation, value);
}

/** A list of trees with tensors in place of typed arrays. */
export function withTensors(trees: readonly Tree[]): Tree[] {
  const made = (x: unknown): unknown => (arrayDType(x) ? tensor(x as TypedArray) : x);
  return mapTree(trees, (leaf) => leaf, "", made) as Tree[];
}

const BRAND = Symbol.for("wengert.tensor");
Object.defineProperty(Tensor.prototype, BRAND, { value: true });

function refuseForeign(operation: string, value: unknown): void {
  if (typeof value === "object" && value !== null && BRAND in value) {
    throw new ForeignTensorError(
      operation,
      "a tensor of this copy of the library",
      "one of another copy; import it once",
    );
  }
}

const MOST_CONSTANTS = 256;
const constants = new Map<DTypeName, Map<number, Tensor>>();

/**
 * A 0-d tensor of a number. The common ones are made once and kept: they belong to the library, and `memory()` does not
 * count them.
 */
export function constant(value: number, dtype: DTypeName, operation = "tensor"): Tensor {
  let known = constants.get(dtype);
  if (!known) constants.set(dtype, (known = new Map<number, Tensor>()));
  const found = known.get(value);
  const isNegativeZero = Object.is(value, -0); // A Map holds -0 and 0 for the same key.
  if (found && !isNegativeZero) return found;
  if (!dtypes[dtype].float) checkIntegers(operation, [value], dtype);
  if (known.size >= MOST_CONSTANTS || isNegativeZero) {
    const x = allocateTensor([], dtype);
    write(x, [value]);
    return x;
  }
  const bytes = dtypes[dtype].bytes;
  const storage = new Storage(
    allocateBlock(bytes, () => ""),
    bytes,
  );
  usage.storages--;
  usage.bytes -= bytes;
  const x = new Tensor(storage, dtype, [], [], 0, 1, true);
  storage.handles = PERMANENT;
  write(x, [value]);
  known.set(value, x);
  return x;
}

interface Source {
  readonly values: ArrayLike<number>;
  readonly shape: Shape;
  readonly dtype: DTypeName;
}

function readSource(operation: string, value: Exclude<TensorLike, Tensor>, dtype?: DTypeName): Source {
  if (typeof value === "number") return { values: [value], shape: [], dtype: defaultDType };
  if (typeof value === "boolean") return { values: [value ? 1 : 0], shape: [], dtype: "bool" };
  if (ArrayBuffer.isView(value))
    return { values: value, shape: [value.length], dtype: typedArrayDType(operation, value, dtype) };
  if (Array.isArray(value)) return readNested(operation, value as NestedArray);
  refuseForeign(operation, value);
  throw new ValueError(operation, "a number, truth values, nested arrays or a typed array", typeof value);
}

function typedArrayDType(operation: string, value: object, dtype?: DTypeName): DTypeName {
  const own = arrayDType(value);
  if (own) return own;
  if (value instanceof Uint16Array && dtype && dtypes[checkDType(operation, dtype)].half) return dtype;
  throw new DTypeError(operation, "a Float32Array, Float64Array, Int32Array or Uint8Array", value.constructor.name);
}

/** Flattens nested arrays; their shape is that of the first elements, and all others must agree. */
function readNested(operation: string, nested: NestedArray): Source {
  const shape: number[] = [];
  // One axis too many ends the walk too: an array may hold itself.
  for (
    let level: unknown = nested;
    Array.isArray(level) && shape.length <= Limit.Rank;
    level = (level as readonly unknown[])[0]
  )
    shape.push(level.length);
  checkShape(operation, shape);
  const values: number[] = [];
  let booleans = 0;
  const refuse = (got: string, depth: number): never => {
    throw new ShapeError(operation, `nested arrays of one shape, ${showShape(shape)}`, `${got} at depth ${depth}`);
  };
  const visit = (element: unknown, depth: number): void => {
    if (Array.isArray(element)) {
      if (element.length !== shape[depth]) refuse(`a row of ${element.length}`, depth);
      for (const inner of element as readonly unknown[]) visit(inner, depth + 1);
    } else if (depth < shape.length) {
      refuse(String(element), depth);
    } else if (typeof element === "number") {
      values.push(element);
    } else if (typeof element === "boolean") {
      values.push(element ? 1 : 0);
      booleans++;
    } else {
      const got = element instanceof Tensor ? "a tensor; use stack" : typeof element;
      throw new ValueError(operation, "numbers or truth values", got);
    }
  };
  visit(nested, 0);
  if (booleans > 0 && booleans < values.length) throw new ValueError(operation, "numbers or truth values", "both");
  return { values, shape, dtype: booleans > 0 ? "bool" : defaultDType };
}

/** A float that is not a whole number, or too large, would change silently in an integer tensor. */
export function checkIntegers(operation: string, values: ArrayLike<number>, dtype: DTypeName): void {
  const own = arrayDType(values);
  if (own === dtype || (own === "u8" && dtype === "i32")) return;
  const [low, high] = dtype === "i32" ? [-2147483648, 2147483647] : dtype === "u8" ? [0, 255] : [0, 1];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new ValueError(operation, `whole numbers from ${low} to ${high} for ${dtype}`, `${value} at position ${i}`);
    }
  }
}

function write(x: Tensor, values: ArrayLike<number>): void {
  arrayOf(x).set(values);
}

const views: Readonly<Record<DTypeName, () => TypedArray>> = {
  f32: () => heap.f32,
  f64: () => heap.f64,
  i32: () => heap.i32,
  u8: () => heap.u8,
  bool: () => heap.u8,
  f16: () => heap.u16,
  bf16: () => heap.u16,
};

/** The elements of a dense tensor as a view of linear memory: to be used at once, and never kept. */
export function arrayOf(x: Tensor): TypedArray {
  const at = x.storage!.address / x.type.bytes + x.offset;
  const whole = views[x.dtype]();
  return whole.subarray(at, at + x.size);
}
