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

/**
 * Elementary operations of the Wengert list. The name, with a small first letter, is the name of the row in the
 * table of primitives.
 *
 * An instruction is a run of 32-bit words: the four of `Head`, then those of its form. Addresses are byte addresses in
 * linear memory (unsigned), strides count elements (signed, 0 repeats), sizes count elements.
 * The kernel for each opcode reads the layout of its form, named in the comments below. Opcodes are numbered by their order,
 * which has no gaps and keeps families together: kernels and tests ask for ranges. They are not written to files.
 */
export const enum Op {
  // Form Map, one input: output and input have dtype `Head.DType`.
  Copy,
  Neg,
  Abs,
  Sign,
  Square,
  Reciprocal,
  Sqrt,
  Exp,
  Log,
  Sin,
  Cos,
  Tanh,
  Sigmoid,
  Relu,
  Exp2,
  Expm1,
  Sinh,
  Cosh,
  Silu,
  Mish,
  Log2,
  Log10,
  Log1p,
  Asinh,
  Acosh,
  Atanh,
  Softplus,
  Cbrt,
  Rsqrt,
  // Floor to Trunc also take I32, which they leave as it is.
  Floor,
  Ceil,
  /** To the nearest integer, halves to the even one. */
  Round,
  Trunc,
  Tan,
  Asin,
  Acos,
  Atan,
  Erf,
  Erfc,
  Erfinv,
  Lgamma,
  Digamma,
  /** x erfc(-x / sqrt(2)) / 2. */
  Gelu,
  /** The derivative of Gelu. */
  GeluSlope,
  /** x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³))) / 2. */
  GeluTanh,

  // Form Map, two inputs of dtype `Head.DType`, output the same.
  /** The angle of the point (x2, x1). */
  Atan2,
  /** The x1-th derivative of the digamma function at x2; x1 is I32. NaN unless that is from 0 to 100. */
  Polygamma,
  /** F32, F64, I32. Integers wrap; below 0 their exponent gives the reciprocal, truncated (of 0: 0). */
  Pow,
  /** F32, F64. */
  Hypot,
  Add,
  Sub,
  Mul,
  Div,
  Maximum,
  Minimum,
  /** x1 * x2, but exactly 0 wherever x1 is 0: an adjoint of 0 times an infinite partial. */
  GatedMul,

  // I32, U8 and Bool.
  BitwiseAnd,
  BitwiseOr,
  BitwiseXor,
  /** I32: 0 unless x2 is from 0 to 31. */
  BitwiseLeftShift,
  /** I32: with the sign; unless x2 is from 0 to 31, 0 or -1. */
  BitwiseRightShift,
  /** The exact remainder with the sign of x1 (F32, F64, I32); of 0 it is NaN, or 0 in I32. */
  Fmod,

  // Form Map, two inputs of dtype `Head.DType`, output Bool.
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,

  // Form Map, three inputs: x1 is Bool (non-zero chooses x2, zero x3); x2, x3 and the output have dtype `Head.DType`.
  Where,

  // Form Map, one input of dtype `Head.DType`, output of dtype `Head.Extra`.
  // Float to integer truncates toward zero and saturates, NaN becomes 0; i32 to u8 keeps the low eight bits; anything to
  // Bool is "is not zero", so NaN is true.
  Cast,
  /**
   * As Cast to I32 into contiguous memory, but a NaN, an infinity, a fraction or a value beyond i32 is
   * `Status.NotAnInteger`. What precedes it in the output has then been written.
   */
  ToIndex,

  // Form Reduce (F32, F64, I32). Sum adds short blocks in the dtype and the blocks in f64 for F32, in the dtype for F64 and
  // I32 (which wraps). Max (also U8, Bool) and Min propagate NaN; of zeros of both signs either may come out. Empty length: Sum 0; the
  // others are refused before they reach the tape. ArgMax/ArgMin write I32: the first of equals, a NaN counts as the extreme.
  Sum,
  Max,
  Min,
  ArgMax,
  ArgMin,
  /** F32, F64, I32: multiplies in f64 for F32, else in the dtype (I32 wraps); of nothing it is 1. */
  Prod,
  /** F32, F64: the sum of the squared deviations from the mean, in two passes; of nothing it is 0. */
  Deviation,

  // Form Matmul (F32, F64).
  Matmul,

  // Form Convolution (F32, F64): y[n, g o, i] = sum over c and k of x[n, g c, i Stride + k Dilation - Pad] weight[g o, c, k].
  /** y from x and the weight. */
  Convolution,
  /** x from y and the weight: the adjoint by the image. */
  ConvolutionInput,
  /** The weight from x and y: the adjoint by it. */
  ConvolutionWeight,

  // Form Rows (F32, F64): x and out are contiguous [rows, columns], and out may be the memory of an input of its shape.
  // A row of -inf gives NaN. Targets count from 0 and are checked before the first write.
  Softmax,
  LogSoftmax,
  /** out = y * (g - sum(g * y)) by row; x1 = y = softmax(x), x2 = g. */
  SoftmaxBackward,
  /** out = g - exp(y) * sum(g) by row; x1 = y = logSoftmax(x), x2 = g. */
  LogSoftmaxBackward,
  /** out[rows] = logsumexp(x row) - x[row, target]; x1 = x, x2 = target I32 [rows]. */
  CrossEntropy,
  /** out[rows, columns] = (softmax(x row) - onehot(target)) * g[row]; x1 = x, x2 = target I32, x3 = g [rows]. */
  CrossEntropyBackward,
  /** out[rows] = log of the sum of exp(x) by row; x1 = x. -inf where all are, +inf where any is. */
  Logsumexp,

  // Form Norm (F32, F64), with w = Weight and b = Bias where they are given, else 1 and 0; m and v are the mean and the
  // variance of a row of x (v = mean of squares in the RMS rows, where m is 0), s = 1 / sqrt(v + Epsilon).
  /** out = (x - m) s w + b. */
  LayerNorm,
  /** out = s (h - mean(h) - (x - m) s² mean(h (x - m))) with h = g w. */
  LayerNormBackward,
  /** out = x s w + b. */
  RmsNorm,
  /** out = s (h - x s² mean(h x)) with h = g w. */
  RmsNormBackward,

  // Form Gather (any dtype; ScatterAddRows F32, F64, I32).
  /** out[i, :] = x[index[i], :]. A negative index counts from the end. */
  GatherRows,
  /** out = 0; out[index[i], :] += x[i, :], in the order of i. */
  ScatterAddRows,

  // Form Axis: the middle dimension of [Outer, Count, Inner].
  /** out[o, i, j] = x[o, index[o, i, j], j], any dtype. A negative index counts from the end. */
  Gather,
  /** out[o, index[o, i, j], j] += x[o, i, j] in the order of i (F32, F64, I32): adds to what out holds. */
  ScatterAdd,
  /** Running sums (F32, F64, I32, which wraps): in f64 for F32, each rounded once. `Head.Extra` holds flags of `Scan`. */
  Cumsum,
  /** Running products, likewise. */
  Cumprod,
  /**
   * I32: the places of the first Length elements in ascending order, or in descending order if `Head.Extra` is 1 (F32, F64,
   * I32). Stable; NaN counts as the greatest, zeros of both signs as one.
   */
  Argsort,

  // Form Generate.
  /** Every element is Value. */
  Fill,
  /** Element i is Value + i * Step, computed in f64 and rounded once. */
  Iota,

  // Form Random. State is four I32 words: key low, key high, counter low, counter high (Philox 4x32-10, counter words
  // 2 and 3 are 0). Block b of a draw uses counter + b; an f32 or i32 draw takes 4 elements a block, an f64 draw 2.
  /** Uniform on [0, 1): F32 (word >>> 8) * 2^-24; F64 ((a >>> 5) * 2^26 + (b >>> 6)) * 2^-53 from two words a, b. */
  Uniform,
  /** I32: raw 32-bit words of the stream, in order. */
  Bits,
  /**
   * I32: a random permutation of 0..Count-1 (Fisher-Yates, one 64-bit draw an element, unbiased to 2^-32). Takes
   * ceil(Count / 2) blocks.
   */
  Permutation,
  /** I32[4]: the state `Count` blocks further on (64-bit counter), which may take the place of the old one. */
  Advance,
  /**
   * Value + Step z, z standard normal (Box and Muller 1958): F32 blocks of words a, b, c, d give r1 cos t1, r2 cos t2,
   * r1 sin t1, r2 sin t2 with r = sqrt(-2 log(((a >>> 1) + 1/2) 2^-31)) of a and b, t = 2 pi U of c and d, U as Uniform has
   * it; F64 blocks give r cos t, r sin t with r = sqrt(-2 log(1 - U)) of a, b and t = 2 pi U of c, d.
   */
  Normal,
  /**
   * I32: Value + floor(R Step / 2^64), where R is the 64 bits of words 2j (low) and 2j + 1 for element j: the integers from
   * Value up to Value + Step, which is at most 2^32. No one is favoured by more than Step 2^-64. As many blocks as an F64
   * draw.
   */
  Integers,

  // Form Update (F32, F64): elementwise, in the order of operations written here, and so with the same bits as if done one
  // by one. An output may be the memory of the input of its name. g' = g, but g + Decay p where Decay is not 0.
  /**
   * m' = First m + Scale g'; p' = p - Rate d, where d is m', or with Flags = 1 (Nesterov) g' + First m'. Without M there is
   * no m', and d is g'.
   */
  Sgd,
  /**
   * m' = First m + (1 - First) g'; v' = Second v + (1 - Second) g'²; p' = q - m' / (sqrt(v') Scale + Epsilon) Rate, where
   * q is p Keep if there is a Keep, else p.
   */
  Adam,

  // Form Pool (F32, F64): windows over the planes of contiguous images. NaN is the largest; of equals the first counts.
  /** The largest element of each window. */
  MaxPool,
  /** I32: its position in its plane. */
  MaxPoolIndices,

  // Form Attention (F32, F64). A query that may attend to no key gives NaN.
  /** softmax(q kᵀ Scale) v, a query attending to the keys that mask and Causal allow. */
  Attention,
  /** The adjoints of q, of k and of v, one behind the other, from the adjoint G of y. */
  AttentionBackward,

  // Form Matrix (F32, F64): for each of Count matrices A [Rows, Columns], computed in f64 and rounded once. A is square
  // (Rows = Columns) but in Qr, Svd and Pinv, where Rows >= Columns.
  /**
   * The solution of A x = B, [Rows, Width], by Gaussian elimination with row pivoting. A pivot that is no more than the rounding error
   * of its own computing is `Status.Singular`.
   */
  Solve,
  /** The same of a triangular A: flags of `Triangle` in `Head.Extra`. The other triangle is not read. */
  SolveTriangular,
  /** The determinant. */
  Det,
  /** Its sign and the logarithm of its magnitude, [2]: of a singular matrix 0 and -Infinity. */
  Slogdet,
  /** The matrix of cofactors, det(A) A⁻ᵀ, also where A is singular. */
  Cofactor,
  /** The lower triangular L with a positive diagonal and L Lᵀ = (A + Aᵀ) / 2, else `Status.NotPositive`. */
  Cholesky,
  /** Q [Rows, Width], where Width is Columns or Rows, and R [Columns, Columns] with a diagonal >= 0, one behind the other. */
  Qr,
  /** Of (A + Aᵀ) / 2: eigenvalues in ascending order, [Columns], and behind them eigenvectors as columns, with a first row >= 0. */
  Eigh,
  /**
   * U [Rows, Width], where Width is Columns or Rows, with a first row >= 0; singular values in descending order, [Columns]; and V,
   * [Columns, Columns]: one behind the other.
   */
  Svd,
  /** The pseudoinverse [Columns, Rows]; singular values up to Value times the largest count as 0. */
  Pinv,
  /** e^A. */
  MatrixExp,
}

