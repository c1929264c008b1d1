// Special functions in plain JavaScript, slowly: series, continued fractions and recurrences to the last bit or two.

const ROOT_PI = Math.sqrt(Math.PI);
const EULER = 0.5772156649015329;

/** e to the -x², where the square is not rounded. */
function gauss(x: number): number {
  const high = Math.fround(x);
  return Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
}

/** The error function: below 1 its series of positive terms. */
export function erf(x: number): number {
  if (!(Math.abs(x) < 1)) return Number.isNaN(x) ? x : Math.sign(x) * (1 - tail(Math.abs(x)));
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / ROOT_PI) * Math.exp(-x * x) * sum;
}

/** 1 - erf(x): beyond 1/2 its continued fraction. */
export function erfc(x: number): number {
  return x >= 0.5 ? tail(x) : x <= -1 ? 2 - tail(-x) : 1 - erf(x);
}

function tail(x: number): number {
  if (x > 30) return 0;
  let fraction = x;
  for (let k = 1000; k > 0; k--) fraction = x + k / 2 / fraction;
  return gauss(x) / ROOT_PI / fraction;
}

/** The inverse of the error function, by bisection. */
export function erfinv(x: number): number {
  const p = Math.abs(x);
  if (!(p < 1)) return p === 1 ? x * Infinity : NaN;
  if (p < 1e-9) return (x * ROOT_PI) / 2;
  const above = p > 0.5 ? (y: number) => erfc(y) < 1 - p : (y: number) => erf(y) > p;
  let [low, high] = p > 0.5 ? [0, 6] : [0.88 * p, p];
  for (let i = 0; i < 56; i++) {
    const middle = (low + high) / 2;
    if (above(middle)) high = middle;
    else low = middle;
  }
  return (Math.sign(x) * (low + high)) / 2;
}

/** ζ(k) - 1 from k = 2 on: the terms up to 30, and Euler and Maclaurin's rest. */
const ZETA = Array.from({ length: 60 }, (_, i) => {
  const k = i + 2;
  const n = 30;
  const power = n ** -k;
  const rest = (n * power) / (k - 1) - power / 2 + (k * power) / n / 12;
  let sum = rest - (k * (k + 1) * (k + 2) * power) / n ** 3 / 720;
  sum += (k * (k + 1) * (k + 2) * (k + 3) * (k + 4) * power) / n ** 5 / 30240;
  for (let m = n; m > 1; m--) sum += m ** -k;
  return sum;
});

/** log |Γ(x)|: the series about 2, and logarithms of factors up or down to it; Stirling's series beyond 40. */
export function lgamma(x: number): number {
  if (!Number.isFinite(x)) return x * x;
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  if (x > 40) return (x - 0.5) * (Math.log(x) - 1) + 0.4189385332046727 + 1 / (12 * x) - 1 / (360 * x ** 3);
  if (x < -40) return Math.log(Math.PI / Math.abs(x * Math.sin(Math.PI * (x - Math.round(x))))) - lgamma(-x);
  const nearest = Math.round(x);
  const z = x - nearest;
  let sum = 0;
  for (let i = ZETA.length - 1; i >= 0; i--) sum = z * (ZETA[i]! * ((i + 2) % 2 ? -1 : 1) * (1 / (i + 2)) + sum);
  let product = 1;
  for (let k = Math.min(nearest, 2); k < Math.max(nearest, 2); k++) product *= k + z;
  return z * (1 - EULER + sum) + Math.sign(nearest - 1.5) * Math.log(Math.abs(product));
}

/** The derivative of the above, in the same way. */
export function digamma(x: number): number {
  if (!(x > -Infinity)) return NaN;
  if (x <= 0 && Number.isInteger(x)) return x === 0 ? -1 / x : NaN;
  if (x > 40) return Math.log(x) - 1 / (2 * x) - 1 / (12 * x * x) + 1 / (120 * x ** 4);
  if (x < -40) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  const nearest = Math.round(x);
  const z = x - nearest;
  let sum = 0;
  for (let i = ZETA.length - 1; i >= 0; i--) sum = z * (ZETA[i]! * ((i + 2) % 2 ? -1 : 1) + sum);
  for (let k = 2; k < nearest; k++) sum += 1 / (k + z);
  for (let k = 1; k >= nearest; k--) sum -= 1 / (k + z);
  return 1 - EULER + sum;
}

/** The n-th derivative of digamma: 1000 terms of its sum, and Euler and Maclaurin's rest. */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  if (x <= 0 && Number.isInteger(x)) return n % 2 ? Infinity : x === 0 ? -1 / x : NaN;
  const s = n + 1;
  const count = 1000;
  const y = x + count;
  let sum = y ** -n / n + y ** -s / 2 + ((s / 12) * y ** -s) / y;
  for (let k = count - 1; k >= 0; k--) sum += (x + k) ** -s;
  let factor = n % 2 ? 1 : -1;
  for (let k = 2; k <= n; k++) factor *= k;
  return factor * sum;
}

/** x times the distribution function of the normal distribution. */
export function gelu(x: number): number {
  return x === -Infinity ? -0 : (x * erfc(-x * Math.SQRT1_2)) / 2;
}

/** The slope of that: the distribution function, and x times the density. */
export function geluSlope(x: number): number {
  if (!Number.isFinite(x)) return x === -Infinity ? -0 : x === Infinity ? 1 : NaN;
  return erfc(-x * Math.SQRT1_2) / 2 + (x * Math.exp(-x * x * 0.5)) / Math.sqrt(2 * Math.PI);
}

/** The approximation of `gelu` by a hyperbolic tangent. */
export function geluTanh(x: number): number {
  const v = 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
  return x === -Infinity ? -0 : x / (1 + Math.exp(-v));
}
