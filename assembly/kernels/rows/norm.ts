// Layer and RMS normalisation of the rows of a contiguous [Rows, Columns], F32 and F64, and their adjoints for x.
//
// Layer norm shifts a row by its mean m, rounded to the dtype. What the rounding left is the mean d of x - m; with it the
// variance is the mean of (x - m)² less d², which loses nothing to a large mean, and x - m - d is what is scaled. RMS norm
// is the same with m = d = 0. Short blocks are summed in the dtype, the blocks in f64.

import { DType } from "../../abi/dtype";
import { Head, NormWord } from "../../abi/form";
import { Op } from "../../abi/op";
import { Status } from "../../abi/status";
import { first, gather, scatter } from "../../lanes/strided";
import { sumLanes, sumRow } from "../reduce/sum";
import { dtypeOf } from "../box/walk";

/** Elements that are added in the dtype before they go to a total in f64. */
const BLOCK: usize = 1024;

/** Runs a LayerNorm, RmsNorm, LayerNormBackward or RmsNormBackward instruction. */
export function norm(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) rows<f32>(instruction);
  else if (dtype == DType.F64) rows<f64>(instruction);
  else return Status.Unsupported;
  return Status.Ok;
}

function rows<T>(instruction: usize): void {
  const op = load<i32>(instruction, Head.Op << 2);
  let out = load<usize>(instruction, NormWord.Out << 2);
  let x = load<usize>(instruction, NormWord.X << 2);
  let g = load<usize>(instruction, NormWord.G << 2);
  const weight = load<usize>(instruction, NormWord.Weight << 2);
  const bias = load<usize>(instruction, NormWord.Bias << 2);
  const n = load<usize>(instruction, NormWord.Columns << 2);
  const epsilon = load<f64>(instruction, NormWord.Epsilon << 2);
  const count = <f64>n;
  if (!n) return;
  for (let left = load<usize>(instruction, NormWord.Rows << 2); left; left--) {
    const centred = op == Op.LayerNorm || op == Op.LayerNormBackward;
    const mean = centred ? <T>(sumRow<T, f64>(x, n) / count) : 0;
    const moments = sums<T>(x, 0, 0, n, mean);
    const rest = centred ? f64x2.extract_lane(moments, 0) / count : 0;
    const variance = max(f64x2.extract_lane(moments, 1) / count - rest * rest, 0);
    const scale = 1 / sqrt(variance + epsilon);
    if (g) {
      // With z = x - m - d and h = g w: s (h - mean(h)) - z s³ mean(h z), as h s - (x - m) p - q.
      const products = sums<T>(x, g, weight, n, mean);
      const total = f64x2.extract_lane(products, 0) / count;
      const slope = (f64x2.extract_lane(products, 1) / count - rest * total) * scale * scale * scale;
      const level = centred ? total * scale - slope * rest : 0;
      adjoint<T>(out, x, g, weight, n, mean, <T>scale, <T>slope, <T>level);
      g += n << alignof<T>();
    } else {
      affine<T>(out, x, weight, bias, n, mean, <T>scale, <T>(rest * scale));
    }
    out += n << alignof<T>();
    x += n << alignof<T>();
  }
}

/**
 * The sums of h and of h z with z = x - mean, in the lanes of a vector of f64; h is g w, or z without g. A weight at 0 is none.
 */
function sums<T>(x: usize, y: usize, weight: usize, n: usize, mean: T): v128 {
  const lanes: usize = 16 / sizeof<T>();
  const m = v128.splat<T>(mean);
  let total = f64x2.splat(0);
  while (n) {
    let some = min(n, BLOCK);
    n -= some;
    let a = v128.splat<T>(0);
    // prettier-ignore
    let b = a, e = a, f = a;
    for (; some >= 2 * lanes; some -= 2 * lanes) {
      const r = v128.sub<T>(v128.load(x, 0), m);
      const s = v128.sub<T>(v128.load(x, 16), m);
      let p = r;
      let q = s;
      if (y) {
        p = v128.load(y, 0);
        q = v128.load(y, 16);
        if (weight) {
          p = v128.mul<T>(p, v128.load(weight, 0));
          q = v128.mul<T>(q, v128.load(weight, 16));
          weight += 32;
        }
        y += 32;
      }
      a = v128.add<T>(a, p);
      b = v128.add<T>(b, q);
      e = v128.add<T>(e, v128.mul<T>(p, r));
      f = v128.add<T>(f, v128.mul<T>(q, s));
      x += 32;
    }
    a = v128.add<T>(a, b);
    e = v128.add<T>(e, f);
    while (some) {
      const k = min(some, lanes);
      const r = v128.and(v128.sub<T>(gather<T>(x, sizeof<T>(), k), m), first<T>(k));
      let p = r;
      if (y) {
        // The lanes beyond are 0.
        p = gather<T>(y, sizeof<T>(), k);
        if (weight) {
          p = v128.mul<T>(p, gather<T>(weight, sizeof<T>(), k));
          weight += 16;
        }
        y += 16;
      }
      a = v128.add<T>(a, p);
      e = v128.add<T>(e, v128.mul<T>(p, r));
      x += 16;
      some -= k;
    }
    total = f64x2.add(total, join<T>(a, e));
  }
  return total;
}

