import fc from "fast-check";
import type { DTypeName, Tensor } from "../../bindings/index.js";
import { count, toTensor, type Plain } from "./plain.js";
import { Random } from "./random.js";

/** Runs of each property. The seed is fixed: a failure says how to repeat it. */
export const RUNS = { seed: 1964, numRuns: 150 } as const;

/** A length of an axis: mostly small, sometimes 1, seldom 0. */
export const length = fc.oneof(
  { arbitrary: fc.integer({ min: 2, max: 5 }), weight: 6 },
  { arbitrary: fc.constant(1), weight: 3 },
  { arbitrary: fc.constant(0), weight: 1 },
);

/** A shape of rank 0 to 5. */
export const shape = fc.array(length, { maxLength: 5 });

/** Halves between -8 and 8: sums and products of a few are exact in every floating-point type. */
export function halves(of: readonly number[], seed: number): Plain {
  const random = new Random(`halves ${seed}`);
  return { shape: of, data: Array.from({ length: count(of) }, () => random.integer(-16, 17) / 2) };
}

/** An array of halves, and a number that the rest of a test draws from. */
export const array = fc.record({ shape, seed: fc.nat(1e6) }).map(({ shape: of, seed }) => halves(of, seed));

/** Shapes that broadcast with one another: parts of one shape, with lengths of 1 and without leading axes. */
export function broadcasting(arity: number): fc.Arbitrary<number[][]> {
  return shape.chain((whole) =>
    fc.tuple(
      ...Array.from({ length: arity }, () =>
        fc
          .record({ drop: fc.nat(whole.length), ones: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }) })
          .map(({ drop, ones }) => whole.slice(drop).map((n, axis) => (ones[axis] ? 1 : n))),
      ),
    ),
  );
}

/** The array as a tensor that does not lie as a fresh one would: reversed, transposed, or with gaps. */
export function scattered(x: Plain, dtype: DTypeName, way: number): Tensor {
  const rank = x.shape.length;
  switch (way % 4) {
    case 1:
      return toTensor(x, dtype).flip().copy().flip();
    case 2: {
      const order = x.shape.map((_, axis) => axis).reverse();
      return toTensor(x, dtype).permute(order).copy().permute(order);
    }
    case 3:
      // Between two others along a new last axis.
      return toTensor(x, dtype)
        .reshape([...x.shape, 1])
        .expand([...x.shape, 3])
        .copy()
        .slice("...", 1);
    default:
      return rank === 0 ? toTensor({ shape: [2], data: [0, ...x.data] }, dtype).slice(1) : toTensor(x, dtype);
  }
}
