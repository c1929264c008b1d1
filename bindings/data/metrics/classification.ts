import "../../methods.js";
import { withTracking } from "../../core/running/apply.js";
import { checkWhole } from "../../core/checks.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { ownedBy } from "../../core/running/scopes.js";
import { sameShape, showShape } from "../../core/shape.js";
import { topk } from "../../functions/indexing/order.js";
import { IndexError, ShapeError, ValueError } from "../../errors.js";
import { argMax } from "../../primitives/reductions/reduction.js";
import { checkScores, classesOf, measured } from "./measure.js";
import { checkOptions } from "../../shared/options.js";

/**
 * The share of examples whose class is predicted. `predicted` are classes, of the shape of `classes`, or scores with one more,
 * last axis, of which the largest decides. NaN of no examples.
 */
export function accuracy(predicted: TensorLike, classes: TensorLike): number {
  return measured("accuracy", () => {
    const labels = classesOf("accuracy", classes);
    const found = decided("accuracy", predicted, labels);
    return share(found.eq(labels), labels.size);
  });
}

/** The share of examples whose class is among the k largest scores, [.., classes]. NaN of no examples. */
export function topKAccuracy(scores: TensorLike, classes: TensorLike, k: number): number {
  return measured("topKAccuracy", () => {
    const labels = classesOf("topKAccuracy", classes);
    const x = asTensor("topKAccuracy", scores);
    checkScores("topKAccuracy", x, labels);
    return share(topk(x, k, -1).indices.eq(labels.unsqueeze(-1)), labels.size);
  });
}

/** How often examples of each class (rows) were predicted as each class (columns): i32 [classes, classes]. */
export function confusionMatrix(predicted: TensorLike, classes: TensorLike, count?: number): Tensor {
  if (count !== undefined) checkWhole("confusionMatrix", "number of classes", count, 0);
  return withTracking(false, () =>
    ownedBy("confusionMatrix", () => {
      const counts = confusion("confusionMatrix", predicted, classes, count);
      return asTensor("confusionMatrix", Int32Array.from(counts.flat())).reshape([counts.length, counts.length]);
    }),
  );
}

/** How the scores of several classes become one. */
export type Average = "binary" | "macro" | "weighted" | "micro" | "none";

/** Options of `precisionRecallF1`. */
export interface ScoreOptions {
  /**
   * "binary" (the default): of the class `positive` alone, where there are at most two. "macro": the mean over the classes.
   * "weighted": that mean weighted by how many examples each class has. "micro": of all decisions together, which is the
   * accuracy. "none": of each class by itself.
   */
  average?: Average;
  /** The class that "binary" is about. Default 1. */
  positive?: number;
}

/** Precision, recall and their harmonic mean. */
export interface Scores {
  /** TP / (TP + FP): how many of those found are right. */
  readonly precision: number;
  /** TP / (TP + FN): how many of those there are were found. */
  readonly recall: number;
  /** 2 TP / (2 TP + FP + FN). */
  readonly f1: number;
}

/** The scores of one class. */
export interface ClassScores extends Scores {
  /** Its number. */
  readonly class: number;
  /** How many examples the class has. */
  readonly support: number;
}

const AVERAGES: readonly Average[] = ["binary", "macro", "weighted", "micro", "none"];

/**
 * Precision, recall and F1 of predicted classes, or of scores with one more, last axis. What would divide by 0 is 0. As by
 * scikit-learn: over the classes that come in either, and "binary" is a ValueError where these are more than two.
 */
