import { operations } from "../../bindings/core/operations.js";
import type { Convolution } from "../../bindings/primitives/convolution.js";
import type { Sample } from "../../bindings/core/graph.js";
import type { Plain } from "../support/plain.js";
import type { References } from "./reference.js";

type Four = readonly [number, number, number, number];

interface Shapes {
  readonly x: Four;
  readonly weight: Four;
  readonly y: Four;
}

/** Calls `visit` for every product in a convolution, with the places of its factors and of the sum that it belongs to. */
function products(
  { x, weight, y }: Shapes,
  { stride, pad, dilation, groups }: Convolution,
  visit: (x: number, weight: number, y: number) => void,
): void {
  const [count, outputs, oh, ow] = y;
  const [, channels, kh, kw] = weight;
  const [, all, h, w] = x;
  if (all !== channels * groups || weight[0] !== outputs || x[0] !== count) throw new RangeError("shapes do not fit");
  for (let n = 0; n < count; n++)
    for (let o = 0; o < outputs; o++)
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < oh; i++)
          for (let j = 0; j < ow; j++)
            for (let k = 0; k < kh; k++)
              for (let l = 0; l < kw; l++) {
                const row = i * stride[0] + k * dilation[0] - pad[0];
                const column = j * stride[1] + l * dilation[1] - pad[1];
                if (row < 0 || row >= h || column < 0 || column >= w) continue;
                const channel = Math.floor(o / (outputs / groups)) * channels + c;
                visit(
                  ((n * all + channel) * h + row) * w + column,
                  ((o * channels + c) * kh + k) * kw + l,
                  ((n * outputs + o) * oh + i) * ow + j,
                );
              }
}

type Role = keyof Shapes;

/** The sums of one role over the products of the two others. */
function reference(roles: readonly [Role, Role], out: Role, shapeOf: (a: Four, b: Four, params: Convolution) => Four) {
  const summed = (inputs: readonly Plain[], params: Convolution, absolute: boolean): Plain => {
    const [a, b] = inputs as readonly [Plain, Plain];
    const shape = shapeOf(a.shape as unknown as Four, b.shape as unknown as Four, params);
    const shapes = { [roles[0]]: a.shape, [roles[1]]: b.shape, [out]: shape } as unknown as Shapes;
    const data = new Array<number>(shape.reduce((size, length) => size * length, 1)).fill(0);
    products(shapes, params, (x, weight, y) => {
      const at = { x, weight, y };
      const term = a.data[at[roles[0]]]! * b.data[at[roles[1]]]!;
      data[at[out]]! += absolute ? Math.abs(term) : term;
    });
    return { shape: [...shape], data };
  };
  return {
    value: (inputs: readonly Plain[], params: Convolution) => summed(inputs, params, false),
    scale: (inputs: readonly Plain[], params: Convolution) => summed(inputs, params, true),
    ulps: 20,
    oneDType: true,
  };
}

const ONE = [1, 1] as const;

/** x, weight and the parameters that shape y: single elements, depthwise, several tiles and blocks, narrow and wide images. */
const LARGE: readonly (readonly [x: Four, weight: Four, params: Omit<Convolution, "size">])[] = [
  [[2, 5, 7, 9], [11, 5, 3, 3], { stride: ONE, pad: ONE, dilation: ONE, groups: 1 }],
  [[2, 6, 5, 6], [6, 1, 3, 3], { stride: ONE, pad: ONE, dilation: ONE, groups: 6 }],
  [[1, 7, 6, 5], [9, 7, 1, 1], { stride: ONE, pad: [0, 0], dilation: ONE, groups: 1 }],
  [[1, 3, 9, 11], [4, 3, 3, 2], { stride: [2, 3], pad: [2, 1], dilation: [1, 2], groups: 1 }],
  [[1, 2, 3, 600], [3, 2, 1, 5], { stride: ONE, pad: [0, 2], dilation: [1, 3], groups: 1 }],
  [[1, 70, 4, 4], [5, 70, 3, 3], { stride: ONE, pad: ONE, dilation: ONE, groups: 1 }],
  [[1, 2, 60, 61], [8, 2, 3, 3], { stride: ONE, pad: ONE, dilation: ONE, groups: 1 }],
  [[1, 4, 2, 2], [6, 2, 2, 2], { stride: ONE, pad: [0, 0], dilation: ONE, groups: 2 }],
];

/** The sizes of y. */
function resultOf(x: Four, weight: Four, { stride, pad, dilation }: Omit<Convolution, "size">): Four {
  const length = (i: 0 | 1): number =>
    Math.floor((x[2 + i]! + 2 * pad[i] - dilation[i] * (weight[2 + i]! - 1) - 1) / stride[i]) + 1;
  return [x[0], weight[0], length(0), length(1)];
}

function cases(list: typeof LARGE, inputs: readonly [Role, Role], out: Role): Sample<Convolution>[] {
  return list.map(([x, weight, params]) => {
    const shapes = { x, weight, y: resultOf(x, weight, params) };
    return {
      inputs: inputs.map((role) => ({ shape: shapes[role] })),
      params: { ...params, size: [shapes[out][2], shapes[out][3]] },
    };
  });
}

/** No images; no channels. */
const EMPTY: typeof LARGE = [
  [[0, 2, 4, 5], [3, 2, 3, 3], { stride: ONE, pad: ONE, dilation: ONE, groups: 1 }],
  [[2, 0, 4, 5], [3, 0, 3, 3], { stride: ONE, pad: ONE, dilation: ONE, groups: 1 }],
];

export const convolutionReferences = {
  convolution: {
    ...reference(["x", "weight"], "y", (x, weight, { size }) => [x[0], weight[0], ...size]),
    large: cases(LARGE, ["x", "weight"], "y"),
    empty: cases(EMPTY, ["x", "weight"], "y"),
    call: ([x, weight], params) => operations.convolution(x!, weight!, params),
  },
  convolutionInput: {
    ...reference(["y", "weight"], "x", (y, weight, { groups, size }) => [y[0], groups * weight[1], ...size]),
    large: cases(LARGE, ["y", "weight"], "x"),
    empty: cases(EMPTY, ["y", "weight"], "x"),
    call: ([y, weight], params) => operations.convolutionInput(y!, weight!, params),
  },
  convolutionWeight: {
    ...reference(["x", "y"], "weight", (x, y, { groups, size }) => [y[1], x[1] / groups, ...size]),
    large: cases(LARGE, ["x", "y"], "weight"),
    empty: cases(EMPTY, ["x", "y"], "weight"),
    call: ([x, y], params) => operations.convolutionWeight(x!, y!, params),
  },
} satisfies Partial<References>;
