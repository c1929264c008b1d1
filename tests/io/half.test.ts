import fc from "fast-check";
import { expect, test } from "vitest";
import { bfloat16ToFloat, floatToBfloat16, floatToHalf, halfToFloat } from "../../bindings/io/index.js";

const FORMATS = [
  { name: "half", fraction: 10, bias: 15, read: halfToFloat, round: floatToHalf },
  { name: "bfloat16", fraction: 7, bias: 127, read: bfloat16ToFloat, round: floatToBfloat16 },
];

/** Every pattern of 16 bits. */
const ALL = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

function firstDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  return Array.from(expected).findIndex((value, i) => found[i] !== value);
}

for (const { name, fraction, bias, read, round } of FORMATS) {
  const infinity = (2 * bias + 1) << fraction;

  /** The number of a pattern, by the definition of IEEE 754. */
  function valueOf(bits: number): number {
    const exponent = (bits & 0x7fff) >>> fraction;
    const digits = bits & ((1 << fraction) - 1);
    const sign = bits & 0x8000 ? -1 : 1;
    if (exponent === 2 * bias + 1) return digits === 0 ? sign * Infinity : NaN;
    const whole = exponent === 0 ? digits : digits + (1 << fraction);
    return sign * whole * 2 ** (Math.max(exponent, 1) - bias - fraction);
  }

  test(`${name}: every pattern is read as what it stands for, and rounds to itself`, () => {
    const values = read(ALL);
    expect([...values].findIndex((value, bits) => !Object.is(value, valueOf(bits)))).toBe(-1);
    const again = round(values);
    const kept = ALL.map((bits) =>
      Number.isNaN(valueOf(bits)) ? (again[bits]! & 0x8000) | infinity | (1 << (fraction - 1)) : bits,
    );
    expect(firstDifference(again, kept)).toBe(-1);
  });

  test(`${name}: between two neighbours the nearest is taken, and of equally near ones the even`, () => {
    const middles: number[] = [];
    const expected: number[] = [];
    for (let bits = 0; bits < infinity; bits++) {
      // Beyond the largest number the next one would be the power of two that stands for infinity.
      const above = bits + 1 === infinity ? 2 ** (bias + 1) : valueOf(bits + 1);
      const middle = (valueOf(bits) + above) / 2;
      middles.push(middle, middle * (1 - 2 ** -50), middle * (1 + 2 ** -50), -middle);
      const even = bits % 2 === 0 ? bits : bits + 1;
      expected.push(even, bits, bits + 1, 0x8000 | even);
    }
    expect(firstDifference(round(Float64Array.from(middles)), expected)).toBe(-1);
  });

  test(`${name}: what is too large or too small, and what is no number`, () => {
    const bits = round(Float64Array.of(1e300, -1e300, 1e-300, -1e-300, 5e-324, Infinity, -Infinity, NaN));
    const quiet = infinity | (1 << (fraction - 1));
    expect([...bits.subarray(0, 7)]).toEqual([infinity, 0x8000 | infinity, 0, 0x8000, 0, infinity, 0x8000 | infinity]);
    expect(bits[7]! & 0x7fff).toBe(quiet);
  });
}

test("f64 is rounded once: not first to f32", () => {
  // Just above the middle of two halves, but on it for f32.
  expect(floatToHalf(Float64Array.of(1 + 2 ** -11 + 2 ** -40))[0]).toBe(0x3c01);
  expect(floatToHalf(Float32Array.of(1 + 2 ** -11 + 2 ** -40))[0]).toBe(0x3c00);
});

test("rounding never changes the order of numbers", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      for (const { read, round } of FORMATS) {
        const [x, y] = read(round(Float64Array.of(low, high)));
        expect(x! <= y!).toBe(true);
      }
    }),
  );
});
