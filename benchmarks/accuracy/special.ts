// Special functions of big numbers.

import {
  BITS,
  HALF,
  ONE,
  TWO,
  ZERO,
  add,
  big,
  div,
  mul,
  neg,
  scale,
  scaleOf,
  sqrt,
  sub,
  toNumber,
  type Big,
} from "./big.js";
import { PI, exp, log, power, sincos } from "./elementary.js";

const ROOT_PI = sqrt(PI);

/** The error function, by the series of positive terms. */
export function erf(x: Big): Big {
  if (x.m < 0n) return neg(erf(neg(x)));
  if (scaleOf(x) >= 2) return sub(ONE, erfc(x));
  const z = scale(mul(x, x), 1);
  let term = x;
  let sum = x;
  for (let n = 1n; scaleOf(term) > scaleOf(sum) - BITS; n++) {
    term = div(mul(term, z), big(2n * n + 1n, 0));
    sum = add(sum, term);
  }
  return div(scale(mul(exp(neg(mul(x, x))), sum), 1), ROOT_PI);
}

/** 1 - erf(x): from 3 on by its continued fraction. */
export function erfc(x: Big): Big {
  if (toNumber(x) < 3) return sub(ONE, erf(x));
  let fraction = x;
  const terms = Math.ceil(2500 / toNumber(mul(x, x))) + 20;
  for (let k = terms; k > 0; k--) fraction = add(x, div(big(BigInt(k), -1), fraction));
  return div(exp(neg(mul(x, x))), mul(ROOT_PI, fraction));
}

/** The inverse of the error function: Newton's steps on a value found by bisection in f64. */
export function erfinv(p: Big): Big {
  if (p.m < 0n) return neg(erfinv(neg(p)));
  if (scaleOf(p) < -100) return scale(mul(p, ROOT_PI), -1);
  const q = sub(ONE, p);
  const upper = toNumber(q) < 0.5;
  const slope = (y: Big) => div(scale(exp(neg(mul(y, y))), 1), ROOT_PI);
  // Newton's steps on log erfc near 1, where the function is nearly a parabola in y, and on erf elsewhere.
  let y = upper ? sqrt(neg(log(q))) : scale(mul(p, ROOT_PI), -1);
  for (let i = 0; i < 12; i++) {
    let step: Big;
    if (upper) {
      const value = erfc(y);
      step = mul(div(value, slope(y)), log(div(value, q)));
    } else step = neg(div(sub(erf(y), p), slope(y)));
    y = add(y, step);
    if (step.m === 0n || scaleOf(step) < scaleOf(y) - 80) break;
  }
  return y;
}

/** Bernoulli's numbers B(2), B(4), .. */
const BERNOULLI: readonly Big[] = (() => {
  const numbers: Big[] = [];
  const row: { n: bigint; d: bigint }[] = [];
  for (let m = 0; m <= 60; m++) {
    // The algorithm of Akiyama and Tanigawa, in fractions.
    row.push({ n: 1n, d: BigInt(m + 1) });
    for (let j = m; j > 0; j--) {
      const [a, b] = [row[j - 1]!, row[j]!];
      row[j - 1] = reduced(BigInt(j) * (a.n * b.d - b.n * a.d), a.d * b.d);
    }
    if (m > 0 && m % 2 === 0) numbers.push(div(big(row[0]!.n, 0), big(row[0]!.d, 0)));
  }
  return numbers;
})();

function reduced(n: bigint, d: bigint): { n: bigint; d: bigint } {
  let [a, b] = [n < 0n ? -n : n, d];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? { n, d } : { n: n / a, d: d / a };
}

/** From here on the asymptotic series are exact enough. */
const FAR = 40;

/** log |Γ(x)|. */
export function lgamma(x: Big): Big {
  if (toNumber(x) < -200) return sub(sub(log(PI), log(sine(x))), lgamma(sub(ONE, x)));
  let y = x;
  let product = ONE;
  while (toNumber(y) < FAR) {
    product = mul(product, y);
    y = add(y, ONE);
  }
  let sum = add(sub(mul(sub(y, HALF), log(y)), y), scale(log(scale(PI, 1)), -1));
  const inverse = div(ONE, mul(y, y));
  let term = div(ONE, y);
  BERNOULLI.forEach((b, i) => {
    const k = 2n * BigInt(i + 1);
    sum = add(sum, div(mul(b, term), big(k * (k - 1n), 0)));
    term = mul(term, inverse);
  });
  return sub(sum, log(product.m < 0n ? neg(product) : product));
}

/** |sin(πx)|. */
function sine(x: Big): Big {
  const { sin } = sincos(mul(PI, away(x)));
  return sin.m < 0n ? neg(sin) : sin;
}

/** x less the nearest whole number. */
function away(x: Big): Big {
  const shift = BigInt(Math.max(0, -x.e));
  if (shift === 0n) return ZERO;
  const whole = (x.m + (1n << (shift - 1n))) >> shift;
  return big(x.m - (whole << shift), x.e);
}

/** The derivative of log Γ(x), and the n-th derivative of that. */
export function polygamma(n: number, x: Big): Big {
  const s = n + 1;
  if (toNumber(x) < -200) {
    // By reflection, of which only n = 0 is wanted.
    const { sin, cos } = sincos(mul(PI, away(x)));
    return sub(polygamma(0, sub(ONE, x)), div(mul(PI, cos), sin));
  }
  let y = x;
  let sum = ZERO;
  while (toNumber(y) < FAR + s) {
    sum = add(sum, div(ONE, power(y, s)));
    y = add(y, ONE);
  }
  const first = power(y, n);
  sum = add(sum, n === 0 ? neg(log(y)) : div(ONE, mul(big(BigInt(n), 0), first)));
  sum = add(sum, scale(div(ONE, mul(first, y)), -1));
  const inverse = div(ONE, mul(y, y));
  let term = div(big(BigInt(s), -1), mul(mul(first, y), y));
  BERNOULLI.forEach((b, i) => {
    const k = 2 * (i + 1);
    sum = add(sum, mul(b, term));
    term = div(mul(mul(term, inverse), big(BigInt((s + k - 1) * (s + k)), 0)), big(BigInt((k + 1) * (k + 2)), 0));
  });
  for (let k = 2n; k <= BigInt(n); k++) sum = mul(sum, big(k, 0));
  return n % 2 === 0 ? neg(sum) : sum;
}

/** x times the distribution function of the normal distribution. */
export function gelu(x: Big): Big {
  const c = erfc(neg(div(x, sqrt(TWO))));
  return scale(mul(x, c), -1);
}

/** Its approximation by a hyperbolic tangent, with the decimal 0.044715. */
export function geluTanh(x: Big): Big {
  const cubic = div(mul(big(44715n, 0), mul(x, mul(x, x))), big(1000000n, 0));
  const v = scale(mul(sqrt(div(TWO, PI)), add(x, cubic)), 1);
  return div(x, add(ONE, exp(neg(v))));
}
