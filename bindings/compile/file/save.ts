import { arrayOf } from "../../core/values/create.js";
import type { Primitive } from "../../core/graph.js";
import { operations } from "../../core/operations.js";
import { Variable } from "../../core/variable.js";
import { ValueError } from "../../errors.js";
import { Slot, type Captured } from "../capture/capture.js";
import { wanted, type Operand, type Value } from "../capture/graph.js";
import type { Pattern } from "../capture/signature.js";
import { aligned, pack } from "./container.js";
import { MOST } from "./fields.js";
import { toJson } from "./json.js";

/**
 * The bytes of a program: the graph as it was captured, with constants and the present values of variables. Rows of the
 * table are saved by name; what a user made himself, such as a custom gradient, cannot be.
 */
export function save(name: string, captured: Captured): Uint8Array<ArrayBuffer> {
  return new Writer(`${name}.save`, captured).write(name);
}

class Writer {
  private readonly values: Value[] = [];
  private readonly numbers = new Map<Value, number>();
  private readonly variables: Variable[] = [];
  private readonly blocks: Uint8Array[] = [];
  private end = 0;

  constructor(
    private readonly operation: string,
    private readonly captured: Captured,
  ) {}

  write(name: string): Uint8Array<ArrayBuffer> {
    const { graph, pattern, result, absent } = this.captured;
    for (const value of graph.inputs) this.number(value);
    const steps = graph.steps.map(({ primitive, params, inputs, outputs, parts, repeated }) => ({
      primitive: this.row(primitive),
      name: primitive.name,
      params: this.json(params, `parameters of plain data for ${primitive.name}`),
      inputs: inputs.map((x) => this.operand(x)),
      outputs: outputs.map((y) => this.number(y)),
      parts,
      repeated,
    }));
    const ends = {
      results: graph.results.map((x) => this.operand(x)),
      assignments: graph.assignments.map(({ variable, value }) => [this.variable(variable), this.operand(value)]),
      gradients: graph.gradients.map(({ leaf, value }) => [this.leaf(leaf.output), value && this.operand(value)]),
      absent: absent.map((leaf) => this.leaf(leaf.output)),
    };
    for (const { value } of wanted(graph)) this.number(value);
    for (const { length } of [this.values, graph.results, ...graph.steps.map(({ inputs }) => inputs)])
      if (length > MOST) this.refuse(`a graph of at most ${MOST} values, operands of a step and results`, `${length}`);
    const args = this.pattern(pattern);
    const template = this.json(result, "a result of tensors and plain data", (x) => {
      if (x instanceof Slot) return { slot: x.kind, position: x.position };
      return x instanceof Variable ? { variable: this.variable(x) } : undefined;
    });
    const text = JSON.stringify({
      name,
      inputs: graph.inputs.length,
      values: this.values.map((value) => this.value(value)),
      steps,
      ...ends,
      arguments: args,
      result: template,
      variables: this.variables.map((variable) => ({
        dtype: variable.dtype,
        shape: variable.shape,
        label: variable.label,
        leaf: variable.node !== null,
        at: this.block(arrayOf(variable)),
      })),
    });
    return pack(text, this.blocks);
  }

  private json(x: unknown, what: string, special?: (x: unknown) => unknown): unknown {
    const json = toJson(x, special);
    return json === undefined ? this.refuse(what, "something else") : json;
  }

  private refuse(expected: string, got: string): never {
    throw new ValueError(this.operation, expected, got);
  }

  /** The name of a primitive's row; it may be called otherwise in errors. */
  private row(primitive: Primitive): string {
    const rows = operations as unknown as Readonly<Record<string, { readonly primitive: Primitive }>>;
    const found = Object.keys(rows).find((key) => {
      const row = rows[key]!.primitive;
      return row === primitive || (row.infer === primitive.infer && row.encode === primitive.encode);
    });
    return found ?? this.refuse("operations of the library", primitive.name);
  }

  private number(value: Value): number {
    let number = this.numbers.get(value);
    if (number === undefined) {
      this.numbers.set(value, (number = this.values.length));
      this.values.push(value);
    }
    return number;
  }

  private operand({ value, shape, strides, offset }: Operand): unknown {
    return [this.number(value), shape, strides, shape.includes(0) ? 0 : offset];
  }

  private value({ origin, dtype, shape, name }: Value): unknown {
    const look = { dtype, shape, name };
    switch (origin.kind) {
      case "variable":
        return { kind: "variable", of: this.variable(origin.variable), ...look };
      case "gradient":
        return { kind: "gradient", of: this.leaf(origin.leaf.output), ...look };
      case "constant":
        return { kind: "constant", at: this.block(arrayOf(origin.tensor)), ...look };
      default:
        return { kind: origin.kind, ...look };
    }
  }

  private variable(variable: Variable): number {
    const known = this.variables.indexOf(variable);
    return known >= 0 ? known : this.variables.push(variable) - 1;
  }

  private leaf(output: unknown): number {
    if (output instanceof Variable) return this.variable(output);
    return this.refuse("gradients of variables and parameters", "the gradient of another tensor");
  }

  /** Where the elements are put. */
  private block(elements: ArrayBufferView): number {
    const at = this.end;
    this.blocks.push(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength));
    this.end = aligned(at + elements.byteLength);
    return at;
  }

  private pattern(pattern: Pattern): unknown {
    switch (pattern.kind) {
      case "same":
        if (pattern.value instanceof Variable) return { kind: "variable", of: this.variable(pattern.value) };
        return {
          kind: "same",
          value: this.json(pattern.value, "arguments of tensors and plain data (close over others)"),
        };
      case "list":
      case "record":
        return { ...pattern, parts: pattern.parts.map((part) => this.pattern(part)) };
      default:
        return pattern;
    }
  }
}
