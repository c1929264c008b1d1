import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { sizeOf, type Shape } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";
import { ValueError } from "../../errors.js";
import { fill } from "../../primitives/generate.js";
import { cells, checkCellState, gruCell, lstmCell, rnnReluCell, rnnTanhCell } from "../functions/recurrent.js";
import { checkUnits } from "../checks.js";
import { Module } from "../module.js";
import { complete, uniformWithin, type LayerOptions } from "./variables.js";
import { checkOptions } from "../../shared/options.js";

/** Options of `RNNCell`, `LSTMCell` and `GRUCell`. */
export interface CellOptions extends LayerOptions {
  /** Whether gates have biases. Default true. */
  bias?: boolean;
}

/**
 * One step of a recurrent network, for loops that look at each: input [n, inputs] (or [inputs]), state [n, hidden], or zeros
 * where none is given. Weights [gates · hidden, ..] and biases begin uniform in ±1/√hidden, and are named as PyTorch's.
 */
abstract class RecurrentCell<S, T> extends Module<[input: TensorLike, state?: S | null], T> {
  /** From the input to the gates, [gates · hidden, inputs], of the layer's dtype. */
  readonly weight_ih: Variable;
  /** From the state to the gates, [gates · hidden, hidden]. */
  readonly weight_hh: Variable;
  /** What is added to what comes of the input, [gates · hidden]; null without `bias`. */
  readonly bias_ih: Variable | null;
  /** What is added to what comes of the state, [gates · hidden]; null without `bias`. */
  readonly bias_hh: Variable | null;

  constructor(
    gates: number,
    /** Elements of the input. */
    readonly inputs: number,
    /** Elements of the state. */
    readonly hidden: number,
    options: CellOptions = {},
    more: Readonly<Record<string, null>> = {},
  ) {
    super();
    checkOptions<object>(this.constructor.name, options, { ...more, dtype: null, generator: null, bias: false });
    checkUnits(this.constructor.name, inputs, hidden);
    const { bias = true } = options;
    const how = complete(this.constructor.name, options);
    const bound = 1 / Math.sqrt(hidden);
    const rows = gates * hidden;
    this.weight_ih = uniformWithin("weight_ih", [rows, inputs], bound, how);
    this.weight_hh = uniformWithin("weight_hh", [rows, hidden], bound, how);
    this.bias_ih = bias ? uniformWithin("bias_ih", [rows], bound, how) : null;
    this.bias_hh = bias ? uniformWithin("bias_hh", [rows], bound, how) : null;
  }

  /** The state before the first step. */
  protected zeros(input: TensorLike): Tensor {
    const { shape } = asTensor(this.constructor.name, input);
    return fill([...shape.slice(0, -1), this.hidden], 0, this.weight_ih.dtype);
  }

  protected override describe(): string {
    return `${this.inputs}, ${this.hidden}${this.bias_ih ? "" : ", bias: false"}`;
  }

  protected override multiplyAdds([input]: readonly Shape[]): number {
    return sizeOf(input!.slice(0, -1)) * (this.weight_ih.size + this.weight_hh.size);
  }
}

/** One step of an Elman network, `rnnTanhCell` or `rnnReluCell`: gives the next state. PyTorch: `RNNCell`. */
export class RNNCell extends RecurrentCell<TensorLike, Tensor> {
  private readonly cell: typeof rnnTanhCell;

  constructor(inputs: number, hidden: number, options?: CellOptions & { nonlinearity?: "tanh" | "relu" }) {
    const nonlinearity = options?.nonlinearity ?? "tanh";
    if (nonlinearity !== "tanh" && nonlinearity !== "relu")
      throw new ValueError("RNNCell", 'a nonlinearity "tanh" or "relu"', String(nonlinearity));
    super(1, inputs, hidden, options, { nonlinearity: null });
    this.cell = nonlinearity === "tanh" ? rnnTanhCell : rnnReluCell;
  }

  forward(input: TensorLike, state?: TensorLike | null): Tensor {
    return this.cell(input, state ?? this.zeros(input), this.weight_ih, this.weight_hh, this.bias_ih, this.bias_hh);
  }
}

/** One step of long short-term memory, `lstmCell`: gives the next [h, c]. PyTorch: `LSTMCell`. */
export class LSTMCell extends RecurrentCell<readonly [h: TensorLike, c: TensorLike], [h: Tensor, c: Tensor]> {
  constructor(inputs: number, hidden: number, options: CellOptions = {}) {
    super(4, inputs, hidden, options);
  }

  forward(input: TensorLike, state?: readonly [h: TensorLike, c: TensorLike] | null): [h: Tensor, c: Tensor] {
    const before = state ?? ([this.zeros(input), this.zeros(input)] as const);
    checkCellState("LSTMCell", cells.lstm, before);
    return lstmCell(input, ...before, this.weight_ih, this.weight_hh, this.bias_ih, this.bias_hh);
  }
}

/** One step of gated recurrent units, `gruCell`: gives the next state. PyTorch: `GRUCell`. */
export class GRUCell extends RecurrentCell<TensorLike, Tensor> {
  constructor(inputs: number, hidden: number, options: CellOptions = {}) {
    super(3, inputs, hidden, options);
  }

  forward(input: TensorLike, state?: TensorLike | null): Tensor {
    const before = state ?? this.zeros(input);
    checkCellState("GRUCell", cells.gru, before);
    return gruCell(input, before, this.weight_ih, this.weight_hh, this.bias_ih, this.bias_hh);
  }
}
