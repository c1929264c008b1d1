// What the parameters of layers begin with.
import { expect, test } from "vitest";
import * as nn from "../../bindings/nn/index.js";

// How each parameter begins in PyTorch: uniform within ±bound, normal, or one value.
const MANY = 60;
const beginnings: Record<
  string,
  [layer: nn.AnyModule, Record<string, [shape: number[], bound: number | "normal" | [value: number]]>]
> = {
  Linear: [new nn.Linear(25, MANY), { weight: [[MANY, 25], 1 / 5], bias: [[MANY], 1 / 5] }],
  Bilinear: [new nn.Bilinear(16, 3, MANY), { weight: [[MANY, 16, 3], 1 / 4], bias: [[MANY], 1 / 4] }],
  Embedding: [new nn.Embedding(MANY, 9), { weight: [[MANY, 9], "normal"] }],
  Conv1d: [new nn.Conv1d(4, MANY, 9), { weight: [[MANY, 4, 9], 1 / 6], bias: [[MANY], 1 / 6] }],
  Conv2d: [new nn.Conv2d(8, MANY, 3, { groups: 2 }), { weight: [[MANY, 4, 3, 3], 1 / 6], bias: [[MANY], 1 / 6] }],
  // What feeds an output is counted along the second axis here too.
  ConvTranspose1d: [new nn.ConvTranspose1d(MANY, 4, 9), { weight: [[MANY, 4, 9], 1 / 6], bias: [[4], 1 / 6] }],
  ConvTranspose2d: [new nn.ConvTranspose2d(MANY, 4, 3), { weight: [[MANY, 4, 3, 3], 1 / 6], bias: [[4], 1 / 6] }],
  BatchNorm2d: [
    new nn.BatchNorm2d(7),
    {
      weight: [[7], [1]],
      bias: [[7], [0]],
      running_mean: [[7], [0]],
      running_var: [[7], [1]],
      num_batches_tracked: [[], [0]],
    },
  ],
  LayerNorm: [new nn.LayerNorm([3, 2]), { weight: [[3, 2], [1]], bias: [[3, 2], [0]] }],
  GroupNorm: [new nn.GroupNorm(2, 4), { weight: [[4], [1]], bias: [[4], [0]] }],
  InstanceNorm2d: [new nn.InstanceNorm2d(4), {}],
  RMSNorm: [new nn.RMSNorm(5), { weight: [[5], [1]] }],
  PReLU: [new nn.PReLU(), { weight: [[1], [0.25]] }],
  RNN: [
    new nn.RNN(5, 16),
    {
      weight_ih_l0: [[16, 5], 1 / 4],
      weight_hh_l0: [[16, 16], 1 / 4],
      bias_ih_l0: [[16], 1 / 4],
      bias_hh_l0: [[16], 1 / 4],
    },
  ],
  GRU: [new nn.GRU(5, 16, { bias: false }), { weight_ih_l0: [[48, 5], 1 / 4], weight_hh_l0: [[48, 16], 1 / 4] }],
  MultiheadAttention: [
    new nn.MultiheadAttention(16, 2),
    {
      in_proj_weight: [[48, 16], Math.sqrt(6 / 64)],
      in_proj_bias: [[48], [0]],
      "out_proj.weight": [[16, 16], 1 / 4],
      "out_proj.bias": [[16], [0]],
    },
  ],
};

test.each(Object.entries(beginnings))("%s begins as PyTorch's, under its names", (_, [layer, wanted]) => {
  const state = layer.stateDict();
  expect(Object.keys(state)).toEqual(Object.keys(wanted));
  for (const [key, [shape, bound]] of Object.entries(wanted)) {
    const x = state[key]!;
    expect([key, x.shape]).toEqual([key, shape]);
    const all = [...x.data()];
    if (Array.isArray(bound)) {
      expect(all.every((v) => v === bound[0])).toBe(true);
    } else {
      // The standard deviation is within six of its own from what it should be.
      const std = bound === "normal" ? 1 : bound / Math.sqrt(3);
      const spread = Math.sqrt(all.reduce((sum, v) => sum + v * v, 0) / all.length);
      expect(Math.abs(spread / std - 1)).toBeLessThan(6 * Math.sqrt(0.5 / all.length));
      if (bound !== "normal") expect(Math.max(...all.map(Math.abs))).toBeLessThanOrEqual(bound * (1 + 1e-6));
    }
  }
});
