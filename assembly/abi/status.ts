// Shared by asc and tsc: const enums and comments only, so that the two worlds cannot drift.

/** What a kernel answers. `replay` returns `status | (instruction number << 8)`, 0 when all went well. */
export const enum Status {
  Ok = 0,
  /**
   * The arena could not supply scratch memory that the kernel needs; `Fault.Value` holds the bytes. Nothing was written:
   * the host may grow memory and replay from this instruction on.
   */
  OutOfMemory = 1,
  /** The opcode is unknown, or has no kernel for this dtype. */
  Unsupported = 2,
  /** An index lies outside its axis; `Fault` holds its position in the index tensor and its value. */
  IndexOutOfRange = 3,
  /** A value that must be an integer is NaN, infinite, has a fraction or is beyond i32; `Fault` holds it and its position. */
  NotAnInteger = 4,
  /** A matrix that must be regular has a pivot of 0; `Fault` holds the pivot, its number as position, that of the matrix as limit. */
  Singular = 5,
  /** A matrix that must be positive definite has a pivot that is not above 0; `Fault` likewise. */
  NotPositive = 6,
  /** Nothing is wrong: enough work has been seen that several threads could share for it to be worth starting them. */
  Start = 7,
  /** Nothing is wrong yet: a part of the instruction is not done. The host asks again by `join`. */
  Pending = 8,
  /** A thread has failed: what the instruction writes is undefined. */
  Lost = 9,
  /** An index lies outside an axis whose indices do not count from the end; `Fault` likewise. */
  OutsideFromStart = 10,
}

/** Where a failing kernel leaves its details: byte offsets from the address that `fault()` returns. */
export const enum Fault {
  /** u32: position in the tensor of indices, targets or values. */
  Position = 0,
  /** f64: the offending value, or the bytes that were wanted. */
  Value = 8,
  /** u32: the size of the axis; while parts are not done, the milliseconds that one should take. */
  Limit = 16,
  Size = 24,
}
