import { cumprod, cumsum } from "../../bindings/index.js";
import type { Running } from "../../bindings/primitives/reductions/scan.js";
import { build, get, type Plain } from "../support/plain.js";
import type { Reference, References } from "./reference.js";

/** Each element becomes f of the elements that have run so far. */
function running(x: Plain, { axis, reverse, exclusive }: Running, f: (elements: number[]) => number): Plain {
  return build(x.shape, (at) => {
    const here = at[axis]!;
    const ran = (i: number): boolean => (i === here ? !exclusive : reverse ? i > here : i < here);
    const places = Array.from({ length: x.shape[axis]! }, (_, i) => i).filter(ran);
    if (reverse) places.reverse();
    return f(
      places.map((i) =>
        get(
          x,
          at.map((j, d) => (d === axis ? i : j)),
        ),
      ),
    );
  });
}

const flags = [false, true].flatMap((reverse) => [false, true].map((exclusive) => ({ reverse, exclusive })));

const common = {
  integers: ["i32"],
  large: flags.flatMap((flag) => [
    ...[1, 2, 3, 4, 5, 7, 8, 17, 33].map((n) => ({ inputs: [{ shape: [2, n] }], params: { axis: 1, ...flag } })),
    ...[1, 2, 3, 4, 5, 17].map((n) => ({ inputs: [{ shape: [6, n] }], params: { axis: 0, ...flag } })),
    { inputs: [{ shape: [2, 3, 1] }], params: { axis: 1, ...flag } },
    { inputs: [{ shape: [2, 3, 5] }], params: { axis: 1, ...flag } },
    { inputs: [{ shape: [2, 1030] }], params: { axis: 0, ...flag } },
  ]),
} as const satisfies Partial<Reference<Running>>;

export const scanReferences = {
  cumsum: {
    value: ([x], run) => running(x!, run, (elements) => elements.reduce((sum, value) => sum + value, 0)),
    scale: ([x], run) => running(x!, run, (elements) => elements.reduce((sum, value) => sum + Math.abs(value), 0)),
    ulps: 4,
    ...common,
    call: ([x], { axis, ...options }) => cumsum(x!, axis, options),
  },
  cumprod: {
    value: ([x], run, dtype) =>
      running(x!, run, (elements) => elements.reduce(dtype === "i32" ? Math.imul : (a, b) => a * b, 1)),
    ulps: 32,
    ...common,
    call: ([x], { axis, ...options }) => cumprod(x!, axis, options),
  },
} satisfies Partial<References>;
