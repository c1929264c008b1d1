// The library under test, which is given: the runner's own is the built package, that of its tests the sources. What the
// library does not have yet is a MissingOperation, which the run counts apart.
import type * as wengert from "wengert";
import type { Tensor } from "wengert";
import { DTYPES, type Values } from "./compare.js";
import type { GoldenTensor } from "./file.js";

export type Namespace = Readonly<Record<string, unknown>>;
export type Callable = (...args: readonly unknown[]) => unknown;
export type DType = "f32" | "f64";

export interface Library {
  /** `import * as wengert from "wengert"`. */
  readonly core: typeof wengert;
  /** `wengert/nn` and `wengert/optim`, as far as they are there. */
  readonly nn?: Namespace;
  readonly optim?: Namespace;
}

/** Something public that the library lacks. */
export class MissingOperation extends Error {
  constructor(readonly operation: string) {
    super(`${operation} is missing`);
  }
}

/** `leaky_relu` -> `leakyRelu`, `T_max` -> `tMax`, `xavier_uniform_` -> `xavierUniform`. */
export function camelCase(name: string): string {
  const [first = "", ...rest] = name.split("_").filter((word) => word !== "");
  const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
  return first.charAt(0).toLowerCase() + first.slice(1) + rest.map(capital).join("");
}

/** Names are compared without case and underscores: PyTorch's `logsumexp` is `logSumExp` here, `RMSprop` may be `RMSProp`. */
function folded(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

type Kind = "function" | "class";

const indices = new WeakMap<object, Map<string, Callable>>();

/** A function or class of a namespace, by folded name. Classes are those whose names begin with a capital. */
function lookupIn(namespace: Namespace | undefined, kind: Kind, name: string): Callable | undefined {
  if (!namespace) return undefined;
  let index = indices.get(namespace);
  if (!index) {
    const callables = Object.entries(namespace).filter(([, value]) => typeof value === "function");
    const kindOf = (exported: string): Kind => (/^[A-Z]/.test(exported) ? "class" : "function");
    index = new Map(callables.map(([key, value]) => [`${kindOf(key)} ${folded(key)}`, value as Callable]));
    indices.set(namespace, index);
  }
  return index.get(`${kind} ${folded(name)}`);
}

/** The library in one floating-point type: what a check works with. */
export class Lab {
  readonly core: typeof wengert;

  constructor(
    readonly library: Library,
    readonly dtype: DType,
    /** Whether numbers are rounded to f32 on their way in, whatever the type. */
    readonly rounds: boolean = dtype === "f32",
  ) {
    this.core = library.core;
  }

  /** A public function by PyTorch's name, in "wengert", its `linalg` or `wengert/nn`; null if there is none. */
  lookup(name: string): Callable | null {
    const core = this.core as Namespace;
    const inLinalg = lookupIn(core["linalg"] as Namespace | undefined, "function", name.replace(/^linalg\./, ""));
    const inCore = name.startsWith("linalg.") ? undefined : lookupIn(core, "function", name);
    return inCore ?? inLinalg ?? lookupIn(this.library.nn, "function", name) ?? null;
  }

  /** The same; one that is missing is a MissingOperation. */
  find(name: string): Callable {
    const found = this.lookup(name);
    if (!found) throw new MissingOperation(name);
    return found;
  }

  /** A class of `wengert/nn` or `wengert/optim` by PyTorch's name. */
  findClass(room: "nn" | "optim", name: string): new (...args: readonly unknown[]) => object {
    const found = lookupIn(this.library[room], "class", name);
    if (!found) throw new MissingOperation(`${room}.${name}`);
    return found as unknown as new (...args: readonly unknown[]) => object;
  }

  /** A function of `wengert/nn` or its `init`, or of `wengert/optim`. */
  findIn(room: "nn" | "optim", name: string): Callable {
    const namespace = this.library[room];
    const found =
      lookupIn(namespace, "function", name) ?? lookupIn(namespace?.["init"] as Namespace | undefined, "function", name);
    if (!found) throw new MissingOperation(`${room}.${name}`);
    return found;
  }

  /** A tensor of the file as one of the library: floats in this type, integers as i32. */
  tensor(x: GoldenTensor): Tensor {
    const dtype = DTYPES[x.dtype](this.dtype) as DType | "i32" | "bool";
    const data = this.rounds && x.dtype === "f64" ? x.data.map(Math.fround) : x.data;
    return this.core.tensor(Float64Array.from(data), { shape: x.shape, dtype });
  }

  /** A 0-d tensor. */
  scalar(x: number): Tensor {
    return this.tensor({ dtype: "f64", shape: [], data: [x] });
  }

  /** A vector. */
  vector(x: readonly number[]): Tensor {
    return this.tensor({ dtype: "f64", shape: [x.length], data: x });
  }

  /** A tensor as ordinary numbers. */
  values(x: unknown): Values {
    if (x instanceof this.core.Tensor) return { dtype: x.dtype, shape: x.shape, data: this.core.data(x) };
    if (typeof x === "number") return { dtype: this.dtype, shape: [], data: [x] };
    throw new Error(`expected a tensor, got ${typeof x}`);
  }
}
