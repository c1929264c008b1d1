import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { sameShape, showShape, sizeOf, type Shape } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";
import { ShapeError, ValueError } from "../../errors.js";
import { dropout } from "../../functions/random/dropout.js";
import { cat, stack, transpose } from "../../functions/shapes/movement.js";
import type { Generator } from "../../functions/random/random.js";
import { select } from "../../functions/shapes/split.js";
import { fill } from "../../primitives/generate.js";
import { cells, checkCellState, sequence, type Cell } from "../functions/recurrent.js";
import { checkUnits } from "../checks.js";
import { Module } from "../module.js";
import { complete, uniformWithin, type LayerOptions } from "./variables.js";
import { checkOptions } from "../../shared/options.js";

/** Options of `RNN` and `GRU`. */
export interface RecurrentOptions extends LayerOptions {
  /** Layers one upon the other. Default 1. */
  numLayers?: number;
  /** Whether gates have biases. Default true. */
  bias?: boolean;
  /** Whether input and output are [n, steps, ..] instead of [steps, n, ..]. Default false. */
  batchFirst?: boolean;
  /** The probability with which outputs of all layers but the last are dropped in training. Default 0. */
  dropout?: number;
  /** Whether each layer goes through the sequence from its end as well, with weights of its own. Default false. */
  bidirectional?: boolean;
}

/**
 * What recurrent layers have in common. Weights are named as PyTorch's (`weight_ih_l0`, `bias_hh_l1_reverse`) and begin
 * uniform in ±1/√hidden. Input [steps, n, inputs] (or [steps, inputs] of one example), state [layers · directions, n, hidden],
 * or zeros where none is given; output [steps, n, directions · hidden].
 */
abstract class Recurrent<S, T> extends Module<[input: TensorLike, state?: S | null], [output: Tensor, state: T]> {
  private readonly layers: number;
  private readonly directions: number;
  private readonly batchFirst: boolean;
  private readonly p: number;
  private readonly generator: Generator;

  constructor(
    private readonly cell: Cell,
    /** Elements of the input at each step. */
    readonly inputs: number,
    /** Elements of the state of each layer and direction. */
    readonly hidden: number,
    options: RecurrentOptions = {},
    more: Readonly<Record<string, 0 | null>> = {},
    private readonly projSize = 0,
  ) {
    super();
    checkOptions<object>(this.constructor.name, options, {
      ...more,
      dtype: null,
      generator: null,
      numLayers: 0,
      bias: false,
      batchFirst: false,
      dropout: 0,
      bidirectional: false,
    });
    const { numLayers = 1, bias = true, batchFirst = false, dropout: p = 0, bidirectional = false } = options;
    const name = this.constructor.name;
    checkUnits(name, inputs, hidden, numLayers);
    if (!Number.isInteger(projSize) || projSize < 0 || projSize >= hidden)
      throw new ValueError(name, `a whole projSize from 0 to below ${hidden}`, String(projSize));
    if (!(p >= 0 && p <= 1)) throw new ValueError(name, "a dropout from 0 to 1", String(p));
    const how = complete(this.constructor.name, options);
    [this.layers, this.directions] = [numLayers, bidirectional ? 2 : 1];
    [this.batchFirst, this.p, this.generator] = [batchFirst, p, how.generator];
    for (let layer = 0; layer < numLayers; layer++)
      for (let direction = 0; direction < this.directions; direction++) this.addWeights(layer, direction, bias, how);
  }

  /** Makes the weights of a layer in one direction, which are properties under the names of PyTorch's. */
  private addWeights(layer: number, direction: number, bias: boolean, how: Required<LayerOptions>): void {
    const { cell, inputs, hidden, outputs, projSize } = this;
    const rows = cell.gates * hidden;
    const shapes: Readonly<Record<string, Shape>> = {
      weight_ih: [rows, layer === 0 ? inputs : outputs * this.directions],
      weight_hh: [rows, outputs],
      ...(bias && { bias_ih: [rows], bias_hh: [rows] }),
      ...(projSize > 0 && { weight_hr: [projSize, hidden] }),
    };
    for (const [kind, shape] of Object.entries(shapes)) {
      const key = nameOf(kind, layer, direction);
      Object.assign(this, { [key]: uniformWithin(key, shape, 1 / Math.sqrt(hidden), how) });
    }
  }

  /** How many elements an output has. */
  private get outputs(): number {
    return this.projSize > 0 ? this.projSize : this.hidden;
  }

  private weightsOf(layer: number, direction: number): { weights: (Variable | null)[]; projection: Variable | null } {
    const own = this as unknown as Readonly<Record<string, Variable | undefined>>; // Where `addWeights` put them.
    const weightOf = (kind: string): Variable | null => own[nameOf(kind, layer, direction)] ?? null;
    return { weights: KINDS.map(weightOf), projection: weightOf("weight_hr") };
  }

