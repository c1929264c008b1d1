import { Op } from "../abi/op";
import { empty, dtypeOf, get, integers, mixed, put, seed } from "./data";
import { fresh } from "./subject";
import { runMap } from "./tape";
import { ulps } from "./ulps";

/** Arguments and exact values at the edges, by opcode from Op.Exp2 on: every function is exact there, in either dtype. */
// prettier-ignore
const EDGES: StaticArray<StaticArray<f64>> = [
  [0, 1, -0.0, 1, 1, 2, -1, 0.5, 1e4, Infinity, Infinity, Infinity, -1e4, 0, -Infinity, 0, NaN, NaN],
  [0, 0, -0.0, -0.0, 1e-40, 1e-40, -1e-40, -1e-40, 1e4, Infinity, Infinity, Infinity, -100, -1, -Infinity, -1, NaN, NaN],
  [0, 0, -0.0, -0.0, 1e-40, 1e-40, -1e-40, -1e-40, 1e4, Infinity, -Infinity, -Infinity, NaN, NaN],
  [0, 1, -0.0, 1, 1e-40, 1, 1e4, Infinity, -Infinity, Infinity, NaN, NaN],
  [0, 0, -0.0, -0.0, 100, 100, 1e30, 1e30, Infinity, Infinity, -1e4, -0.0, -Infinity, -0.0, NaN, NaN],
  [0, 0, -0.0, -0.0, 100, 100, 1e30, 1e30, Infinity, Infinity, -1e4, -0.0, -Infinity, -0.0, NaN, NaN],
  [1, 0, 0, -Infinity, -0.0, -Infinity, 8, 3, 0.25, -2, Infinity, Infinity, -1, NaN, -Infinity, NaN, NaN, NaN],
  [1, 0, 0, -Infinity, -0.0, -Infinity, 1000, 3, Infinity, Infinity, -1, NaN, -Infinity, NaN, NaN, NaN],
  [0, 0, -0.0, -0.0, 1e-40, 1e-40, -1, -Infinity, Infinity, Infinity, -2, NaN, -Infinity, NaN, NaN, NaN],
  [0, 0, -0.0, -0.0, 1e-40, 1e-40, -1e-40, -1e-40, Infinity, Infinity, -Infinity, -Infinity, NaN, NaN],
  [1, 0, Infinity, Infinity, 0.5, NaN, -2, NaN, -1e30, NaN, -Infinity, NaN, NaN, NaN],
  [0, 0, -0.0, -0.0, 1e-40, 1e-40, 1, Infinity, -1, -Infinity, 2, NaN, -2, NaN, Infinity, NaN, NaN, NaN],
  [100, 100, 1e30, 1e30, Infinity, Infinity, -1e4, 0, -Infinity, 0, NaN, NaN],
  [0, 0, -0.0, -0.0, 27, 3, -8, -2, Infinity, Infinity, -Infinity, -Infinity, NaN, NaN],
  [4, 0.5, 0, Infinity, -0.0, -Infinity, Infinity, 0, -1, NaN, NaN, NaN],
  [2.5, 2, -0.5, -1, -0.0, -0.0, 1e30, 1e30, -Infinity, -Infinity, NaN, NaN],
  [2.5, 3, -0.5, -0.0, -0.0, -0.0, 1e30, 1e30, -Infinity, -Infinity, NaN, NaN],
  [2.5, 2, 3.5, 4, -0.5, -0.0, -1.5, -2, -0.0, -0.0, 1e30, 1e30, Infinity, Infinity, NaN, NaN],
  [2.5, 2, -2.5, -2, -0.5, -0.0, -0.0, -0.0, 1e30, 1e30, -Infinity, -Infinity, NaN, NaN],
];

