import { Op } from "../abi/op";
import { dtypeOf, empty, get, put, seed } from "./data";
import { fresh } from "./subject";
import { runMap } from "./tape";
import { ulps } from "./ulps";

const N: usize = 4096;

/** What each function may be off, in units in the last place: a promise of the library, by opcode from Op.Exp on. */
const PROMISED: StaticArray<f64> = [1, 1, 2, 2, 2, 2];

/** Arguments and exact values at the edges: every function is exact there, in either dtype. */
// prettier-ignore
const EDGES: StaticArray<StaticArray<f64>> = [
  [0, 1, -0.0, 1, 1e-40, 1, Infinity, Infinity, 1e4, Infinity, -Infinity, 0, -1e4, 0, NaN, NaN],
  [1, 0, 0, -Infinity, -0.0, -Infinity, Infinity, Infinity, -1, NaN, -1e-40, NaN, -Infinity, NaN, NaN, NaN],
  [0, 0, -0.0, -0.0, 1e-40, 1e-40, -1e-40, -1e-40, Infinity, NaN, -Infinity, NaN, NaN, NaN],
  [0, 1, -0.0, 1, 1e-40, 1, Infinity, NaN, -Infinity, NaN, NaN, NaN],
  [0, 0, -0.0, -0.0, 1e-40, 1e-40, -1e-40, -1e-40, 100, 1, -100, -1, Infinity, 1, -Infinity, -1, NaN, NaN],
  [0, 0.5, -0.0, 0.5, 1e-40, 0.5, 100, 1, Infinity, 1, -Infinity, 0, -1e4, 0, NaN, NaN],
];

/** Arguments and correctly rounded values, from 4000-bit arithmetic; 5.3e255 is the hardest of all for the reduction. */
// prettier-ignore
const EXACT: StaticArray<StaticArray<f64>> = [
  [
    1e-20, 1, -1e-9, 0.999999999, 0.3465735902799727, 1.4142135623730951, -0.3465735902799727, 0.7071067811865475,
    0.5, 1.6487212707001282, -0.99, 0.3715766910220457, 1, 2.718281828459045, 10.1, 24343.00942440838,
    -37.5, 5.175555005801869e-17, 302.5649704832201, 2.525207660177547e131,
    709.7827128933839, 1.7976931348620688e308, -708.5, 2.006132305331306e-308, -744.4, 5e-324, -745.1, 5e-324,
  ], [
    5e-324, -744.4400719213812, 3e-310, -712.7027665394861, 2.2250738585072014e-308, -708.3964185322641,
    0.1, -2.3025850929940455, 0.7071067811865475, -0.34657359027997275, 0.7071067811865476, -0.3465735902799726,
    0.7069896110596096, -0.34673930759294874, 0.9999999999999999, -1.1102230246251565e-16,
    1.0000000000000002, 2.2204460492503128e-16, 1.41, 0.34358970439007686, 1.4142135623730951, 0.3465735902799727,
    10, 2.302585092994046, 1e22, 50.65687204586901, 1.7976931348623157e308, 709.782712893384,
  ], [
    5.319372648326541e255, 1, 8.98846567431158e307, 0.563127779850884, 1e22, -0.8522008497671888,
    131071.99, -0.9994847348148533, 131072.5, -0.8566254267557514, 355, -3.014435335948845e-5,
    104348, -1.1015017584240557e-5, 1.5707963267948966, 1, 3.141592653589793, 1.2246467991473532e-16,
    0.7853981633974483, 0.7071067811865475, 0.8, 0.7173560908995228, 2.35, 0.7114733527908443, 1e-9, 1e-9,
    -710.3, -0.29557780212561297, 14.1, 0.9993093887479176, 131073.25, -0.27509938394497624,
    4272943, -5.495794978104908e-7, 245850922, 6.1180653830011166e-9, 268435455.75, -0.9145772766619714,
    411557987, 2.5367160519636766e-9, -3e7, -0.9641302978985832,
  ], [
    5.319372648326541e255, -4.687165924254628e-19, 8.98846567431158e307, -0.826369834614148, 1e22, 0.523214785395139,
    131071.99, 0.032097739360932014, 131072.5, 0.5159388318740187, 355, -0.999999999545659,
    104348, -0.9999999999393346, 1.5707963267948966, 6.123233995736766e-17, 3.141592653589793, -1,
    0.7853981633974483, 0.7071067811865476, 0.8, 0.6967067093471654, 2.35, -0.702713076773554, 1e-9, 1,
    -710.3, 0.9553186708583644, 14.1, 0.03715838479082641, 131073.25, 0.9614157940002309,
    2709675.5, -1.9100237535448306e-8, 268435455.75, -0.40441118309657526, -3e7, -0.2654294043130664,
  ], [
    1e-310, 1e-310, 1e-9, 1e-9, -0.1, -0.09966799462495582, 0.25, 0.24491866240370913, 0.2599, 0.25420199686992184,
    0.26005, 0.2543422987208361, -0.421457084185334, -0.39815723668268, 0.4263, 0.40222453446744333,
    0.6, 0.5370495669980353, 0.61, 0.5441270988535675, -1, -0.7615941559557649, 2.85, 0.9933303853851733,
    9, 0.999999969540041, 19, 0.9999999999999999, 22, 1,
  ], [
    1e-9, 0.50000000025, -1e-9, 0.49999999975, 0.7, 0.668187772168166, -0.7, 0.3318122278318339,
    -1.111922039606192, 0.2475127346377683, -1.94704294, 0.12487615361319292, 5, 0.9933071490757152,
    -5, 0.0066928509242848554, -16.6483135, 5.884767219853485e-8, 17, 0.9999999586006245, 36, 0.9999999999999998,
    -36.5, 1.4068617124461467e-16, -708.7, 1.6424822131178934e-308, -744.5, 5e-324,
  ],
];

