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
}

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
}

/**
 * Elementary operations of the Wengert list. The name, with a small first letter, is the name of the row in the
 * table of primitives.
 *
 * An instruction is a run of 32-bit words: the four of `Head`, then those of its form. Addresses are byte addresses in
 * linear memory (unsigned), strides count elements (signed, 0 repeats), sizes count elements.
 * The kernel for each opcode reads the layout of its form, named in the comments below.
 */
export const enum Op {
  // Form Map, one input: output and input have dtype `Head.DType`.
  Copy = 0,
  Neg = 1,
  Abs = 2,
  Sign = 3,
  Square = 4,
  Reciprocal = 5,
  Sqrt = 6,
  Exp = 7,
  Log = 8,
  Sin = 9,
  Cos = 10,
  Tanh = 11,
  Sigmoid = 12,
  Relu = 13,

  // Form Map, two inputs of dtype `Head.DType`, output the same.
  Add = 20,
  Sub = 21,
  Mul = 22,
  Div = 23,
  Maximum = 24,
  Minimum = 25,
  /** x1 * x2, but exactly 0 wherever x1 is 0: an adjoint of 0 times an infinite partial. */
  GatedMul = 26,

  // Form Map, two inputs of dtype `Head.DType`, output Bool.
  Eq = 30,
  Ne = 31,
  Lt = 32,
  Le = 33,
  Gt = 34,
  Ge = 35,

  // Form Map, three inputs: x1 is Bool (non-zero chooses x2, zero x3); x2, x3 and the output have dtype `Head.DType`.
  Where = 40,

  // Form Map, one input of dtype `Head.DType`, output of dtype `Head.Extra`.
  // Float to integer truncates toward zero and saturates, NaN becomes 0; i32 to u8 keeps the low eight bits; anything to
  // Bool is "is not zero", so NaN is true.
  Cast = 41,
  /**
   * As Cast to I32 into contiguous memory, but a NaN, an infinity, a fraction or a value beyond i32 is
   * `Status.NotAnInteger`. What precedes it in the output has then been written.
   */
  ToIndex = 42,

  // Form Reduce (F32, F64, I32). Sum adds short blocks in the dtype and the blocks in f64 for F32, in the dtype for F64 and
  // I32 (which wraps). Max (also U8, Bool) and Min propagate NaN; of zeros of both signs either may come out. Empty length: Sum 0; the
  // others are refused before they reach the tape. ArgMax/ArgMin write I32: the first of equals, a NaN counts as the extreme.
  Sum = 50,
  Max = 51,
  Min = 52,
  ArgMax = 53,
  ArgMin = 54,

  // Form Matmul (F32, F64).
  Matmul = 60,

  // Form Rows (F32, F64): x and out are contiguous [rows, columns], and out may be the memory of an input of its shape.
  // A row of -inf gives NaN. Targets count from 0 and are checked before the first write.
  Softmax = 70,
  LogSoftmax = 71,
  /** out = y * (g - sum(g * y)) by row; x1 = y = softmax(x), x2 = g. */
  SoftmaxBackward = 72,
  /** out = g - exp(y) * sum(g) by row; x1 = y = logSoftmax(x), x2 = g. */
  LogSoftmaxBackward = 73,
  /** out[rows] = logsumexp(x row) - x[row, target]; x1 = x, x2 = target I32 [rows]. */
  CrossEntropy = 74,
  /** out[rows, columns] = (softmax(x row) - onehot(target)) * g[row]; x1 = x, x2 = target I32, x3 = g [rows]. */
  CrossEntropyBackward = 75,

  // Form Gather (any dtype; ScatterAddRows F32, F64, I32).
  /** out[i, :] = x[index[i], :]. A negative index counts from the end. */
  GatherRows = 80,
  /** out = 0; out[index[i], :] += x[i, :], in the order of i. */
  ScatterAddRows = 81,

  // Form Generate.
  /** Every element is Value. */
  Fill = 90,
  /** Element i is Value + i * Step, computed in f64 and rounded once. */
  Iota = 91,

  // Form Random. State is four I32 words: key low, key high, counter low, counter high (Philox 4x32-10, counter words
  // 2 and 3 are 0). Block b of a draw uses counter + b; an f32 or i32 draw takes 4 elements a block, an f64 draw 2.
  /** Uniform on [0, 1): F32 (word >>> 8) * 2^-24; F64 ((a >>> 5) * 2^26 + (b >>> 6)) * 2^-53 from two words a, b. */
  Uniform = 100,
  /** I32: raw 32-bit words of the stream, in order. */
  Bits = 101,
  /**
   * I32: a random permutation of 0..Count-1 (Fisher-Yates, one 64-bit draw an element, unbiased to 2^-32). Takes
   * ceil(Count / 2) blocks.
   */
  Permutation = 102,
  /** I32[4]: the state `Count` blocks further on (64-bit counter), which may take the place of the old one. */
  Advance = 103,

  // Form Reduce. Prod (F32, F64, I32) multiplies in f64 for F32, else in the dtype (I32 wraps); of nothing it is 1.
  Prod = 160,
  /** Form Reduce (F32, F64): sum of the squared deviations from the mean, in two passes; of nothing it is 0. */
  Deviation = 161,
  /** Form Rows (F32, F64): out[rows] = log of the sum of exp(x) by row; x1 = x. -inf where all are, +inf where any is. */
  Logsumexp = 162,
}

