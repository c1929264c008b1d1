import { arrayOf, parameter, variable } from "../../core/values/create.js";
import { dtypes, type DTypeName, type TypedArray } from "../../core/dtype.js";
import { Tensor, type Primitive } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { isDense, sameShape, sizeOf, type Shape } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";
import { allocateStorage } from "../../runtime/scope.js";
import { FormatError, OutOfMemoryError, WengertError } from "../../errors.js";
import { Slot, type Captured, type Guard } from "../capture/capture.js";
import { NOTHING } from "../run/executable.js";
import type { Graph, Operand, Origin, Step, Value } from "../capture/graph.js";
import { Constants } from "../capture/constants.js";
import { plan } from "../plan/plan.js";
import { reachOf, type Leaf, type Pattern } from "../capture/signature.js";
import { simplify } from "../simplify/simplify.js";
import { unpack } from "./container.js";
import { dtypeOf, fields, invalid, list, shapeOf, text, whole, wholes, type Fields } from "./fields.js";
import { fromJson } from "./json.js";
import { checkParams } from "./params.js";
import { unplaced, tryOut } from "./trial.js";

const ELEMENTS = {
  ...{ f32: Float32Array, f64: Float64Array, i32: Int32Array, u8: Uint8Array, bool: Uint8Array },
  ...{ f16: Uint16Array, bf16: Uint16Array },
} as const;

/** What a file holds. */
export interface Saved {
  readonly name: string;
  readonly captured: Captured;
  readonly variables: readonly Variable[];
  /** What stands for the arguments until there are some: it tells tensors from numbers and arrays. */
  readonly leaves: readonly Leaf[];
}

/**
 * The graph in a file. Everything in it is checked before any of it is used: that values are made before they are read and
 * lie within their memory, that every operation gets what it could have been given by a user, and gives what the file says.
 * At most `maxBytes` are taken for any value, and for all that the program plans.
 */
export function read(bytes: unknown, maxBytes: number): Saved {
  let reader: Reader | null = null;
  try {
    const parts = unpack(bytes);
    reader = new Reader(fields(JSON.parse(parts.text), "a program"), parts.blocks, maxBytes);
    return reader.read();
  } catch (error) {
    reader?.abandon();
    if (error instanceof WengertError) {
      if (error instanceof FormatError || error instanceof OutOfMemoryError) throw error;
      throw new FormatError("load", "operations that their arguments fit", error.message, { cause: error });
    }
    throw new FormatError("load", "a saved program", `one that is none (${String(error)})`, { cause: error });
  }
}

class Reader {
  private readonly variables: Variable[] = [];
  private readonly values: Value[] = [];
  /** Values that are there when a step reads. */
  private readonly known = new Set<Value>();
  private readonly constants = new Constants();
  private readonly inputs: Value[] = [];
  private readonly leaves: Leaf[] = [];
  /** Where in its memory an input begins that is a view. */
  private readonly starts = new Map<Value, number>();

  constructor(
    private readonly file: Fields,
    private readonly blocks: Uint8Array,
    private readonly maxBytes: number,
  ) {}

  /** Gives back what was taken for a file that turned out to be none. */
  abandon(): void {
    for (const x of this.variables) x.storage!.free("load");
    this.constants.release("load");
  }

  read(): Saved {
    const { file } = this;
    for (const given of list(file["variables"], "variables"))
      this.variables.push(this.variable(fields(given, "a variable")));
    for (const given of list(file["values"], "values")) this.values.push(this.value(fields(given, "a value")));
    if (this.inputs.length !== file["inputs"]) throw invalid("inputs as counted", file["inputs"]);
    const pattern = this.pattern(file["arguments"]);
    const given = list(file["steps"], "steps");
    const steps = given.map((x) => this.step(fields(x, "a step")));
    const graph: Graph = {
      inputs: this.inputs,
      steps,
      results: list(file["results"], "results").map((x) => this.operand(x)),
      assignments: this.held(file["assignments"]).map(([held, value]) => {
        if (!value) throw invalid("a value", value);
        return { variable: held, value };
      }),
      gradients: this.held(file["gradients"]).map(([held, value]) => ({ leaf: this.leaf(held), value })),
    };
    const result = this.result(graph);
    const needed = plan(simplify(graph)).bytes;
    if (needed > this.maxBytes) throw invalid(`a program of at most ${this.maxBytes} bytes; see { maxBytes }`, needed);
    const absent = list(file["absent"], "variables").map((x) => this.leaf(this.variableAt(x)));
    const guards = guardsOf(graph, absent);
    const captured = { pattern, guards, graph, absent, result, closedOver: [], constants: this.constants };
    return { name: text(file["name"], "a name"), captured, variables: this.variables, leaves: this.leaves };
  }

  private variableAt(x: unknown): Variable {
    return this.variables[whole(x, this.variables.length, "a variable")]!;
  }

