// The figures were computed by scikit-learn 1.2.1 on the same numbers: confusion_matrix, accuracy_score, top_k_accuracy_score,
// precision_recall_fscore_support (zero_division=0), roc_auc_score and r2_score; the perplexity by NumPy.
import { expect, test } from "vitest";
import { tensor } from "../../bindings/index.js";
import { IndexError, ShapeError, ValueError } from "../../bindings/errors.js";
import {
  accuracy,
  confusionMatrix,
  perplexity,
  precisionRecallF1,
  r2Score,
  rocAuc,
  topKAccuracy,
  type Average,
  type ScoreOptions,
  type Scores,
} from "../../bindings/data/index.js";
import { expectRefused, wrong } from "../support/refusal.js";

// prettier-ignore
const CLASSES = [3, 0, 0, 0, 0, 3, 3, 2, 0, 0, 1, 1, 2, 1, 1, 0, 2, 2, 0, 0, 1, 1, 3, 2, 1, 1, 2, 2, 0, 2, 3, 3, 3, 1, 1, 2, 2, 2, 3, 1];
// prettier-ignore
const PREDICTED = [4, 0, 0, 0, 0, 4, 4, 2, 0, 3, 1, 1, 1, 3, 1, 0, 2, 3, 4, 0, 3, 2, 2, 3, 1, 4, 1, 2, 3, 2, 4, 3, 0, 1, 1, 2, 2, 2, 2, 1];
// prettier-ignore
const SCORES = tensor(Float64Array.of(0.67, 0.67, 0.52, 0.66, 0.2, 0.93, 0.13, 0.48, 0.54, 0.77, 0.64, 0.02, 0.53, 0.21, 0.74, 0.72, 0.38, 0.91, 0.39, 0.35, 0.74, 0.48, 0.09, 0.55, 0.92, 0.56, 0.74, 0.95, 1.16, 0.74, 0.81, 0.82, 0.25, 0.85, 0.34, 0.26, 0.57, 0.59, 0.62, 0.58, 0.21, 0.44, 0.39, 0.71, 0.09, 0.26, 0.51, 0.4, 0.67, 0.33, 0.2, 1.43, 0.24, 0.15, 0.28, 0.34, 0.24, 0.54, 0.94, 0.13, 0.42, 0.67, 1.23, 1.0, 0.14, 0.54, 1.32, 0.05, 0.59, 0.17, 0.77, 1.06, 0.54, 0.01, 0.06, 0.44, 0.85, 0.24, 0.67, 0.41, 0.27, 0.7, 0.51, 0.37, 0.77, 0.5, 0.78, 0.68, 0.16, 0.44, 1.1, 0.56, 0.96, 0.0, 0.34, 0.98, 0.69, 0.56, 0.66, 0.88, 0.68, 1.02, 0.56, 0.67, 0.32, 0.67, 0.68, 0.79, 0.48, 0.03, 0.54, 0.86, 0.64, 1.11, 0.39, 0.36, 0.72, 0.1, 0.87, 0.88, 0.96, 0.61, 0.12, 0.89, 0.4, 0.27, 0.55, 0.66, 0.16, 0.49, 0.66, 0.72, 0.37, 0.81, 0.43, 0.44, 0.56, 0.28, 0.89, 0.21, 0.76, 0.17, 0.62, 0.9, 0.88, 0.13, 0.62, 1.23, 0.2, 0.41, 0.71, 0.74, 0.45, 0.95, 0.67, 0.35, 0.65, 0.58, 1.1, 0.51, 0.34, 0.43, 0.92, 0.27, 0.15, 0.01, 1.05, 0.99, 0.24, 0.27, 0.2, 0.91, 0.49, 0.82, 0.21, 0.88, 0.46, 0.82, 0.8, 0.91, 0.5, 0.61, 0.98, 0.19, 0.5, 0.93, 0.91, 0.23, 0.66, 0.33, 0.14, 0.14, 0.79, 1.08, 0.52, 0.38, 0.62, 0.83, 0.75, 0.06), { shape: [40, 5] });
const IS_LARGE = CLASSES.map((one) => one > 1);

