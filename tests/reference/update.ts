import { operations } from "../../bindings/core/operations.js";
import type { SampleInput } from "../../bindings/core/graph.js";
import type { AdamParams, SgdParams } from "../../bindings/primitives/update.js";
import { count, type Plain } from "../support/plain.js";
import type { References } from "./reference.js";

const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 17, 33];
const scalar: SampleInput = { shape: [], range: [0.1, 1] };
const vector = (n: number): SampleInput => ({ shape: [n] });

/** Arrays of one shape along a new first axis. */
function pack(shape: readonly number[], parts: readonly (readonly number[])[]): Plain {
  return { shape: [parts.length, ...shape], data: parts.flat() };
}

/** A little above the largest number that can come out. */
const scale =
  (parts: (inputs: readonly Plain[]) => number) =>
  (inputs: readonly Plain[]): Plain => {
    const shape = [parts(inputs), ...inputs[0]!.shape];
    return { shape, data: new Array<number>(count(shape)).fill(10) };
  };

export const updateReferences = {
  sgd: {
    value([p, g, rate, m, share], { momentum, weightDecay, nesterov }) {
      const slope = g!.data.map((value, i) => value + weightDecay * p!.data[i]!);
      if (!m) return pack(p!.shape, [p!.data.map((value, i) => value - rate!.data[0]! * slope[i]!)]);
      const next = m.data.map((value, i) => momentum * value + share!.data[0]! * slope[i]!);
      const direction = nesterov ? next.map((value, i) => slope[i]! + momentum * value) : next;
      return pack(p!.shape, [p!.data.map((value, i) => value - rate!.data[0]! * direction[i]!), next]);
    },
    ulps: 4,
    scale: scale((inputs) => (inputs.length > 3 ? 2 : 1)),
    oneDType: true,
    large: LENGTHS.map((n) => ({
      inputs: [vector(n), vector(n), scalar, vector(n), scalar],
      params: { momentum: 0.9, weightDecay: 0.1, nesterov: true } satisfies SgdParams,
    })),
    call: (inputs, params) => operations.sgd(inputs, params),
  },
  adam: {
    value([p, g, rate, m, v, factor, keep], { betas: [first, second], epsilon, weightDecay }) {
      const slope = g!.data.map((value, i) => value + weightDecay * p!.data[i]!);
      const mean = m!.data.map((value, i) => first * value + (1 - first) * slope[i]!);
      const square = v!.data.map((value, i) => second * value + (1 - second) * slope[i]! ** 2);
      const moved = p!.data.map(
        (value, i) =>
          value * (keep?.data[0] ?? 1) -
          (rate!.data[0]! * mean[i]!) / (Math.sqrt(square[i]!) * factor!.data[0]! + epsilon),
      );
      return pack(p!.shape, [moved, mean, square]);
    },
    ulps: 4,
    scale: scale(() => 3),
    oneDType: true,
    large: LENGTHS.map((n) => ({
      inputs: [vector(n), vector(n), scalar, vector(n), { shape: [n], range: [0.1, 2] as const }, scalar, scalar],
      params: { betas: [0.9, 0.99], epsilon: 1e-4, weightDecay: 0.1 } satisfies AdamParams,
    })),
    call: (inputs, params) => operations.adam(inputs, params),
  },
} satisfies Partial<References>;
