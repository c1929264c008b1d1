import { Op } from "../abi/op";
import { difference, dtypeOf, empty, get, put, reals, seed } from "./data";
import { fresh } from "./subject";
import { runMap } from "./tape";
import { ulps } from "./ulps";

/** The unary opcodes, in the order of the tables below, and what each may be off in ulp. */
const OPS: StaticArray<i32> = [
  Op.Tan,
  Op.Asin,
  Op.Acos,
  Op.Atan,
  Op.Erf,
  Op.Erfc,
  Op.Erfinv,
  Op.Lgamma,
  Op.Digamma,
  Op.Gelu,
  Op.GeluSlope,
  Op.GeluTanh,
];
const PROMISED: StaticArray<f64> = [2, 2, 2, 2, 2, 4, 4, 4, 4, 2, 3, 2];

/** Arguments and exact values at the edges, in either dtype. */
// prettier-ignore
const EDGES: StaticArray<StaticArray<f64>> = [
  [0, 0, -0.0, -0.0, 1e-40, 1e-40, -1e-40, -1e-40, Infinity, NaN, -Infinity, NaN, NaN, NaN],
  [0, 0, -0.0, -0.0, 1e-40, 1e-40, -1e-40, -1e-40, 1, 1.5707963267948966, -1, -1.5707963267948966, 1.5, NaN,
    -Infinity, NaN, NaN, NaN],
  [0, 1.5707963267948966, 1, 0, -1, 3.141592653589793, 1.5, NaN, Infinity, NaN, NaN, NaN],
  [0, 0, -0.0, -0.0, 1e-40, 1e-40, -1e-40, -1e-40, Infinity, 1.5707963267948966, -Infinity, -1.5707963267948966,
    NaN, NaN],
  [0, 0, -0.0, -0.0, 30, 1, -30, -1, Infinity, 1, -Infinity, -1, NaN, NaN],
  [0, 1, -0.0, 1, 30, 0, -30, 2, Infinity, 0, -Infinity, 2, NaN, NaN],
  [0, 0, -0.0, -0.0, 1, Infinity, -1, -Infinity, 1.5, NaN, Infinity, NaN, NaN, NaN],
  [0, Infinity, -0.0, Infinity, 1, 0, 2, 0, -1, Infinity, -300, Infinity, Infinity, Infinity, -Infinity, Infinity,
    NaN, NaN],
  [0, -Infinity, -0.0, Infinity, -1, NaN, -300, NaN, Infinity, Infinity, -Infinity, NaN, NaN, NaN],
  [0, 0, -0.0, -0.0, 1e4, 1e4, -1e4, -0.0, Infinity, Infinity, -Infinity, -0.0, NaN, NaN],
  [0, 0.5, -0.0, 0.5, 1e4, 1, Infinity, 1, NaN, NaN],
  [0, 0, -0.0, -0.0, 1e4, 1e4, -1e4, -0.0, Infinity, Infinity, -Infinity, -0.0, NaN, NaN],
];

