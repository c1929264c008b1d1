// Random numbers by counter: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). Block b
// of a draw is a function of key and counter + b alone, so any part of a draw can be computed on its own.

import { DType } from "../abi/dtype";
import { RandomWord } from "../abi/form";
import { Status } from "../abi/status";
import { scatter } from "../lanes/strided";
import { dtypeOf } from "./box/walk";

/** The multipliers of a round, and what the two key words grow by between rounds. */
const FIRST: u32 = 0xd2511f53;
const SECOND: u32 = 0xcd9e8d57;
const FIRST_WEYL: u32 = 0x9e3779b9;
const SECOND_WEYL: u32 = 0xbb67ae85;

/** Runs a Uniform instruction: F32 or F64 on [0, 1). */
export function uniform(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return draw<f32, Uniform32>(instruction);
  if (dtype == DType.F64) return draw<f64, Uniform64>(instruction);
  return Status.Unsupported;
}

/** Runs a Bits instruction: I32, the words of the stream in order. */
export function bits(instruction: usize): i32 {
  if (dtypeOf(instruction) != DType.I32) return Status.Unsupported;
  return draw<i32, Bits>(instruction);
}

/**
 * Runs a Permutation instruction: I32, the numbers 0 .. Count-1 in random order (Fisher-Yates, inside out). Element j uses
 * the 64 bits of words 2j (low) and 2j+1 of the stream, so a draw takes ceil(Count / 2) blocks.
 */
export function permutation(instruction: usize): i32 {
  if (dtypeOf(instruction) != DType.I32) return Status.Unsupported;
  const out = load<usize>(instruction, RandomWord.Out << 2);
  const state = load<usize>(instruction, RandomWord.State << 2);
  const count = load<u32>(instruction, RandomWord.Count << 2);
  const key = load<u64>(state);
  let counter = load<u64>(state, 8);
  for (let j: u32 = 0; j < count; counter++) {
    const block = philox(key, counter);
    insert(out, j++, v128.extract_lane<u64>(block, 0));
    if (j < count) insert(out, j++, v128.extract_lane<u64>(block, 1));
  }
  return Status.Ok;
}

/** Runs an Advance instruction: I32[4], the state Count blocks further on. Output and state may be the same memory. */
export function advance(instruction: usize): i32 {
  const out = load<usize>(instruction, RandomWord.Out << 2);
  const state = load<usize>(instruction, RandomWord.State << 2);
  store<u64>(out, load<u64>(state));
  store<u64>(out, load<u64>(state, 8) + <u64>load<u32>(instruction, RandomWord.Count << 2), 8);
  return Status.Ok;
}

/** Block `counter` of the stream of a key: four words. The counter's high 64 bits are 0. */
export function philox(key: u64, counter: u64): v128 {
  let c0 = counter & 0xffffffff;
  let c1 = counter >> 32;
  let c2: u64 = 0;
  let c3: u64 = 0;
  let k0 = <u32>key;
  let k1 = <u32>(key >> 32);
  for (let round = 0; round < 10; round++) {
    const p0 = c0 * FIRST;
    const p1 = c2 * SECOND;
    c0 = (p1 >> 32) ^ c1 ^ k0;
    c1 = p1 & 0xffffffff;
    c2 = (p0 >> 32) ^ c3 ^ k1;
    c3 = p0 & 0xffffffff;
    k0 += FIRST_WEYL;
    k1 += SECOND_WEYL;
  }
  return i64x2.replace_lane(i64x2.splat(c0 | (c1 << 32)), 1, c2 | (c3 << 32));
}

