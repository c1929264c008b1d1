import { asTensor, type TensorLike } from "../core/values/create.js";
import type { Tensor } from "../core/graph.js";
import { showShape } from "../core/shape.js";
import { ShapeError, ValueError } from "../errors.js";

/** Refuses sizes of layers that are not whole, or below 1. */
export function checkUnits(operation: string, ...units: number[]): void {
  for (const unit of units) {
    if (!Number.isInteger(unit) || unit < 1) throw new ValueError(operation, "whole sizes from 1 on", String(unit));
  }
}

/** Refuses tensors of other ranks. */
export function ranked(name: string, input: TensorLike, ranks: readonly number[], expected: string): Tensor {
  const x = asTensor(name, input);
  if (!ranks.includes(x.rank)) throw new ShapeError(name, expected, showShape(x.shape));
  return x;
}

/** Refuses tensors of another number of channels than a layer is for. */
export function checkChannels({ channels, constructor }: { channels: number } & object, { shape }: Tensor): void {
  if (shape[1] !== channels) throw new ShapeError(constructor.name, `${channels} channels on axis 1`, showShape(shape));
}
