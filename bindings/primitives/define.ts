import type { Op } from "../../assembly/abi/op.js";
import { apply } from "../core/running/apply.js";
import { asTensor, constant, makeTensor, type TensorLike } from "../core/values/create.js";
import { defaultDType, promote, type DTypeName } from "../core/dtype.js";
import { encodeMap } from "../core/encode/encode.js";
import type { LaneOp, LaneRule } from "../core/lanes.js";
import {
  Tensor,
  type BatchedValues,
  type Derivative,
  type Partial,
  type Primitive,
  type Sample,
  type SampleInput,
} from "../core/graph.js";
import { operations, type Operations } from "../core/operations.js";
import { broadcastShapes, sameShape, type Shape } from "../core/shape.js";
import { asDType, isNumber, WeakNumber } from "../core/values/weak.js";
import { DTypeError } from "../errors.js";

/** An operation that users call, with the primitive that it stands for. */
export type Operation<F, P = null> = F & {
  /** @internal */
  readonly primitive: Primitive<P>;
};

/** An elementwise function of one tensor. */
export type Unary = Operation<(x: TensorLike) => Tensor>;
/** A function of two tensors, elementwise with broadcasting. */
export type Binary = Operation<(x: TensorLike, y: TensorLike) => Tensor>;

/** What an operation computes in. Truth values and u8 count as i32 in arithmetic. */
type Computes = "float" | "number";

/** A function with its primitive. */
export function operation<F extends object, P>(primitive: Primitive<P>, call: F): Operation<F, P> {
  return Object.assign(call, { primitive });
}

/**
 * An operation of rules and of the library itself: it trusts what it is given, and is no method of tensors.
 */
export type Internal<F, P = null> = Operation<F, P> & { readonly internal: true };

/** An internal function with its primitive. */
export function internal<F extends object, P>(primitive: Primitive<P>, call: F): Internal<F, P> {
  return Object.assign(call, { primitive, internal: true as const });
}

const renamed = new Map<string, unknown>();

/** A primitive under the name of the function that a user called, which errors tell. */
export function named<P>(primitive: Primitive<P>, name: string): Primitive<P> {
  if (name === primitive.name) return primitive;
  const key = `${name} ${primitive.name}`;
  let other = renamed.get(key) as Primitive<P> | undefined; // Of the primitive that the key names.
  if (!other) renamed.set(key, (other = { ...primitive, name }));
  return other;
}

/** Indices as i32; numbers and arrays of them must be whole. */
export function asIndex(index: TensorLike, name = "index"): Tensor {
  // Read in f64, so that no position is rounded; truth values are no positions.
  if (index instanceof WeakNumber) return operations.toIndex(asDType(name, index, "f64"), name);
  const given = index instanceof Tensor ? index : makeTensor(name, index);
  if (given.dtype === "bool") throw new DTypeError(name, "whole numbers as indices", "truth values");
  const exact =
    index instanceof Tensor || ArrayBuffer.isView(index) ? given : makeTensor(name, index, { dtype: "f64" });
  // A cast from halves truncates, so what is asked whether it is whole is their f32.
  return operations.toIndex(exact.type.half ? operations.cast(exact, "f32") : exact, name);
}

/** x itself if its elements lie densely in row-major order, else a copy that does. */
export function dense(x: Tensor): Tensor {
  return x.dense ? x : operations.copy(x);
}

/** x itself if it is of a floating-point type, else as the default one. */
export function float(x: Tensor): Tensor {
  return x.type.float ? x : operations.cast(x, x.type.half ? "f32" : defaultDType);
}

/** A batch of tensors with axes of length 1 between the examples' axis and theirs, so that they have `rank` axes each. */
export function aligned(o: Operations, x: Tensor, rank: number): Tensor {
  const missing = rank + 1 - x.rank;
  if (missing <= 0) return x;
  return o.reshape(x, [x.shape[0]!, ...new Array<number>(missing).fill(1), ...x.shape.slice(1)]);
}

/**
 * The batching of an operation along an axis of dense arguments: along the next axis of all examples together. `next` is
 * told the parameters.
 */
export function alongNext<P>(primitive: () => Primitive<P>, next: (params: P) => P) {
  return (o: Operations, { inputs, batched, params, count, shape }: BatchedValues<P>): Tensor => {
    const all = inputs.map((x, i) => dense(batched[i] ? x : o.expand(x, [count, ...x.shape])));
    if (shape.length > 0) return apply(primitive(), all, next(params));
    // Examples without axes count as vectors of one element.
    const vectors = all.map((x) => o.reshape(x, [count, 1]));
    return o.reshape(apply(primitive(), vectors, next(params)), [count]);
  };
}