/** Arguments and correctly rounded values, from 1400-bit arithmetic. */
// prettier-ignore
const EXACT: StaticArray<StaticArray<f64>> = [
  [ // Tan
    1e-09, 1e-09, 0.5, 0.5463024898437905, 0.7853981633974483, 0.9999999999999999, 1.2, 2.5721516221263188,
    1.5707963267948966, 1.633123935319537e16, 3.141592653589793, -1.2246467991473532e-16, -2.35, 1.0124663625978223,
    355, 3.0144353373184265e-05, 131072.5, -1.6603236155810834, 1e22, -1.6287782256068988,
    5.319372648326541e255, -2.133485385753704e18, 8.98846567431158e307, -0.6814476476066215,
  ],
  [ // Asin
    1e-09, 1e-09, 0.1, 0.1001674211615598, -0.3, -0.3046926540153975, 0.5, 0.5235987755982989,
    0.5000000000000001, 0.523598775598299, -0.75, -0.848062078981481, 0.9999999999999999, 1.5707963118937354,
  ],
  [ // Acos
    1e-09, 1.5707963257948967, 0.1, 1.4706289056333368, -0.3, 1.8754889808102941, 0.5, 1.0471975511965979,
    0.5000000000000001, 1.0471975511965976, -0.75, 2.4188584057763776, 0.9999999999999999, 1.4901161193847656e-08,
    -0.9999999999999999, 3.141592638688632,
  ],
  [ // Atan
    1e-09, 1e-09, 0.1, 0.09966865249116204, 0.65, 0.5763752205911837, 0.67, 0.590306746935372,
    -1, -0.7853981633974483, 1.5, 0.982793723247329, 1.52, 0.9888912086550111, 40, 1.5458015331759765,
    -10000000000.0, -1.5707963266948965, 1e300, 1.5707963267948966,
  ],
  [ // Erf
    1e-20, 1.1283791670955125e-20, 0.001, 0.0011283787909692365, -0.4, -0.42839235504666845, 0.99, 0.8385080695553698,
    1.01, 0.8468104962282768, -2, -0.9953222650189527, 5, 0.9999999999984626, 6.5, 1.0,
  ],
  [ // Erfc
    1e-20, 1.0, -0.001, 1.0011283787909693, 0.49, 0.4883317388114769, 0.51, 0.4707563801588296,
    -0.6, 1.6038560908479258, 1, 0.15729920705028513, -3, 1.9999779095030015, 4.5, 1.9661604415428876e-10,
    10, 2.088487583762545e-45, 26.5, 2.2109076642637343e-307, 27.2, 1e-323,
  ],
  [ // Erfinv
    1e-20, 8.86226925452758e-21, -0.001, -0.0008862271574665521, 0.24, 0.21600753678729465, 0.26, 0.2346557516249216,
    -0.5, -0.4769362762044699, 0.6, 0.5951160814499948, 0.999, 2.3267537655135246,
    -0.9999999999999999, -5.8635847487551676,
  ],
  [ // Lgamma
    1e-300, 690.7755278982137, 1e-09, 20.723265836369194, 0.4, 0.7966778177017837, 0.99999, 5.772238896093089e-06,
    1.5, -0.12078223763524522, 1.99999, -4.227811104241674e-06, 2.0001, 4.2281658112919945e-05,
    3.7, 1.428072326665388, 9.99, 12.779315214350193, 10.1, 13.027526738633236, 57, 172.3527971391628,
    10000000000.0, 220258509288.81058, 1e300, 6.897755278982137e302, -1e-09, 20.723265837523627,
    -0.5, 1.2655121234846454, -1.999, 6.215532330199284, -2.4570247382208006, 5.619192358950097e-17,
    -17.000000000000004, -0.2340087832595242, -39.5, -107.32834518321599, -41.7, -115.29141929039291,
    -1000.3, -5912.844034778521,
  ],
  [ // Digamma
    1e-09, -1000000000.5772156, 0.4, -2.561384544585116, 1.4616321449683622, -9.241265521729427e-17,
    3.7, 1.1671535393615113, 10.1, 2.262214357094148, 57, 4.034253689881698, 10000000000.0, 23.025850929890456,
    -1e-09, 999999999.4227843, -0.5, 0.03648997397857652, -1.999, -999.0743208058569,
    -0.5040830082644554, 7.289763902976895e-17, -41.7, 1.4599429474395298, -1000.3, 9.191055669255658,
  ],
  [ // Gelu
    1e-09, 5.000000003989423e-10, -0.001, -0.000499601057786089, 0.3, 0.1853734266566858, -0.3, -0.1146265733433142,
    0.8, 0.6305156811332827, -0.8, -0.16948431886671736, 2, 1.9544997361036416, -2, -0.04550026389635842,
    5, 4.999998566742141, -5, -1.4332578593959695e-06, -20, -5.507248237212468e-88, -37, -2.1184613523340935e-298,
  ],
  [ // GeluSlope
    1e-09, 0.5000000007978845, -0.001, 0.4992021157051586, 0.3, 0.7323277668271099, -0.3, 0.26767223317289013,
    0.8, 1.0198978436257895, -0.7, 0.023385898866340155, 2, 1.085231801078197, -2, -0.0852318010781969,
    5, 1.000007146946002, -5, -7.146946001792295e-06, -20, -1.1014360483133464e-86, -37, -7.838298669418516e-297,
  ],
  [ // GeluTanh
    1e-09, 5.000000003989423e-10, -0.001, -0.000499601057786418, 0.3, 0.18537092354275925, -0.3, -0.11462907645724076,
    0.8, 0.6304316914364482, -0.8, -0.1695683085635519, 2, 1.954597694087775, -2, -0.04540230591222498,
    5, 4.999999770820381, -5, -2.291796196629506e-07, -20, -3.3754509563109673e-261,
  ],
];