  private leaf(held: Variable) {
    return held.node ?? raise(invalid("a variable with gradients", held.label));
  }

  private elements(at: unknown, dtype: DTypeName, count: number): TypedArray {
    const bytes = count * dtypes[dtype].bytes;
    const from = whole(at, this.blocks.length + 1, "a place of elements");
    if (from % 8 !== 0 || from + bytes > this.blocks.length) throw invalid("a place of elements", from);
    // Not slice: that of a Buffer, as Node reads files, copies nothing.
    const { buffer } = new Uint8Array(this.blocks.subarray(from, from + bytes));
    const elements = new ELEMENTS[dtype](buffer, 0, count);
    if (dtype === "bool" && elements.some((element) => element > 1)) throw invalid("truth values", "other bytes");
    return elements;
  }

  private shape(x: unknown, dtype: DTypeName): Shape {
    return shapeOf(x, Math.floor(this.maxBytes / dtypes[dtype].bytes));
  }

  private variable(given: Fields): Variable {
    const dtype = dtypeOf(given["dtype"]);
    const shape = this.shape(given["shape"], dtype);
    const elements = this.elements(given["at"], dtype, sizeOf(shape));
    return (given["leaf"] === true ? parameter : variable)(elements, {
      dtype,
      shape,
      label: text(given["label"], "a label"),
    });
  }

  private value(given: Fields): Value {
    const dtype = dtypeOf(given["dtype"]);
    const shape = this.shape(given["shape"], dtype);
    const size = sizeOf(shape);
    const name = given["name"] === undefined ? undefined : text(given["name"], "a name");
    const value: Value = { origin: this.origin(given, dtype, size), dtype, shape, size, name };
    const { origin } = value;
    const holder =
      origin.kind === "variable" ? origin.variable : origin.kind === "gradient" ? origin.leaf.output : null;
    if (holder && (holder.dtype !== dtype || !sameShape(holder.shape, shape)))
      throw invalid("values like their variables", dtype);
    if (origin.kind === "constant" && shape.length !== 1) throw invalid("constants with one axis", shape.length);
    if (origin.kind === "input") this.inputs.push(value);
    if (origin.kind !== "step") this.known.add(value);
    return value;
  }

  private origin(given: Fields, dtype: DTypeName, size: number): Origin {
    switch (given["kind"]) {
      case "input":
        return { kind: "input", position: this.inputs.length };
      case "variable":
        return { kind: "variable", variable: this.variableAt(given["of"]) };
      case "gradient":
        return { kind: "gradient", leaf: this.leaf(this.variableAt(given["of"])) };
      case "constant":
        return { kind: "constant", tensor: this.constant(this.elements(given["at"], dtype, size), dtype) };
      case "step":
        return { kind: "step" };
      default:
        throw invalid("a known kind", given["kind"]);
    }
  }

  private constant(elements: TypedArray, dtype: DTypeName): Tensor {
    const storage = allocateStorage(Math.max(elements.byteLength, 1), null);
    this.constants.keep(storage);
    const x = new Tensor(storage, dtype, [elements.length], [1], 0, elements.length, true);
    arrayOf(x).set(elements);
    return x;
  }

  private operand(x: unknown): Operand {
    const [number, given, steps, from] = list(x, "an operand");
    const value = this.values[whole(number, this.values.length, "a value")]!;
    const shape = this.shape(given, value.dtype);
    const strides = wholes(steps, "strides");
    const start = this.starts.get(value) ?? 0;
    const first = whole((from as number) + start, value.size + 1, "an offset");
    const [low, high] = reachOf(shape, strides);
    const elements = sizeOf(shape);
    const inside = elements === 0 || (first + low >= 0 && first + high < value.size);
    if (!this.known.has(value) || strides.length !== shape.length || !inside)
      throw invalid("an operand within a known value", "another");
    return { value, shape, strides, offset: first - start, elements, dense: isDense(shape, strides) };
  }

  private step(given: Fields): Step {
    const name = text(given["primitive"], "an operation");
    const rows = operations as unknown as Readonly<Record<string, { readonly primitive: Primitive }>>;
    if (!Object.hasOwn(rows, name)) throw invalid("an operation of the library", name);
    const row = rows[name]!.primitive;
    const own = text(given["name"], "a name");
    const primitive = own === row.name ? row : { ...row, name: own };
    const params = fromJson(given["params"]);
    const inputs = list(given["inputs"], "operands").map((x) => this.operand(x));
    const numbers = list(given["outputs"], "values").map((x) => whole(x, this.values.length, "a value"));
    const outputs = numbers.map((number) => this.values[number]!);
    const parts = given["parts"] === true;
    const tensors = inputs.map((x) => unplaced(x, this.starts.get(x.value)));
    checkParams(params);
    const { shape, dtype } = row.infer(tensors, params);
    const all = parts ? [outputs.length, ...(outputs[0]?.shape ?? [])] : (outputs[0]?.shape ?? []);
    let fit = (parts || outputs.length === 1) && sameShape(all, shape);
    for (const output of outputs) {
      fit &&= output.origin.kind === "step" && !this.known.has(output);
      fit &&= output.dtype === dtype && sameShape(output.shape, outputs[0]!.shape);
      this.known.add(output);
    }
    if (!fit) throw invalid(`outputs as ${name} gives them`, "others");
    tryOut(row, tensors, params, outputs, parts);
    return { primitive, params, inputs, outputs, parts, repeated: given["repeated"] === true };
  }

