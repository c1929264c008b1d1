// Test data and their comparison. A block of `length` elements of T lies at an odd place in memory, so that no vector is
// aligned, and everything in it that a kernel must not touch is checked afterwards.

import { DType } from "../abi/dtype";
import { allocate } from "./subject";

const SPECIAL: StaticArray<f64> = [
  0,
  -0.0,
  1,
  -1,
  0.5,
  -2.5,
  3,
  3,
  1e-40,
  -1e-40,
  5e-324,
  1e30,
  -1e30,
  255,
  256,
  0.99999,
  2147483647,
  -2147483648,
  3e9,
  NaN,
  Infinity,
  -Infinity,
];

let state: u64 = 1;

/** Restarts the sequence of random numbers. */
export function seed(value: u64): void {
  state = value * 2 + 1;
}

/** The next random integer below `bound` (a linear congruential generator; Knuth's multiplier). */
// @ts-ignore: decorator
@inline
export function random(bound: u32): u32 {
  state = state * 6364136223846793005 + 1442695040888963407;
  return <u32>(((state >> 32) * <u64>bound) >> 32);
}

/** The `DType` of T. */
export function dtypeOf<T>(): i32 {
  if (isBoolean<T>()) return DType.Bool;
  if (isFloat<T>()) return sizeof<T>() == 4 ? DType.F32 : DType.F64;
  return sizeof<T>() == 4 ? DType.I32 : DType.U8;
}

/** A new block of elements: special values, small integers and fractions, each often. */
export function mixed<T>(length: usize): usize {
  const block = empty<T>(length);
  for (let i: usize = 0; i < length; i++) {
    const kind = random(3);
    let value = <f64>random(20) - 10;
    if (kind == 1) value = <f64>random(1 << 24) / 65536 - 128;
    if (kind == 2) value = SPECIAL[random(SPECIAL.length)];
    put<T>(block, i, value);
  }
  return block;
}

/** A new block of whole numbers from -limit to limit. */
export function integers<T>(length: usize, limit: u32): usize {
  const block = empty<T>(length);
  for (let i: usize = 0; i < length; i++) put<T>(block, i, <f64>random(2 * limit + 1) - limit);
  return block;
}

/** A new block of numbers on [-limit, limit). */
export function reals<T>(length: usize, limit: f64): usize {
  const block = empty<T>(length);
  for (let i: usize = 0; i < length; i++) put<T>(block, i, (<f64>random(1 << 30) / 536870912 - 1) * limit);
  return block;
}

/** A new block whose every byte is 85. */
export function empty<T>(length: usize): usize {
  const block = allocate((length << alignof<T>()) + sizeof<T>()) + sizeof<T>();
  memory.fill(block, 85, length << alignof<T>());
  return block;
}

/** A copy of a block. */
export function copyOf<T>(block: usize, length: usize): usize {
  const copy = empty<T>(length);
  memory.copy(copy, block, length << alignof<T>());
  return copy;
}

/** Element i of a block. */
// @ts-ignore: decorator
@inline
export function get<T>(block: usize, i: isize): T {
  return load<T>(block + (i << alignof<T>()));
}

/** Sets element i of a block; integers are saturated, and Bool is "is not zero". */
// @ts-ignore: decorator
@inline
export function put<T>(block: usize, i: isize, value: f64): void {
  const slot = block + (i << alignof<T>());
  if (isBoolean<T>()) store<u8>(slot, u8(value != 0));
  else if (sizeof<T>() == 1) store<u8>(slot, <u8>min(max(<i32>value, 0), 255));
  else store<T>(slot, <T>value);
}

/** Position of the first element that differs in its bits, two NaN being the same; -1 if none does. */
export function difference<T>(a: usize, b: usize, length: usize): i32 {
  for (let i: usize = 0; i < length; i++) {
    const p = get<T>(a, i);
    const q = get<T>(b, i);
    if (isFloat<T>() && p != p && q != q) continue;
    if (memory.compare(a + (i << alignof<T>()), b + (i << alignof<T>()), sizeof<T>())) return <i32>i;
  }
  return -1;
}

/** Largest |a - b| / (scale + |b|) over a block, infinite where only one is NaN. */
export function error<T>(a: usize, b: usize, length: usize, scale: f64): f64 {
  let worst: f64 = 0;
  for (let i: usize = 0; i < length; i++) {
    const p = <f64>get<T>(a, i);
    const q = <f64>get<T>(b, i);
    if (p == q || (p != p && q != q)) continue;
    const e = abs(p - q) / (scale + abs(q));
    worst = e == e ? max(worst, e) : Infinity;
  }
  return worst;
}
