// Shared by asc and tsc: const enums and comments only, so that the two worlds cannot drift.

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
