import type { Tensor } from "../core/graph.js";

/** A line of an evaluation trace: an intermediate value v_i. */
export interface TraceRow {
  /** `v1`, `v2`, .. in the order of evaluation, or the name that the user gave it. */
  readonly name: string;
  /**
   * The operation that the table has, since composed functions are shown as what they are composed of; "input" for an argument,
   * "parameter" for a leaf that the function closes over, and "constant" for a result that depends on neither.
   */
  readonly operation: string;
  /** How it is computed from other rows: `v1 · v2`. */
  readonly formula: string;
  /** The rows that it is computed from. */
  readonly from: readonly string[];
  /** The value v_i. */
  readonly value: Tensor;
  /** v̇: the derivative of the value along each input, as that grows by 1 in all its elements. Keys are the inputs' names. */
  readonly tangents: Readonly<Record<string, Tensor>>;
  /** ∂v/∂u for each row u that it is computed from, where that is a number for each element. */
  readonly partials: Readonly<Record<string, Tensor>>;
  /** v̄: the derivative of the function by the value. */
  readonly adjoint: Tensor;
  /** What each row that uses the value contributes to its adjoint. */
  readonly contributions: Readonly<Record<string, Tensor>>;
}

/** A whole trace. */
export interface TraceData {
  /** In the order of evaluation, arguments first. */
  readonly rows: readonly TraceRow[];
  /** Names of the arguments. */
  readonly inputs: readonly string[];
  /** The rows that are results: for each result `y`, or `y.loss` in a tree, the name of its row. */
  readonly outputs: Readonly<Record<string, string>>;
}