  /** The outputs, and the last state of each layer and direction. */
  protected run(input: TensorLike, given: readonly TensorLike[] | null): Tensor[] {
    const name = this.constructor.name;
    const { cell, layers, directions, batchFirst, generator } = this;
    const first = asTensor(name, input);
    if ((first.rank !== 2 && first.rank !== 3) || first.shape[first.rank - 1] !== this.inputs) {
      const expected = batchFirst ? "[n, steps, inputs]" : "[steps, n, inputs]";
      throw new ShapeError(name, `${expected} or [steps, inputs] with ${this.inputs} inputs`, showShape(first.shape));
    }
    if (given) checkCellState(name, cell, cell.states === 1 ? given[0] : given);
    const turned = batchFirst && first.rank === 3;
    let x = turned ? transpose(first, 0, 1) : first;
    const state = this.stateOf(given, x);
    const last: Tensor[][] = state.map(() => []);
    for (let layer = 0; layer < layers; layer++) {
      const outputs = Array.from({ length: directions }, (_, direction) => {
        const before = state.map((s) => select(s, 0, layer * directions + direction));
        const { weights, projection } = this.weightsOf(layer, direction);
        const how = { reverse: direction === 1, projection };
        const [all, ...after] = sequence(name, cell, [x, ...before, ...weights], how);
        for (const [i, s] of after.entries()) last[i]!.push(s);
        return all!;
      });
      x = directions === 1 ? outputs[0]! : cat(outputs, -1);
      if (this.p > 0 && layer < layers - 1) x = dropout(x, this.p, { training: this.training, generator });
    }
    return [turned ? transpose(x, 0, 1) : x, ...last.map((parts) => stack(parts))];
  }

  /** The state to begin with, for an input [steps, n, inputs] or [steps, inputs]: zeros where none is given. */
  private stateOf(given: readonly TensorLike[] | null, x: Tensor): Tensor[] {
    const name = this.constructor.name;
    const dtype = this.weightsOf(0, 0).weights[0]!.dtype;
    return (given ?? new Array<null>(this.cell.states).fill(null)).map((s, i) => {
      const shape = [this.layers * this.directions, ...x.shape.slice(1, -1), i === 0 ? this.outputs : this.hidden];
      const t = s === null ? fill(shape, 0, dtype) : asTensor(name, s, x);
      if (!sameShape(t.shape, shape)) throw new ShapeError(name, `a state of ${showShape(shape)}`, showShape(t.shape));
      return t;
    });
  }

  protected override describe(): string {
    const { inputs, hidden, layers, directions } = this;
    const more = [
      this.projSize > 0 ? `projSize: ${this.projSize}` : "",
      layers > 1 ? `numLayers: ${layers}` : "",
      directions > 1 ? "bidirectional: true" : "",
    ];
    return [inputs, hidden, ...more.filter((part) => part !== "")].join(", ");
  }

  protected override multiplyAdds([input]: readonly Shape[]): number {
    const rows = sizeOf(input!.slice(0, -1));
    const weights = this.namedParameters().filter(([name]) => name.startsWith("weight"));
    return weights.reduce((sum, [, weight]) => sum + rows * weight.size, 0);
  }
}

/** In the order in which a cell takes them. */
const KINDS = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];

function nameOf(kind: string, layer: number, direction: number): string {
  return `${kind}_l${layer}${direction === 1 ? "_reverse" : ""}`;
}

/**
 * An Elman network: `rnnTanhCell`, or `rnnReluCell`, step by step through a sequence [steps, n, inputs]. Gives [the outputs
 * of all steps, the last state]. PyTorch: `RNN`.
 */
export class RNN extends Recurrent<TensorLike, Tensor> {
  constructor(inputs: number, hidden: number, options?: RecurrentOptions & { nonlinearity?: "tanh" | "relu" }) {
    const nonlinearity = options?.nonlinearity ?? "tanh";
    if (nonlinearity !== "tanh" && nonlinearity !== "relu")
      throw new ValueError("RNN", 'a nonlinearity "tanh" or "relu"', String(nonlinearity));
    super(nonlinearity === "tanh" ? cells.rnnTanh : cells.rnnRelu, inputs, hidden, options, { nonlinearity: null });
  }

  forward(input: TensorLike, state?: TensorLike | null): [output: Tensor, state: Tensor] {
    return this.run(input, state === undefined || state === null ? null : [state]) as [Tensor, Tensor];
  }
}

/** Options of `LSTM`. */
export interface LstmOptions extends RecurrentOptions {
  /** Elements of each output, which a weight `weight_hr_l0` [projSize, hidden] makes of those of the cell. Default 0: all of these. */
  projSize?: number;
}

/**
 * Long short-term memory: `lstmCell`, step by step through a sequence [steps, n, inputs]. Gives [the outputs of all steps,
 * [last h, last c]]. PyTorch: `LSTM`.
 */
export class LSTM extends Recurrent<readonly [h: TensorLike, c: TensorLike], [h: Tensor, c: Tensor]> {
  constructor(inputs: number, hidden: number, options?: LstmOptions) {
    super(cells.lstm, inputs, hidden, options, { projSize: 0 }, options?.projSize);
  }

  forward(
    input: TensorLike,
    state?: readonly [h: TensorLike, c: TensorLike] | null,
  ): [output: Tensor, state: [h: Tensor, c: Tensor]] {
    const [output, h, c] = this.run(input, state ?? null) as [Tensor, Tensor, Tensor];
    return [output, [h, c]];
  }
}

/**
 * Gated recurrent units: `gruCell`, step by step through a sequence [steps, n, inputs]. Gives [the outputs of all steps, the
 * last state]. PyTorch: `GRU`.
 */
export class GRU extends Recurrent<TensorLike, Tensor> {
  constructor(inputs: number, hidden: number, options: RecurrentOptions = {}) {
    super(cells.gru, inputs, hidden, options);
  }

  forward(input: TensorLike, state?: TensorLike | null): [output: Tensor, state: Tensor] {
    return this.run(input, state === undefined || state === null ? null : [state]) as [Tensor, Tensor];
  }
}
