// The slow, simple versions of the elementwise kernels, and the cases in which the kernels must agree with them.

import { Op } from "../abi/op";
import { difference, dtypeOf, empty, get, mixed } from "./data";
import { runMap } from "./tape";

const SIZES: StaticArray<usize> = [0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 33, 67];

/** Strides of the output and the inputs, in elements. */
// prettier-ignore
const STRIDES: StaticArray<StaticArray<isize>> = [
  [1, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 0, 0, 1], [1, 1, 1, 0], [2, 1, 1, 1], [1, 2, -1, 3], [-1, 3, 1, 0],
  [1, -2, -2, 1],
];

/** Elements of every block: enough for the largest size with the longest stride. */
const LENGTH: usize = 220;

/** Names the first case in which a kernel differs from the reference or writes where it must not; empty if none does. */
export function sweep<X, Y, Z>(op: i32, inputs: i32): string {
  const x1 = mixed<X>(LENGTH);
  const x2 = mixed<Y>(LENGTH);
  const x3 = mixed<Y>(LENGTH);
  const out = empty<Z>(LENGTH);
  const want = empty<Z>(LENGTH);
  const dtype = op == Op.Where ? dtypeOf<Y>() : dtypeOf<X>();
  for (let i = 0; i < SIZES.length; i++) {
    for (let j = 0; j < STRIDES.length; j++) {
      for (let offset: usize = 0; offset < 3; offset++) {
        const n = SIZES[i];
        const s = STRIDES[j];
        memory.fill(out, 85, LENGTH << alignof<Z>());
        memory.fill(want, 85, LENGTH << alignof<Z>());
        const status = runMap(
          op,
          dtype,
          op == Op.Cast ? dtypeOf<Z>() : 0,
          n,
          start<Z>(out, s[0], n, offset),
          s[0],
          start<X>(x1, s[1], n, offset),
          s[1],
          inputs > 1 ? start<Y>(x2, s[2], n, offset) : 0,
          s[2],
          inputs > 2 ? start<Y>(x3, s[3], n, offset) : 0,
          s[3],
        );
        for (let k: isize = 0; k < <isize>n; k++) {
          const p = get<X>(start<X>(x1, s[1], n, offset), k * s[1]);
          const q = get<Y>(start<Y>(x2, s[2], n, offset), k * s[2]);
          const r = get<Y>(start<Y>(x3, s[3], n, offset), k * s[3]);
          expectElement<X, Y, Z>(start<Z>(want, s[0], n, offset) + ((k * s[0]) << alignof<Z>()), op, p, q, r);
        }
        const at = difference<Z>(out, want, LENGTH);
        if (status || at >= 0) {
          return `op ${op} dtype ${dtype} n ${n} strides ${j} offset ${offset}: status ${status}, element ${at}`;
        }
      }
    }
  }
  return "";
}

/** The address of the first of `n` elements, whose last lies in front of it if the stride is negative. */
function start<T>(block: usize, stride: isize, n: usize, offset: usize): usize {
  if (stride < 0 && n) offset += -stride * (n - 1);
  return block + (offset << alignof<T>());
}

/** Writes what a kernel should: the scalar reference, in f64 or i64, rounded or wrapped once. */
function expectElement<X, Y, Z>(slot: usize, op: i32, p: X, q: Y, r: Y): void {
  if (op == Op.Copy) store<Z>(slot, <Z>p);
  else if (op == Op.Where) store<Z>(slot, <Z>(p ? q : r));
  else if (op == Op.Cast) store<Z>(slot, converted<X, Z>(p));
  else if (isBoolean<Z>()) store<bool>(slot, compared(op, <f64>p, <f64>q));
  else if (isInteger<Z>()) store<Z>(slot, <Z>integer(op, <i64>p, <i64>q));
  else store<Z>(slot, <Z>real(op, <f64>p, <f64>q));
}

function compared(op: i32, a: f64, b: f64): bool {
  if (op == Op.Eq) return a == b;
  if (op == Op.Ne) return a != b;
  if (op == Op.Lt) return a < b;
  if (op == Op.Le) return a <= b;
  return op == Op.Gt ? a > b : a >= b;
}

function integer(op: i32, a: i64, b: i64): i64 {
  if (op == Op.Neg) return -a;
  if (op == Op.Abs) return a < 0 ? -a : a;
  if (op == Op.Sign) return i64(a > 0) - i64(a < 0);
  if (op == Op.Square) return a * a;
  if (op == Op.Add) return a + b;
  if (op == Op.Sub) return a - b;
  if (op == Op.Mul) return a * b;
  return op == Op.Maximum ? max(a, b) : min(a, b);
}

function real(op: i32, a: f64, b: f64): f64 {
  if (op == Op.Neg) return -a;
  if (op == Op.Abs) return abs(a);
  if (op == Op.Sign) return a > 0 ? 1 : a < 0 ? -1 : a;
  if (op == Op.Square) return a * a;
  if (op == Op.Reciprocal) return 1 / a;
  if (op == Op.Sqrt) return sqrt(a);
  if (op == Op.Relu) return max(a, 0);
  if (op == Op.Add) return a + b;
  if (op == Op.Sub) return a - b;
  if (op == Op.Mul) return a * b;
  if (op == Op.Div) return a / b;
  if (op == Op.GatedMul) return a == 0 ? 0 : a * b;
  return op == Op.Maximum ? max(a, b) : min(a, b);
}

function converted<X, Z>(x: X): Z {
  if (isBoolean<Z>()) return <Z>(x != 0);
  if (isFloat<Z>() || !isFloat<X>()) return <Z>x;
  const low: f64 = sizeof<Z>() == 1 ? 0 : -2147483648;
  const high: f64 = sizeof<Z>() == 1 ? 255 : 2147483647;
  return <Z>(x != x ? 0 : <i64>min(max(<f64>x, low), high));
}
