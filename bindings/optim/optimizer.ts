import "../methods.js";
import { backward } from "../autodiff/backward.js";
import { withTracking } from "../core/apply.js";
import { variable } from "../core/create.js";
import type { DTypeName } from "../core/dtype.js";
import type { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/scopes.js";
import { tensorsOf, type Tree } from "../core/tree.js";
import { Variable } from "../core/variable.js";
import { GradientError, ValueError } from "../errors.js";

/** Numbers as 0-d tensors of each dtype that parameters have. */
export type Scalars = (dtype: DTypeName) => Tensor;

/**
 * Moves parameters against their gradients. All state is in variables: the learning rate, and what the method remembers of
 * each parameter.
 */
export abstract class Optimizer {
  /** The learning rate, a 0-d variable in f64; `lr` reads and assigns it. */
  readonly rate: Variable;
  protected readonly parameters: readonly Variable[];

  /** `parameters` is a tree of parameters, such as `model.parameters()`. */
  constructor(parameters: Tree, lr: number) {
    const listed = [...new Set(tensorsOf(parameters))];
    if (listed.length === 0)
      throw new ValueError(this.constructor.name, "a tree with parameters, such as model.parameters()", "none");
    this.parameters = listed.map((x) => {
      if (x instanceof Variable && x.requiresGrad) return x;
      throw new ValueError(this.constructor.name, "parameters made by parameter() or by layers", String(x));
    });
    this.rate = variable(checkNumber(this.constructor.name, "lr", lr, 0), { dtype: "f64", label: "learning rate" });
  }

  /** The learning rate. */
  get lr(): number {
    return this.rate.item();
  }
  set lr(lr: number) {
    this.rate.assign(checkNumber(this.constructor.name, "lr", lr, 0));
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.zeroGrad();
  }

  /** Moves each parameter that has a gradient. Frees what it computes on the way. */
  step(): void {
    if (this.parameters.every((parameter) => !parameter.node?.grad)) {
      throw new GradientError(
        `${this.constructor.name}.step`,
        "parameters with gradients",
        "none; call backward first",
      );
    }
    ownedBy("step", () => withTracking(false, () => this.update()));
  }

  /** One whole step on the loss that `f` computes: gradients are cleared, accumulated and used. Returns the loss. */
  minimize(f: () => Tensor): Tensor {
    return ownedBy("minimize", () => {
      this.zeroGrad();
      const loss = f();
      backward(loss);
      this.step();
      return loss.detach();
    });
  }

  /** The method itself. */
  protected abstract update(): void;

  /** A variable of zeros like each parameter. */
  protected zerosLikeParameters(label: string): Variable[] {
    return this.parameters.map((p) => variable(new Float64Array(p.size), { dtype: p.dtype, shape: p.shape, label }));
  }

  /** A 0-d tensor in each dtype that is asked for, cast once a step. */
  protected scalars(x: Tensor): Scalars {
    const made = new Map<DTypeName, Tensor>();
    return (dtype) => {
      let cast = made.get(dtype);
      if (!cast) made.set(dtype, (cast = x.cast(dtype)));
      return cast;
    };
  }

  /** Each parameter that has a gradient, with it and its position. */
  protected *withGradients(): Generator<{ parameter: Variable; gradient: Tensor; i: number }> {
    for (const [i, parameter] of this.parameters.entries()) {
      const gradient = parameter.node?.grad;
      if (gradient) yield { parameter, gradient, i };
    }
  }
}

/** A finite number from `low` on, and below `high`. */
export function checkNumber(operation: string, name: string, value: number, low: number, high = Infinity): number {
  if (!(value >= low && value < high))
    throw new ValueError(operation, `${name} from ${low} to below ${high}`, String(value));
  return value;
}