/** out = ((x - mean) scale - shift) weight + bias. */
// prettier-ignore
function affine<T>(out: usize, x: usize, weight: usize, bias: usize, n: usize, mean: T, scale: T, shift: T): void {
  const lanes: usize = 16 / sizeof<T>();
  const m = v128.splat<T>(mean);
  const s = v128.splat<T>(scale);
  const t = v128.splat<T>(shift);
  for (; n >= 2 * lanes; n -= 2 * lanes) {
    let y = v128.sub<T>(v128.mul<T>(v128.sub<T>(v128.load(x, 0), m), s), t);
    let z = v128.sub<T>(v128.mul<T>(v128.sub<T>(v128.load(x, 16), m), s), t);
    if (weight) {
      y = v128.mul<T>(y, v128.load(weight, 0));
      z = v128.mul<T>(z, v128.load(weight, 16));
      weight += 32;
    }
    if (bias) {
      y = v128.add<T>(y, v128.load(bias, 0));
      z = v128.add<T>(z, v128.load(bias, 16));
      bias += 32;
    }
    v128.store(out, y, 0);
    v128.store(out, z, 16);
    out += 32;
    x += 32;
  }
  while (n) {
    const k = min(n, lanes);
    let y = v128.sub<T>(v128.mul<T>(v128.sub<T>(gather<T>(x, sizeof<T>(), k), m), s), t);
    if (weight) {
      y = v128.mul<T>(y, gather<T>(weight, sizeof<T>(), k));
      weight += 16;
    }
    if (bias) {
      y = v128.add<T>(y, gather<T>(bias, sizeof<T>(), k));
      bias += 16;
    }
    scatter<T>(out, sizeof<T>(), y, k);
    out += 16;
    x += 16;
    n -= k;
  }
}

/** out = g weight scale - (x - mean) slope - level. */
// prettier-ignore
function adjoint<T>(
  out: usize, x: usize, g: usize, weight: usize, n: usize, mean: T, scale: T, slope: T, level: T,
): void {
  const lanes: usize = 16 / sizeof<T>();
  const m = v128.splat<T>(mean);
  const s = v128.splat<T>(scale);
  const p = v128.splat<T>(slope);
  const q = v128.splat<T>(level);
  for (; n >= 2 * lanes; n -= 2 * lanes) {
    let h = v128.mul<T>(v128.load(g, 0), s);
    let i = v128.mul<T>(v128.load(g, 16), s);
    if (weight) {
      h = v128.mul<T>(h, v128.load(weight, 0));
      i = v128.mul<T>(i, v128.load(weight, 16));
      weight += 32;
    }
    const z = v128.mul<T>(v128.sub<T>(v128.load(x, 0), m), p);
    const y = v128.mul<T>(v128.sub<T>(v128.load(x, 16), m), p);
    v128.store(out, v128.sub<T>(v128.sub<T>(h, z), q), 0);
    v128.store(out, v128.sub<T>(v128.sub<T>(i, y), q), 16);
    out += 32;
    x += 32;
    g += 32;
  }
  while (n) {
    const k = min(n, lanes);
    let h = v128.mul<T>(gather<T>(g, sizeof<T>(), k), s);
    if (weight) {
      h = v128.mul<T>(h, gather<T>(weight, sizeof<T>(), k));
      weight += 16;
    }
    const z = v128.mul<T>(v128.sub<T>(gather<T>(x, sizeof<T>(), k), m), p);
    scatter<T>(out, sizeof<T>(), v128.sub<T>(v128.sub<T>(h, z), q), k);
    out += 16;
    x += 16;
    g += 16;
    n -= k;
  }
}

/** The sums of the lanes of two vectors of T, as f64. */
function join<T>(a: v128, b: v128): v128 {
  return f64x2.replace_lane(f64x2.splat(<f64>sumLanes<T>(a)), 1, <f64>sumLanes<T>(b));
}
