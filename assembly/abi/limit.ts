// Shared by asc and tsc: const enums and comments only, so that the two worlds cannot drift.

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