/** Arguments and correctly rounded values, from 4000-bit arithmetic, by opcode from Op.Exp2 to Op.Rsqrt. */
// prettier-ignore
const EXACT: StaticArray<StaticArray<f64>> = [
  [
    1e-9, 1.000000000693147, -0.3, 0.8122523963562356, 0.5, 1.4142135623730951,
    1.5117621792257196, 2.851581327630718, -31.43939208984375, 3.4339971905472996e-10, 100.7, 2.0593044755556034e30,
    -700.2, 1.6549963339157102e-211, 1023.9, 1.6773070034857416e308, -1060.3, 6.575e-320, -1074.2, 5e-324,
  ],
  [
    1e-310, 1e-310, 1e-9, 1.0000000005000001e-9, -1e-9, -9.999999995e-10, 0.1, 0.10517091807564763,
    0.34763479232788086, 0.4157151252915716, -0.5, -0.3934693402873666, 1.0, 1.7182818284590453,
    -3.0, -0.950212931632136, 20.5, 799902176.4755054, 37.17632566747107, 1.397890311288475e16,
    -36.0, -0.9999999999999998, 709.5, 1.3549863193146328e308,
  ],
  [
    1e-310, 1e-310, 1e-9, 1e-9, 0.1, 0.10016675001984403, -0.4704209864139557, -0.48796435232120766,
    -0.8029080611952701, -0.8919990856169094, 1.0, 1.1752011936438014, 5.5, 122.34392274639096,
    -30.0, -5343237290762.231, 710.4, 1.6663642832806496e308,
  ],
  [
    1e-9, 1.0, 0.1, 1.0050041680558035, 2.4445769244151414, 5.806217585498184, -5.228240966796875, 93.2349402724302,
    30.0, 5343237290762.231, -710.4, 1.6663642832806496e308,
  ],
  [
    1e-310, 5e-311, -1e-9, -4.9999999975e-10, 0.5, 0.3112296656009273, -0.13244563341140747, -0.06184375478492473,
    -1.2784645, -0.2784645427610736, 3.0, 2.8577223804672998, -40.0, -1.6993417021166355e-16,
    -683.8036921044207, -7.290566158900411e-295, -740.5, -1.8813e-319, 1e20, 1e20,
  ],
  [
    1e-310, 6e-311, -1e-9, -5.9999999968e-10, 0.5, 0.37524521130489513, -0.6078947737195367, -0.24877466376664503,
    -1.1924, -0.3088434128871985, 3.0, 2.9865350049679575, -40.0, -1.6993417021166355e-16,
    -700.25, -5.377026350130888e-302, -740.5, -1.8813e-319, 1e20, 1e20,
  ],
  [
    5e-324, -1074.0, 3e-310, -1028.212746914361, 0.1, -3.321928094887362, 0.7071067811865475, -0.5000000000000001,
    0.9999999999999999, -1.6017132519074588e-16, 1.0000000000000002, 3.203426503814917e-16,
    1.4067566347105538, 0.49237276761899357, 3.0, 1.584962500721156, 1e22, 73.08241808752197,
    1.7976931348623157e308, 1024.0,
  ],
  [
    5e-324, -323.3062153431158, 3e-310, -309.52287874528037, 0.1, -1.0, 0.7071067811865475, -0.15051499783199063,
    0.9999999999999999, -4.821637332766436e-17, 1.0000000000000002, 9.64327466553287e-17,
    1.3224886668012732, 0.12139195899322801, 3.0, 0.47712125471966244, 1e22, 22.0,
    1.7976931348623157e308, 308.25471555991675,
  ],
  [
    1e-310, 1e-310, 1e-20, 1e-20, -1e-9, -1.0000000005000001e-9, 0.1, 0.09531017980432487,
    -0.300299899191516, -0.35710346315643043, 0.41, 0.3435897043900769, -0.9999999, -16.118095651484676,
    1.0, 0.6931471805599453, 10.0, 2.3978952727983707, 1e300, 690.7755278982137,
  ],
  [
    1e-310, 1e-310, 1e-9, 1e-9, 0.1, 0.09983407889920756, -0.35, -0.34322155508594393,
    1.1380639530615477, 0.9757107723087554, -1.333, -1.098412272666883, 20.0, 3.6895038689889055,
    1000000000.0, 21.416413017506358, -1e300, -691.4686750787737,
  ],
  [
    1.0000000000000002, 2.1073424255447014e-8, 1.0000001, 0.0004472135919037347,
    1.0077963602390154, 0.1247898289864995, 1.06, 0.34470108418503925, 1.5, 0.9624236501192069,
    2.5, 1.566799236972411, 20.0, 3.6882538673612966, 1000000000.0, 21.416413017506358, 1e300, 691.4686750787737,
  ],
  [
    1e-310, 1e-310, 1e-9, 1e-9, -0.0019520378, -0.0019520402793875035, 0.1, 0.10033534773107558,
    0.17, 0.1716666635005791, -0.5, -0.5493061443340549, 0.75, 0.9729550745276566, -0.9999999, -8.40562139102231,
    0.9999999999999999, 18.714973875118524,
  ],
  [
    1e-9, 0.6931471810599453, -1e-9, 0.6931471800599454, 0.7, 1.103186048885458, -0.7, 0.4031860488854579,
    -3.4648437849323432, 0.030798704238076197, 10.0, 10.000045398899218, -40.0, 4.248354255291589e-18,
    -700.5, 5.980196118639791e-305, 800.0, 800.0,
  ],
  [
    5e-324, 1.7031839360032603e-108, 1e-310, 4.641588833612774e-104, -0.1, -0.4641588833612779,
    2.0, 1.2599210498948732, -7.623443885779987e-179, -4.2401745592701325e-60, 10.0, 2.154434690031884, 1e300, 1e100,
  ],
  [
    5e-324, 4.4989137945431964e161, 0.1, 3.162277660168379, 2.0, 0.7071067811865476,
    1.0051952425626947, 0.9974124565518947, 3.0, 0.5773502691896257, 1e300, 1e-150,
  ],
];