/**
 * Instructions that are no operations: what compiled programs are made of besides. Numbered beyond every `Op`.
 */
export const enum Flow {
  /** Form Emitted: calls a function that the host made for this instruction and put into the table of functions. */
  Emitted = 240,
  /** Form Repeat: the instructions that it holds, several times, their addresses further on each time. */
  Repeat,
  /**
   * Form Reduce with Outer and Inner 1 (F32, F64, I32): the sums of the blocks of `Limit.Block` elements that Sum adds, one behind the
   * other, F64 for F32. So a sum may be had in parts, all of which but the last are multiples of that.
   */
  Blocks,
  /** Form Reduce with Outer and Inner 1: what Sum makes of the Count sums of blocks at X. */
  Total,
  /**
   * Form Convolution: the sums that ConvolutionWeight adds, of `Head.Extra` images each, one behind the other at Weight. So it may be had in
   * parts, too.
   */
  Sections,
  /** Form Convolution: what ConvolutionWeight makes of the Count sums at X; `Head.Extra` is 1. */
  SectionTotal,
}

/** The first words of every instruction. */
export const enum Head {
  /** `Op` or `Flow`, plus `Mark`. */
  Op = 0,
  DType = 1,
  /** Words in this instruction, this head included. */
  Length = 2,
  /** Second dtype of Cast in the low byte, `Extra` of form Map above it; 0 where nothing is said. */
  Extra = 3,
  Size = 4,
}

