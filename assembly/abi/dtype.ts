// Shared by asc and tsc: const enums and comments only, so that the two worlds cannot drift.

/**
 * Element types. Storage is dense little-endian; `Bool` holds one byte an element, 0 or 1.
 */
export const enum DType {
  F32 = 0,
  F64 = 1,
  I32 = 2,
  U8 = 3,
  Bool = 4,
  // Storage alone: they can be copied, and cast to and from the others.
  /** IEEE 754 binary16. */
  F16 = 5,
  /** The upper half of an F32. */
  BF16 = 6,
}
