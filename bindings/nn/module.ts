import "../methods.js";
import { noticed } from "../core/running/capturing.js";
import type { TensorLike } from "../core/values/create.js";
import type { Node, Tensor } from "../core/graph.js";
import type { Shape } from "../core/shape.js";
import { isPlainObject } from "../core/tree.js";
import { Variable } from "../core/variable.js";
import { ValueError } from "../errors.js";
import { loadState, type LoadResult, type StateDict } from "./state.js";
import { summarise, type Summary } from "./summary.js";

/** A tree of variables under the names of the modules that hold them. */
export interface VariableTree {
  [name: string]: Variable | VariableTree;
}

// A module is called like a function: model(x) is model.forward(x).
export interface Module<I extends readonly unknown[] = [x: TensorLike], O = Tensor> {
  (...inputs: I): O;
}

/** A module of any inputs and outputs. */
export type AnyModule = Module<never, unknown>;

/** The modules that are not being trained. */
const used = new WeakSet<AnyModule>();

/** The modules in the middle of their printed form. */
const printing = new Set<AnyModule>();

/** Frozen parameters, with what they need to be trained again. */
const frozen = new WeakMap<Variable, Node>();

/**
 * A layer, or a model made of layers: an object whose properties are parameters (variables with requiresGrad), buffers
 * (other variables) and further modules, alone or in arrays and plain objects. Derive from it and define `forward`; call it
 * like a function. Inputs are one tensor and the output is another, unless the type says otherwise: `Module<[a: Tensor, b: Tensor], Tensor[]>`.
 */
export abstract class Module<I extends readonly unknown[] = [x: TensorLike], O = Tensor> {
  constructor() {
    let named = false;
    const call = (...inputs: I): O => {
      const module = call as unknown as Module<I, O>;
      if (!named) {
        if (typeof (module as Partial<typeof module>).forward !== "function")
          throw new ValueError(module.constructor.name, "a method forward, which says what it computes", "none");
        named = true;
        labelled(module);
      }
      return module.forward(...inputs);
    };
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
  abstract forward(...inputs: I): O;

  /**
   * The parameters that are trained (all that are not frozen) as a tree, named as the properties are:
   * `{ "0": { weight, bias } }`. What `grad` is taken by, and optimisers are made of.
   */
  parameters(): VariableTree {
    return treeOf(this.namedParameters());
  }

  /** The variables that are no parameters, as a tree. */
  buffers(): VariableTree {
    return treeOf(this.namedBuffers());
  }

  /** The parameters that are trained, in order, with their full names: `["0.weight", weight]`. A shared one comes once. */
  namedParameters(): [name: string, parameter: Variable][] {
    return distinct(labelled(this).filter(([, variable]) => variable.requiresGrad));
  }

  /** The variables that are no parameters, in order, with their full names. */
  namedBuffers(): [name: string, buffer: Variable][] {
    return distinct(labelled(this).filter(([, variable]) => !isParameter(variable)));
  }

  /** The module itself, under an empty name, and all modules inside of it with their full names, outer ones first. */
  namedModules(): [name: string, module: AnyModule][] {
    const found = new Map<AnyModule, string>();
    const visit = (module: AnyModule, prefix: string): void => {
      if (found.has(module)) return;
      found.set(module, prefix);
      for (const { name, part } of placesOf(module))
        if (part instanceof Module) visit(part, prefix === "" ? name : `${prefix}.${name}`);
    };
    visit(this, "");
    return [...found].map(([module, name]) => [name, module]);
  }

  /** The modules directly inside, with their names. */
  namedChildren(): [name: string, module: AnyModule][] {
    return placesOf(this).flatMap(({ name, part }): [string, AnyModule][] =>
      part instanceof Module ? [[name, part]] : [],
    );
  }

  /** Calls a function with every module inside, inner ones first, and with this one: to give initial values, say. */
  apply(change: (module: AnyModule) => void): this {
    if (typeof change !== "function") throw new ValueError("apply", "a function of modules", typeof change);
    const seen = new Set<AnyModule>();
    const visit = (module: AnyModule): void => {
      if (seen.has(module)) return;
      seen.add(module);
      for (const [, inner] of module.namedChildren()) visit(inner);
      change(module);
    };
    visit(this);
    return this;
  }

  /** Puts the module and those inside it in training mode, or out of it. */
  train(training = true): this {
    for (const [, module] of this.namedModules()) module.training = training;
    return this;
  }

  /** Takes the module out of training mode. */
  eval(): this {
    return this.train(false);
  }

  /** Makes all parameters constants, which `parameters()` does not list and optimisers leave alone; gradients are forgotten. */
  freeze(): this {
    for (const [, parameter] of this.namedParameters()) {
      parameter.zeroGrad();
      frozen.set(parameter, parameter.node!);
      parameter.node = null;
    }
    return this;
  }

  /** Lets frozen parameters be trained again. */
  unfreeze(): this {
    for (const [, variable] of labelled(this)) {
      const node = frozen.get(variable);
      if (!node) continue;
      variable.node = node;
      frozen.delete(variable);
    }
    return this;
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const [, parameter] of this.namedParameters()) parameter.zeroGrad();
  }