  /** Pairs of a variable, each once, and its last value or gradient. */
  private held(x: unknown): [Variable, Operand | null][] {
    const pairs = list(x, "pairs").map((pair): [Variable, Operand | null] => {
      const [held, given] = list(pair, "a variable and a value");
      const [variable, value] = [this.variableAt(held), given === null ? null : this.operand(given)];
      if (value && (value.value.dtype !== variable.dtype || !sameShape(value.shape, variable.shape)))
        throw invalid("values like their variables", value.value.dtype);
      return [variable, value];
    });
    if (new Set(pairs.map(([variable]) => variable)).size < pairs.length)
      throw invalid("each variable once", "one twice");
    return pairs;
  }

  private result({ results }: Graph): unknown {
    const seen = new Set<number>();
    const tree = fromJson(this.file["result"], (json) => {
      if ("variable" in json) return this.variableAt(json["variable"]);
      if (!("slot" in json)) return undefined;
      const kind = json["slot"] === "number" ? "number" : "result";
      const position = whole(json["position"], kind === "number" ? this.inputs.length : results.length, "a result");
      if (kind === "result") seen.add(position);
      return new Slot(kind, position);
    });
    if (seen.size < results.length) throw invalid("a place for every result", seen.size);
    return tree;
  }

  /** A pattern, or part of one. */
  private pattern(x: unknown): Pattern {
    const given = fields(x, "a pattern");
    const part = (y: unknown): Pattern => this.pattern(y);
    const leaf = (dtype: DTypeName, shape: Shape, blank: Leaf = 0): number => {
      const value = this.inputs[this.leaves.length];
      if (value?.dtype !== dtype || !sameShape(value.shape, shape)) throw invalid("arguments like the inputs", dtype);
      return this.leaves.push(blank) - 1;
    };
    switch (given["kind"]) {
      case "tensor": {
        const like = fields(given["like"], "a look");
        const dtype = dtypeOf(like["dtype"]);
        const shape = this.shape(like["shape"], dtype);
        const strides = like["strides"] === null ? null : wholes(like["strides"], "strides");
        const position = leaf(dtype, shape, NOTHING);
        if (strides) {
          const value: { size: number } & Value = this.inputs[position]!;
          const [low, high] = reachOf(shape, strides);
          [value.size] = this.shape([high - low + 1], dtype) as [number];
          this.starts.set(value, 0 - low);
        }
        return { kind: "tensor", position, like: { dtype, shape, strides } };
      }
      case "number": {
        const met = list(given["met"], "types").map((x) => {
          const { beside, took } = fields(x, "a pair of types");
          return { beside: dtypeOf(beside), took: dtypeOf(took) };
        });
        return { kind: "number", position: leaf("f64", []), met };
      }
      case "array": {
        const dtype = dtypeOf(given["dtype"]);
        const [length] = this.shape([given["length"]], dtype);
        return { kind: "array", position: leaf(dtype, [length!]), dtype, length: length! };
      }
      case "same":
        return { kind: "same", value: fromJson(given["value"]) };
      case "variable":
        return { kind: "same", value: this.variableAt(given["of"]) };
      case "list":
        return { kind: "list", parts: list(given["parts"], "patterns").map(part) };
      case "record": {
        const keys = list(given["keys"], "keys").map((key) => text(key, "a key"));
        const parts = list(given["parts"], "patterns").map(part);
        if (keys.length !== parts.length) throw invalid("a pattern for every key", parts.length);
        return { kind: "record", keys, parts };
      }
      default:
        throw invalid("a known kind", given["kind"]);
    }
  }
}

/** A program from a file serves while the gradients are there, or not there, as they were when it was captured. */
function guardsOf(graph: Graph, absent: readonly NonNullable<Variable["node"]>[]): Guard[] {
  const leaves = graph.steps.flatMap(({ inputs }) =>
    inputs.flatMap(({ value: { origin } }) => (origin.kind === "gradient" ? origin.leaf : [])),
  );
  const guards = (of: typeof absent, seen: boolean): Guard[] =>
    [...new Set(of)].map((leaf) => ({ read: () => leaf.grad !== null, seen }));
  return [...guards(leaves, true), ...guards(absent, false)];
}

function raise(error: Error): never {
  throw error;
}
