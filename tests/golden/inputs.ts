// The inputs of an operation.
import type { Tensor } from "wengert";

/** The inputs of an operation by name; `tensors.0`, `tensors.1`, .. are one list, `tensors`. */
export type Inputs = Readonly<Record<string, Tensor | readonly Tensor[]>>;

/** Lists of tensors, named `tensors.0`, `tensors.1`, .. in the file, under one name. */
export function grouped(names: readonly string[], tensors: readonly Tensor[]): Inputs {
  const inputs: Record<string, Tensor | Tensor[]> = {};
  for (const [i, name] of names.entries()) {
    const [, list] = /^(.*)\.\d+$/.exec(name) ?? [];
    if (list === undefined) inputs[name] = tensors[i]!;
    else ((inputs[list] ??= []) as Tensor[]).push(tensors[i]!);
  }
  return inputs;
}

/** The inputs in the file's order, whatever they are called. */
export function inOrder(inputs: Inputs): Tensor[] {
  return Object.values(inputs).flat<readonly (Tensor | readonly Tensor[])[]>();
}