/** Bases, exponents and powers that are exact in either dtype. */
// prettier-ignore
const POWERS: StaticArray<f64> = [
  0, 0, 1, NaN, 0, 1, 1, NaN, 1, -1, Infinity, 1, 3, 4, 81, 10, 3, 1000, -2, 5, -32, -2, -1, -0.5, 2, -3, 0.125,
  -0.0, 3, -0.0, -0.0, 2, 0, -0.0, 0.5, 0, -0.0, -3, -Infinity, -0.0, -2, Infinity, 0, -1, Infinity, 0, 2, 0,
  0, 1.5, 0, 0, -1.5, Infinity, -8, 0.5, NaN, -8, 1.5, NaN, -Infinity, 0.5, Infinity, -Infinity, 3, -Infinity,
  -Infinity, -3, -0.0, -Infinity, -2, 0, Infinity, -1, 0, 0.5, Infinity, 0, 0.5, -Infinity, Infinity, 2, -Infinity, 0,
  -1, 1e300, 1, 2, NaN, NaN, NaN, 2, NaN, 1e30, 100, Infinity, 1e-30, 100, 0, 9, 0.5, 3, 9, 1.5, 27, 2, 10, 1024,
];

/** The same of f64, as correctly rounded. */
// prettier-ignore
const EXACT_POWERS: StaticArray<f64> = [
  3.0, 5.0, 243.0, 10.0, 22.0, 1e22, -7.0, 3.0, -343.0, -2.0, -5.0, -0.03125, 1.5, 2.5, 2.7556759606310752,
  0.7037684984370182, -1694.2434429012517, 3.0975715198294326e258, 1.0000000000000002, 1e18, 2.7086111089766717e96,
  0.9999999999999999, -3e18, 4.45779387326829e144, 1e-310, 0.3, 1.000000000000007e-93,
  5e-324, -0.9, 9.45352569147208e290, 2.0, -1074.0, 5e-324, 2.0, 1023.5, 1.2711610061536464e308,
  1e300, -1.07, 1e-321, 1.7976931348623157e308, 0.25, 1.157920892373162e77, 0.1, 308.0, 1.000000000000017e-308,
  -3.0, 33.0, -5559060566555523.0, 10.0, -5.0, 1e-5,
];

// prettier-ignore
const HYPOTENUSES: StaticArray<f64> = [
  3, 4, 5, -5, 12, 13, 0, 0, 0, -0.0, -0.0, 0, 0, -7, 7, Infinity, NaN, Infinity, NaN, -Infinity, Infinity, NaN, 1, NaN,
  3e37, 4e37, 5e37, 3e-37, 4e-37, 5e-37, 1e-40, 0, 1e-40,
];

describe("the exponential family", () => {
  beforeEach(() => {
    fresh();
    seed(7);
  });

  it("keeps C99's special values", () => {
    for (let op: i32 = Op.Exp2; op <= Op.Trunc; op++) {
      expect(worst<f32>(op, EDGES[op - Op.Exp2])).toBe(0, op.toString());
      expect(worst<f64>(op, EDGES[op - Op.Exp2])).toBe(0, op.toString());
    }
  });

  it("is within 2 ulp at arguments that are hard", () => {
    for (let op: i32 = Op.Exp2; op <= Op.Rsqrt; op++) {
      expect(worst<f64>(op, EXACT[op - Op.Exp2])).toBeLessThanOrEqual(2, op.toString());
    }
  });

  it("does the same whatever the strides", () => {
    for (let op: i32 = Op.Exp2; op <= Op.Trunc; op++) {
      expect(layouts<f32>(op)).toBe(-1, op.toString());
      expect(layouts<f64>(op)).toBe(-1, op.toString());
    }
  });

  it("rounds integers to themselves", () => {
    const x = integers<i32>(17, 1000);
    const y = empty<i32>(17);
    for (let op: i32 = Op.Floor; op <= Op.Trunc; op++) {
      expect(runMap(op, dtypeOf<i32>(), 0, 17, y, 1, x, 1)).toBe(0);
      for (let i: usize = 0; i < 17; i++) expect(get<i32>(y, i)).toBe(get<i32>(x, i));
    }
  });
});

