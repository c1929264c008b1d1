import { crossEntropy } from "../../bindings/index.js";
import type { Module } from "../../bindings/nn/index.js";
import type { FitOptions, StepReport } from "../../bindings/optim/index.js";
import type { Batch } from "../support/training.js";

// What tests of `fit` have in common.

export type Options = FitOptions<Module, Batch>;

/** Of a model that tells classes. */
export const loss = (model: Module, { x, y }: Batch) => crossEntropy(model(x), y);

/** All that a run reports. */
export async function reports(run: AsyncIterable<StepReport>): Promise<StepReport[]> {
  const all: StepReport[] = [];
  for await (const report of run) all.push(report);
  return all;
}

/** The parameters of a model, by name. */
export const values = (model: Module): unknown => model.namedParameters().map(([name, p]) => [name, p.toArray()]);
