import { mapped } from "../support/plain.js";
import { elementwise, type Reference, type References } from "./reference.js";

/** Of whole numbers, which the samples say. */
function whole(f: (x: number, y: number) => number, range: readonly [number, number] = [-99, 99]): Reference<null> {
  return {
    value: (inputs) => mapped(inputs, f),
    large: [1, 5, 33].map((length) => ({
      inputs: [
        { shape: [length], dtype: "i32", range: [-2147483648, 2147483648] },
        { shape: [length], dtype: "i32", range },
      ],
      params: null,
    })),
  };
}

const within = (y: number): boolean => y >= 0 && y < 32;

export const bitwiseReferences = {
  bitwiseAnd: whole((x, y) => x & y),
  bitwiseOr: whole((x, y) => x | y),
  bitwiseXor: whole((x, y) => x ^ y),
  bitwiseLeftShift: whole((x, y) => (within(y) ? x << y : 0), [-2, 35]),
  bitwiseRightShift: whole((x, y) => x >> (within(y) ? y : 31), [-2, 35]),
  fmod: elementwise(2, (x, y) => x % y, { integers: ["i32"], i32: (x, y) => (y === 0 ? 0 : x % y) }),
} satisfies Partial<References>;
