// Shared by asc and tsc: const enums and comments only, so that the two worlds cannot drift.

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