test("counts what was taken for what", () => {
  const table = [[7, 0, 0, 2, 1], [0, 7, 1, 2, 1], [0, 2, 7, 2, 0], [1, 0, 2, 1, 4], [0, 0, 0, 0, 0]]; // prettier-ignore
  const counts = confusionMatrix(PREDICTED, CLASSES);
  expect([counts.dtype, counts.toArray()]).toEqual(["i32", table]);
  expect(confusionMatrix(PREDICTED, CLASSES, 6).shape).toEqual([6, 6]);
  expect(confusionMatrix(tensor([[0, 1], [1, 0]]), [1, 1]).toArray()).toEqual([[0, 0], [1, 1]]); // prettier-ignore
});

test("accuracy, of classes and of scores, and among the largest scores", () => {
  expect(accuracy(PREDICTED, CLASSES)).toBe(0.55);
  expect(accuracy(SCORES, Uint8Array.from(CLASSES))).toBe(0.45);
  expect([1, 2, 3, 5].map((k) => topKAccuracy(SCORES, CLASSES, k))).toEqual([0.45, 0.625, 0.8, 1]);
  expect(accuracy([[1], [0]], [[1], [1]])).toBe(0.5);
  expect([accuracy([], []), topKAccuracy(tensor([], { shape: [0, 3] }), [], 1)]).toEqual([NaN, NaN]); // Of no examples.
});

test("precision, recall and F1, in all averages", () => {
  const close = (
    options: ScoreOptions & { average?: Exclude<Average, "none"> },
    expected: number[],
    binary = false,
  ): void => {
    const [predicted, classes] = binary
      ? [PREDICTED.map((p) => (p > 1 ? 1 : 0)), IS_LARGE.map(Number)]
      : [PREDICTED, CLASSES];
    const { precision, recall, f1 } = precisionRecallF1(predicted, classes, options);
    [precision, recall, f1].forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 14));
  };
  close({ average: "macro" }, [0.49912698412698414, 0.41954545454545455, 0.45555555555555555]);
  close({ average: "weighted" }, [0.6537103174603175, 0.55, 0.5969444444444444]);
  close({ average: "micro" }, [0.55, 0.55, 0.55]);
  close({}, [0.6956521739130435, 0.8421052631578947, 0.761904761904762], true);
  close({ positive: 9 }, [0, 0, 0], true);
});

test("precision, recall and F1 of each class, and no single one of several", () => {
  const each = precisionRecallF1(PREDICTED, CLASSES, { average: "none" });
  expect(each.map((one) => [one.class, one.support])).toEqual([[0, 10], [1, 11], [2, 11], [3, 8], [4, 0]]); // prettier-ignore
  const mean = (part: keyof Scores): number => each.reduce((sum, one) => sum + one[part], 0) / each.length;
  const macro = precisionRecallF1(PREDICTED, CLASSES, { average: "macro" });
  for (const part of ["precision", "recall", "f1"] as const) expect(mean(part)).toBeCloseTo(macro[part], 14);
  expect(each[0]).toMatchObject({ precision: 7 / 8, recall: 0.7 });
  const message = /at most two classes, or the average macro, weighted, micro, none, got 5 classes/;
  expectRefused(() => precisionRecallF1(PREDICTED, CLASSES), ValueError, message);
  expectRefused(() => precisionRecallF1([1], [1], { average: wrong("mean") }), ValueError, /as the average, got mean/);
  expectRefused(() => precisionRecallF1([1], [1], { positive: -1 }), ValueError, /a positive class from 0, got -1/);
});

