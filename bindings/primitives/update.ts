import { Op } from "../../assembly/abi/op.js";
import { apply } from "../core/running/apply.js";
import { addressOf, encodeUpdate } from "../core/encode/encode.js";
import type { Primitive, SampleInput, Tensor } from "../core/graph.js";
import { ShapeError } from "../errors.js";
import type { Operations } from "../core/operations.js";
import type { Shape } from "../core/shape.js";
import { dense, internal, type Internal } from "./define.js";

// Steps of optimisers. What changes from step to step is in tensors of one element, so that it can be read where it lies;
// what does not is in the parameters. The new values are packed along a new first axis, or take the old ones' place.

/** The places of packed values, one behind another. */
function partsOf(out: Tensor): number[] {
  const bytes = out.size === 0 ? 0 : (out.size / out.shape[0]!) * out.type.bytes;
  return Array.from({ length: out.shape[0]! }, (_, i) => addressOf(out) + i * bytes);
}

function update<P>(
  name: string,
  parts: (inputs: readonly Tensor[]) => number,
  definition: (o: Operations, inputs: readonly Tensor[], params: P) => readonly Tensor[],
  encodes: NonNullable<Primitive<P>["encodeParts"]>,
  samples: Primitive<P>["samples"],
): Primitive<P> {
  const encodeParts: typeof encodes = (tape, addresses, inputs, params) => {
    if (tape.audit) checkInputs(name, inputs, addresses.length, parts(inputs));
    encodes(tape, addresses, inputs, params);
  };
  return {
    name,
    infer: (inputs) => ({ shape: [parts(inputs), ...inputs[0]!.shape], dtype: inputs[0]!.dtype }),
    encode: (tape, out, inputs, params) => encodeParts(tape, partsOf(out), inputs, params),
    encodeParts,
    derivative: {
      kind: "fused",
      definition: (o, inputs, params) => pack(o, definition(o, inputs, params)),
    },
    samples,
  };
}

/** Refuses inputs that no optimiser gives: parameter, gradient and moments are of one shape, the others single numbers. */
function checkInputs(name: string, inputs: readonly Tensor[], places: number, parts: number): void {
  const [p] = inputs;
  const alike = (x: Tensor, i: number): boolean =>
    x.dense &&
    x.dtype === p!.dtype &&
    (i <= 1 || i === 3 || (i === 4 && parts === 3) ? x.size === p!.size : x.size === 1);
  if (inputs.length < 3 || places !== parts || !inputs.every(alike))
    throw new ShapeError(name, "a parameter with its gradient, rate and moments", `${inputs.length} other tensors`);
}

/** Tensors of one shape along a new first axis. */
function pack(o: Operations, parts: readonly Tensor[]): Tensor {
  const { shape } = parts[0]!;
  const one: Shape = [1, ...shape];
  const steps = one.map(() => 1);
  return o.embed(
    parts.map((x) => o.reshape(x, one)),
    parts.map((_, i) => ({ starts: one.map((_length, axis) => (axis === 0 ? i : 0)), sizes: one, steps })),
    [parts.length, ...shape],
    true,
  );
}

/** The gradient with the decay of the parameter in it. */
function decayed(o: Operations, p: Tensor, g: Tensor, weightDecay: number): Tensor {
  return weightDecay === 0 ? g : o.add(g, o.mul(p, weightDecay));
}

