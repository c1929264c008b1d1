import { DType } from "../../assembly/abi/dtype.js";
import { DTypeError } from "../errors.js";

/**
 * Element types: 32- and 64-bit floating point, 32-bit signed and 8-bit unsigned integers, truth values; and for storage, f16
 * (IEEE 754 binary16) and bf16 (the upper half of an f32), which are computed with as f32.
 */
export type DTypeName = "f32" | "f64" | "i32" | "u8" | "bool" | "f16" | "bf16";

/** A Uint16Array has the bits of f16 or bf16. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array | Uint16Array;

/** The typed arrays that have the type of a tensor's elements. */
export type ElementArray = Exclude<TypedArray, Uint16Array> | Uint8ClampedArray;

/** The element type of a typed array that has one; null for everything else. */
export function arrayDType(x: unknown): DTypeName | null {
  if (x instanceof Float32Array) return "f32";
  if (x instanceof Float64Array) return "f64";
  if (x instanceof Int32Array) return "i32";
  return x instanceof Uint8Array || x instanceof Uint8ClampedArray ? "u8" : null;
}

/** What there is to know of an element type. */
export interface DTypeFacts {
  /** Its number on the tape. */
  readonly code: DType;
  readonly bytes: 1 | 2 | 4 | 8;
  /** Whether it is computed with, and differentiated, as a floating-point number. */
  readonly float: boolean;
  /** Whether it only stores floating-point numbers. */
  readonly half?: true;
  /** Place in the order of promotion: two types meet at the higher. */
  readonly rank: number;
}

/** The element types. */
export const dtypes: Readonly<Record<DTypeName, DTypeFacts>> = {
  bool: { code: DType.Bool, bytes: 1, float: false, rank: 0 },
  u8: { code: DType.U8, bytes: 1, float: false, rank: 1 },
  i32: { code: DType.I32, bytes: 4, float: false, rank: 2 },
  f16: { code: DType.F16, bytes: 2, float: false, half: true, rank: 3 },
  bf16: { code: DType.BF16, bytes: 2, float: false, half: true, rank: 3 },
  f32: { code: DType.F32, bytes: 4, float: true, rank: 3 },
  f64: { code: DType.F64, bytes: 8, float: true, rank: 4 },
};

/** From 1 to the next number, of the types that are computed with: 2^-23 and 2^-52. */
export const spacing: Readonly<Record<string, number>> = { f32: 1 / 8388608, f64: 1 / 4503599627370496 };

/** The type of numbers and nested arrays for which none is given. */
export let defaultDType: DTypeName = "f32";

/** The same, for the entry points beside the main one: they share the core's functions, not its variables. */
export function usualDType(): DTypeName {
  return defaultDType;
}

/** Sets the type of numbers and nested arrays for which none is given. A floating-point type. */
export function setDefaultDType(dtype: DTypeName): void {
  if (!dtypes[checkDType("configure", dtype)].float) throw new DTypeError("configure", "a floating-point dtype", dtype);
  defaultDType = dtype;
}

/** The dtype itself; an error for a name that is none, such as a complex type. */
export function checkDType(operation: string, dtype: unknown): DTypeName {
  if (typeof dtype !== "string" || !Object.hasOwn(dtypes, dtype))
    throw new DTypeError(operation, `a dtype among ${Object.keys(dtypes).join(", ")}`, String(dtype));
  return dtype as DTypeName;
}

/** The type at which two tensors meet: one that is computed with. */
export function promote(a: DTypeName, b: DTypeName): DTypeName {
  if (dtypes[a].half) a = "f32";
  if (dtypes[b].half) b = "f32";
  return dtypes[a].rank >= dtypes[b].rank ? a : b;
}

/** The type that a JavaScript number takes beside a tensor: the tensor's, unless that could not hold a fraction. */
export function weakDType(value: number, beside: DTypeName): DTypeName {
  if (dtypes[beside].float) return beside;
  if (!Number.isInteger(value) || value < -2147483648 || value > 2147483647) return defaultDType;
  return beside === "i32" ? "i32" : promote(beside, "i32");
}
