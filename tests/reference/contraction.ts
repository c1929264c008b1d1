import { broadcast, build, getBroadcast, type Plain } from "../support/plain.js";
import type { References } from "./reference.js";

/** [.., m, k] by [.., k, n], with broadcasting of the leading axes. */
export function matmulReference(a: Plain, b: Plain, term = (x: number, y: number) => x * y): Plain {
  const [m, k] = a.shape.slice(-2) as [number, number];
  const [l, n] = b.shape.slice(-2) as [number, number];
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (k !== l || !batch) throw new RangeError("shapes do not fit");
  return build([...batch, m, n], (at) => {
    const [lead, i, j] = [at.slice(0, -2), at.at(-2)!, at.at(-1)!];
    let sum = 0;
    for (let l = 0; l < k; l++) sum += term(element(a, [...lead, i, l]), element(b, [...lead, l, j]));
    return sum;
  });
}

/** x weightᵀ + bias. */
function linearReference([x, weight, bias]: readonly Plain[], absolute: boolean): Plain {
  const size = (value: number) => (absolute ? Math.abs(value) : value);
  const [outputs, inputs] = weight!.shape as [number, number];
  return build([...x!.shape.slice(0, -1), outputs], (at) => {
    const [lead, j] = [at.slice(0, -1), at.at(-1)!];
    let sum = 0;
    for (let l = 0; l < inputs; l++) sum += size(element(x!, [...lead, l]) * element(weight!, [j, l]));
    return sum + size(element(bias!, [j]));
  });
}

/** A matrix of one row or column is not repeated along it: only the leading axes broadcast. */
function element(x: Plain, at: readonly number[]): number {
  return getBroadcast(x, at);
}

const sizes = [
  ...[1, 2, 3, 5, 8, 9, 17].flatMap((m) => [1, 4, 7, 9, 16, 33].map((n) => [m, 5, n])),
  ...[1, 2, 3, 8, 31, 130, 300].map((k) => [7, k, 9]),
  [70, 40, 70],
];

export const contractionReferences = {
  matmul: {
    value: ([a, b]) => matmulReference(a!, b!),
    scale: ([a, b]) => matmulReference(a!, b!, (x, y) => Math.abs(x * y)),
    ulps: 20,
    large: [
      ...sizes.map(([m, k, n]) => ({ inputs: [{ shape: [m!, k!] }, { shape: [k!, n!] }], params: null })),
      { inputs: [{ shape: [3, 1, 4, 5] }, { shape: [2, 5, 6] }], params: null },
      { inputs: [{ shape: [4, 5] }, { shape: [3, 2, 5, 6] }], params: null },
      { inputs: [{ shape: [3, 4, 5] }, { shape: [5, 6] }], params: null },
    ],
  },
  linear: {
    value: (inputs) => linearReference(inputs, false),
    scale: (inputs) => linearReference(inputs, true),
    ulps: 20,
    large: [
      ...sizes.map(([m, k, n]) => ({
        inputs: [{ shape: [m!, k!] }, { shape: [n!, k!] }, { shape: [n!] }],
        params: null,
      })),
      { inputs: [{ shape: [3, 2, 5] }, { shape: [6, 5] }, { shape: [6] }], params: null },
      { inputs: [{ shape: [4, 0] }, { shape: [3, 0] }, { shape: [3] }], params: null },
    ],
  },
} satisfies Partial<References>;
