import type { DTypeName } from "./dtype.js";

/** Instructions of WebAssembly on vectors of one element type, and on the masks that comparisons make: see compile/emit. */
export type LaneOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "min"
  | "max"
  | "pmax"
  | "eq"
  | "ne"
  | "lt"
  | "gt"
  | "le"
  | "ge"
  | "neg"
  | "abs"
  | "sqrt"
  | "ceil"
  | "floor"
  | "trunc"
  | "nearest";

/** A vector in an emitted loop; of dtype bool it is a mask, all ones or all zeros in each lane. */
export interface Lane {
  readonly local: number;
  readonly dtype: DTypeName;
}

/** What a row says an emitted loop is made of. The steps are those of its lane in assembly/, so that the bits are. */
export interface Lanes {
  apply(op: LaneOp, ...x: readonly Lane[]): Lane;
  /** Every lane holds this number, of the type of `beside`. */
  constant(value: -1 | 0 | 1, beside: Lane): Lane;
  /** Bit by bit: x where the mask has ones, y where it has zeros. */
  select(mask: Lane, x: Lane, y: Lane): Lane;
  or(x: Lane, y: Lane): Lane;
  /** The bits of x where the mask has ones, else 0. */
  and(x: Lane, mask: Lane): Lane;
  cast(x: Lane, dtype: DTypeName): Lane;
}

/** One instruction, or what to do with the arguments. */
export type LaneRule<P = unknown> = LaneOp | LaneFunction<P>;
type LaneFunction<P> = LaneMethod<P>["emit"];
interface LaneMethod<P> {
  emit(v: Lanes, x: readonly Lane[], params: P): Lane;
}
