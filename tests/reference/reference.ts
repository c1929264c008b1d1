import type { DTypeName, Tensor } from "../../bindings/index.js";
import type { Primitive, Sample } from "../../bindings/core/graph.js";
import type { Table } from "../../bindings/primitives/table.js";
import { mapped, rounded, type Plain } from "../support/plain.js";

/** What an operation should do, written slowly in plain JavaScript: the other side of the laws. */
export interface Reference<P = unknown> {
  /** The value, before rounding to `dtype`, the type of the result. Throws where the operation must refuse. */
  value(inputs: readonly Plain[], params: P, dtype: DTypeName): Plain;
  /** How far the kernel may be off, in units in the last place. Default 0: the same bits. */
  readonly ulps?: number;
  /** What those units are relative to, if not the value: for a sum, the sum of magnitudes. */
  scale?(inputs: readonly Plain[], params: P): Plain;
  /** Types of the float inputs, other than f32 and f64, for which there is a kernel. */
  readonly integers?: readonly DTypeName[];
  /** More cases for the kernel alone: large enough for every loop in it. */
  readonly large?: readonly Sample<P>[];
  /** Cases without elements. By default the row's samples, with a length of 0 in the place of the first. */
  readonly empty?: readonly Sample<P>[];
  /** How users call it, where that is not with the inputs and then the parameters. */
  call?(inputs: readonly Tensor[], params: P): Tensor;
  /** One element of each input to one element of the result: the special values are tried too. */
  readonly elementwise?: boolean;
  /** Inputs that must be of one type: only rules and wrappers, which see to that, call the operation. */
  readonly oneDType?: boolean;
  /** Meant to stop derivatives, though its value depends on its input. */
  readonly stops?: boolean;
  /** Inputs that are matrices of full rank: they cannot be constant along an axis of theirs. */
  readonly regular?: boolean;
  /** Inputs that are dense whoever calls: the state of a generator is a variable. */
  readonly dense?: boolean;
}

type Params<O> = O extends { readonly primitive: Primitive<infer P> } ? P : never;

/** A reference for every row of the table. */
export type References<K extends keyof Table = keyof Table> = { readonly [N in K]: Reference<Params<Table[N]>> };

/** Lengths around every multiple of the vectors and blocks that kernels work in. */
const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 67, 130];

/** The reference of an elementwise operation of so many inputs: `i32` where products that overflow wrap. */
export function elementwise(
  arity: number,
  f: (...x: number[]) => number,
  { i32 = f, ...options }: Omit<Reference<null>, "value"> & { i32?: typeof f } = {},
): Reference<null> {
  return {
    value: (inputs, _, dtype) => mapped(inputs, (...x) => rounded((dtype === "i32" ? i32 : f)(...x), dtype)),
    elementwise: true,
    large: LENGTHS.map((length) => ({
      inputs: Array.from({ length: arity }, () => ({ shape: [length] })),
      params: null,
    })),
    ...options,
  };
}