  /**
   * All parameters and buffers by their full names, which are PyTorch's for the layers of this library: the variables
   * themselves, not copies. A shared one stands under each of its names.
   */
  stateDict(): Record<string, Variable> {
    return Object.fromEntries(labelled(this));
  }

  /**
   * Assigns values by the names of `stateDict`, of the same shapes, cast to the variables' dtypes. If a name is missing or
   * unknown (unless `strict` is false) or a value does not fit, a StateError lists all that is wrong, and nothing is changed.
   */
  loadStateDict(state: StateDict, options: { strict?: boolean } = {}): LoadResult {
    return loadState(`${this.constructor.name}.loadStateDict`, new Map(labelled(this)), state, options);
  }

  /**
   * The modules with their numbers of parameters; with an example of the inputs also with the shapes of their outputs and
   * their multiply-adds, as found by calling the model once, out of training mode. `String(model.summary(x))` is a table.
   */
  summary(...example: I | []): Summary {
    const modules = this.namedModules();
    const parts = modules.map(([name, module]) => {
      const own = placesOf(module).flatMap(({ part }) => (part instanceof Variable ? [part] : []));
      return {
        name,
        module,
        type: module.constructor.name,
        parameters: own.filter(isParameter),
        buffers: own.filter((variable) => !isParameter(variable)),
        multiplyAdds: (inputs: readonly Shape[], outputs: readonly Shape[]) => module.multiplyAdds(inputs, outputs),
      };
    });
    if (example.length === 0) return summarise(parts, null);
    const trained = modules.filter(([, module]) => module.training);
    this.eval();
    try {
      return summarise(parts, () => this.forward(...(example as I)));
    } finally {
      for (const [, module] of trained) module.training = true;
    }
  }

  /** The modules inside, as PyTorch prints them; one that it is itself in, as a parent, by its name alone. */
  toString(): string {
    if (printing.has(this)) return `${this.constructor.name}(..)`;
    printing.add(this);
    try {
      return this.print();
    } finally {
      printing.delete(this);
    }
  }

  private print(): string {
    const inner = this.namedChildren().map(([name, part]) => `\n  (${name}): ${String(part).replaceAll("\n", "\n  ")}`);
    return `${this.constructor.name}(${this.describe()}${inner.join("")}${inner.length > 0 ? "\n" : ""})`;
  }

  /** What the printed form says about the module itself, such as its sizes. */
  protected describe(): string {
    return "";
  }