/** x as a type that the operation computes in: integers become the default float where it wants floats. */
export function computable(x: Tensor, computes: Computes): Tensor {
  if (x.type.float || (computes === "number" && x.dtype === "i32")) return x;
  if (x.type.half) return operations.cast(x, "f32");
  return operations.cast(x, computes === "float" ? defaultDType : "i32");
}

/** Two values as tensors of one type: the higher of theirs. A number takes the type of the tensor beside it. */
export function meet(name: string, x: TensorLike, y: TensorLike): [Tensor, Tensor] {
  const beside = isNumber(x) && !isNumber(y) ? asTensor(name, y) : undefined;
  const a = asTensor(name, x, beside);
  const b = beside ?? asTensor(name, y, a);
  if (a.dtype === b.dtype && !a.type.half) return [a, b];
  const dtype = promote(a.dtype, b.dtype);
  return [castTo(a, dtype), castTo(b, dtype)];
}

/** As `meet`, of two that broadcast. */
export function meetInShape(name: string, x: TensorLike, y: TensorLike): [Tensor, Tensor] {
  const pair = meet(name, x, y);
  broadcastShapes(name, pair[0].shape, pair[1].shape);
  return pair;
}

/** As `meetInShape`, and integers as floats. */
export function meetAsFloats(name: string, x: TensorLike, y: TensorLike): [Tensor, Tensor] {
  return meetInShape(name, x, y).map(float) as [Tensor, Tensor];
}

/** x in another type, or itself. */
export function castTo(x: Tensor, dtype: DTypeName): Tensor {
  return x.dtype === dtype ? x : operations.cast(x, dtype);
}

/** A value to be put into x, in x's type: floats round, integers and truth values take only what they hold. */
export function valueFor(name: string, value: TensorLike, x: Tensor): Tensor {
  if (x.type.half) return castTo(asTensor(name, value, x), x.dtype);
  if (typeof value === "number") return constant(value, x.dtype, name);
  const v = value instanceof Tensor ? asTensor(name, value, x) : makeTensor(name, value, { dtype: x.dtype });
  if (!x.type.float && promote(v.dtype, x.dtype) !== x.dtype)
    throw new DTypeError(name, `a value for ${x.dtype}`, v.dtype);
  return castTo(v, x.dtype);
}

/** x in the type that a user asks for, or itself. */
export function castAs(x: Tensor, dtype: DTypeName | undefined): Tensor {
  return dtype ? castTo(x, dtype) : x;
}

/** x repeated to a shape, or itself if it has that shape. */
export function expandTo(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : operations.expand(x, shape);
}

/** A tracked tensor is expanded by an operation, whose adjoint sums; for others the kernel's strides do it. */
export function expandTracked(x: Tensor, shape: Shape): Tensor {
  return x.node && !sameShape(x.shape, shape) ? operations.expand(x, shape) : x;
}

interface UnaryRow {
  readonly op: Op;
  /** Where it is a few vector instructions: these. */
  readonly lanes?: LaneRule<null>;
  readonly symbol?: string;
  /** The derivative as an expression in the input and the output; null where it is zero almost everywhere. */
  readonly partial?: ((o: Operations, x: Tensor, y: Tensor) => Tensor) | null;
  /** Instead of a partial, for a linear function: the adjoint of the argument. */
  readonly transpose?: (o: Operations, g: Tensor) => Tensor;
  /** The partial is infinite somewhere. */
  readonly singular?: boolean;
  readonly computes?: Computes;
  /** What the laws draw from: one interval a branch. */
  readonly domain: readonly (readonly [number, number])[];
}

/** An elementwise function of one tensor. */
export function unary(name: string, row: UnaryRow): Unary {
  const { partial, transpose, singular = false } = row;
  const derivative: Derivative<null> = partial
    ? { kind: "elementwise", partials: [(o, [x], y) => partial(o, x!, y)], singular }
    : transpose
      ? { kind: "linear", transposes: [transpose] }
      : { kind: "none" };
  const primitive: Primitive<null> = {
    name,
    ...givenOf(row),
    activation: row.op,
    infer: ([x]) => x!,
    encode: (tape, out, inputs) => encodeMap(tape, row.op, out.type.code, 0, out, inputs),
    batch: "elementwise",
    derivative,
    samples: () => row.domain.flatMap((range) => [sample([{ shape: [2, 3], range }]), sample([{ shape: [], range }])]),
  };
  return operation(primitive, (x: TensorLike) =>
    apply(primitive, [computable(asTensor(name, x), row.computes ?? "float")], null),
  );
}