/** Numbers of f32 that are as far from one multiple of ln(2) as from another, as it is rounded. */
const TIES: StaticArray<f64> = [27.436845779418945, 39.913494110107422, -30.787519454956055];

describe("the elementary functions", () => {
  beforeEach(() => {
    fresh();
    seed(6);
  });

  it("keep C99's special values", () => {
    for (let op: i32 = Op.Exp; op <= Op.Sigmoid; op++) {
      expect(worst<f32>(op, EDGES[op - Op.Exp])).toBe(0, op.toString());
      expect(worst<f64>(op, EDGES[op - Op.Exp])).toBe(0, op.toString());
    }
  });

  it("in f32 are as exact as promised, over a sample of all numbers", () => {
    for (let op: i32 = Op.Exp; op <= Op.Sigmoid; op++) {
      expect(sample(op, 0, u32.MAX_VALUE, 9973)).toBeLessThanOrEqual(PROMISED[op - Op.Exp], op.toString());
      // From 0.01 to 20, and the same below zero.
      expect(sample(op, 0x3c23d70a, 0x41a00000, 211)).toBeLessThanOrEqual(PROMISED[op - Op.Exp], op.toString());
      expect(sample(op, 0xbc23d70a, 0xc1a00000, 211)).toBeLessThanOrEqual(PROMISED[op - Op.Exp], op.toString());
    }
  });

  it("give each lane the same bits, whatever is rare in its block", () => {
    for (let op: i32 = Op.Exp; op <= Op.Sigmoid; op++) {
      expect(independent<f32>(op)).toBe(0, op.toString());
      expect(independent<f64>(op)).toBe(0, op.toString());
    }
  });

  it("in f64 are as exact as promised, at arguments that are hard", () => {
    for (let op: i32 = Op.Exp; op <= Op.Sigmoid; op++) {
      expect(worst<f64>(op, EXACT[op - Op.Exp])).toBeLessThanOrEqual(PROMISED[op - Op.Exp], op.toString());
    }
  });

  it("in f64 agree with a scalar library, whose own error is the allowance", () => {
    for (let op: i32 = Op.Exp; op <= Op.Sigmoid; op++) {
      expect(against(op, 700)).toBeLessThanOrEqual(PROMISED[op - Op.Exp] + 2, op.toString());
      expect(against(op, 3)).toBeLessThanOrEqual(PROMISED[op - Op.Exp] + 2, op.toString());
    }
  });
});

