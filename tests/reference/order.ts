import { operations } from "../../bindings/core/operations.js";
import { argsort } from "../../bindings/index.js";
import type { Ordering } from "../../bindings/primitives/order.js";
import { build, get } from "../support/plain.js";
import type { References } from "./reference.js";

/** Whether a comes before b: NaN is the greatest, and equal to itself. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : Number(a > b);
}

const LENGTHS = [1, 2, 3, 17, 48, 49, 70, 300];

export const orderReferences = {
  argsort: {
    value([x], { axis, descending, count }) {
      if (count > x!.shape[axis]!) throw new RangeError("so many there are not");
      const shape = x!.shape.map((length, i) => (i === axis ? count : length));
      const orders = new Map<string, number[]>();
      return build(shape, (at) => {
        const key = at.filter((_, i) => i !== axis).join();
        let order = orders.get(key);
        if (!order) {
          const element = (i: number): number =>
            get(
              x!,
              at.map((j, d) => (d === axis ? i : j)),
            );
          // Array.prototype.sort is stable.
          order = Array.from({ length: x!.shape[axis]! }, (_, i) => i).sort((i, j) =>
            descending ? compare(element(j), element(i)) : compare(element(i), element(j)),
          );
          orders.set(key, order);
        }
        return order[at[axis]!]!;
      });
    },
    integers: ["i32"],
    call: ([x], { axis, ...options }: Ordering) => argsort(x!, axis, options),
    large: LENGTHS.flatMap((n) =>
      [false, true].flatMap((descending) => [
        // Whole numbers are often equal.
        { inputs: [{ shape: [2, n], range: [-9, 9] as const }], params: { axis: 1, descending, count: n } },
        { inputs: [{ shape: [n, 3] }], params: { axis: 0, descending, count: n >> 3 } },
      ]),
    ),
    empty: [
      { inputs: [{ shape: [0, 3] }], params: { axis: 0, descending: false, count: 0 } },
      { inputs: [{ shape: [3, 0] }], params: { axis: 0, descending: true, count: 2 } },
      { inputs: [{ shape: [2, 3] }], params: { axis: 1, descending: true, count: 0 } },
      { inputs: [{ shape: [2, 0] }], params: { axis: 1, descending: true, count: 1 } },
    ],
  },
  foremost: {
    value([x], { axis, descending }) {
      return build(x!.shape, (at) => {
        const element = (i: number): number =>
          get(
            x!,
            at.map((j, d) => (d === axis ? i : j)),
          );
        let place = 0;
        for (let i = 1; i <= (at[axis] ?? 0); i++) {
          const [best, next] = [element(place), element(i)];
          if (Number.isNaN(next) || (descending ? next >= best : next <= best)) place = i;
        }
        return place;
      });
    },
    oneDType: true,
    call: ([x], { axis, descending }: Ordering) => operations.foremost(x!, axis, descending),
    large: [1, 2, 3, 17].flatMap((n) =>
      [false, true].flatMap((descending) => [
        { inputs: [{ shape: [2, n], range: [-9, 9] as const }], params: { axis: 1, descending, count: n } },
        { inputs: [{ shape: [2, n, 3] }], params: { axis: 1, descending, count: n } },
      ]),
    ),
  },
} satisfies Partial<References>;
