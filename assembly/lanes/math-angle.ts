// Angles beyond the reach of the vector reduction, one at a time: the argument of a sine, brought into [-pi/2, pi/2].

/**
 * The angle s in [-pi/2, pi/2] with sin(s) = sin(x + quarters * pi/2), for |x| >= 1 and 0 or 1 quarters; NaN for an
 * infinite x. Of the 64 bits of the result, those of `mask` alone are taken. Payne and Hanek (1983): the bits of 1/pi that matter to x times its 53-bit significand, in integers, so the
 * one rounding is that of the result: 0.51 ulp.
 */
export function foldAngle(x: f64, quarters: u64, mask: u64 = 0xffffffffffffffff): f64 {
  const bits = reinterpret<u64>(x);
  const exponent = (bits >>> 52) & 0x7ff;
  if (exponent == 0x7ff) return NaN;
  const significand = (bits & 0x000fffffffffffff) | 0x0010000000000000;
  // x = significand * 2^(exponent - 1075). Bits of 1/pi that make even multiples are skipped: 192 others decide.
  const first = <u32>exponent - 1075 + 63;
  const window = INVERSE_PI + ((first >>> 6) << 3);
  const shift = <u64>(first & 63);
  const top = funnel(load<u64>(window, 0), load<u64>(window, 8), shift);
  const middle = funnel(load<u64>(window, 8), load<u64>(window, 16), shift);
  const bottom = funnel(load<u64>(window, 16), load<u64>(window, 24), shift);
  // |x| / pi modulo 2 as a fixed-point number: `high` holds the bits from 2^0 to 2^-63, `low` those to 2^-127.
  const carried = high64(significand, bottom);
  let low = significand * middle + carried;
  let high = significand * top + high64(significand, middle) + u64(low < carried);
  high += quarters << 62;
  // In [1/2, 3/2) the sine is that of 1 minus the angle; what then lies in [3/2, 2) is negative. Masks, since either is as
  // likely as not.
  const turned = <u64>((<i64>(high ^ (high << 1))) >> 63);
  high = (high ^ turned) + (turned & (0x8000000000000000 + u64(low == 0)));
  low = (low ^ turned) - turned;
  const minus = <u64>((<i64>high) >> 63);
  high = (high ^ minus) + (minus & u64(low == 0));
  low = (low ^ minus) - minus;
  const zeros = clz(high);
  const scaled = high64(funnel(high, low, zeros), 0xc90fdaa22168c235); // times pi * 2^62
  const s = <f64>(scaled & mask) * reinterpret<f64>((1023 - 61 - zeros) << 52);
  // The cosine is even and a quarter turn ahead; the sine is odd.
  return reinterpret<f64>(reinterpret<u64>(s) ^ ((minus ^ (quarters ? 0 : bits)) & 0x8000000000000000));
}

/** The same of an f32 of at least 64, to 2^-61 or less: 64 bits of the product with its 24 are enough. */
export function foldAngle32(x: f32, cosine: bool): f64 {
  const bits = reinterpret<u32>(x);
  const exponent = (bits >>> 23) & 0xff;
  const significand = <u64>((bits & 0x007fffff) | 0x00800000);
  const first = exponent - 150 + 63;
  const window = INVERSE_PI + ((first >>> 6) << 3);
  const shift = <u64>(first & 63);
  const top = funnel(load<u64>(window, 0), load<u64>(window, 8), shift);
  const middle = funnel(load<u64>(window, 8), load<u64>(window, 16), shift);
  let high = significand * top + ((significand * (middle >>> 32)) >>> 32);
  if (cosine) high += 0x4000000000000000;
  const turned = <u64>((<i64>(high ^ (high << 1))) >> 63);
  high = (high ^ turned) + (turned & 0x8000000000000001);
  const s = <f64>(<i64>high) * PI_2_63;
  return exponent == 0xff ? NaN : cosine || x > 0 ? s : -s;
}

/** The upper 64 bits of high:low << shift, for shifts of 0 to 63. */
function funnel(high: u64, low: u64, shift: u64): u64 {
  return (high << shift) | ((low >>> 1) >>> (63 - shift));
}

/** The upper 64 bits of the product. */
function high64(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >>> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >>> 32;
  const cross = a1 * b0 + ((a0 * b0) >>> 32);
  return a1 * b1 + (cross >>> 32) + ((a0 * b1 + (cross & 0xffffffff)) >>> 32);
}

/** pi times 2^-63. */
const PI_2_63: f64 = 3.4061215800865545e-19;

/** 1/pi in binary: the first word holds the bits from 2^63 to 2^0, all zero, the next those from 2^-1 on. */
// prettier-ignore
const INVERSE_PI = memory.data<u64>([
  0x0000000000000000, 0x517cc1b727220a94, 0xfe13abe8fa9a6ee0, 0x6db14acc9e21c820, 0xff28b1d5ef5de2b0,
  0xdb92371d2126e970, 0x0324977504e8c90e, 0x7f0ef58e5894d39f, 0x74411afa975da242, 0x74ce38135a2fbf20,
  0x9cc8eb1cc1a99cfa, 0x4e422fc5defc941d, 0x8ffc4bffef02cc07, 0xf79788c5ad05368f, 0xb69b3f6793e584db,
  0xa7a31fb34f2ff516, 0xba93dd63f5f2f8bd, 0x9e839cfbc5294975, 0x35fdafd88fc6ae84, 0x2b0198237e3db5d5,
]);
