import * as w from "../../bindings/index.js";
import { each, type Composed } from "./reference.js";

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const truth = (x: unknown): number => Number(Boolean(x));
const SCALE = 1.0507009873554805;
const ALPHA = 1.6732632423543772;
const same = { integers: (dtype: w.DTypeName): w.DTypeName => dtype } as const;
const whole = {
  integers: (dtype: w.DTypeName): w.DTypeName => (dtype === "u8" || dtype === "bool" ? "i32" : dtype),
} as const;
const tests = { result: "bool", constant: true, integers: () => "bool" } as const satisfies Partial<Composed>;

const mod = (x: number, y: number): number => x - y * Math.floor(x / y);

/** Elementwise functions that are composed of primitives. */
export const elementwiseComposed: Readonly<Record<string, Composed>> = {
  clamp: each(
    1,
    (x) => w.clamp(x, -1, 2),
    (x) => Math.min(Math.max(x, -1), 2),
  ),
  clampBy: each(
    3,
    (x, a, b) => w.clamp(x, a, b),
    (x, a, b) => {
      const t = x < a ? a : x;
      return t > b ? b : t;
    },
  ),
  frac: each(
    1,
    (x) => w.frac(x),
    (x) => x - Math.trunc(x),
    whole,
  ),
  logaddexp: each(
    2,
    (x, y) => w.logaddexp(x, y),
    (x, y) => Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y))),
  ),
  logaddexp2: each(
    2,
    (x, y) => w.logaddexp2(x, y),
    (x, y) => Math.log2(2 ** x + 2 ** y),
  ),
  fmax: each(2, (x, y) => w.fmax(x, y), Math.max, whole),
  fmin: each(2, (x, y) => w.fmin(x, y), Math.min, whole),
  xlogy: each(
    2,
    (x, y) => w.xlogy(x, w.add(y, 0.5)),
    (x, y) => x * Math.log(y + 0.5),
    { range: [0, 4] },
  ),
  sinc: each(
    1,
    (x) => w.sinc(x),
    (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)),
    { tolerance: 1e-11 },
  ),
  logit: each(
    1,
    (x) => w.logit(x, 1e-3),
    (x) => {
      const p = Math.min(Math.max(x, 1e-3), 1 - 1e-3);
      return Math.log(p / (1 - p));
    },
    { range: [0, 1] },
  ),
  lerp: each(
    3,
    (x, y, t) => w.lerp(x, y, t),
    (x, y, t) => x + t * (y - x),
  ),
  heaviside: each(
    2,
    (x, y) => w.heaviside(x, y),
    (x, y) => (x === 0 ? y : truth(x > 0)),
    whole,
  ),
  copysign: each(
    2,
    (x, y) => w.copysign(x, y),
    (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
  ),
  nanToNum: each(
    1,
    (x) => w.nanToNum(w.div(x, 0), { nan: 7, posinf: 8, neginf: 9 }),
    (x) => (x === 0 ? 7 : x > 0 ? 8 : 9),
  ),
  addcmul: each(
    3,
    (x, a, b) => w.addcmul(x, a, b, { value: 2 }),
    (x, a, b) => x + 2 * a * b,
  ),
  addcdiv: each(
    3,
    (x, a, b) => w.addcdiv(x, a, b),
    (x, a, b) => x + a / b,
    { range: [1, 4] },
  ),

  fmod: each(
    2,
    (x, y) => w.fmod(x, y),
    (x, y) => x % y,
    { range: [1, 9], ...whole },
  ),
  remainder: each(
    2,
    (x, y) => w.remainder(x, w.neg(y)),
    (x, y) => mod(x, -y),
    { range: [1, 9], ...whole },
  ),
  floorDivide: each(
    2,
    (x, y) => w.floorDivide(w.neg(x), y),
    (x, y) => Math.floor(-x / y),
    { range: [1, 9], constant: true, ...whole },
  ),
  bitwiseAnd: each(
    2,
    (x, y) => w.bitwiseAnd(w.cast(x, "u8"), w.cast(y, "u8")),
    (x, y) => x & y,
    { range: [0, 99], constant: true, result: "u8" },
  ),
  bitwiseOr: each(
    2,
    (x, y) => w.bitwiseOr(w.cast(x, "u8"), w.cast(y, "i32")),
    (x, y) => x | y,
    { range: [0, 99], constant: true, result: "i32" },
  ),
  bitwiseXor: each(
    2,
    (x, y) => w.bitwiseXor(w.gt(x, 0), w.gt(y, 0)),
    (x, y) => truth(x > 0 !== y > 0),
    { constant: true, result: "bool" },
  ),
  bitwiseNot: each(
    1,
    (x) => w.bitwiseNot(w.cast(x, "i32")),
    (x) => ~x,
    { constant: true, result: "i32" },
  ),
  isNaN: each(
    1,
    (x) => w.isNaN(w.div(x, 0)),
    (x) => truth(x === 0),
    { ...tests, integers: undefined as never },
  ),
  isFinite: each(
    2,
    (x, y) => w.isFinite(w.div(x, y)),
    (x, y) => truth(Number.isFinite(x / y)),
    { ...tests },
  ),
  isInf: each(
    2,
    (x, y) => w.isInf(w.div(x, y)),
    (x, y) => truth(Math.abs(x / y) === Infinity),
    { ...tests },
  ),
  isClose: each(
    2,
    (x, y) => w.isClose(x, y, { atol: 0.5, rtol: 0.1 }),
    (x, y) => truth(Math.abs(x - y) <= 0.5 + 0.1 * Math.abs(y)),
    tests,
  ),
  logicalAnd: each(
    2,
    (x, y) => w.logicalAnd(x, y),
    (x, y) => truth(x && y),
    tests,
  ),
  logicalOr: each(
    2,
    (x, y) => w.logicalOr(x, y),
    (x, y) => truth(x || y),
    tests,
  ),
  logicalXor: each(
    2,
    (x, y) => w.logicalXor(x, y),
    (x, y) => truth(!x !== !y),
    tests,
  ),
  logicalNot: each(
    1,
    (x) => w.logicalNot(x),
    (x) => truth(!x),
    tests,
  ),
  signBit: each(
    1,
    (x) => w.signBit(x),
    (x) => truth(x < 0),
    tests,
  ),

  relu6: each(
    1,
    (x) => w.relu6(x),
    (x) => Math.min(Math.max(x, 0), 6),
  ),
  leakyRelu: each(
    1,
    (x) => w.leakyRelu(x, { negativeSlope: 0.1 }),
    (x) => (x > 0 ? x : 0.1 * x),
  ),
  elu: each(
    1,
    (x) => w.elu(x, { alpha: 1.5 }),
    (x) => (x > 0 ? x : 1.5 * Math.expm1(x)),
  ),
  selu: each(
    1,
    (x) => w.selu(x),
    (x) => SCALE * (x > 0 ? x : ALPHA * Math.expm1(x)),
  ),
  celu: each(
    1,
    (x) => w.celu(x, { alpha: 2 }),
    (x) => (x > 0 ? x : 2 * Math.expm1(x / 2)),
  ),
  softsign: each(
    1,
    (x) => w.softsign(x),
    (x) => x / (1 + Math.abs(x)),
  ),
  hardtanh: each(
    1,
    (x) => w.hardtanh(x, { minVal: -2 }),
    (x) => Math.min(Math.max(x, -2), 1),
  ),
  hardsigmoid: each(
    1,
    (x) => w.hardsigmoid(x),
    (x) => Math.min(Math.max(x + 3, 0), 6) / 6,
  ),
  hardswish: each(
    1,
    (x) => w.hardswish(x),
    (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
  ),
  threshold: each(
    1,
    (x) => w.threshold(x, 1, -3),
    (x) => (x > 1 ? x : -3),
  ),
  logSigmoid: each(
    1,
    (x) => w.logSigmoid(x),
    (x) => -softplus(-x),
  ),
  tanhshrink: each(
    1,
    (x) => w.tanhshrink(x),
    (x) => x - Math.tanh(x),
  ),
  softshrink: each(
    1,
    (x) => w.softshrink(x),
    (x) => (x > 0.5 ? x - 0.5 : x < -0.5 ? x + 0.5 : 0),
  ),
  hardshrink: each(
    1,
    (x) => w.hardshrink(x),
    (x) => (Math.abs(x) > 0.5 ? x : 0),
  ),
  logProbNormal: each(
    3,
    (x, m, s) => w.logProbNormal(x, m, s),
    (x, m, s) => -(((x - m) / s) ** 2) / 2 - Math.log(s * Math.sqrt(2 * Math.PI)),
    { range: [0.5, 4] },
  ),
  maskedFill: each(
    2,
    (x, m) => w.maskedFill(x, w.gt(m, 0), 1),
    (x, m) => (m > 0 ? 1 : x),
    { like: 0, ...same },
  ),
};
