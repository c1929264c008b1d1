import type { DTypeName, Tensor } from "../../bindings/index.js";
import { mapped, type Plain } from "../support/plain.js";

/** Where the numbers of an input are drawn from: reals in a range, or whole numbers or truth values. */
export interface InputLike {
  readonly shape: readonly number[];
  readonly range?: readonly [number, number];
  readonly dtype?: "i32" | "bool";
}

/** What a composed function should do, written slowly in plain JavaScript. */
export interface Composed {
  /** How it is called with tensors. */
  readonly call: (...inputs: Tensor[]) => Tensor;
  /** The value, in f64. */
  readonly value: (...inputs: Plain[]) => Plain;
  /** Elementwise: any shapes that broadcast. Else the cases. */
  readonly arity?: number;
  readonly range?: readonly [number, number];
  readonly cases?: readonly (readonly InputLike[])[];
  /** Inputs of integers and truth values too; the dtype of the result for a dtype of the inputs. Default: floats only. */
  readonly integers?: (dtype: DTypeName) => DTypeName;
  /** The input whose dtype the result has. Default: where all meet. */
  readonly like?: number;
  /** Of another dtype than the inputs. */
  readonly result?: DTypeName;
  /** Relative to the greatest value. Default 1e-12 in f64, 2e-5 in f32. */
  readonly tolerance?: number;
  /** It has no derivative. */
  readonly constant?: boolean;
}

/** An elementwise function of so many inputs that broadcast. */
export function each(
  arity: number,
  call: Composed["call"],
  f: (...x: number[]) => number,
  options: Partial<Composed> = {},
): Composed {
  return { call, arity, value: (...inputs) => mapped(inputs, f), ...options };
}

/** A function that is held against its reference on given shapes. */
export function on(
  cases: readonly (readonly (InputLike | readonly number[])[])[],
  call: Composed["call"],
  value: Composed["value"],
  options: Partial<Composed> = {},
): Composed {
  const inputs = cases.map((list) => list.map((input) => ("shape" in input ? input : { shape: input })));
  return { call, value, cases: inputs, ...options };
}
