import { asTensor, type TensorLike } from "../../core/values/create.js";
import { promote } from "../../core/dtype.js";
import { Tensor } from "../../core/graph.js";
import { sameShape, showShape } from "../../core/shape.js";
import { scan } from "../../compile/control/scan.js";
import { ShapeError, ValueError } from "../../errors.js";
import { chunk } from "../../functions/shapes/split.js";
import { add, mul, sub } from "../../primitives/elementwise/arithmetic.js";
import { linear } from "../../primitives/linalg/contraction.js";
import { castTo, float } from "../../primitives/define.js";
import { relu, sigmoid, tanh } from "../../primitives/elementwise/unary.js";

/** A bias that may be left out. */
type Bias = TensorLike | null | undefined;

type Weights = [weightIh: TensorLike, weightHh: TensorLike, biasIh?: Bias, biasHh?: Bias];

/** What a cell takes that has one tensor as its state, and one that has two. */
type WithOne = [input: TensorLike, h: TensorLike, ...Weights];
type WithTwo = [input: TensorLike, h: TensorLike, c: TensorLike, ...Weights];

/** What a recurrent cell does with the shares that input and state have in its gates, [.., gates · hidden] each. */
export interface Cell {
  readonly gates: number;
  /** How many tensors the state has; the first of them is the output. */
  readonly states: number;
  step(x: Tensor, y: Tensor, state: readonly Tensor[]): Tensor[];
}

const plain = (activation: (x: TensorLike) => Tensor): Cell => ({
  gates: 1,
  states: 1,
  step: (x, y) => [activation(add(x, y))],
});

const lstm: Cell = {
  gates: 4,
  states: 2,
  step(x, y, [, c]) {
    const [i, f, g, o] = chunk(add(x, y), 4, -1) as [Tensor, Tensor, Tensor, Tensor];
    const next = add(mul(sigmoid(f), c!), mul(sigmoid(i), tanh(g)));
    return [mul(sigmoid(o), tanh(next)), next];
  },
};

const gru: Cell = {
  gates: 3,
  states: 1,
  step(x, y, [h]) {
    const [xr, xz, xn] = chunk(x, 3, -1) as [Tensor, Tensor, Tensor];
    const [hr, hz, hn] = chunk(y, 3, -1) as [Tensor, Tensor, Tensor];
    const n = tanh(add(xn, mul(sigmoid(add(xr, hr)), hn)));
    return [add(n, mul(sigmoid(add(xz, hz)), sub(h!, n)))];
  },
};

/** The cells by the names of their functions. */
export const cells = { rnnTanh: plain(tanh), rnnRelu: plain(relu), lstm, gru } satisfies Record<string, Cell>;

/**
 * h' = tanh(W_ih x + b_ih + W_hh h + b_hh), a step of an Elman network: input [.., inputs], h [.., hidden], weights [hidden,
 * inputs] and [hidden, hidden], biases [hidden] or none; gives [.., hidden]. PyTorch: `rnn_tanh_cell`.
 */
export function rnnTanhCell(...given: WithOne): Tensor {
  return once("rnnTanhCell", cells.rnnTanh, given)[0]!;
}

/** As `rnnTanhCell`, with max(x, 0) in place of the hyperbolic tangent. PyTorch: `rnn_relu_cell`. */
export function rnnReluCell(...given: WithOne): Tensor {
  return once("rnnReluCell", cells.rnnRelu, given)[0]!;
}

/**
 * A step of long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000): of [i, f, g, o] = W_ih x + b_ih +
 * W_hh h + b_hh, c' = σ(f) c + σ(i) tanh(g) and h' = σ(o) tanh(c'). Input [.., inputs], h and c [.., hidden], weights [4
 * hidden, inputs] and [4 hidden, hidden], biases [4 hidden] or none; gives [h', c']. PyTorch: `lstm_cell`.
 */
export function lstmCell(...given: WithTwo): [h: Tensor, c: Tensor] {
  return once("lstmCell", cells.lstm, given) as [Tensor, Tensor];
}

/**
 * A step of a gated recurrent unit (Cho et al. 2014), with the reset gate behind the product: [xr, xz, xn] = W_ih x + b_ih,
 * [hr, hz, hn] = W_hh h + b_hh, n = tanh(xn + σ(xr + hr) hn), z = σ(xz + hz), h' = (1 - z) n + z h. Input [.., inputs], h
 * [.., hidden], weights [3 hidden, inputs] and [3 hidden, hidden], biases [3 hidden] or none. PyTorch: `gru_cell`.
 */
export function gruCell(...given: WithOne): Tensor {
  return once("gruCell", cells.gru, given)[0]!;
}

/** `rnnTanhCell` for each row of input [steps, .., inputs], by `scan`: gives [all h, the last h]. */
export function rnnTanhSeq(...given: WithOne): [hs: Tensor, h: Tensor] {
  return sequence("rnnTanhSeq", cells.rnnTanh, given) as [Tensor, Tensor];
}