test("the area under the curve, with many equal scores", () => {
  // prettier-ignore
  const rounded = [0.5, 0.5, 0.5, 0.9, 0.1, 1.0, 0.2, 0.6, 0.4, 0.4, 0.2, 0.5, 1.2, 0.0, 0.5, 0.2, 0.5, 0.7, 1.0, 0.6, 0.6, 0.8, 0.6, 0.1, 0.1, 0.7, 0.4, 0.3, 0.6, 1.2, 0.4, 0.6, 0.9, 1.0, 0.5, 0.8, 1.0, 0.2, 0.8, 0.8];
  expect(rocAuc(rounded, IS_LARGE)).toBeCloseTo(0.5927318295739348, 14);
  expect(rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
  expect(rocAuc([1, 1, 1], [true, false, true])).toBe(0.5);
  expect(rocAuc([-Infinity, Infinity], [true, false])).toBe(0);
});

test("the coefficient of determination, and perplexity", () => {
  const [values, found] = [[-0.482, -1.108, -0.959, 0.671, -0.107, 2.914], [-0.204, -1.298, -0.726, 0.778, -0.313, 3.245]]; // prettier-ignore
  expect(r2Score(tensor(found, { dtype: "f64" }), tensor(values, { dtype: "f64" }))).toBeCloseTo(
    0.9704065135062473,
    14,
  );
  expect(r2Score([1, 1], [0, 2])).toBe(0);
  expect(perplexity(SCORES.mul(3), tensor(CLASSES, { dtype: "i32" }))).toBeCloseTo(3.8958467566439237, 12);
  expect(perplexity(tensor([[[0, 0, 0, 0]]]), [[2]])).toBeCloseTo(4, 12);
  expect(perplexity(tensor(new Float32Array(0), { shape: [0, 3] }), [])).toBeNaN();
});

test("whole numbers of a floating-point type are classes, as losses take them", () => {
  expect(accuracy(tensor([0, 2, 1]), tensor([0, 1, 1]))).toBeCloseTo(2 / 3, 12);
});

test("what cannot be measured is refused", () => {
  const kept = { floats: tensor([0.5]), none: tensor(new Float32Array(0)) };
  const refused: [() => unknown, Parameters<typeof expectRefused>[1], RegExp][] = [
    [() => accuracy(kept.floats, kept.floats), IndexError, /whole numbers/],
    [() => accuracy([0.5], [1]), ValueError, /whole numbers/],
    [() => accuracy([1, 2, 3], [1, 2]), ShapeError, /scores \[\.\., classes\] for classes \[2\], got \[3\]/],
    [() => confusionMatrix([1], [-1]), IndexError, /classes from 0, got -1/],
    [() => confusionMatrix([0], [0], NaN), ValueError, /a whole number of classes from 0, got NaN/],
    [() => confusionMatrix([0], [0], 1.5), ValueError, /a whole number of classes from 0, got 1.5/],
    [() => confusionMatrix([3], [1], 3), IndexError, /below 3, got 3/],
    [() => confusionMatrix([100_000], [1]), IndexError, /at most 8192 classes/],
    [() => rocAuc([1, 2], [true, true]), ValueError, /positive and negative examples, got 2 and 0/],
    [() => rocAuc([1, NaN], [true, false]), ValueError, /that can be compared, got NaN/],
    [() => rocAuc([1, 2], [true]), ShapeError, /one score for each/],
    [() => r2Score([1, 2], [3, 3]), ValueError, /values that vary/],
    [() => perplexity([[1, 2], [3, 4]], [[0], [1]]), ShapeError, /perplexity: expected scores .* \[2, 1\], got \[2, 2\]/], // prettier-ignore
    [() => perplexity(1, 1), ShapeError, /perplexity: expected scores .* classes \[\], got \[\]/],
    [() => r2Score([1], [3, 3]), ShapeError, /predictions of the shape \[2\], got \[1\]/],
  ];
  for (const [run, type, message] of refused) expectRefused(run, type, message, { temporaries: true });
  kept.floats.dispose();
  kept.none.dispose();
});
