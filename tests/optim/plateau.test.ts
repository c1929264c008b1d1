// The schedule that follows a metric.
import { expect, test } from "vitest";
import { ReduceLROnPlateau } from "../../bindings/optim/index.js";
import { sgd } from "./rates.js";

/** The rates after each metric. */
function follow(options: ConstructorParameters<typeof ReduceLROnPlateau>[1], metrics: readonly number[]): number[] {
  const optimizer = sgd(1);
  const schedule = new ReduceLROnPlateau(optimizer, { factor: 0.5, ...options });
  return metrics.map((metric) => {
    schedule.step(metric);
    return optimizer.lr;
  });
}

test("waits where nothing becomes better, reduces the rate, and rests", () => {
  expect(follow({ patience: 1 }, [5, 5, 5, 5, 5, 4, 4, 4])).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]);
  expect(follow({ patience: 0, cooldown: 2 }, [5, 5, 5, 5, 5])).toEqual([1, 0.5, 0.5, 0.5, 0.25]);
  expect(follow({ patience: 0, minLr: 0.4 }, [5, 5, 5, 5])).toEqual([1, 0.5, 0.4, 0.4]);
  expect(follow({ patience: 0 }, [5, NaN, 4])).toEqual([1, 0.5, 0.5]);
});

test("counts as better what the threshold says", () => {
  expect(follow({ patience: 0, threshold: 0.1 }, [10, 9.1, 8.9])).toEqual([1, 0.5, 0.5]);
  expect(follow({ patience: 0, threshold: 1, thresholdMode: "abs" }, [10, 9.1, 8.9])).toEqual([1, 0.5, 0.5]);
  expect(follow({ patience: 0, threshold: 0.1, mode: "max" }, [10, 10.9, 11.1])).toEqual([1, 0.5, 0.5]);
});

test("needs a number to follow", () => {
  const schedule = new ReduceLROnPlateau(sgd());
  expect(() => (schedule as { step(metric?: number): void }).step()).toThrow(/expected a number to follow/);
});