/** `rnnReluCell` for each row of input [steps, .., inputs], by `scan`: gives [all h, the last h]. */
export function rnnReluSeq(...given: WithOne): [hs: Tensor, h: Tensor] {
  return sequence("rnnReluSeq", cells.rnnRelu, given) as [Tensor, Tensor];
}

/** `lstmCell` for each row of input [steps, .., inputs], by `scan`: gives [all h, the last h, the last c]. */
export function lstmSeq(...given: WithTwo): [hs: Tensor, h: Tensor, c: Tensor] {
  return sequence("lstmSeq", cells.lstm, given) as [Tensor, Tensor, Tensor];
}

/** `gruCell` for each row of input [steps, .., inputs], by `scan`: gives [all h, the last h]. */
export function gruSeq(...given: WithOne): [hs: Tensor, h: Tensor] {
  return sequence("gruSeq", cells.gru, given) as [Tensor, Tensor];
}

/** Refuses a state that is one tensor where a cell has [h, c], and a list of tensors where it has one. */
export function checkCellState(operation: string, { states }: Cell, state: unknown): void {
  const list = Array.isArray(state) ? (state as readonly unknown[]) : null;
  if (states === 1 ? !list?.some((t) => t instanceof Tensor) : list?.length === states) return;
  const got = list ? `a list of ${list.length}` : state instanceof Tensor ? "one tensor" : String(state);
  throw new ValueError(operation, states === 1 ? "one tensor as the state" : "a state [h, c]", got);
}

function once(name: string, cell: Cell, given: readonly Bias[]): Tensor[] {
  const { x, state, fromInput, fromState } = agreed(name, cell, given, null, "");
  return cell.step(fromInput(x), fromState(state[0]!), state);
}

/**
 * All outputs of a cell along the first axis of the input, then its last state. In reverse the last row comes first. A
 * projection [outputs, hidden] takes each output, and its result is what the state's product takes.
 */
export function sequence(
  name: string,
  cell: Cell,
  given: readonly Bias[],
  { reverse = false, projection = null }: { reverse?: boolean; projection?: Tensor | null } = {},
): Tensor[] {
  const { x, state, fromInput, fromState, project } = agreed(name, cell, given, projection, "steps, ");
  // The input's share is one product for all steps; only the state's has to wait for the step before.
  const [last, outputs] = scan(
    (now: Tensor[], share: Tensor): [Tensor[], Tensor] => {
      const [output, ...others] = cell.step(share, fromState(now[0]!), now) as [Tensor, ...Tensor[]];
      const projected = project(output);
      return [[projected, ...others], projected];
    },
    state,
    fromInput(x),
    { reverse },
  );
  return [outputs, ...last];
}

interface Agreed {
  readonly x: Tensor;
  readonly state: Tensor[];
  fromInput(x: Tensor): Tensor;
  fromState(h: Tensor): Tensor;
  project(h: Tensor): Tensor;
}

/** The arguments, by position, in one floating-point type, their shapes in agreement. */
function agreed(
  name: string,
  { gates, states }: Cell,
  args: readonly Bias[],
  projection: Tensor | null,
  steps: string,
): Agreed {
  const listed = Array.from({ length: states + 5 }, (_, i) => args[i]);
  // All but the biases have to be there.
  const given = [...listed, ...(projection ? [projection] : [])].map((t, i) =>
    i > states + 2 && (t === null || t === undefined) ? null : float(asTensor(name, t!)),
  );
  const dtype = given.flatMap((t) => (t ? [t.dtype] : [])).reduce(promote);
  const [x, ...rest] = given.map((t) => t && castTo(t, dtype));
  const now = rest.slice(0, states) as Tensor[];
  const [wi, wh, bi, bh, wr = null] = rest.slice(states) as [Tensor, Tensor, ...(Tensor | null)[]];
  const inputs = x!.shape[x!.rank - 1];
  const outputs = wh.shape[1] ?? 0;
  const hidden = wr?.shape[1] ?? outputs;
  const rows = x!.shape.slice(steps === "" ? 0 : 1, -1);
  const fits =
    x!.rank > (steps === "" ? 0 : 1) &&
    sameShape(wi.shape, [gates * hidden, inputs!]) &&
    sameShape(wh.shape, [gates * hidden, outputs]) &&
    (!wr || sameShape(wr.shape, [outputs, hidden])) &&
    now.every(({ shape }, i) => sameShape(shape, [...rows, i === 0 ? outputs : hidden])) &&
    [bi, bh].every((b) => !b || sameShape(b.shape, [gates * hidden]));
  if (!fits) {
    const all = gates === 1 ? "hidden" : `${gates} hidden`;
    throw new ShapeError(
      name,
      `input [${steps}.., inputs], state [.., hidden], weights [${all}, inputs] and [${all}, hidden], biases [${all}]`,
      given.map((t) => (t ? showShape(t.shape) : "no bias")).join(", "),
    );
  }
  return {
    x: x!,
    state: now,
    fromInput: (t) => linear(t, wi, bi),
    fromState: (h) => linear(h, wh, bh),
    project: (h) => (wr ? linear(h, wr) : h),
  };
}
