import "../methods.js";
import { backward } from "../autodiff/backward.js";
import { inPlaceOf, withTracking } from "../core/apply.js";
import { variable } from "../core/create.js";
import type { DTypeName } from "../core/dtype.js";
import { gradientOf } from "../core/gradient.js";
import type { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/scopes.js";
import { tensorsOf, type Tree } from "../core/tree.js";
import { Variable } from "../core/variable.js";
import { reserve } from "../runtime/scope.js";
import { GradientError, ValueError } from "../errors.js";

/** A number as a 0-d tensor of each dtype that parameters have. */
export type Scalars = (dtype: DTypeName) => Tensor;

/** Bytes that a temporary takes at most beyond its elements, with the small ones beside it. */
const ROOM = 1024;

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
    if (this.parameters.every((parameter) => !gradientOf(parameter.node!))) {
      throw new GradientError(
        `${this.constructor.name}.step`,
        "parameters with gradients",
        "none; call backward first",
      );
    }
    withTracking(false, () =>
      ownedBy("step", () => {
        // Room for all that is computed on the way, before the first variable changes: a step is done whole or not at all.
        reserve(Math.max(...this.parameters.map((p) => p.storage!.bytes + ROOM)) * this.temporaries);
        this.advance();
        for (const [i, parameter] of this.parameters.entries()) {
          const gradient = gradientOf(parameter.node!);
          if (gradient) ownedBy("step", () => this.update(parameter, gradient, i));
        }
      }),
    );
  }

  /** One whole step on the loss that `f` computes: gradients are cleared, accumulated and used. Returns the loss. */
  minimize(f: () => Tensor): Tensor {
    this.zeroGrad();
    return ownedBy("minimize", () => {
      const loss = f();
      backward(loss);
      this.step();
      return loss.node ? inPlaceOf(loss, loss.detach()) : loss;
    });
  }

  /** How many tensors of a parameter's size the method computes on the way for one parameter, at most. */
  protected abstract readonly temporaries: number;

  /** What the method does once a step, before the parameters. */
  protected abstract advance(): void;

  /** Moves the parameter at position i. */
  protected abstract update(parameter: Variable, gradient: Tensor, i: number): void;

  /** A variable of zeros like each parameter. */
  protected zerosLikeParameters(label: string): Variable[] {
    return this.parameters.map((p) => variable(new Float64Array(p.size), { dtype: p.dtype, shape: p.shape, label }));
  }

  /** A number in each dtype that parameters have: cast once a step. */
  protected scalars(x: Tensor): Scalars {
    const made = new Map(this.parameters.map((parameter) => [parameter.dtype, null as Tensor | null]));
    for (const dtype of made.keys()) made.set(dtype, x.cast(dtype));
    return (dtype) => made.get(dtype)!;
  }
}

/** A finite number from `low` on, and below `high`. */
export function checkNumber(operation: string, name: string, value: number, low: number, high = Infinity): number {
  if (!(value >= low && value < high))
    throw new ValueError(operation, `${name} from ${low} to below ${high}`, String(value));
  return value;
}