interface BinaryRow {
  readonly op: Op;
  /** Where it is a few vector instructions: these. */
  readonly lanes?: LaneRule<null>;
  readonly symbol?: string;
  readonly derivative: Derivative<null>;
  readonly computes?: Computes;
  readonly domain: readonly (readonly [readonly [number, number], readonly [number, number]])[];
}

/** An elementwise function of two tensors that broadcast. */
export function binary(name: string, row: BinaryRow): Binary {
  const primitive: Primitive<null> = {
    name,
    ...givenOf(row),
    infer: ([x, y]) => ({
      shape: y!.rank === 0 ? x!.shape : broadcastShapes(name, x!.shape, y!.shape),
      dtype: x!.dtype,
    }),
    encode: (tape, out, inputs) => encodeMap(tape, row.op, out.type.code, 0, out, inputs),
    batch: "elementwise",
    derivative: row.derivative,
    samples: () => pairs(row.domain),
  };
  const computes = row.computes ?? "number";
  return operation(primitive, (x: TensorLike, y: TensorLike) => {
    // The common case first: two float tensors of one type need no conversion.
    if (x instanceof Tensor && x.type.float) {
      if (y instanceof Tensor && x.type === y.type) return applyBroadcast(primitive, x, y);
      if (typeof y === "number") return applyBroadcast(primitive, x, constant(y, x.dtype));
    }
    const [a, b] = meet(name, x, y);
    return applyBroadcast(primitive, computable(a, computes), computable(b, computes));
  });
}

/** What a row may have and a primitive then has. */
function givenOf({ symbol, lanes }: Pick<UnaryRow, "symbol" | "lanes">): Pick<Primitive<null>, "symbol" | "lanes"> {
  return { ...(symbol !== undefined && { symbol }), ...(lanes !== undefined && { lanes }) };
}

/** A comparison: truth values, and no derivative. */
export function comparison(name: string, op: Op, symbol: string, lanes: LaneOp): Binary {
  const primitive: Primitive<null> = {
    name,
    symbol,
    lanes,
    infer: ([x, y]) => ({ shape: broadcastShapes(name, x!.shape, y!.shape), dtype: "bool" }),
    encode: (tape, out, inputs) => encodeMap(tape, op, inputs[0]!.type.code, 0, out, inputs),
    batch: "elementwise",
    derivative: { kind: "none" },
    samples: () =>
      pairs([
        [
          [-2, 2],
          [-2, 2],
        ],
      ]),
  };
  return operation(primitive, (x: TensorLike, y: TensorLike) =>
    apply(primitive, meet(name, exactBeside(name, x, y), exactBeside(name, y, x)), null),
  );
}

/** Integers beside a number that is none of their type: in f64, which holds them all, so that none is taken for another. */
function exactBeside(name: string, x: TensorLike, number: TensorLike): TensorLike {
  const integers = x instanceof Tensor && isNumber(number) && !isNumber(x) && !x.type.float && !x.type.half;
  return integers && asTensor(name, number, x).type.float ? operations.cast(x, "f64") : x;
}

function applyBroadcast(primitive: Primitive<null>, a: Tensor, b: Tensor): Tensor {
  // A number, or any constant of one element without axes, needs no expansion; nor does anything that is not tracked.
  const direct = a.shape === b.shape || (!a.node && !b.node) || (b.rank === 0 && !b.node) || (a.rank === 0 && !a.node);
  if (direct) return apply(primitive, [a, b], null);
  const shape = broadcastShapes(primitive.name, a.shape, b.shape);
  return apply(primitive, [expandTracked(a, shape), expandTracked(b, shape)], null);
}

/** Cases of equal shapes: rules see no others, since tracked operands are expanded first. */
function pairs(domain: BinaryRow["domain"]): Sample<null>[] {
  return domain.flatMap(([x, y]) =>
    [[2, 3], []].map((shape) =>
      sample([
        { shape, range: x },
        { shape, range: y },
      ]),
    ),
  );
}

/** A case without parameters. */
export function sample(inputs: readonly SampleInput[]): Sample<null> {
  return { inputs, params: null };
}

/** Partials that do not look at the output. */
export function partials(...list: Partial[]): readonly Partial[] {
  return list;
}

/**
 * 1 - x², with the value of the factors (1 - x)(1 + x), which lose nothing near 1 and -1, and the derivative of the square: at
 * these, where an infinite adjoint comes, that of the factors is 0 · ∞.
 */
export function oneMinusSquare(o: Operations, x: Tensor): Tensor {
  const square = o.square(x);
  return o.add(o.detach(o.mul(o.sub(1, x), o.add(1, x))), o.sub(o.detach(square), square));
}
