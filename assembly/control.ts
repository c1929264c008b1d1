// The control block: everything that this module remembers between calls, in linear memory and not in globals, so that
// every instance (one a worker) that is put on the same memory sees the same state.

import { Fault, Limit, Status } from "./abi";

/** Byte offsets inside the control block. The free lists are described in arena.ts. */
export const enum Control {
  /** What `statistics` and `fault` answer with. */
  Statistics = 0,
  Fault = 32,
  /** Address and bytes of the scratch block that kernels share; see `workspace`. */
  Workspace = 56,
  WorkspaceSize = 60,
  /** Address of the arena's first block, of its end, and of the first byte that it must not take (0: none). */
  First = 64,
  End = 68,
  Limit = 72,
  /** Bytes and blocks in use, and the most bytes that ever were. */
  Used = 76,
  Blocks = 80,
  HighWater = 84,
  /** Bitmap of the rows of size classes that have a free block. */
  Rows = 88,
  /** For each row, the bitmap of its columns. */
  Columns = 92,
  /** For each size class, the address of its first free block. */
  Heads = 192,
  Size = 1664,
}

/** Address of the control block: the first aligned byte after the static data, the same in every instance. */
export function control(): usize {
  return (__heap_base + (Limit.Alignment - 1)) & ~(Limit.Alignment - 1);
}

/** Address of the details of the latest failure, laid out as `Fault`. */
export function fault(): usize {
  return control() + Control.Fault;
}

/** Writes the details of a failure and returns its status. */
export function fail(status: Status, position: usize, value: f64, limit: usize): i32 {
  const details = fault();
  store<u32>(details, position, Fault.Position);
  store<f64>(details, value, Fault.Value);
  store<u32>(details, limit, Fault.Limit);
  return status;
}