/** The four blocks from `counter` on, computed side by side and stored one after another through F. */
export function philoxFour<F>(out: usize, key: u64, counter: u64): void {
  const f = changetype<F>(0);
  const first = i32x4.splat(<i32>counter);
  let c0 = i32x4.add(first, i32x4(0, 1, 2, 3));
  // Where the low word has wrapped round, the mask is -1.
  let c1 = i32x4.sub(i32x4.splat(<i32>(counter >> 32)), i32x4.lt_u(c0, first));
  let c2 = i32x4.splat(0);
  let c3 = c2;
  let k0 = i32x4.splat(<i32>key);
  let k1 = i32x4.splat(<i32>(key >> 32));
  const m0 = i32x4.splat(FIRST);
  const m1 = i32x4.splat(SECOND);
  for (let round = 0; round < 10; round++) {
    const low0 = i64x2.extmul_low_i32x4_u(c0, m0);
    const high0 = i64x2.extmul_high_i32x4_u(c0, m0);
    const low1 = i64x2.extmul_low_i32x4_u(c2, m1);
    const high1 = i64x2.extmul_high_i32x4_u(c2, m1);
    c0 = v128.xor(v128.xor(v128.shuffle<u32>(low1, high1, 1, 3, 5, 7), c1), k0);
    c1 = v128.shuffle<u32>(low1, high1, 0, 2, 4, 6);
    c2 = v128.xor(v128.xor(v128.shuffle<u32>(low0, high0, 1, 3, 5, 7), c3), k1);
    c3 = v128.shuffle<u32>(low0, high0, 0, 2, 4, 6);
    k0 = i32x4.add(k0, i32x4.splat(FIRST_WEYL));
    k1 = i32x4.add(k1, i32x4.splat(SECOND_WEYL));
  }
  const a = v128.shuffle<u32>(c0, c1, 0, 4, 1, 5);
  const b = v128.shuffle<u32>(c0, c1, 2, 6, 3, 7);
  const c = v128.shuffle<u32>(c2, c3, 0, 4, 1, 5);
  const d = v128.shuffle<u32>(c2, c3, 2, 6, 3, 7);
  v128.store(out, f.apply(v128.shuffle<u64>(a, c, 0, 2)), 0);
  v128.store(out, f.apply(v128.shuffle<u64>(a, c, 1, 3)), 16);
  v128.store(out, f.apply(v128.shuffle<u64>(b, d, 0, 2)), 32);
  v128.store(out, f.apply(v128.shuffle<u64>(b, d, 1, 3)), 48);
}

function draw<T, F>(instruction: usize): i32 {
  const lanes: usize = 16 / sizeof<T>();
  let out = load<usize>(instruction, RandomWord.Out << 2);
  const state = load<usize>(instruction, RandomWord.State << 2);
  let count = load<usize>(instruction, RandomWord.Count << 2);
  const key = load<u64>(state);
  let counter = load<u64>(state, 8) + load<u32>(instruction, RandomWord.First << 2);
  for (; count >= 4 * lanes; count -= 4 * lanes) {
    philoxFour<F>(out, key, counter);
    counter += 4;
    out += 64;
  }
  while (count) {
    const some = min(count, lanes);
    scatter<T>(out, sizeof<T>(), changetype<F>(0).apply(philox(key, counter++)), some);
    out += 16;
    count -= some;
  }
  return Status.Ok;
}

/** Puts j into a permutation of 0 .. j-1 at a place drawn by 64 random bits: floor(random * (j + 1) / 2^64). */
// @ts-ignore: decorator
@inline
function insert(out: usize, j: u32, random: u64): void {
  const chosen = out + ((<usize>scaled(random, <u64>j + 1)) << 2);
  store<u32>(out + ((<usize>j) << 2), load<u32>(chosen));
  store<u32>(chosen, j);
}

/** floor(random * bound / 2^64), for a bound up to 2^32. */
// @ts-ignore: decorator
@inline
export function scaled(random: u64, bound: u64): u64 {
  return ((random >> 32) * bound + (((random & 0xffffffff) * bound) >> 32)) >> 32;
}

/** The words themselves. */
@unmanaged
export class Bits {

  @inline apply(block: v128): v128 {
    return block;
  }
}

/** (word >>> 8) * 2^-24. */
@unmanaged
export class Uniform32 {

  @inline apply(block: v128): v128 {
    return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(block, 8)), f32x4.splat(<f32>(1.0 / 16777216.0)));
  }
}

/** ((a >>> 5) * 2^26 + (b >>> 6)) * 2^-53 from two words a, b; every step is exact. */
@unmanaged
export class Uniform64 {

  @inline apply(block: v128): v128 {
    const a = f64x2.convert_low_i32x4_s(i32x4.shr_u(v128.shuffle<u32>(block, block, 0, 2, 0, 2), 5));
    const b = f64x2.convert_low_i32x4_s(i32x4.shr_u(v128.shuffle<u32>(block, block, 1, 3, 1, 3), 6));
    const integer = f64x2.add(f64x2.mul(a, f64x2.splat(67108864)), b);
    return f64x2.mul(integer, f64x2.splat(1.0 / 9007199254740992.0));
  }
}
