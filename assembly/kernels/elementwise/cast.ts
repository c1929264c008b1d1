// Conversions between dtypes, elementwise.

import { DType } from "../../abi/dtype";
import { Head, MapWord } from "../../abi/form";
import { Op } from "../../abi/op";
import { Status } from "../../abi/status";
import { fail } from "../../control";
import { nonZero } from "./compare";
import { dtypeOf, shiftOf, walk } from "../box/walk";

/**
 * Runs a Cast instruction. Float to integer truncates toward zero and saturates, and NaN becomes 0; i32 to u8 keeps the
 * low eight bits; anything to Bool is "is not zero", so NaN is true.
 */
export function cast(instruction: usize): i32 {
  return walk(
    instruction,
    1,
    shiftOf(load<u8>(instruction, Head.Extra << 2)),
    shiftOf(dtypeOf(instruction)),
    0,
    castRow,
  );
}

/** Runs a ToIndex instruction, whose output is contiguous. Elements before the offending one may have been written. */
export function toIndex(instruction: usize): i32 {
  return walk(instruction, 1, 2, shiftOf(dtypeOf(instruction)), 0, castRow);
}

/** Rows of one input whose dtype is not the output's. */
// prettier-ignore
function castRow(
  instruction: usize, n: usize, out: usize, s0: isize, x1: usize, s1: isize, x2: usize, s2: isize, x3: usize, s3: isize,
): i32 {
  return dispatch(instruction, n, out, s0, x1, s1);
}

function dispatch(instruction: usize, n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  const checked = load<i32>(instruction, Head.Op << 2) == Op.ToIndex;
  const to = checked ? DType.I32 : load<u8>(instruction, Head.Extra << 2);
  const given = dtypeOf(instruction);
  if (given >= DType.F16) return widen(given, to, n, out, s0, x, s1);
  if (to == DType.Bool) return nonZero(dtypeOf(instruction), n, out, s0, x, s1);
  const start = load<usize>(instruction, MapWord.Out << 2);
  switch (dtypeOf(instruction)) {
    case DType.F32:
      return checked ? index<f32>(start, n, out, s0, x, s1) : from<f32>(to, n, out, s0, x, s1);
    case DType.F64:
      return checked ? index<f64>(start, n, out, s0, x, s1) : from<f64>(to, n, out, s0, x, s1);
    case DType.I32:
      return from<i32>(to, n, out, s0, x, s1);
    // A Bool holds 0 or 1, which is what it is worth as a number.
    case DType.U8:
    case DType.Bool:
      return from<u8>(to, n, out, s0, x, s1);
    default:
      return Status.Unsupported;
  }
}

function from<X>(to: i32, n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  switch (to) {
    case DType.F32:
      return row<X, f32>(n, out, s0, x, s1);
    case DType.F64:
      return row<X, f64>(n, out, s0, x, s1);
    case DType.I32:
      return row<X, i32>(n, out, s0, x, s1);
    case DType.U8:
      return row<X, u8>(n, out, s0, x, s1);
    case DType.F16:
    case DType.BF16:
      for (; n; n--) {
        store<u16>(out, shortened(<f64>load<X>(x), to));
        out += s0;
        x += s1;
      }
      return Status.Ok;
    default:
      return Status.Unsupported;
  }
}

/** From halves, which are exact in F32. */
function widen(given: i32, to: i32, n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  for (; n; n--) {
    const bits = <u32>load<u16>(x);
    const v = given == DType.BF16 ? reinterpret<f32>(bits << 16) : halfValue(bits);
    switch (to) {
      case DType.F32:
        store<f32>(out, v);
        break;
      case DType.F64:
        store<f64>(out, <f64>v);
        break;
      case DType.I32:
        store<i32>(out, <i32>v);
        break;
      case DType.U8:
        store<u8>(out, <u8>min(max(<i32>v, 0), 255));
        break;
      case DType.Bool:
        store<u8>(out, u8(v != 0));
        break;
      default:
        store<u16>(out, shortened(<f64>v, to));
    }
    out += s0;
    x += s1;
  }
  return Status.Ok;
}

/** The number of an F16. */
// @ts-ignore: decorator
@inline
function halfValue(bits: u32): f32 {
  const size = bits & 0x7fff;
  // Shifted, the exponent is 112 too small, which a multiplication mends, of subnormal numbers too.
  const scaled = reinterpret<f32>(size << 13) * reinterpret<f32>(0x77800000);
  const value = size < 0x7c00 ? scaled : reinterpret<f32>((size << 13) | 0x7f800000);
  return reinterpret<f32>(reinterpret<u32>(value) | ((bits & 0x8000) << 16));
}

