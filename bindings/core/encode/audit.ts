import { Op } from "../../../assembly/abi/op.js";
import { FormatError } from "../../errors.js";
import type { Audit } from "../../runtime/tape.js";
import { dtypes } from "../dtype.js";
import type { Tensor } from "../graph.js";
import { sizeOf, type Shape } from "../shape.js";

// Whether operands suffice for their instructions: asked where these come from a file.

/**
 * Refuses operands that do not suffice for an instruction. Operations take care of that; files may not. Every writer does it
 * for a tape with an audit, and counts there.
 */
export function ensure(audit: Audit, suffices: boolean): void {
  if (!suffices) throw new FormatError("program", "operands that suffice for their operations", "others");
  audit.instructions++;
}

/** Whether all elements of a tensor lie in its storage. */
export function lies({ shape, strides, offset, storage, size, type }: Tensor): boolean {
  let [low, high] = [offset, offset];
  for (const [axis, length] of shape.entries()) {
    const far = strides[axis]! * (length - 1);
    if (far < 0) low += far;
    else high += far;
  }
  return size === 0 || (low >= 0 && (high + 1) * type.bytes <= storage!.bytes);
}

/** Whether a shape is that of another, or is repeated over it. */
export function repeats(shape: Shape, over: Shape): boolean {
  const lead = over.length - shape.length;
  return lead >= 0 && shape.every((length, axis) => length === 1 || length === over[axis + lead]);
}

/** Whether a tensor is dense, has so many elements, and those of the type of another. */
export function counts(x: Tensor, elements: number, like: Tensor = x): boolean {
  return x.dense && x.size === elements && x.dtype === like.dtype;
}

/** Whether the second and third operands of a Rows instruction are what it reads: targets, a number a row, or rows. */
export function rowsSuffice(op: Op, [x, y, z]: readonly Tensor[], rows: number, columns: number): boolean {
  const targets = op === Op.CrossEntropy || op === Op.CrossEntropyBackward;
  const second = !y || (targets ? counts(y, rows) && y.dtype === "i32" : counts(y, rows * columns, x));
  return second && (!z || counts(z, rows, x));
}

/** Whether inputs lie in their memory, repeat over out, and have the types that the operation reads. */
export function maps(op: Op, dtype: number, out: Tensor, inputs: readonly Tensor[]): boolean {
  const first = op === Op.Where ? dtypes.bool.code : op === Op.Polygamma ? dtypes.i32.code : dtype;
  return (
    lies(out) &&
    inputs.length > 0 &&
    inputs.every((x, i) => lies(x) && repeats(x.shape, out.shape) && x.type.code === (i === 0 ? first : dtype))
  );
}

/** Whether out has the shape of a b. */
export function multiplies(out: Tensor, a: Tensor, b: Tensor): boolean {
  const [m, k] = a.shape.slice(-2);
  const [l, n] = b.shape.slice(-2);
  const lead = out.shape.slice(0, -2);
  return (
    Math.min(a.rank, b.rank, out.rank) >= 2 &&
    [k === l, m === out.shape.at(-2), n === out.shape.at(-1)].every(Boolean) &&
    [a, b].every((x) => x.dtype === out.dtype && lies(x) && repeats(x.shape.slice(0, -2), lead))
  );
}

/** Whether images, a weight and what they make are of the shapes that belong together, and the window moves in whole steps. */
export function convolves(
  { x, weight, y }: Readonly<Record<"x" | "weight" | "y", Tensor>>,
  groups: number,
  { stride, pad, dilation }: Readonly<Record<"stride" | "pad" | "dilation", readonly [number, number]>>,
): boolean {
  const [count, channels, ...plane] = x.shape;
  const [outputs, ofGroup, ...kernel] = weight.shape;
  const steps = [...stride, ...dilation, groups].every((step) => isCount(step, 1));
  const pairs = [plane, kernel, y.shape.slice(2), stride, pad, dilation].every((pair) => pair.length === 2);
  const whole = steps && pad.every((length) => isCount(length, 0)) && isCount(outputs! / groups, 0);
  const shapes = channels === ofGroup! * groups && y.shape[0] === count && y.shape[1] === outputs;
  return pairs && whole && shapes && [x, weight, y].every((z) => counts(z, z.size, x));
}

/** Whether windows lie within the planes of x, and out has one element for each. */
export function pools(
  out: Tensor,
  x: Tensor,
  spans: readonly { readonly bounds: readonly (readonly [number, number])[]; readonly step: number }[],
): boolean {
  const within = spans.every(({ bounds, step }, axis) => {
    const length = x.shape[x.rank - 2 + axis]!;
    const inside = ([first, end]: readonly [number, number]): boolean =>
      isCount(first, 0) && isCount(end, first + 1) && end <= length;
    return isCount(step, 1) && bounds.every((pair) => pair.length === 2 && inside(pair));
  });
  const planes = sizeOf(x.shape.slice(0, -2));
  return x.rank >= 2 && x.dense && within && out.size === planes * spans[0]!.bounds.length * spans[1]!.bounds.length;
}

/** Whether queries, keys, values, a mask and what belongs to an adjoint are of the shapes that belong together. */
export function attends(
  out: Tensor,
  [q, k, v, mask]: readonly Tensor[],
  adjoint: readonly Tensor[],
  inner: number,
): boolean {
  const [count, queries, depth] = q!.shape;
  const [keys, width] = [k!.shape[1]!, v!.shape[2]!];
  const fits = (x: Tensor, ...shape: number[]): boolean =>
    x.dense && x.dtype === out.dtype && x.rank === 3 && x.shape.every((length, axis) => length === shape[axis]);
  const inputs = fits(q!, count!, queries!, depth!) && fits(k!, count!, keys, depth!) && fits(v!, count!, keys, width);
  const masked = !mask || (mask.dense && mask.rank === 3 && mask.shape[2] === keys && isCount(mask.shape[0]!, 1));
  const rows = !mask || mask.shape[1] === 1 || mask.shape[1] === queries;
  const type = !mask || mask.dtype === "bool" || mask.dtype === out.dtype;
  const room = adjoint.length > 0 ? q!.size + k!.size + v!.size : count! * queries! * width;
  const all = inputs && masked && rows && type && isCount(inner, 1);
  return all && counts(out, room) && adjoint.every((x) => fits(x, count!, queries!, width));
}

/** Whether a number is whole, and not less than another. */
function isCount(x: number, least: number): boolean {
  return Number.isInteger(x) && x >= least && x < 2147483648;
}
