import { kindOf } from "../../core/checks.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { isPlainObject, tensorsOf } from "../../core/tree.js";
import { ValueError } from "../../errors.js";
import { add } from "../../primitives/elementwise/arithmetic.js";
import { Module, type AnyModule } from "../module.js";
import { checkOptions } from "../../shared/options.js";

/** Modules in a list, as its properties 0, 1, 2, .. */
abstract class Listed<M extends AnyModule, I extends readonly unknown[], O> extends Module<I, O> {
  readonly [position: number]: M;

  constructor(modules: Iterable<M>) {
    super();
    if (!(Symbol.iterator in (Object(modules) as object)))
      throw new ValueError(this.constructor.name, "modules in an array", kindOf(modules));
    const list = [...modules];
    for (const module of list as readonly unknown[]) {
      const name = this.constructor.name;
      if (!(module instanceof Module)) throw new ValueError(name, "modules, such as layers", kindOf(module));
    }
    Object.assign(this, list);
  }

  /** How many modules there are. */
  override get length(): number {
    return [...this].length;
  }

  /** The module at a position; negative ones count from the end. */
  at(position: number): M | undefined {
    return this[position < 0 ? position + this.length : position];
  }

  *[Symbol.iterator](): IterableIterator<M> {
    for (let i = 0; this[i]; i++) yield this[i]!;
  }
}

/**
 * Modules one after another, given as arguments or in arrays: what one gives is what the next one takes, be it a list. Where
 * layers are not of the type `Module<[x: Tensor]>`, from one tensor to another, it says so: `new Sequential<AnyModule>(lstm, new LastOutput())`.
 */
export class Sequential<M extends AnyModule = Module<[x: Tensor]>, I = TensorLike, O = Tensor> extends Listed<
  M,
  [x: I],
  O
> {
  constructor(...layers: readonly (NoInfer<M> | readonly NoInfer<M>[])[]) {
    super(layers.flatMap((layer) => layer as M));
  }

  forward(x: I): O {
    let y: unknown = tensorsOf(x).length > 0 ? x : asTensor("Sequential", x as TensorLike);
    let before: AnyModule = this;
    for (const layer of this as Iterable<AnyModule>) {
      try {
        y = layer.forward(...([y] as never));
      } catch (error) {
        if (!Array.isArray(y) || !(error instanceof ValueError)) throw error;
        const expected = `a layer that takes the list of ${y.length} from ${before.constructor.name}`;
        throw new ValueError("Sequential", expected, `${layer.constructor.name} (${error.message})`, { cause: error });
      }
      before = layer;
    }
    return y as O;
  }
}

/** Modules in a list, for a module that calls them by itself: `for (const block of this.blocks) x = block(x)`. */
export class ModuleList<M extends AnyModule = Module> extends Listed<M, never, never> {
  constructor(modules: Iterable<M> = []) {
    super(modules);
  }

  forward(): never {
    throw new ValueError("ModuleList", "a call of one of its modules", "a call of the list");
  }
}

/** Modules by name, for a module that calls them by itself: `this.heads.get("value")(x)`. They are its properties. */
export class ModuleDict<M extends AnyModule = Module> extends Module<never, never> {
  constructor(modules: Readonly<Record<string, M>> | ModuleDict<M> = {}) {
    super();
    const named: unknown = modules instanceof ModuleDict ? Object.fromEntries(modules.namedChildren()) : modules;
    if (!isPlainObject(named)) throw new ValueError("ModuleDict", "an object with modules by name", kindOf(modules));
    for (const [name, module] of Object.entries(named)) {
      if (name === "" || name.includes(".") || name in this)
        throw new ValueError("ModuleDict", "names without a dot that modules do not have already", `"${name}"`);
      if (!(module instanceof Module)) throw new ValueError("ModuleDict", "modules, such as layers", kindOf(module));
      Object.assign(this, { [name]: module });
    }
  }

  /** The module of a name. */
  get(name: string): M {
    const found = this.namedChildren().find(([key]) => key === name);
    if (!found) throw new ValueError("ModuleDict", `a name among ${[...this.keys()].join(", ")}`, `"${name}"`);
    return found[1] as M;
  }

  /** The names, in order. */
  *keys(): IterableIterator<string> {
    for (const [name] of this.namedChildren()) yield name;
  }

  forward(): never {
    throw new ValueError("ModuleDict", "a call of one of its modules", "a call of the dictionary");
  }
}

/** x + body(x), or shortcut(x) + body(x) where the shapes differ (He et al. 2016). */
export class Residual extends Module {
  /** What x goes through on its way around the body; null for x as it is. */
  readonly shortcut: Module | null;

  constructor(
    /** What is added to x. */
    readonly body: Module,
    options: { shortcut?: Module | null } = {},
  ) {
    super();
    checkOptions("Residual", options, { shortcut: null });
    this.shortcut = options.shortcut ?? null;
    for (const module of [body, this.shortcut ?? body] as readonly unknown[])
      if (!(module instanceof Module)) throw new ValueError("Residual", "modules, such as layers", kindOf(module));
  }

  forward(x: TensorLike): Tensor {
    const y = this.body.forward(x);
    return add(this.shortcut ? this.shortcut.forward(x) : x, y);
  }
}