/** What else the word of the opcode may say. */
export const enum Mark {
  /** The instruction is worth being divided among threads. `mark` sets it. */
  Divisible = 65536,
}

/** What else the word of this name may say. */
export const enum Extra {
  /** The box of a Map instruction is one row, contiguous in all operands: Rank and all strides are 1. Kernels need not look. */
  Flat = 256,
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

/**
 * Form Emitted: Function is a place in the table of functions, of type (instruction: i32) => i32, a Status. It works on Rows
 * rows of Columns elements; for each operand, outputs first, follow its address and the bytes from row to row, which are those of
 * the row where there is but one.
 */
export const enum EmittedWord {
  Function = 4,
  Rows = 5,
  Columns = 6,
  Operands = 7,
}

/**
 * Form Repeat: runs the Words words of instructions that follow Times times; after each, the Steps pairs behind them say
 * which of these words move on, and by how much. They are as they were in the end. Behind those are listed the Locals words
 * that are addresses in the LocalBytes bytes at Local, where every turn may leave anything.
 */
export const enum RepeatWord {
  Times = 4,
  Words = 5,
  Steps = 6,
  Local = 7,
  LocalBytes = 8,
  Locals = 9,
  Body = 10,
}

/**
 * Form Reduce: x is [Outer, Count, Inner], its rows Pitch elements apart and else contiguous, out contiguous [Outer, Inner]. The
 * order of a sum depends on Count, and on whether Inner is 1, alone.
 */
export const enum ReduceWord {
  Out = 4,
  X = 5,
  Outer = 6,
  Count = 7,
  Inner = 8,
  Pitch = 9,
  Size = 10,
}

/**
 * Form Matmul: out[.., i, j] = sum over l of a[.., i, l] * b[.., l, j]; out has rows Line
 * apart, a matrix behind the other; a and b have any strides. If Accumulate is not 0, what out held is added to that; if Bias is not 0, the contiguous vector [N] at this address is
 * added to every row; if Activation is not 0, the result goes through this function of form Map with one input. The bits
 * are those of separate instructions, in this order.
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
  Bias = 14,
  Activation = 15,
  Accumulate = 16,
  Line = 17,
  Rank = 18,
  Batch = 19,
}

/**
 * Form Convolution, all contiguous: X [Count, Groups * Channels, Height, Width], Weight [Groups * Outputs, Channels,
 * KernelHeight, KernelWidth], Y [Count, Groups * Outputs, OutHeight, OutWidth]; one of them is written. What X has not counts
 * as 0. Pad is that before the first row and column. ConvolutionWeight writes of every group only Some outputs from First on.
 */
export const enum ConvolutionWord {
  X = 4,
  Weight = 5,
  Y = 6,
  Count = 7,
  Groups = 8,
  Channels = 9,
  Outputs = 10,
  Height = 11,
  Width = 12,
  OutHeight = 13,
  OutWidth = 14,
  KernelHeight = 15,
  KernelWidth = 16,
  StrideHeight = 17,
  StrideWidth = 18,
  PadHeight = 19,
  PadWidth = 20,
  DilationHeight = 21,
  DilationWidth = 22,
  First = 23,
  Some = 24,
  Size = 25,
}

/**
 * Form Pool: X [Count, Height, Width] and Out [Count, OutHeight, OutWidth], both contiguous. Behind the fixed words, for
 * each row of Out the first of its rows of X and the one behind its last, which are StepHeight apart; then for columns alike.
 */
export const enum PoolWord {
  Out = 4,
  X = 5,
  Count = 6,
  Height = 7,
  Width = 8,
  OutHeight = 9,
  OutWidth = 10,
  StepHeight = 11,
  StepWidth = 12,
  Spans = 13,
}

/**
 * Form Attention, all contiguous: Q [Count, Queries, Depth], K [Count, Keys, Depth], V [Count, Keys, Width], Y and G [Count,
 * Queries, Width]. Example n has mask (n / Inner) mod Masks of [Masks, MaskRows, Keys], where MaskRows is Queries, or 1 for
 * one row for all. If Causal is not 0, a query attends to no key behind its own number. Scale is f64. Only Some examples from
 * First on are done.
 */
export const enum AttentionWord {
  Out = 4,
  Q = 5,
  K = 6,
  V = 7,
  MaskAddress = 8,
  G = 9,
  Y = 10,
  Count = 11,
  Queries = 12,
  Keys = 13,
  Depth = 14,
  Width = 15,
  Causal = 16,
  MaskKind = 17,
  Masks = 18,
  MaskRows = 19,
  Inner = 20,
  Scale = 21,
  First = 23,
  Some = 24,
  Size = 25,
}

/** What a mask of attention is: truth values, true for keys that are attended to, or numbers that are added to the scores. */
export const enum Mask {
  None = 0,
  Bool = 1,
  Added = 2,
}

/** Form Matrix, all contiguous: B only in Solve and SolveTriangular; Value is f64. */
export const enum MatrixWord {
  Out = 4,
  A = 5,
  B = 6,
  Count = 7,
  Rows = 8,
  Columns = 9,
  Width = 10,
  Value = 11,
  Size = 13,
}

/** Flags of SolveTriangular. */
export const enum Triangle {
  /** The upper triangle, else the lower one. */
  Upper = 1,
  /** The diagonal counts as 1 and is not read. */
  Unit = 2,
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

/** Form Norm: G only in the backward rows; G, Weight [Columns] and Bias [Columns] are 0 where there are none; Epsilon is f64. */
export const enum NormWord {
  Out = 4,
  X = 5,
  G = 6,
  Weight = 7,
  Bias = 8,
  Rows = 9,
  Columns = 10,
  Epsilon = 11,
  Size = 13,
}

/**
 * Form Update: OutP to V are addresses of contiguous [Count], Rate to Keep of single elements, all of the dtype; 0 where
 * there is none. First to Decay are f64.
 */
export const enum UpdateWord {
  OutP = 4,
  OutM = 5,
  OutV = 6,
  P = 7,
  G = 8,
  M = 9,
  V = 10,
  Rate = 11,
  Scale = 12,
  Keep = 13,
  Count = 14,
  Flags = 15,
  First = 16,
  Second = 18,
  Epsilon = 20,
  Decay = 22,
  Size = 24,
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

/** Form Random: the draw begins First blocks further on than State says. */
export const enum RandomWord {
  Out = 4,
  State = 5,
  Count = 6,
  First = 7,
  Size = 8,
  /** Of the distributions that have parameters: f64, low word first. */
  Value = 8,
  Step = 10,
  LongSize = 12,
}

/**
 * Form Axis, all contiguous: index is I32 [Outer, Count, Inner]. Length is that of the axis of x in a Gather and of out in
 * a ScatterAdd and an Argsort; their other tensors, and both of a running sum or product, have Count. With 1 in `Head.Extra` no
 * index of a Gather counts from the end.
 */
export const enum AxisWord {
  Out = 4,
  X = 5,
  Index = 6,
  Outer = 7,
  Count = 8,
  Inner = 9,
  Length = 10,
  Size = 11,
}

/** Flags of a running sum or product. */
export const enum Scan {
  /** From the end to the start. */
  Reverse = 1,
  /** Each element is left out of its own sum, and the first sum is that of nothing. */
  Exclusive = 2,
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

/** What the host and the threads tell each other: byte offsets from the address that `team()` returns. */
export const enum Team {
  /** Workers that serve. */
  Ready = 0,
  /** The most threads that may work on an instruction. */
  Threads = 4,
  /** Address of what every thread has of its own, `OwnSize` bytes each. */
  Crew = 8,
  /** Not 0: workers were asked for, or are not wanted. */
  Asked = 12,
  /** f64: the estimated nanoseconds of work that threads might have shared before they were there. */
  Shareable = 16,
  /** f64: the estimated nanoseconds of work from which an instruction is divided. */
  Least = 24,
  /** The number of the present job. */
  Generation = 32,
  /** Address of the first record of emitted functions, and the number of the last; see `EmittedRecord`. */
  Emitted = 36,
  LastEmitted = 40,
  /** Turns of the loop in which the first thread waits for the others, before the host has to; and of that in which these wait before they sleep. */
  Patience = 44,
  Wakefulness = 48,
  /** f32: how many times as long as it has waited the first thread works alone, if it waits too long again. */
  Caution = 52,
  /** f64: the estimated nanoseconds of work that the first thread does alone, since it has waited too long for others. */
  Alone = 56,
  /** Address of the block to which the threads write the sums of their parts, or 0. */
  Sums = 64,
  OwnSize = 4672,
}

/**
 * Functions that the host put into the table, for the other threads: the address of the next record, a number that grows from
 * record to record, how many functions and bytes there are; then their places, then the module that exports them as 0, 1, ...
 */
export const enum EmittedRecord {
  Next = 0,
  Number = 4,
  Functions = 8,
  Bytes = 12,
  Places = 16,
}

export const enum Limit {
  /** Dimensions of a tensor. */
  Rank = 16,
  /** Every block starts at a multiple of this many bytes. */
  Alignment = 64,
  /** Elements that a sum adds in their dtype before they go to its total. */
  Block = 1024,
  /** Threads, the first included. */
  Threads = 16,
}