/** The bits of an F16 or BF16: the nearest, of two the even one, from F64 in one rounding. */
function shortened(v: f64, to: i32): u16 {
  const fraction = to == DType.F16 ? 10 : 7;
  const least = to == DType.F16 ? -14 : -126;
  const infinity = to == DType.F16 ? 0x7c00 : 0x7f80;
  const bits = reinterpret<u64>(v);
  const sign = (<i32>(bits >>> 48)) & 0x8000;
  if (v != v) return <u16>(sign | infinity | (1 << (fraction - 1)));
  const size = abs(v);
  if (size == Infinity) return <u16>(sign | infinity);
  const exponent = max(((<i32>(bits >>> 52)) & 0x7ff) - 1023, least);
  // In units of the last place, where a carry goes into the exponent by itself.
  const unit = reinterpret<f64>((<u64>(1023 + fraction - exponent)) << 52);
  const units = <i32>nearest(size * unit) + ((exponent - least) << fraction);
  return <u16>(sign | min(units, infinity));
}

function row<X, Y>(n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  if (sizeof<Y>() > 1 && s0 == sizeof<Y>() && s1 == sizeof<X>()) {
    for (; n >= 4; n -= 4) {
      Four.convert<X, Y>(out, x);
      out += 4 * sizeof<Y>();
      x += 4 * sizeof<X>();
    }
  }
  if (sizeof<X>() == 4 && isFloat<X>() && sizeof<Y>() == 1 && s0 == 1 && s1 == 4) {
    // Each step holds at the ends of its range.
    for (; n >= 16; n -= 16) {
      const a = i32x4.trunc_sat_f32x4_s(v128.load(x, 0));
      const b = i32x4.trunc_sat_f32x4_s(v128.load(x, 16));
      const c = i32x4.trunc_sat_f32x4_s(v128.load(x, 32));
      const d = i32x4.trunc_sat_f32x4_s(v128.load(x, 48));
      v128.store(out, i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
      out += 16;
      x += 64;
    }
  }
  for (; n; n--) {
    const v = load<X>(x);
    if (isFloat<X>() && sizeof<Y>() == 1) {
      store<u8>(out, <u8>min(max(<i32>v, 0), 255));
    } else {
      store<Y>(out, <Y>v);
    }
    out += s0;
    x += s1;
  }
  return Status.Ok;
}

function index<X>(start: usize, n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  for (; n; n--) {
    const v = <f64>load<X>(x);
    const i = <i32>v;
    if (<f64>i != v) return fail(Status.NotAnInteger, (out - start) >> 2, v, 0);
    store<i32>(out, i);
    out += s0;
    x += s1;
  }
  return Status.Ok;
}

class Four {
  /** Converts four contiguous elements; Y is f32, f64 or i32. */
  @inline static convert<X, Y>(out: usize, x: usize): void {
    if (sizeof<X>() == 8) {
      const a = v128.load(x, 0);
      const b = v128.load(x, 16);
      if (sizeof<Y>() == 8) {
        v128.store(out, a, 0);
        v128.store(out, b, 16);
      } else {
        v128.store(out, v128.shuffle<u64>(Four.narrow<Y>(a), Four.narrow<Y>(b), 0, 2));
      }
      return;
    }
    const v = sizeof<X>() == 1 ? i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x))) : v128.load(x);
    if (sizeof<Y>() == 8) {
      v128.store(out, Four.widen<X>(v), 0);
      v128.store(out, Four.widen<X>(v128.shuffle<u64>(v, v, 1, 0)), 16);
    } else if (isFloat<X>()) {
      v128.store(out, isFloat<Y>() ? v : i32x4.trunc_sat_f32x4_s(v));
    } else {
      v128.store(out, isFloat<Y>() ? f32x4.convert_i32x4_s(v) : v);
    }
  }

  /** Two f64 to f32 or i32, in the low half. */
  @inline static narrow<Y>(v: v128): v128 {
    return isFloat<Y>() ? f32x4.demote_f64x2_zero(v) : i32x4.trunc_sat_f64x2_s_zero(v);
  }

  /** The low two f32 or i32 to f64. */
  @inline static widen<X>(v: v128): v128 {
    return isFloat<X>() ? f64x2.promote_low_f32x4(v) : f64x2.convert_low_i32x4_s(v);
  }
}
