// Halves (IEEE 754 binary16) and bfloat16 (the upper half of an f32) are storage: they are read into f32, and f32 or f64 is
// rounded to them once, to the nearest, ties to even.

/** What there is to know of a short format: bits of the fraction, and the exponent of its smallest normal number. */
interface ShortFloat {
  readonly fraction: number;
  readonly lowest: number;
  /** The bits of infinity; a NaN has the top bit of the fraction too. */
  readonly infinity: number;
}

const HALF: ShortFloat = { fraction: 10, lowest: -14, infinity: 0x7c00 };
const BFLOAT16: ShortFloat = { fraction: 7, lowest: -126, infinity: 0x7f80 };

/** The numbers that halves stand for: exact. */
export function halfToFloat(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return widened(bits, halfValue);
}

/** Numbers as halves: beyond ±65504 (from 65520 on) they become infinite, below 2⁻²⁵ zero; NaN stays NaN. */
export function floatToHalf(values: Float32Array | Float64Array): Uint16Array<ArrayBuffer> {
  return shorten(values, HALF);
}

/** The numbers that bfloat16 bits stand for: exact. */
export function bfloat16ToFloat(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return widened(bits, bfloat16Value);
}

/** Numbers as bfloat16, which has the range of f32 and 8 significant bits. NaN stays NaN. */
export function floatToBfloat16(values: Float32Array | Float64Array): Uint16Array<ArrayBuffer> {
  return shorten(values, BFLOAT16);
}

// A loop: Float32Array.from takes thirty times as long.
function widened(bits: Uint16Array, valueOf: (bits: number) => number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = valueOf(bits[i]!);
  return values;
}

/** 2⁻²⁴. */
const SMALLEST_HALF = 1 / 0x1000000;

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);
const double = new Float64Array(1);
const doubleBits = new Uint32Array(double.buffer);

/** The number of one half. */
export function halfValue(bits: number): number {
  const magnitude = bits & 0x7fff;
  if (magnitude < 0x400) return (bits & 0x8000 ? -1 : 1) * magnitude * SMALLEST_HALF;
  // The exponent's bias goes from 15 to 127; that of infinities and NaN, all ones, is widened.
  const rebias = magnitude >= HALF.infinity ? 224 : 112;
  singleBits[0] = ((bits & 0x8000) << 16) | ((magnitude << 13) + (rebias << 23));
  return single[0]!;
}

/** The number of one bfloat16. */
export function bfloat16Value(bits: number): number {
  singleBits[0] = bits << 16;
  return single[0]!;
}

/** Adding and subtracting 2⁵² rounds a smaller number from 0 on to a whole one, ties to even. */
const WHOLE = 0x10000000000000;

function shorten(values: Float32Array | Float64Array, format: ShortFloat): Uint16Array<ArrayBuffer> {
  const { fraction, lowest, infinity } = format;
  const unitsOf = scalesOf(format);
  const short = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    double[0] = value;
    const high = doubleBits[1]!;
    const sign = (high >>> 16) & 0x8000;
    const exponent = (high >>> 20) & 0x7ff;
    if (exponent === 0x7ff) {
      short[i] = sign | infinity | (value === value ? 0 : 1 << (fraction - 1));
      continue;
    }
    // In units of the last place; a rounding up to the next power of two carries into the exponent by itself.
    const units = Math.abs(value) * unitsOf[exponent]! + WHOLE - WHOLE;
    const steps = exponent - 1023 - lowest;
    short[i] = sign | Math.min(units + (steps > 0 ? steps << fraction : 0), infinity);
  }
  return short;
}

/** For each exponent of a double, how many units of the last place of a short format 1 is. */
function scalesOf(format: ShortFloat): Float64Array {
  const known = scales.get(format);
  if (known) return known;
  const made = Float64Array.from({ length: 0x7ff }, (_, exponent) => {
    doubleBits[0] = 0;
    doubleBits[1] = (format.fraction - Math.max(exponent - 1023, format.lowest) + 1023) << 20;
    return double[0]!;
  });
  scales.set(format, made);
  return made;
}
const scales = new Map<ShortFloat, Float64Array>();
