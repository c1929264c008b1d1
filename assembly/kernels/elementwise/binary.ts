// Elementwise arithmetic with two inputs, by the lane F of the operation.

import { DType } from "../../abi/dtype";
import { MapWord } from "../../abi/form";
import { Status } from "../../abi/status";
import { gather, scatter, splat } from "../../lanes/strided";
import { isFlat, dtypeOf, walk } from "../box/walk";

/** Runs an instruction in F32, F64 or I32. */
export function number<F>(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return run<f32, F>(instruction);
  if (dtype == DType.F64) return run<f64, F>(instruction);
  return dtype == DType.I32 ? run<i32, F>(instruction) : Status.Unsupported;
}

/** Runs an instruction in F32 or F64. */
export function float<F>(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) return run<f32, F>(instruction);
  return dtype == DType.F64 ? run<f64, F>(instruction) : Status.Unsupported;
}

// @ts-ignore: decorator
@inline
function run<T, F>(instruction: usize): i32 {
  const shift: usize = alignof<T>();
  if (!isFlat(instruction)) {
    return walk(instruction, 2, shift, shift, shift, (_, n, out, s0, x1, s1, x2, s2) => {
      return row<T, F>(n, out, s0, x1, s1, x2, s2);
    });
  }
  flat<T, F>(
    load<usize>(instruction, MapWord.Box << 2),
    load<usize>(instruction, MapWord.Out << 2),
    load<usize>(instruction, MapWord.X1 << 2),
    load<usize>(instruction, MapWord.X2 << 2),
  );
  return Status.Ok;
}

/** A contiguous row: four vectors a turn, then one, then an element. */
function flat<T, F>(n: usize, out: usize, x1: usize, x2: usize): void {
  const f = changetype<F>(0);
  const lanes = 16 / sizeof<T>();
  for (const end = out + ((n & ~(4 * lanes - 1)) << alignof<T>()); out != end; out += 64) {
    const a = f.apply<T>(v128.load(x1, 0), v128.load(x2, 0));
    const b = f.apply<T>(v128.load(x1, 16), v128.load(x2, 16));
    const c = f.apply<T>(v128.load(x1, 32), v128.load(x2, 32));
    const d = f.apply<T>(v128.load(x1, 48), v128.load(x2, 48));
    v128.store(out, a, 0);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
    x1 += 64;
    x2 += 64;
  }
  for (const end = out + ((n & (3 * lanes)) << alignof<T>()); out != end; out += 16) {
    v128.store(out, f.apply<T>(v128.load(x1), v128.load(x2)));
    x1 += 16;
    x2 += 16;
  }
  for (const end = out + ((n & (lanes - 1)) << alignof<T>()); out != end; out += sizeof<T>()) {
    v128.store_lane<T>(out, f.apply<T>(splat<T>(x1), splat<T>(x2)), 0);
    x1 += sizeof<T>();
    x2 += sizeof<T>();
  }
}

/**
 * Four vectors a turn where the output is contiguous and an input is one repeated element; lane by lane in and out for
 * what is left, and elsewhere.
 */
// prettier-ignore
export function row<T, F>(n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize): i32 {
  const f = changetype<F>(0);
  const lanes = 16 / sizeof<T>();
  if (s0 == sizeof<T>()) {
    if (s1 == sizeof<T>() && s2 == sizeof<T>()) {
      flat<T, F>(n, out, x1, x2);
      return Status.Ok;
    }
    const end = out + ((n & ~(4 * lanes - 1)) << alignof<T>());
    if (s1 == sizeof<T>() && s2 == 0) {
      const y = splat<T>(x2);
      while (out != end) {
        const a = f.apply<T>(v128.load(x1, 0), y);
        const b = f.apply<T>(v128.load(x1, 16), y);
        const c = f.apply<T>(v128.load(x1, 32), y);
        const d = f.apply<T>(v128.load(x1, 48), y);
        v128.store(out, a, 0);
        v128.store(out, b, 16);
        v128.store(out, c, 32);
        v128.store(out, d, 48);
        x1 += 64;
        out += 64;
      }
      n &= 4 * lanes - 1;
    } else if (s1 == 0 && s2 == sizeof<T>()) {
      const y = splat<T>(x1);
      while (out != end) {
        const a = f.apply<T>(y, v128.load(x2, 0));
        const b = f.apply<T>(y, v128.load(x2, 16));
        const c = f.apply<T>(y, v128.load(x2, 32));
        const d = f.apply<T>(y, v128.load(x2, 48));
        v128.store(out, a, 0);
        v128.store(out, b, 16);
        v128.store(out, c, 32);
        v128.store(out, d, 48);
        x2 += 64;
        out += 64;
      }
      n &= 4 * lanes - 1;
    }
  }
  if (n) strided<T, F>(n, out, s0, x1, s1, x2, s2);
  return Status.Ok;
}

/** A vector a turn, lane by lane in and out where need be. */
// prettier-ignore
function strided<T, F>(n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize): void {
  const lanes: usize = 16 / sizeof<T>();
  while (n) {
    const count = min(n, lanes);
    const a = gather<T>(x1, s1, count);
    const b = gather<T>(x2, s2, count);
    scatter<T>(out, s0, changetype<F>(0).apply<T>(a, b), count);
    out += count * s0;
    x1 += count * s1;
    x2 += count * s2;
    n -= count;
  }
}
