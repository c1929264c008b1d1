import "../methods.js";
import type { TensorLike } from "../core/create.js";
import { noticed } from "../core/capturing.js";
import type { Tensor } from "../core/graph.js";
import { Variable } from "../core/variable.js";
import { ValueError } from "../errors.js";

/** A tree of variables under the names of the modules that hold them. */
export interface VariableTree {
  [name: string]: Variable | VariableTree;
}

// A module is called like a function: model(x) is model.forward(x).
export interface Module {
  (...inputs: TensorLike[]): Tensor;
}

/** The modules that are not being trained. */
const used = new WeakSet<Module>();

/**
 * A layer, or a model made of layers: an object whose properties are parameters (variables with requiresGrad), buffers
 * (other variables) and further modules, alone or in arrays. Derive from it and define `forward`; call it like a function.
 */
export abstract class Module {
  constructor() {
    const call = (...inputs: TensorLike[]): Tensor => (call as unknown as Module).forward(...inputs);
    // A function has a name and a length of its own, which would hide the module's.
    Reflect.deleteProperty(call, "name");
    Reflect.deleteProperty(call, "length");
    return Object.setPrototypeOf(call, new.target.prototype) as this;
  }

  /** Whether the module is being trained, as at first; some layers behave otherwise when they are only used. */
  get training(): boolean {
    return noticed(() => !used.has(this));
  }
  set training(training: boolean) {
    if (training) used.delete(this);
    else used.add(this);
  }

  /** What the module computes. */
  abstract forward(...inputs: TensorLike[]): Tensor;

  /** The parameters as a tree, named as the properties are: `{ "0": { weight, bias } }`. */
  parameters(): VariableTree {
    return collect(this, (variable) => variable.requiresGrad);
  }

  /** The variables that are not trained, as a tree. */
  buffers(): VariableTree {
    return collect(this, (variable) => !variable.requiresGrad);
  }

  /** The parameters in order, with their full names: `["0.weight", weight]`. */
  namedParameters(): [string, Variable][] {
    return flat(this.parameters(), "");
  }

  /** Puts the module and those inside it in training mode, or out of it. */
  train(training = true): this {
    this.training = training;
    for (const [, part] of partsOf(this)) if (part instanceof Module) part.train(training);
    return this;
  }

  /** Takes the module out of training mode. */
  eval(): this {
    return this.train(false);
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const [, parameter] of this.namedParameters()) parameter.zeroGrad();
  }

  toString(): string {
    const parts = [...partsOf(this)].filter(([, part]) => part instanceof Module);
    const inner = parts.map(([name, part]) => `\n  (${name}): ${String(part).replaceAll("\n", "\n  ")}`).join("");
    return `${this.constructor.name}(${this.describe()}${inner}${inner ? "\n" : ""})`;
  }

  /** What the printed form says about the module itself, such as its sizes. */
  protected describe(): string {
    return "";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** The modules and variables that a module holds, by name; those in an array are named by position. */
function* partsOf(module: Module): Generator<[string, Module | Variable]> {
  for (const [name, value] of Object.entries(module) as [string, unknown][]) {
    if (value instanceof Module || value instanceof Variable) yield [name, value];
    if (!Array.isArray(value)) continue;
    for (const [i, part] of (value as unknown[]).entries()) {
      if (part instanceof Module || part instanceof Variable) yield [`${name}.${i}`, part];
    }
  }
}

function collect(module: Module, wanted: (variable: Variable) => boolean): VariableTree {
  const tree: VariableTree = {};
  for (const [name, part] of partsOf(module)) {
    if (part instanceof Variable) {
      if (wanted(part)) tree[name] = part;
      continue;
    }
    const inner = collect(part, wanted);
    if (Object.keys(inner).length > 0) tree[name] = inner;
  }
  return tree;
}

function flat(tree: VariableTree, prefix: string): [string, Variable][] {
  return Object.entries(tree).flatMap(([name, part]): [string, Variable][] =>
    part instanceof Variable ? [[prefix + name, part]] : flat(part, `${prefix}${name}.`),
  );
}

/** A whole number of units, from 1 on. */
export function checkUnits(operation: string, ...units: number[]): void {
  for (const unit of units) {
    if (!Number.isInteger(unit) || unit < 1) throw new ValueError(operation, "whole sizes from 1 on", String(unit));
  }
}
