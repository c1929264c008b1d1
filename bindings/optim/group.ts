import { isRecording, noticed } from "../core/running/capturing.js";
import { variable } from "../core/values/create.js";
import { Tensor } from "../core/graph.js";
import { isPlainObject, mapTree, type Tree } from "../core/tree.js";
import { Variable } from "../core/variable.js";
import { ValueError } from "../errors.js";
import { checkBranches, checkNumber } from "./checks.js";
import { POSITIVE, type StateEntries, type Remembered } from "./state.js";

/** Parameters in arrays and objects, as deep as you like, or a list of groups; not a module itself, nor a function. */
export type ParameterTree = { readonly [name: string]: unknown } | (object & { readonly call?: never });

/** What every method can be told. */
export interface CommonOptions {
  /** The learning rate. */
  lr?: number;
  /** Times the parameter, added to its gradient. Default 0. */
  weightDecay?: number;
  /** Move along the gradients instead of against them. Default false. */
  maximize?: boolean;
}

/** Options with their defaults. */
export type Settings = Required<CommonOptions>;

/** What a method remembers of its parameters. */
export interface Memory<K extends string, C extends string> {
  /** Tensors of each parameter's shape, and the number that fills them at first. */
  readonly places: { readonly [P in K]?: number };
  /** Numbers that each parameter has, f64 [parameters], and what they are at first. */
  readonly clocks: { readonly [P in C]?: number };
}

/**
 * Parameters that are moved with the same settings, and all that is remembered of them. The learning rate is a variable, so
 * that a compiled step reads what it is now; the other settings are constants.
 */
export class ParameterGroup<S extends Settings = Settings, K extends string = string, C extends string = string> {
  /** Each once, in the order of the tree that they came in. */
  readonly parameters: readonly Variable[];
  /** Of the parameters: their places in the tree that they came in, as `0.weight`. */
  readonly names: readonly string[];
  /** The learning rate, a 0-d variable in f64. */
  readonly rate: Variable;
  /** The learning rate that schedules start from; null before there is one. */
  initialLr: number | null = null;
  /** What is remembered of each parameter, in its shape. */
  readonly state: readonly Readonly<Record<K, Variable>>[];
  /** What is counted of all parameters, f64 [parameters]. */
  readonly clocks: Readonly<Record<C, Variable>>;
  private varied: Variable | null = null;

  constructor(
    private readonly method: string,
    tree: Tree,
    /** The options of the group, with defaults. */
    readonly settings: S,
    /** What is remembered; with momentum that is scheduled it may be more. */
    private readonly memory: (varied: boolean) => Memory<K, C>,
  ) {
    const named = parametersOf(method, tree);
    this.parameters = [...named.keys()];
    this.names = [...named.values()];
    this.rate = variable(settings.lr, { dtype: "f64", label: "learning rate" });
    this.state = this.parameters.map(() => ({})) as Record<K, Variable>[];
    this.clocks = {} as Record<C, Variable>;
    this.remember();
  }

  /** The learning rate as it is printed: while a program is made it has no value. */
  get shownRate(): string {
    return isRecording() ? "of the call" : String(this.lr);
  }

  /** The learning rate. */
  get lr(): number {
    return this.rate.item();
  }
  set lr(lr: number) {
    this.rate.assign(checkNumber(this.method, "lr", lr, 0));
  }

  /**
   * What is kept of the last direction: the setting `momentum`, or the first of `betas`. Once it has been assigned to, which
   * some schedules do, it is a variable as the learning rate is.
   */
  get momentum(): number | Variable {
    const varied = noticed(() => this.varied);
    if (varied) return varied;
    const { momentum, betas } = this.settings as { momentum?: number; betas?: readonly [number, number] };
    return momentum ?? betas?.[0] ?? 0;
  }
  set momentum(value: number) {
    if (!this.hasMomentum) throw new ValueError(this.method, "a method with momentum or betas to schedule", "none");
    checkNumber(this.method, "momentum", value, 0, 1);
    if (this.varied) {
      this.varied.assign(value);
      return;
    }
    this.varied = variable(value, { dtype: "f64", label: "momentum" });
    this.remember();
  }

