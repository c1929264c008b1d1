// Shared by asc and tsc: const enums and comments only, so that the two worlds cannot drift.

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

/** Form Matrix, all contiguous: B only in Solve and SolveTriangular; Value and Least are f64. */
export const enum MatrixWord {
  Out = 4,
  A = 5,
  B = 6,
  Count = 7,
  Rows = 8,
  Columns = 9,
  Width = 10,
  Value = 11,
  Least = 13,
  Size = 15,
}

/** Flags of SolveTriangular. */
export const enum Triangle {
  /** The upper triangle, else the lower one. */
  Upper = 1,
  /** The diagonal counts as 1 and is not read. */
  Unit = 2,
}

/** Form Rows: Out and the inputs that the opcode has are contiguous, with Columns elements a row, or one where `Op` says so. */
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

/**
 * Form GatherRows: Index is I32 [Count]; a row is Width elements; the table (x of GatherRows, out of ScatterAddRows) has Rows
 * rows. LastPlaces has an out of Rows, and no x.
 */
export const enum GatherRowsWord {
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
