// The module that several files of tests look at.
import { parameter, variable, type Tensor, type TensorLike } from "../../bindings/index.js";
import { Linear, Module, Sequential, Tanh } from "../../bindings/nn/index.js";

/** A module of every kind of place: a variable, modules, a list of each, and a shared one. */
export class Net extends Module {
  readonly scale = parameter(2, { dtype: "f64" });
  readonly steps = variable(0, { dtype: "i32" });
  readonly blocks = [new Linear(3, 3, { dtype: "f64" }), new Linear(3, 3, { dtype: "f64" })];
  readonly offsets = [parameter([1, 2, 3], { dtype: "f64" })];
  readonly head = new Sequential(new Tanh(), new Linear(3, 3, { dtype: "f64" }));
  readonly tied: Module = this.blocks[0]!;

  forward(x: TensorLike): Tensor {
    let y = this.blocks[0]!(x);
    for (const block of [this.blocks[1]!, this.tied]) y = block(y).tanh();
    return this.head(y.add(this.offsets[0]!)).mul(this.scale);
  }
}

/** The names of its parameters. */
export const NAMES = [
  ...["scale", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight", "blocks.1.bias", "offsets.0"],
  ...["head.1.weight", "head.1.bias"],
];
