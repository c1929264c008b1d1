// What the parts of a matrix product know of it.

/** Runs the instructions of a tape, of any opcode. */
export type Replay = (tape: usize, end: usize) => i32;

/**
 * C = A B, [m, n] = [m, k] [k, n]; strides in bytes. It stands at the beginning of the scratch memory: kernels have no
 * managed objects.
 */
@unmanaged
export class Product {
  m: i32;
  n: i32;
  k: i32;
  a: usize;
  aRow: usize;
  aColumn: usize;
  b: usize;
  bRow: usize;
  bColumn: usize;
  c: usize;
  cRow: usize;
  cColumn: usize;
  /** C lies in memory as its transpose: `cRow` is an element. */
  exchanged: bool;
  /** What C holds is added: `more`, to the one chain that there is; `saves`, set aside at `old` before and added after. */
  more: bool;
  saves: bool;
  old: usize;
  /** Address of a vector along memory's rows, or 0. */
  bias: usize;
  /** Opcode of a function of one input, or 0. */
  activation: i32;
  replay: Replay;
  packA: bool;
  packB: bool;
  tile: usize;
  packedA: usize;
  packedB: usize;
}
