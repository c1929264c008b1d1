// Shared by asc and tsc: const enums and comments only, so that the two worlds cannot drift.

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
