import { Op } from "../../../assembly/abi/op.js";
import { apply } from "../../core/running/apply.js";
import type { TensorLike } from "../../core/values/create.js";
import { encodeMap } from "../../core/encode/encode.js";
import type { Primitive } from "../../core/graph.js";
import { broadcastShapes } from "../../core/shape.js";
import { DTypeError } from "../../errors.js";
import { binary, castTo, meet, operation, sample, type Binary } from "../define.js";

/** An operation on the bits of whole numbers, in i32; without `shifts` also in u8 and on truth values. */
function bitwise(name: string, op: Op, symbol: string, shifts = false): Binary {
  const primitive: Primitive<null> = {
    name,
    symbol,
    infer: ([x, y]) => ({ shape: broadcastShapes(name, x!.shape, y!.shape), dtype: x!.dtype }),
    encode: (tape, out, inputs) => encodeMap(tape, op, out.type.code, 0, out, inputs),
    batch: "elementwise",
    derivative: { kind: "none" },
    samples: () => {
      const shape = [2, 3];
      const range = shifts ? ([-2, 34] as const) : ([-99, 99] as const);
      return [
        sample([
          { shape, dtype: "i32", range: [-99, 99] },
          { shape, dtype: "i32", range },
        ]),
      ];
    },
  };
  return operation(primitive, (x: TensorLike, y: TensorLike) => {
    const [a, b] = meet(name, x, y);
    if (a.type.float) throw new DTypeError(name, "whole numbers or truth values", a.dtype);
    const dtype = shifts ? "i32" : a.dtype;
    return apply(primitive, [castTo(a, dtype), castTo(b, dtype)], null);
  });
}

/** x AND y bit by bit, elementwise with broadcasting. Whole numbers or truth values. */
export const bitwiseAnd: Binary = bitwise("bitwiseAnd", Op.BitwiseAnd, "&");

/** x OR y bit by bit, elementwise with broadcasting. Whole numbers or truth values. */
export const bitwiseOr: Binary = bitwise("bitwiseOr", Op.BitwiseOr, "|");

/** x XOR y bit by bit, elementwise with broadcasting. Whole numbers or truth values. */
export const bitwiseXor: Binary = bitwise("bitwiseXor", Op.BitwiseXor, "^");

/** x · 2^y without the bits that leave i32, elementwise with broadcasting; 0 unless y is from 0 to 31. */
export const bitwiseLeftShift: Binary = bitwise("bitwiseLeftShift", Op.BitwiseLeftShift, "<<", true);

/** x / 2^y rounded down, elementwise with broadcasting, in i32; unless y is from 0 to 31 what is left is the sign: 0 or -1. */
export const bitwiseRightShift: Binary = bitwise("bitwiseRightShift", Op.BitwiseRightShift, ">>", true);

/**
 * The remainder x - y trunc(x / y), elementwise with broadcasting, exact, with the sign of x: C's fmod. NaN where y is 0, and 0
 * for integers.
 */
export const fmod: Binary = binary("fmod", {
  op: Op.Fmod,
  derivative: {
    kind: "elementwise",
    partials: [
      (o, [x]) => o.expand(o.fill([], 1, x!.dtype), x!.shape),
      (o, [x, y], r) => o.neg(o.round(o.div(o.sub(x!, r), y!))), // -trunc(x / y), from the remainder itself
    ],
    singular: true, // NaN where y is 0
  },
  domain: [
    [
      [2.1, 2.4],
      [0.9, 1],
    ],
    [
      [-2.4, -2.1],
      [0.9, 1],
    ],
    [
      [5.1, 5.4],
      [-2.5, -2.1],
    ],
  ],
});