export interface SgdParams {
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

const matrix: SampleInput = { shape: [2, 3] };
const scalar: SampleInput = { shape: [], range: [0.1, 1] };

const sgdUpdate = update<SgdParams>(
  "sgd",
  (inputs) => (inputs.length > 3 ? 2 : 1),
  (o, [p, g, rate, m, share], { momentum, weightDecay, nesterov }) => {
    const slope = decayed(o, p!, g!, weightDecay);
    if (!m) return [o.sub(p!, o.mul(slope, rate!))];
    const next = o.add(o.mul(m, momentum), o.mul(slope, share!));
    const direction = nesterov ? o.add(slope, o.mul(next, momentum)) : next;
    return [o.sub(p!, o.mul(direction, rate!)), next];
  },
  (tape, [outP, outM = 0], [p, g, rate, m, share], { momentum, weightDecay, nesterov }) => {
    const [atM, atShare] = m ? [addressOf(m), addressOf(share!)] : [0, 0];
    const addresses = [outP!, outM, 0, addressOf(p!), addressOf(g!), atM, 0, addressOf(rate!), atShare, 0];
    encodeUpdate(tape, Op.Sgd, p!, addresses, nesterov ? 1 : 0, [momentum, 0, 0, weightDecay]);
  },
  () => [
    { inputs: [matrix, matrix, scalar, matrix, scalar], params: { momentum: 0.5, weightDecay: 0.25, nesterov: false } },
    { inputs: [matrix, matrix, scalar, matrix, scalar], params: { momentum: 0.9, weightDecay: 0, nesterov: true } },
    { inputs: [matrix, matrix, scalar], params: { momentum: 0, weightDecay: 0.25, nesterov: false } },
  ],
);

/**
 * A step of gradient descent: from parameter p, gradient g and rate η, or also momentum m and share, to p', or to p', m':
 * m' = μ m + share g', p' = p - η m', with Nesterov's look-ahead p - η (g' + μ m'), where g' = g + λ p.
 */
export const sgd: Internal<(inputs: readonly Tensor[], params: SgdParams) => Tensor, SgdParams> = internal(
  sgdUpdate,
  (inputs: readonly Tensor[], params: SgdParams) => apply(sgdUpdate, inputs.map(dense), params),
);

export interface AdamParams {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
}

const squares: SampleInput = { shape: [2, 3], range: [0.1, 2] };
const adamInputs = [matrix, matrix, scalar, matrix, squares, scalar] as const;

const adamUpdate = update<AdamParams>(
  "adam",
  () => 3,
  (o, [p, g, rate, m, v, scale, keep], { betas: [first, second], epsilon, weightDecay }) => {
    const slope = decayed(o, p!, g!, weightDecay);
    const mean = o.add(o.mul(m!, first), o.mul(slope, 1 - first));
    const square = o.add(o.mul(v!, second), o.mul(o.square(slope), 1 - second));
    const denominator = o.add(o.mul(o.sqrt(square), scale!), epsilon);
    const kept = keep ? o.mul(p!, keep) : p!;
    return [o.sub(kept, o.mul(o.div(mean, denominator), rate!)), mean, square];
  },
  (tape, outs, [p, g, rate, m, v, scale, keep], { betas, epsilon, weightDecay }) => {
    const addresses = [...outs, ...[p!, g!, m!, v!, rate!, scale!].map(addressOf), keep ? addressOf(keep) : 0];
    encodeUpdate(tape, Op.Adam, p!, addresses, 0, [...betas, epsilon, weightDecay]);
  },
  () => [
    { inputs: adamInputs, params: { betas: [0.75, 0.5], epsilon: 0.125, weightDecay: 0.25 } },
    { inputs: [...adamInputs, scalar], params: { betas: [0.9, 0.99], epsilon: 1e-3, weightDecay: 0 } },
  ],
);

/**
 * A step of Adam: from p, g, rate η, moments m and v, and scale, or also keep, to p', m', v':
 * m' = β₁ m + (1-β₁) g', v' = β₂ v + (1-β₂) g'², p' = keep p - η m' / (scale √v' + ε), where g' = g + λ p.
 */
export const adam: Internal<(inputs: readonly Tensor[], params: AdamParams) => Tensor, AdamParams> = internal(
  adamUpdate,
  (inputs: readonly Tensor[], params: AdamParams) => apply(adamUpdate, inputs.map(dense), params),
);
