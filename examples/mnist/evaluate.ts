import { noGrad } from "wengert";
import type { Module } from "wengert/nn";
import { CLASSES, type Batches } from "./dataset.js";

/** What a model says about images whose digits are known, in the order of the images. */
export interface Evaluation {
  readonly accuracy: number;
  readonly labels: Uint8Array;
  readonly predicted: Uint8Array;
  /** Natural logarithms of the probabilities of the ten digits, row by row. */
  readonly logProbabilities: Float64Array;
}

/** An image that was read wrong. */
export interface Mistake {
  /** Position among the images. */
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** What the model gave to the digit that it read, and to the right one. */
  readonly probability: number;
  readonly probabilityOfLabel: number;
}

/** Reads all images, a batch at a time, without following derivatives. */
export function evaluate(model: Module, loader: Batches): Evaluation {
  const count = loader.examples;
  const labels = new Uint8Array(count);
  const predicted = new Uint8Array(count);
  const logProbabilities = new Float64Array(count * CLASSES);
  let done = 0;
  let correct = 0;
  noGrad(() => {
    for (const { x, y } of loader) {
      const scores = model(x).logSoftmax();
      const digits = scores.argMax(1);
      correct += digits.eq(y).sum().item();
      labels.set(y.data(), done);
      predicted.set(digits.data(), done);
      logProbabilities.set(scores.data(), done * CLASSES);
      done += y.size;
    }
  });
  return { accuracy: correct / count, labels, predicted, logProbabilities };
}

/** How often each digit (row) was read as each digit (column). */
export function confusionOf({ labels, predicted }: Evaluation): readonly (readonly number[])[] {
  const counts = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0));
  labels.forEach((label, i) => counts[label]![predicted[i]!]!++);
  return counts;
}

/** The mistakes that gave the right digit the least probability, worst first. */
export function worstMistakes({ labels, predicted, logProbabilities }: Evaluation, count: number): Mistake[] {
  const scoreOf = (index: number, digit: number): number => logProbabilities[index * CLASSES + digit]!;
  const wrong = [...labels.keys()].filter((index) => labels[index] !== predicted[index]);
  wrong.sort((a, b) => scoreOf(a, labels[a]!) - scoreOf(b, labels[b]!));
  return wrong.slice(0, count).map((index) => {
    const [label, digit] = [labels[index]!, predicted[index]!];
    return {
      index,
      label,
      predicted: digit,
      probability: Math.exp(scoreOf(index, digit)),
      probabilityOfLabel: Math.exp(scoreOf(index, label)),
    };
  });
}
