import type { DTypeName } from "../../core/dtype.js";
import type { Layout, Node, Primitive, Tensor } from "../../core/graph.js";
import type { Shape } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";

// What a program is made of: the operations that a function made, in the order in which it made them, and the values that
// they read and write. Plain data, which every pass takes and gives back; nothing here knows addresses.

/** Where a value comes from. */
export type Origin =
  /** The tensor at this place among the arguments, or a number, which is a 0-d tensor in f64. */
  | { readonly kind: "input"; readonly position: number }
  /** What a variable holds when the program is called. */
  | { readonly kind: "variable"; readonly variable: Variable }
  /** What the `.grad` of a leaf holds when the program is called. */
  | { readonly kind: "gradient"; readonly leaf: Node }
  /** The whole storage of a tensor that was there when the function was captured. */
  | { readonly kind: "constant"; readonly tensor: Tensor }
  /** The output of a step. */
  | { readonly kind: "step" };

/**
 * A block of elements that is written once: a version of a variable is a value of its own. What a step writes is dense, in
 * row-major order of `shape`.
 */
export interface Value {
  readonly origin: Origin;
  readonly dtype: DTypeName;
  readonly shape: Shape;
  /** Elements of the block, from the first to the last that any layout of it may reach. */
  readonly size: number;
  /** The user's name for it, if there is one. */
  name: string | undefined;
}

/** What a step reads: a value, and how it is looked at. Views are no steps: they are layouts of the value that they view. */
export interface Operand extends Layout {
  readonly value: Value;
  /** Number of elements that are looked at. */
  readonly elements: number;
  /** Whether these lie densely in row-major order. */
  readonly dense: boolean;
}

/** One operation of the list: `outputs = primitive(inputs, params)`. */
export interface Step {
  readonly primitive: Primitive;
  readonly params: unknown;
  readonly inputs: readonly Operand[];
  /**
   * One value; or, of an operation that packs several (`primitive.encodeParts`), each of them, of the shape of the first
   * input.
   */
  readonly outputs: readonly Value[];
  /** Whether the outputs are written one by one, by `encodeParts`. */
  readonly parts: boolean;
  /** Of a step that stands for several: what each output may be written over, value by value. */
  readonly over?: readonly (readonly Value[])[];
  /** Made in order to be computed again, as `checkpoint` does: it is not merged with what it repeats. */
  readonly repeated: boolean;
}

/** What a function does, as a list of steps. */
export interface Graph {
  /** In the order of the arguments' leaves. */
  readonly inputs: readonly Value[];
  /** In the order in which they ran: inputs before outputs. */
  readonly steps: readonly Step[];
  /** In the order of the leaves of the result. */
  readonly results: readonly Operand[];
  /** What each variable that was assigned to holds in the end. */
  readonly assignments: readonly { readonly variable: Variable; readonly value: Operand }[];
  /** What the `.grad` of each leaf that was changed holds in the end; null for none. */
  readonly gradients: readonly { readonly leaf: Node; readonly value: Operand | null }[];
}

/** The whole of a dense value, as an operand. */
export function whole(value: Value): Operand {
  const { shape } = value;
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return { value, shape, strides, offset: 0, elements: value.size, dense: true };
}

/** Whether an operand is all of its value, in its order (its shape may be another). */
export function isWhole({ value, offset, elements, dense }: Operand): boolean {
  return dense && offset === 0 && elements === value.size;
}

/** Everything that must have been computed when the program ends. */
export function wanted({ results, assignments, gradients }: Graph): Operand[] {
  return [...results, ...assignments.map(({ value }) => value), ...gradients.flatMap(({ value }) => value ?? [])];
}

/** For each value, the positions of the steps that read it, ascending; those wanted at the end count as one behind the last. */
export function readersOf(graph: Graph): Map<Value, number[]> {
  const readers = new Map<Value, number[]>();
  const read = (value: Value, at: number): void => {
    const list = readers.get(value);
    if (!list) readers.set(value, [at]);
    else if (list[list.length - 1] !== at) list.push(at);
  };
  for (const [at, { inputs }] of graph.steps.entries()) for (const { value } of inputs) read(value, at);
  for (const { value } of wanted(graph)) read(value, graph.steps.length);
  return readers;
}