/** y, x and the angle, C99's cases first. */
// prettier-ignore
const ANGLES: StaticArray<f64> = [
  0, 0, 0, -0.0, 0, -0.0, 0, -0.0, 3.141592653589793, -0.0, -0.0, -3.141592653589793, 0, -1, 3.141592653589793,
  -0.0, -1, -3.141592653589793, 0, 1, 0, -0.0, 1, -0.0, 1, 0, 1.5707963267948966, -1, -0.0, -1.5707963267948966,
  1, -Infinity, 3.141592653589793, -1, -Infinity, -3.141592653589793, 1, Infinity, 0, -1, Infinity, -0.0,
  Infinity, 1, 1.5707963267948966, -Infinity, -1, -1.5707963267948966,
  Infinity, Infinity, 0.7853981633974483, Infinity, -Infinity, 2.356194490192345,
  -Infinity, Infinity, -0.7853981633974483, -Infinity, -Infinity, -2.356194490192345,
  NaN, 1, NaN, 1, NaN, NaN, NaN, Infinity, NaN, Infinity, NaN, NaN, 0, NaN, NaN,
  1, 2, 0.4636476090008061, -0.3, 0.4, -0.6435011087932844, 1e-09, -1, 3.141592652589793,
  -5, -0.001, -1.57099632679223, 7, -7.5, 2.390663591191853, 1e300, 1.5e300, 0.5880026035475675,
  1e-320, 3e-320, 0.3217505543966422, 2, -1e-300, 1.5707963267948966,
];

/** Order, x and the derivative of digamma. */
// prettier-ignore
const DERIVATIVES: StaticArray<f64> = [
  1, 0, Infinity, 2, 0, -Infinity, 2, -0.0, Infinity, 1, -3, Infinity, 2, -3, NaN, 1, Infinity, 0, 1, NaN, NaN,
  -1, 1, NaN, 101, 1, NaN,
  1, 0.3, 12.245364546107732, 1, -1.5, 9.379246644989124, 2, 3.7, -0.09539530872855403, 3, -0.6, 282.49155533024333,
  5, 12.5, 9.562271597107644e-05, 1, 100000000.0, 1.000000005e-08, 0, 2.5, 0.7031566406452432,
];

describe("special functions", () => {
  beforeEach(() => {
    fresh();
    seed(7);
  });

  it("keep C99's special values", () => {
    for (let i = 0; i < OPS.length; i++) {
      expect(worst<f32>(OPS[i], EDGES[i])).toBeLessThanOrEqual(0.5, OPS[i].toString());
      expect(worst<f64>(OPS[i], EDGES[i])).toBeLessThanOrEqual(1, OPS[i].toString());
    }
  });

  it("in f64 are as exact as promised, at arguments that are hard", () => {
    for (let i = 0; i < OPS.length; i++) {
      expect(worst<f64>(OPS[i], EXACT[i])).toBeLessThanOrEqual(PROMISED[i], OPS[i].toString());
    }
  });

  it("in f32 are those of f64, but for rounding", () => {
    for (let i = 0; i < OPS.length; i++) {
      expect(beside(OPS[i], 0.99)).toBeLessThanOrEqual(PROMISED[i], OPS[i].toString());
      expect(beside(OPS[i], 9)).toBeLessThanOrEqual(PROMISED[i], OPS[i].toString());
    }
  });

  it("know every quadrant", () => {
    const n = <usize>ANGLES.length / 3;
    const y = empty<f64>(n);
    const x = empty<f64>(n);
    const out = empty<f64>(n);
    for (let i: usize = 0; i < n; i++) {
      put<f64>(y, i, ANGLES[3 * <i32>i]);
      put<f64>(x, i, ANGLES[3 * <i32>i + 1]);
    }
    expect(runMap(Op.Atan2, dtypeOf<f64>(), 0, n, out, 1, y, 1, x, 1)).toBe(0);
    for (let i: usize = 0; i < n; i++) {
      expect(ulps<f64>(get<f64>(out, i), ANGLES[3 * <i32>i + 2])).toBeLessThanOrEqual(2, i.toString());
    }
  });

  it("differentiate digamma", () => {
    const n = <usize>DERIVATIVES.length / 3;
    const order = empty<i32>(n);
    const x = empty<f64>(n);
    const out = empty<f64>(n);
    for (let i: usize = 0; i < n; i++) {
      put<i32>(order, i, DERIVATIVES[3 * <i32>i]);
      put<f64>(x, i, DERIVATIVES[3 * <i32>i + 1]);
    }
    expect(runMap(Op.Polygamma, dtypeOf<f64>(), 0, n, out, 1, order, 1, x, 1)).toBe(0);
    for (let i: usize = 0; i < n; i++) {
      expect(ulps<f64>(get<f64>(out, i), DERIVATIVES[3 * <i32>i + 2])).toBeLessThanOrEqual(4, i.toString());
    }
  });

  it("give the same bits at every length, stride and address", () => {
    layouts<f32>();
    layouts<f64>();
  });

  it("refuse integers", () => {
    const x = empty<i32>(1);
    expect(runMap(Op.Erf, dtypeOf<i32>(), 0, 1, x, 1, x, 1)).not.toBe(0);
    expect(runMap(Op.Atan2, dtypeOf<i32>(), 0, 1, x, 1, x, 1, x, 1)).not.toBe(0);
  });
});

