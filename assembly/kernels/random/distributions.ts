// Random numbers that are not uniform on [0, 1), from the same counters.

import { DType } from "../../abi/dtype";
import { RandomWord } from "../../abi/form";
import { Status } from "../../abi/status";
import { logPlain, turnPlain } from "../../lanes/plain";
import { scatter } from "../../lanes/strided";
import { Bits, philox, philoxFour, scaled, Uniform32, Uniform64 } from "../random";
import { dtypeOf } from "../box/walk";

/** Runs a Normal instruction: F32 or F64. */
export function normal(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return normals<f32>(instruction);
  if (dtype == DType.F64) return normals<f64>(instruction);
  return Status.Unsupported;
}

/** Runs an Integers instruction: I32. */
export function integers(instruction: usize): i32 {
  if (dtypeOf(instruction) != DType.I32) return Status.Unsupported;
  let out = load<usize>(instruction, RandomWord.Out << 2);
  const state = load<usize>(instruction, RandomWord.State << 2);
  const low = <i64>load<f64>(instruction, RandomWord.Value << 2);
  const bound = <u64>load<f64>(instruction, RandomWord.Step << 2);
  const key = load<u64>(state);
  let counter = load<u64>(state, 8) + load<u32>(instruction, RandomWord.First << 2);
  let left = load<usize>(instruction, RandomWord.Count << 2);
  for (; left >= 16; left -= 8) {
    // The 64 bits of a number lie at or behind its place.
    philoxFour<Bits>(out, key, counter);
    for (let i: usize = 0; i < 32; i += 4) store<i32>(out + i, <i32>(low + scaled(load<u64>(out + 2 * i), bound)));
    counter += 4;
    out += 32;
  }
  for (; left; left--) {
    const block = philox(key, counter++);
    store<i32>(out, <i32>(low + scaled(v128.extract_lane<u64>(block, 0), bound)));
    out += 4;
    if (!--left) break;
    store<i32>(out, <i32>(low + scaled(v128.extract_lane<u64>(block, 1), bound)));
    out += 4;
  }
  return Status.Ok;
}

function normals<T>(instruction: usize): i32 {
  const lanes: usize = 16 / sizeof<T>();
  let out = load<usize>(instruction, RandomWord.Out << 2);
  const state = load<usize>(instruction, RandomWord.State << 2);
  let count = load<usize>(instruction, RandomWord.Count << 2);
  const mean = v128.splat<T>(<T>load<f64>(instruction, RandomWord.Value << 2));
  const deviation = v128.splat<T>(<T>load<f64>(instruction, RandomWord.Step << 2));
  const key = load<u64>(state);
  let counter = load<u64>(state, 8) + load<u32>(instruction, RandomWord.First << 2);
  for (; count >= 4 * lanes; count -= 4 * lanes) {
    philoxFour<Bits>(out, key, counter);
    twoBlocks<T>(out, v128.load(out, 0), v128.load(out, 16), mean, deviation, 2 * lanes);
    twoBlocks<T>(out + 32, v128.load(out, 32), v128.load(out, 48), mean, deviation, 2 * lanes);
    counter += 4;
    out += 64;
  }
  while (count) {
    const some = min(count, 2 * lanes);
    twoBlocks<T>(out, philox(key, counter), philox(key, counter + 1), mean, deviation, some);
    counter += 2;
    out += 32;
    count -= some;
  }
  return Status.Ok;
}

/** The first `count` numbers from two blocks: the first 64 bits of each are its radii, the others its angles. */
function twoBlocks<T>(out: usize, a: v128, b: v128, mean: v128, deviation: v128, count: usize): void {
  const lanes: usize = 16 / sizeof<T>();
  const radii = v128.shuffle<u64>(a, b, 0, 2);
  const angles = v128.shuffle<u64>(a, b, 1, 3);
  const logarithm = logPlain<T>(sizeof<T>() == 4 ? shares32(radii) : shares64(radii));
  const radius = v128.sqrt<T>(v128.mul<T>(logarithm, v128.splat<T>(-2)));
  const turns = sizeof<T>() == 4 ? changetype<Uniform32>(0).apply(angles) : changetype<Uniform64>(0).apply(angles);
  const cosine = v128.mul<T>(radius, turnPlain<T>(turns, true));
  const sine = v128.mul<T>(radius, turnPlain<T>(turns, false));
  const x = v128.add<T>(v128.mul<T>(cosine, deviation), mean);
  const y = v128.add<T>(v128.mul<T>(sine, deviation), mean);
  scatter<T>(out, sizeof<T>(), v128.shuffle<u64>(x, y, 0, 2), min(count, lanes));
  if (count > lanes) scatter<T>(out + 16, sizeof<T>(), v128.shuffle<u64>(x, y, 1, 3), count - lanes);
}

/** ((word >>> 1) + 1/2) 2^-31, which is never 0. */
// @ts-ignore: decorator
@inline
function shares32(words: v128): v128 {
  const whole = f32x4.convert_i32x4_s(i32x4.shr_u(words, 1));
  return f32x4.mul(f32x4.add(whole, f32x4.splat(0.5)), f32x4.splat(<f32>(1.0 / 2147483648.0)));
}

/** 1 - U, which is never 0. */
// @ts-ignore: decorator
@inline
function shares64(words: v128): v128 {
  return f64x2.sub(f64x2.splat(1), changetype<Uniform64>(0).apply(words));
}