describe("powers", () => {
  beforeEach(() => {
    fresh();
    seed(8);
  });

  it("keep C99's special values", () => {
    expect(worstOfTwo<f32>(Op.Pow, POWERS)).toBe(0);
    expect(worstOfTwo<f64>(Op.Pow, POWERS)).toBe(0);
  });

  it("are within 4 ulp at arguments that are hard", () => {
    expect(worstOfTwo<f64>(Op.Pow, EXACT_POWERS)).toBeLessThanOrEqual(4);
  });

  it("have the same bits if the exponent is one number", () => {
    expect(repeated<f32>()).toBe(-1);
    expect(repeated<f64>()).toBe(-1);
  });

  it("of integers wrap, and are truncated below 0", () => {
    // prettier-ignore
    const cases: StaticArray<f64> = [
      2, 10, 1024, 3, 4, 81, -2, 3, -8, -2, 31, -2147483648, 5, 0, 1, 0, 0, 1, 0, 3, 0, 7, 30, 1878557649,
      2, -1, 0, 1, -5, 1, -1, -5, -1, -1, -4, 1, 0, -2, 0, -1, 2147483647, -1, 3, -2147483648, 0,
    ];
    const n = <usize>cases.length / 3;
    const x = empty<i32>(n);
    const y = empty<i32>(n);
    const z = empty<i32>(n);
    for (let i: usize = 0; i < n; i++) {
      put<i32>(x, i, cases[3 * <i32>i]);
      put<i32>(y, i, cases[3 * <i32>i + 1]);
    }
    expect(runMap(Op.Pow, dtypeOf<i32>(), 0, n, z, 1, x, 1, y, 1)).toBe(0);
    for (let i: usize = 0; i < n; i++) expect(get<i32>(z, i)).toBe(<i32>cases[3 * <i32>i + 2], i.toString());
  });
});

describe("the hypotenuse", () => {
  beforeEach(fresh);

  it("is infinite where either leg is, and does not overflow", () => {
    expect(worstOfTwo<f32>(Op.Hypot, HYPOTENUSES)).toBeLessThanOrEqual(1);
    expect(worstOfTwo<f64>(Op.Hypot, HYPOTENUSES)).toBeLessThanOrEqual(1);
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

/** The same of two arguments and a value. */
function worstOfTwo<T>(op: i32, triples: StaticArray<f64>): f64 {
  const n = <usize>triples.length / 3;
  const x = empty<T>(n);
  const y = empty<T>(n);
  const z = empty<T>(n);
  for (let i: usize = 0; i < n; i++) {
    put<T>(x, i, triples[3 * <i32>i]);
    put<T>(y, i, triples[3 * <i32>i + 1]);
  }
  runMap(op, dtypeOf<T>(), 0, n, z, 1, x, 1, y, 1);
  let most: f64 = 0;
  for (let i: usize = 0; i < n; i++) most = max(most, ulps<T>(get<T>(z, i), <f64>(<T>triples[3 * <i32>i + 2])));
  return most;
}

/** The first length at which steps of 2 and 3 give other bits than dense rows; -1 if there is none. */
function layouts<T>(op: i32): i32 {
  for (let n: usize = 0; n < 40; n = n < 6 ? n + 1 : 2 * n + 1) {
    const x = mixed<T>(2 * n + 1);
    const packed = empty<T>(n);
    const dense = empty<T>(n);
    const spread = empty<T>(3 * n + 1);
    for (let i: usize = 0; i < n; i++) put<T>(packed, i, <f64>get<T>(x, 2 * i));
    runMap(op, dtypeOf<T>(), 0, n, dense, 1, packed, 1);
    runMap(op, dtypeOf<T>(), 0, n, spread, 3, x, 2);
    for (let i: usize = 0; i < n; i++) if (!same<T>(get<T>(dense, i), get<T>(spread, 3 * i))) return <i32>n;
  }
  return -1;
}

/** The first of the usual exponents that gives other bits alone than in a row of exponents; -1 if there is none. */
function repeated<T>(): i32 {
  const exponents: StaticArray<f64> = [1, 2, 3, 0.5, -1, 0, 1.7];
  const n: usize = 41;
  const x = mixed<T>(n);
  const y = empty<T>(n);
  const alone = empty<T>(n);
  const among = empty<T>(n);
  for (let e = 0; e < exponents.length; e++) {
    for (let i: usize = 0; i < n; i++) put<T>(y, i, exponents[e]);
    runMap(Op.Pow, dtypeOf<T>(), 0, n, alone, 1, x, 1, y, 0);
    runMap(Op.Pow, dtypeOf<T>(), 0, n, among, 1, x, 1, y, 1);
    for (let i: usize = 0; i < n; i++) if (!same<T>(get<T>(alone, i), get<T>(among, i))) return e;
  }
  return -1;
}

function same<T>(a: T, b: T): bool {
  return a == b ? 1 / <f64>a == 1 / <f64>b : a != a && b != b;
}