/** The largest error of T over pairs of arguments and values. */
function worst<T>(op: i32, pairs: StaticArray<f64>): f64 {
  const n = <usize>pairs.length / 2;
  const x = empty<T>(n);
  const y = empty<T>(n);
  for (let i: usize = 0; i < n; i++) put<T>(x, i, pairs[2 * <i32>i]);
  runMap(op, dtypeOf<T>(), 0, n, y, 1, x, 1);
  let most: f64 = 0;
  for (let i: usize = 0; i < n; i++) most = max(most, ulps<T>(get<T>(y, i), <f64>(<T>pairs[2 * <i32>i + 1])));
  return most;
}

/** Lanes of some blocks that differ from the same arguments by themselves. Every block but the last has rare arguments. */
function independent<T>(op: i32): i32 {
  const n: usize = 10007;
  const x = empty<T>(n);
  const y = empty<T>(n);
  const z = empty<T>(1);
  for (let i: usize = 0; i < n; i++) {
    put<T>(x, i, (<f64>((i * 7919) % 1000) / 500 - 0.9) * 40);
    if (i % 1021 == 7 && i < 8000) put<T>(x, i, EDGES[op - Op.Exp][2 * <i32>(i % 5)]);
    if (i % 31 == 5 && op == Op.Exp) put<T>(x, i, TIES[<i32>(i % 3)]);
    if (i % 997 == 3 && i < 8000) put<T>(x, i, <f64>(i % 2 ? 1 : -1) * (i % 3 ? 87.34 : 5e5));
  }
  runMap(op, dtypeOf<T>(), 0, n, y, 1, x, 1);
  let differ = 0;
  for (let i: usize = 0; i < n; i += 3) {
    runMap(op, dtypeOf<T>(), 0, 1, z, 1, x + (i << alignof<T>()), 1);
    const a = get<T>(y, i);
    const b = get<T>(z, 0);
    if (a != b && !(isNaN(a) && isNaN(b))) differ++;
  }
  return differ;
}

/** The largest error of f32 over every `step`-th number between two bit patterns. */
function sample(op: i32, from: u64, to: u64, step: u64): f64 {
  fresh();
  const x = empty<f32>(N);
  const y = empty<f32>(N);
  let most: f64 = 0;
  for (let bits = from; bits <= to;) {
    let n: usize = 0;
    for (; n < N && bits <= to; n++) {
      store<u32>(x + (n << 2), <u32>bits);
      bits += step;
    }
    runMap(op, dtypeOf<f32>(), 0, n, y, 1, x, 1);
    for (let i: usize = 0; i < n; i++) most = max(most, ulps<f32>(get<f32>(y, i), reference(op, get<f32>(x, i))));
  }
  return most;
}

/** The largest difference of f64 from the reference, in units in the last place, over numbers up to `limit`. */
function against(op: i32, limit: f64): f64 {
  const x = empty<f64>(N);
  const y = empty<f64>(N);
  for (let i: usize = 0; i < N; i++) put<f64>(x, i, (<f64>i / (N / 2) - 1 + 1 / 3000) * limit);
  runMap(op, dtypeOf<f64>(), 0, N, y, 1, x, 1);
  let most: f64 = 0;
  for (let i: usize = 0; i < N; i++) most = max(most, ulps<f64>(get<f64>(y, i), reference(op, get<f64>(x, i))));
  return most;
}

/** The function in the f64 of AssemblyScript's standard library. */
function reference(op: i32, x: f64): f64 {
  switch (op) {
    case Op.Exp:
      return Math.exp(x);
    case Op.Log:
      return Math.log(x);
    case Op.Sin:
      return Math.sin(x);
    case Op.Cos:
      return Math.cos(x);
    case Op.Tanh:
      return Math.tanh(x);
    default:
      return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
  }
}