/** The first words of every instruction. */
export const enum Head {
  Op = 0,
  DType = 1,
  /** Words in this instruction, this head included. */
  Length = 2,
  /** Second dtype of Cast; 0 elsewhere. */
  Extra = 3,
  Size = 4,
}

/**
 * Form Map: out[i] = f(x1[i], x2[i], x3[i]) over a box of `Rank` dimensions, already collapsed as far as strides allow.
 * After the fixed words: Rank sizes, then Rank strides for out, then Rank for each input that the opcode has.
 * Rank 0 is a single element. The last dimension is innermost.
 */
export const enum MapWord {
  Rank = 4,
  Out = 5,
  X1 = 6,
  X2 = 7,
  X3 = 8,
  Box = 9,
}

/** Form Reduce: x is contiguous [Outer, Count, Inner], out contiguous [Outer, Inner]. The order of a sum depends on these alone. */
export const enum ReduceWord {
  Out = 4,
  X = 5,
  Outer = 6,
  Count = 7,
  Inner = 8,
  Size = 9,
}

/**
 * Form Matmul: out[.., i, j] = sum over l of a[.., i, l] * b[.., l, j]; out is contiguous, a and b have any strides.
 * After the fixed words: Rank batch sizes, Rank strides of a, Rank strides of b (0 broadcasts).
 */
export const enum MatmulWord {
  Out = 4,
  A = 5,
  B = 6,
  M = 7,
  N = 8,
  K = 9,
  ARow = 10,
  AColumn = 11,
  BRow = 12,
  BColumn = 13,
  Rank = 14,
  Batch = 15,
}

export const enum RowsWord {
  Out = 4,
  X1 = 5,
  X2 = 6,
  X3 = 7,
  Rows = 8,
  Columns = 9,
  Size = 10,
}

/** Form Gather: Index is I32 [Count]; a row is Width elements; the table (x of GatherRows, out of ScatterAddRows) has Rows rows. */
export const enum GatherWord {
  Out = 4,
  X = 5,
  Index = 6,
  Count = 7,
  Rows = 8,
  Width = 9,
  Size = 10,
}

/** Form Generate: Value and Step are f64, low word first. */
export const enum GenerateWord {
  Out = 4,
  Count = 5,
  Value = 6,
  Step = 8,
  Size = 10,
}

export const enum RandomWord {
  Out = 4,
  State = 5,
  Count = 6,
  Size = 7,
}

/** Where a failing kernel leaves its details: byte offsets from the address that `fault()` returns. */
export const enum Fault {
  /** u32: position in the tensor of indices, targets or values. */
  Position = 0,
  /** f64: the offending value, or the bytes that were wanted. */
  Value = 8,
  /** u32: the size of the axis. */
  Limit = 16,
  Size = 24,
}

/** Arena figures: byte offsets of f64 values from the address that `statistics()` returns. */
export const enum Statistics {
  /** Bytes handed out, rounded to blocks: headers count, the shared scratch block does not. */
  Used = 0,
  /** The largest that Used has been. */
  HighWater = 8,
  /** Live blocks. */
  Blocks = 16,
  /** Bytes of linear memory that the arena owns. */
  Reserved = 24,
  Size = 32,
}

export const enum Limit {
  /** Dimensions of a tensor. */
  Rank = 16,
  /** Every block starts at a multiple of this many bytes. */
  Alignment = 64,
}
