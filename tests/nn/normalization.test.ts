// Layers of normalisation against plain computations; their statistics; errors.
import { describe, expect, test } from "vitest";
import { ShapeError, zeros, type Tensor } from "../../bindings/index.js";
import * as nn from "../../bindings/nn/index.js";
import { expectRefused } from "../support/refusal.js";
import { expectNear } from "../support/compare.js";
import { normal, seeded } from "../support/tensors.js";

describe("normalisation", () => {
  /** Mean and variance of numbers, with so much less than their count as the divisor. */
  const moments = (all: readonly number[], less = 0): [number, number] => {
    const mean = all.reduce((a, b) => a + b) / all.length;
    return [mean, all.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (all.length - less)];
  };

  test.each([
    ["BatchNorm1d of vectors", nn.BatchNorm1d, [6, 3]],
    ["BatchNorm1d of sequences", nn.BatchNorm1d, [4, 3, 5]],
    ["BatchNorm2d", nn.BatchNorm2d, [2, 3, 4, 2]],
  ] as const)("%s: by the batch in training, which goes into running statistics, else by these", (_, Layer, shape) => {
    const layer = new Layer(3, { ...seeded(), momentum: 0.3, eps: 1e-3 });
    nn.init.normal(layer.weight!, seeded(3));
    nn.init.normal(layer.bias!, seeded(4));
    const [w, b] = [layer.weight!.toArray() as number[], layer.bias!.toArray() as number[]];
    const running = [0, 1, 2].map(() => [0, 1]);
    const channel = (x: Tensor, c: number): number[] => [...x.select(1, c).data()];
    for (const seed of [5, 6]) {
      const x = normal(seed, ...shape)
        .mul(2)
        .add(1);
      const y = layer(x);
      for (const c of [0, 1, 2]) {
        const [mean, variance] = moments(channel(x, c));
        expectNear(
          y.select(1, c).flatten(),
          channel(x, c).map((v) => ((v - mean) / Math.sqrt(variance + 1e-3)) * w[c]! + b[c]!),
        );
        running[c] = [0.7 * running[c]![0]! + 0.3 * mean, 0.7 * running[c]![1]! + 0.3 * moments(channel(x, c), 1)[1]];
      }
    }
    expectNear(
      layer.running_mean!,
      running.map(([mean]) => mean!),
    );
    expectNear(
      layer.running_var!,
      running.map(([, variance]) => variance!),
    );
    expect([layer.num_batches_tracked!.item(), layer.num_batches_tracked!.dtype]).toEqual([2, "i32"]);
    layer.eval();
    const x = normal(7, ...shape);
    for (const c of [0, 1, 2]) {
      const [mean, variance] = running[c] as [number, number];
      expectNear(
        layer(x).select(1, c).flatten(),
        channel(x, c).map((v) => ((v - mean) / Math.sqrt(variance + 1e-3)) * w[c]! + b[c]!),
      );
    }
    expect(layer.num_batches_tracked!.item()).toBe(2);
  });

  test("batch normalisation without running statistics, or without weight", () => {
    const layer = new nn.BatchNorm1d(2, { ...seeded(), trackRunningStats: false, affine: false });
    expect(Object.keys(layer.stateDict())).toEqual([]);
    const x = normal(1, 4, 2);
    expect(layer.eval()(x).toArray()).toEqual(layer.train()(x).toArray());
    const single = new nn.BatchNorm1d(2);
    expectRefused(() => single(zeros([1, 2])), ShapeError, /more than one value for each channel/, {
      temporaries: true,
    });
  });

  test.each([0.1, null])("an empty batch leaves the statistics as they were, momentum %s", (momentum) => {
    const layer = new nn.BatchNorm2d(2, { ...seeded(), momentum });
    const batches = [zeros([0, 2, 3, 3]), normal(1, 4, 2, 3, 3), zeros([4, 2, 0, 3]), normal(2, 4, 2, 3, 3)];
    const want = new nn.BatchNorm2d(2, { ...seeded(), momentum });
    for (const x of batches) {
      if (x.size > 0) want(x);
      const y = layer(x);
      expect(y.shape).toEqual(x.shape);
      y.sum().backward();
      if (x.size === 0) expect(layer.weight!.grad!.toArray()).toEqual([0, 0]);
      layer.zeroGrad();
    }
    for (const [name, statistic] of Object.entries(want.stateDict()))
      expect(layer.stateDict()[name]!.toArray()).toEqual(statistic.toArray());
  });

  test("a refused batch leaves the statistics as they were", () => {
    const layer = new nn.BatchNorm1d(2);
    expect(() => layer(zeros([1, 2]))).toThrow(ShapeError);
    expect(layer.num_batches_tracked!.item()).toBe(0);
    expectRefused(() => layer(zeros([1, 2, 3, 4])), ShapeError, /BatchNorm1d: expected \[n, channels\] or/, {
      temporaries: true,
    });
    const images = new nn.BatchNorm2d(2);
    const groups = new nn.GroupNorm(1, 3);
    expectRefused(
      () => images(zeros([1, 4, 2, 2])),
      ShapeError,
      /^BatchNorm2d: expected 2 channels on axis 1, got \[1, 4, 2, 2\]$/,
      { temporaries: true },
    );
    expectRefused(() => groups(zeros([1, 4])), ShapeError, /^GroupNorm: expected 3 channels .* \[1, 4\]$/, {
      temporaries: true,
    });
    expectRefused(() => images(zeros([4, 2])), ShapeError, /BatchNorm2d: expected \[n, channels, h, w\]/, {
      temporaries: true,
    });
  });

  test("layer, group, instance and RMS normalisation", () => {
    const x = normal(1, 2, 4, 3);
    const rows = x.toArray() as number[][][];
    const scaled = (all: number[], eps: number): number[] => {
      const [mean, variance] = moments(all);
      return all.map((v) => (v - mean) / Math.sqrt(variance + eps));
    };
    expectNear(
      new nn.LayerNorm([4, 3], seeded())(x),
      rows.flatMap((matrix) => scaled(matrix.flat(), 1e-5)),
    );
    expectNear(
      new nn.LayerNorm(3, { ...seeded(), eps: 0.1 })(x),
      rows.flat().flatMap((row) => scaled(row, 0.1)),
    );
    expectNear(new nn.GroupNorm(2, 4, seeded())(x), rows.flatMap((m) => [m.slice(0, 2), m.slice(2)].flatMap((part) => scaled(part.flat(), 1e-5)))); // prettier-ignore
    expectNear(
      new nn.InstanceNorm1d(4, seeded())(x),
      rows.flat().flatMap((row) => scaled(row, 1e-5)),
    );
    expectNear(
      new nn.InstanceNorm2d(4, seeded())(x.unsqueeze(3)),
      rows.flat().flatMap((row) => scaled(row, 1e-5)),
    );
    const [sequence, image] = [x.slice(0), x.slice(0).unsqueeze(2)];
    expectNear(new nn.InstanceNorm1d(4, seeded())(sequence), rows[0]!.flatMap((row) => scaled(row, 1e-5))); // prettier-ignore
    expect(new nn.InstanceNorm2d(4, seeded())(image).shape).toEqual(image.shape);
    expect(() => new nn.InstanceNorm1d(3)(sequence)).toThrow(
      /^InstanceNorm1d: expected 3 channels on axis 0, got \[4, 3\]/,
    );
    expect(() => new nn.InstanceNorm2d(4)(sequence)).toThrow(
      /\[n, channels, h, w\] or \[channels, h, w\], got \[4, 3\]/,
    );
    const rms = rows
      .flat()
      .flatMap((row) => row.map((v) => v / Math.sqrt(row.reduce((a, b) => a + b * b, 0) / 3 + 0.01)));
    expectNear(new nn.RMSNorm(3, { ...seeded(), eps: 0.01 })(x), rms);
    const affine = new nn.InstanceNorm1d(4, { ...seeded(), affine: true });
    affine.bias!.assign([1, 2, 3, 4]);
    expectNear(affine(x).mean([0, 2]), [1, 2, 3, 4]);
    expect(() => new nn.GroupNorm(3, 4)).toThrow(/divides the 4 channels, got 3/);
    expect(() => new nn.LayerNorm([])).toThrow(/at least one axis/);
    for (const none of [undefined, {}, "3"] as never[]) {
      expect(() => new nn.LayerNorm(none)).toThrow(/^LayerNorm: expected a length, or lengths in an array/);
      expect(() => new nn.RMSNorm(none)).toThrow(/^RMSNorm: expected a length, or lengths in an array/);
    }
    expect(() => affine(zeros([2, 3, 5]))).toThrow(/4 channels on axis 1, got \[2, 3, 5\]/);
  });
});