  /** Whether the method has a momentum that can be scheduled. */
  get hasMomentum(): boolean {
    return "momentum" in this.settings || "betas" in this.settings;
  }

  /** All that is remembered, by name. */
  get entries(): StateEntries {
    const all = new Map<string, Variable | Remembered>([
      ["lr", { get: () => this.lr, set: (lr) => (this.lr = lr!), range: POSITIVE }],
    ]);
    const { varied } = this;
    if (varied) {
      const range = { low: 0, high: 1 };
      all.set("momentum", { get: () => varied.item(), set: (value) => (this.momentum = value!), range });
    }
    for (const [name, clock] of Object.entries<Variable>(this.clocks)) all.set(name, clock);
    for (const [i, state] of this.state.entries()) {
      for (const [name, place] of Object.entries<Variable>(state)) all.set(`${this.names[i]!}.${name}`, place);
    }
    return all;
  }

  /** Makes what is to be remembered and is not there yet. */
  private remember(): void {
    const { places, clocks } = this.memory(this.varied !== null);
    const count = this.parameters.length;
    for (const [name, start] of Object.entries<number>(clocks as Record<string, number>))
      (this.clocks as Record<string, Variable>)[name] ??= filled(start, count, { shape: [count], dtype: "f64" }, name);
    for (const [i, parameter] of this.parameters.entries()) {
      const state = this.state[i] as Record<string, Variable>;
      for (const [name, start] of Object.entries<number>(places as Record<string, number>))
        state[name] ??= filled(start, parameter.size, parameter, name);
    }
  }
}

function filled(
  start: number,
  size: number,
  { shape, dtype }: Pick<Tensor, "shape" | "dtype">,
  label: string,
): Variable {
  return variable(new Float64Array(size).fill(start), { shape, dtype, label });
}

/** The trees of parameters with the options of each: one tree, or a list of objects with `params` and options. */
export function groupsOf<O>(parameters: Tree, options: O): readonly (readonly [tree: Tree, options: O])[] {
  const isGroup = (part: unknown): part is { params: Tree } => isPlainObject(part) && Object.hasOwn(part, "params");
  if (!Array.isArray(parameters) || parameters.length === 0 || !parameters.every(isGroup))
    return [[parameters, options]];
  return parameters.map(({ params, ...own }) => {
    // What is undefined is not given, as everywhere.
    const given = Object.entries(own).filter(([, value]) => value !== undefined);
    return [params, { ...options, ...Object.fromEntries(given) }];
  });
}

/** The parameters of a tree with their names; each once. */
function parametersOf(method: string, tree: Tree): Map<Variable, string> {
  const found = variablesOf(method, tree);
  for (const x of found.keys())
    if (!x.requiresGrad) throw new ValueError(method, "parameters made by parameter() or by layers", String(x));
  return found;
}

/** The variables of a tree with their places in it; each once. Refuses keys with dots that give two of them one name. */
export function variablesOf(operation: string, tree: Tree): Map<Variable, string> {
  const found = new Map<Variable, string>();
  const names = new Set<string>();
  mapTree(tree, (x, path) => {
    if (!(x instanceof Tensor)) return x; // Refused below.
    if (!(x instanceof Variable))
      throw new ValueError(operation, "parameters made by parameter() or by layers", String(x));
    // `.layers[0].weight` -> `layers.0.weight`
    const name = path.replaceAll(/\[(\d+)\]/g, ".$1").replace(/^\./, "") || "0";
    if (found.has(x)) return x;
    if (names.has(name)) throw new ValueError(operation, "a name for each parameter", `two of the name "${name}"`);
    names.add(name);
    found.set(x, name);
    return x;
  });
  checkBranches(operation, tree);
  if (found.size === 0) throw new ValueError(operation, "a tree with parameters, such as model.parameters()", "none");
  return found;
}