export function precisionRecallF1(
  predicted: TensorLike,
  classes: TensorLike,
  options: ScoreOptions & { average: "none" },
): ClassScores[];
export function precisionRecallF1(
  predicted: TensorLike,
  classes: TensorLike,
  options?: ScoreOptions & { average?: Exclude<Average, "none"> },
): Scores;
export function precisionRecallF1(
  predicted: TensorLike,
  classes: TensorLike,
  options?: ScoreOptions,
): Scores | ClassScores[];
export function precisionRecallF1(
  predicted: TensorLike,
  classes: TensorLike,
  options: ScoreOptions = {},
): Scores | ClassScores[] {
  const operation = "precisionRecallF1";
  checkOptions(operation, options, { average: null, positive: 0 });
  const { average = "binary", positive = 1 } = options;
  if (!AVERAGES.includes(average))
    throw new ValueError(operation, `one of ${AVERAGES.join(", ")} as the average`, String(average));
  if (!Number.isInteger(positive) || positive < 0)
    throw new ValueError(operation, "a positive class from 0", String(positive));
  return measured(operation, () => {
    const counts = confusion(operation, predicted, classes, average === "binary" ? positive + 1 : undefined);
    const each = counts.map((row, i): Counts => {
      const [right, there, found] = [row[i]!, total(row), total(counts.map((other) => other[i]!))];
      return { class: i, right, there, found };
    });
    const present = each.filter(({ there, found }) => there + found > 0);
    if (average === "binary" && present.length > 2) {
      const others = AVERAGES.slice(1).join(", ");
      throw new ValueError(operation, `at most two classes, or the average ${others}`, `${present.length} classes`);
    }
    if (average === "binary") return scoresOf(each[positive]!);
    if (average === "none") return present.map((one) => ({ class: one.class, support: one.there, ...scoresOf(one) }));
    if (average === "micro") {
      const sum = (part: "right" | "there" | "found"): number => total(present.map((one) => one[part]));
      return scoresOf({ right: sum("right"), there: sum("there"), found: sum("found") });
    }
    const weights = present.map(({ there }) => (average === "macro" ? 1 : there));
    const mean = (part: keyof Scores): number =>
      ratio(total(present.map((one, i) => scoresOf(one)[part] * weights[i]!)), total(weights));
    return { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") };
  });
}

interface Counts {
  readonly class: number;
  readonly right: number;
  readonly there: number;
  readonly found: number;
}

function scoresOf({ right, there, found }: Omit<Counts, "class">): Scores {
  return { precision: ratio(right, found), recall: ratio(right, there), f1: ratio(2 * right, there + found) };
}

/**
 * The area under the receiver operating characteristic: how probable it is that a positive example scores higher than a
 * negative one, half for equal scores (Mann and Whitney, 1947). Both kinds have to be there; scores are not NaN.
 */
export function rocAuc(scores: TensorLike, truths: TensorLike): number {
  return measured("rocAuc", () => {
    const [x, y] = [asTensor("rocAuc", scores), asTensor("rocAuc", truths)];
    if (!sameShape(x.shape, y.shape))
      throw new ShapeError(
        "rocAuc",
        "one score for each truth value",
        `${showShape(x.shape)} and ${showShape(y.shape)}`,
      );
    const [values, positive] = [Float64Array.from(x.data()), Array.from(y.data(), (truth) => truth !== 0)];
    if (values.some(Number.isNaN)) throw new ValueError("rocAuc", "scores that can be compared", "NaN");
    const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
    const positives = positive.filter(Boolean).length;
    const negatives = values.length - positives;
    if (positives === 0 || negatives === 0)
      throw new ValueError("rocAuc", "positive and negative examples", `${positives} and ${negatives}`);
    let below = 0;
    let area = 0;
    for (let i = 0; i < order.length;) {
      const tied = { positive: 0, negative: 0 };
      const score = values[order[i]!]!;
      for (; i < order.length && values[order[i]!] === score; i++)
        tied[positive[order[i]!] ? "positive" : "negative"]++;
      area += tied.positive * (below + tied.negative / 2);
      below += tied.negative;
    }
    return area / (positives * negatives);
  });
}

/** The classes that are predicted, or that have the largest scores. */
function decided(operation: string, predicted: TensorLike, labels: Tensor): Tensor {
  const x = asTensor(operation, predicted);
  if (sameShape(x.shape, labels.shape)) return classesOf(operation, predicted);
  checkScores(operation, x, labels);
  return argMax(x, -1);
}

/** A table of more would not fit. */
const MOST_CLASSES = 8192;

/** Rows of counts: at least `least` of them. */
function confusion(operation: string, predicted: TensorLike, classes: TensorLike, least?: number): number[][] {
  const labels = classesOf(operation, classes);
  const [truth, found] = [labels.data(), decided(operation, predicted, labels).data()];
  let count = least ?? 0;
  for (const values of [truth, found]) {
    for (const value of values) {
      if (value < 0) throw new IndexError(operation, "classes from 0", String(value));
      count = Math.max(count, value + 1);
    }
  }
  if (count > MOST_CLASSES) throw new IndexError(operation, `at most ${MOST_CLASSES} classes`, String(count));
  if (operation === "confusionMatrix" && least !== undefined && count > least)
    throw new IndexError(operation, `classes from 0 to below ${least}`, String(count - 1));
  const counts = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  for (const [i, row] of truth.entries()) counts[row]![found[i]!]!++;
  return counts;
}

function share(right: Tensor, examples: number): number {
  return right.cast("i32").sum().item() / examples;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