/** Elements at odd strides against the same elements side by side. */
function layouts<T>(): void {
  const lengths: StaticArray<usize> = [0, 1, 3, 4, 5, 17];
  const x = reals<T>(64, 3);
  const dense = empty<T>(64);
  const want = empty<T>(64);
  const out = empty<T>(128);
  for (let k = 0; k < lengths.length; k++) {
    const n = lengths[k];
    for (let i: usize = 0; i < n; i++) put<T>(dense, i, <f64>get<T>(x, 3 * i));
    for (let f = 0; f < OPS.length; f++) {
      expect(runMap(OPS[f], dtypeOf<T>(), 0, n, want, 1, dense, 1)).toBe(0);
      expect(runMap(OPS[f], dtypeOf<T>(), 0, n, out, 2, x, 3)).toBe(0);
      const packed = empty<T>(n);
      for (let i: usize = 0; i < n; i++) put<T>(packed, i, <f64>get<T>(out, 2 * i));
      expect(difference<T>(packed, want, n)).toBe(-1, OPS[f].toString());
    }
  }
}

/** The largest error of T over pairs of arguments and values. */
function worst<T>(op: i32, pairs: StaticArray<f64>): f64 {
  const n = <usize>pairs.length / 2;
  const x = empty<T>(n);
  const y = empty<T>(n);
  for (let i: usize = 0; i < n; i++) put<T>(x, i, pairs[2 * <i32>i]);
  runMap(op, dtypeOf<T>(), 0, n, y, 1, x, 1);
  let most: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    most = max(most, off<T>(op, get<T>(y, i), pairs[2 * <i32>i + 1]));
  }
  return most;
}

/** The error in ulp; of functions with a root, in those of 1 where the value is below. */
function off<T>(op: i32, y: T, value: f64): f64 {
  const relative = ulps<T>(y, value);
  if (relative <= 2 || !(op == Op.Lgamma || op == Op.Digamma || op == Op.GeluSlope)) return relative;
  return min(relative, abs(<f64>y - value) / (sizeof<T>() == 4 ? <f64>f32.EPSILON : f64.EPSILON));
}

/** The largest distance of f32 from f64 over a range, in ulp of f32. */
function beside(op: i32, limit: f64): f64 {
  const n: usize = 1000;
  const x = reals<f32>(n, limit);
  const wide = empty<f64>(n);
  const y = empty<f32>(n);
  const exact = empty<f64>(n);
  for (let i: usize = 0; i < n; i++) put<f64>(wide, i, get<f32>(x, i));
  runMap(op, dtypeOf<f32>(), 0, n, y, 1, x, 1);
  runMap(op, dtypeOf<f64>(), 0, n, exact, 1, wide, 1);
  let most: f64 = 0;
  for (let i: usize = 0; i < n; i++) most = max(most, off<f32>(op, get<f32>(y, i), get<f64>(exact, i)));
  return most;
}
