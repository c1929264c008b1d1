import { info } from "wengert";
import type { Module } from "wengert/nn";
import { CLASSES, SIDE } from "./dataset.js";
import type { Evaluation } from "./evaluate.js";
import type { Options } from "./options.js";
import type { Epoch } from "./train.js";

/** A share as `97.31 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** A whole number as `60,000`. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** An epoch together with how the test images were read after it. */
export interface Result extends Epoch {
  readonly evaluation: Evaluation;
}

/** Mean of an epoch's losses. */
export function meanLoss({ losses }: Epoch): number {
  return losses.reduce((total, loss) => total + loss, 0) / losses.length;
}

/** Speed over all epochs, evaluation left out. */
export function speedOf(results: readonly Result[], images: number): { seconds: number; imagesPerSecond: number } {
  const seconds = results.reduce((total, epoch) => total + epoch.seconds, 0);
  return { seconds, imagesPerSecond: (images * results.length) / seconds };
}

/** The speeds of the two ways to run a step, beside each other. */
export function describeSpeeds([compiled, eager]: readonly number[]): string {
  const ratio = (compiled! / eager!).toFixed(2);
  return `A step compiled: ${grouped(compiled!)} images/s, eager: ${grouped(eager!)} images/s, ${ratio} to 1.`;
}

/** What is trained, on what, and how. */
export function describeRun(options: Options, model: Module, training: number, test: number): string[] {
  const { optimizer, lr, batch, seed, dtype, hidden, schedule } = options;
  const weights = model.namedParameters().reduce((total, [, parameter]) => total + parameter.size, 0);
  const rate = `lr ${lr}${schedule === "linear" ? " falling linearly" : ""}`;
  const method = optimizer === "sgd" ? `SGD with ${rate} and momentum 0.9` : `Adam with ${rate}`;
  const { build, threads } = info();
  return [
    `MNIST: ${grouped(training)} training and ${grouped(test)} test images of ${SIDE} × ${SIDE} pixels`,
    `Network: ${[SIDE * SIDE, ...hidden, CLASSES].join("-")} with ReLU, ${grouped(weights)} parameters in ${dtype}`,
    `Training: ${method}, batches of ${batch}, seed ${seed}; ${build} build, ${threads} thread${threads === 1 ? "" : "s"}`,
  ];
}

/** One line about the last epoch, aligned with those of the others. */
export function describeEpoch(results: readonly Result[], epochs: number, images: number): string {
  const result = results[results.length - 1]!;
  const position = `${String(results.length).padStart(String(epochs).length)}/${epochs}`;
  const speed = `${result.seconds.toFixed(2)} s  ${grouped(images / result.seconds).padStart(7)} images/s`;
  const accuracy = `accuracy ${percent(result.accuracy)} training, ${percent(result.evaluation.accuracy)} test`;
  return `epoch ${position}  loss ${meanLoss(result).toFixed(4)}  ${accuracy}  ${speed}`;
}

/** The confusion table: a row for each digit, what it was read as, and the share that was read right. */
export function confusionTable(counts: readonly (readonly number[])[]): string {
  const width = Math.max(4, ...counts.flat().map((count) => String(count).length)) + 1;
  const cells = (values: readonly (number | string)[]): string =>
    values.map((value) => String(value || "·").padStart(width)).join("");
  const digits = counts.map((_, digit) => String(digit));
  const rows = counts.map((row, digit) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const share = total === 0 ? "none" : percent(row[digit]! / total);
    return `${String(digit).padStart(5)} │${cells(row)}   ${share.padStart(8)}`;
  });
  return [
    ` true │ read as`,
    `      │${cells(digits)}      right`,
    `──────┼${"─".repeat(width * digits.length + 12)}`,
    ...rows,
  ].join("\n");
}

/** Whether 97 % of the test images were read right within 3 epochs, in a sentence. */
export function verdict(results: readonly Result[]): string {
  const [goal, within] = [0.97, 3];
  const accuracies = results.slice(0, within).map((epoch) => epoch.evaluation.accuracy);
  const after = (i: number): string => `${percent(accuracies[i]!)} after epoch ${i + 1}`;
  const last = accuracies.length - 1;
  const first = accuracies.findIndex((accuracy) => accuracy >= goal);
  if (first < 0) return `97 % within 3 epochs was not reached: ${after(accuracies.indexOf(Math.max(...accuracies)))}.`;
  return `97 % within 3 epochs was reached: ${after(first)}${first < last ? `, ${after(last)}` : ""}.`;
}
