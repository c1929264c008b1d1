// The arguments of the sweep.

import type { Swept } from "./functions.js";

export type DType = "f32" | "f64";

/** Least normal number, and largest number. */
const RANGE = { f32: [2 ** -126, 3.4e38], f64: [2 ** -1022, 1.7e308] } as const;

/** Uniform numbers in [0, 1): a generator of Marsaglia's, seeded alike in every run. */
export function generator(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** So many points: rows of arguments that are numbers of the dtype. */
export function pointsOf(swept: Swept, dtype: DType, count: number): number[][] {
  const random = generator();
  const [least, most] = RANGE[dtype];
  const near = swept.near ?? [];
  const rows: number[][] = [];
  for (let i = 0; i < count; i++) {
    const row = swept.from.map(([low, high], argument) => {
      const bottom = Math.max(low, -most);
      const top = Math.min(high, most);
      const kind = argument === 0 && near.length > 0 ? i % 3 : i % 2;
      let x: number;
      if (kind === 0) x = spread(random, Math.max(bottom, -1000), Math.min(top, 1000));
      else if (kind === 1) x = magnitude(random, bottom, top, least);
      else {
        const centre = near[Math.floor(i / 3) % near.length]!;
        x = centre * (1 + (random() < 0.5 ? -1 : 1) * 2 ** (-2 - (dtype === "f32" ? 22 : 51) * random()));
      }
      x = Math.min(top, Math.max(bottom, x));
      return dtype === "f32" ? Math.fround(x) : x;
    });
    rows.push(row);
  }
  return rows;
}

/** Evenly between two numbers; every other of them nearer to 0, or to the low end, where functions have more to say. */
function spread(random: () => number, low: number, high: number): number {
  const reach = random() < 0.5 ? 1 : 0.02;
  const share = random() + random() * 2 ** -32;
  return low < 0 ? reach * (low + share * (high - low)) : low + share * reach * (high - low);
}

/** Of any magnitude down to the least, and of both signs where both are allowed. */
function magnitude(random: () => number, low: number, high: number, least: number): number {
  const sign = low < 0 && (high <= 0 || random() < 0.5) ? -1 : 1;
  const top = Math.log2(sign < 0 ? -low : high);
  const bottom = Math.log2(Math.max(least, sign < 0 ? 0 : low));
  const exponent = bottom + random() * (top - bottom);
  return sign * 2 ** Math.floor(exponent) * (1 + random() + random() * 2 ** -32);
}