  /** Multiplications with additions that a call takes for inputs and outputs of such shapes, without modules inside. */
  protected multiplyAdds(_inputs: readonly Shape[], _outputs: readonly Shape[]): number {
    return 0;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Where a module holds another, or a variable: under `key` of `holder`, which is the module or an array or object in it. */
export interface Place {
  readonly name: string;
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly part: AnyModule | Variable;
}

/** What a module holds, by name: what is in an array is named by position, and what is in a plain object by its key there. */
export function placesOf(module: AnyModule): Place[] {
  const found: Place[] = [];
  const look = (holder: object, prefix: string, around: readonly unknown[]): void => {
    for (const [key, value] of Object.entries(holder) as [string, unknown][]) {
      const name = prefix + key;
      if (isPart(value)) found.push({ name, holder: holder as Record<string, unknown>, key, part: value });
      else if (Array.isArray(value) || isPlainObject(value)) {
        if (!around.includes(value)) look(value, `${name}.`, [...around, value]);
      } else if ((value instanceof Map || value instanceof Set) && [...value.values()].some(isPart))
        throw new ValueError(
          module.constructor.name,
          "modules and variables as properties, in arrays or in plain objects",
          `some in a ${value.constructor.name}, "${name}"`,
        );
    }
  };
  look(module, "", []);
  return found;
}

function isPart(value: unknown): value is AnyModule | Variable {
  return value instanceof Module || value instanceof Variable;
}

/**
 * All places of variables in a module and those inside of it, with full names: under each name that they have. A module
 * that a part of it refers to, as to its parent, is not inside of itself.
 */
export function placesOfVariables(
  module: AnyModule,
  prefix = "",
  outer: readonly AnyModule[] = [],
): (Place & { readonly part: Variable })[] {
  const around = [...outer, module];
  return placesOf(module).flatMap(({ part, ...place }) => {
    const name = prefix + place.name;
    if (part instanceof Variable) return [{ ...place, name, part }];
    return around.includes(part) ? [] : placesOfVariables(part, `${name}.`, around);
  });
}

/**
 * All variables in a module with their full names, which they take as labels for traces, pictures and messages. A label
 * only grows, from `weight` to `0.weight`: a part of a model does not take the model's name from its variables. Throws a
 * ValueError where keys with dots give two variables one name.
 */
function labelled(module: AnyModule): [string, Variable][] {
  const byName = new Map<string, Variable>();
  return placesOfVariables(module).map(({ name, part }) => {
    if ((byName.get(name) ?? part) !== part)
      throw new ValueError(module.constructor.name, "a name for each variable", `two of the name "${name}"`);
    byName.set(name, part);
    if (part.label === "" || name.endsWith(`.${part.label}`)) part.label = name;
    return [name, part];
  });
}

function isParameter(variable: Variable): boolean {
  return variable.requiresGrad || frozen.has(variable);
}

/** Each variable under the first of its names. */
function distinct(named: readonly [string, Variable][]): [string, Variable][] {
  const seen = new Set<Variable>();
  return named.filter(([, variable]) => !seen.has(variable) && seen.add(variable));
}

function treeOf(named: readonly [string, Variable][]): VariableTree {
  const tree: VariableTree = {};
  for (const [name, variable] of named) {
    const path = name.split(".");
    const last = path.pop()!;
    let branch: Variable | VariableTree = tree;
    for (const step of path) {
      branch = Object.hasOwn(branch, step) ? branch[step]! : put(branch, step, {});
      if (branch instanceof Variable) throw both(step, name);
    }
    if (Object.hasOwn(branch, last) && branch[last] !== variable) throw both(last, name);
    put(branch, last, variable);
  }
  return tree;
}

function both(step: string, name: string): ValueError {
  return new ValueError("parameters", "variables or parts in a place, not both", `both as "${step}" of "${name}"`);
}

/** Gives a tree a property of its own by any name: `constructor` and `__proto__` are names as others are. */
function put<T extends Variable | VariableTree>(tree: VariableTree, name: string, value: T): T {
  Object.defineProperty(tree, name, { value, enumerable: true, configurable: true, writable: true });
  return value;
}
