import { ConvolutionWord, PoolWord } from "../../../assembly/abi/form.js";
import { type Op } from "../../../assembly/abi/op.js";
import type { Tape } from "../../runtime/tape.js";
import { convolves, ensure, pools } from "./audit.js";
import { addressOf, head } from "./encode.js";
import type { Tensor } from "../graph.js";
import { sizeOf } from "../shape.js";

// The forms of instructions that move a window over images: see encode.ts.

/** How a window moves over rows and columns: from place to place, from before the first element on, and from tap to tap. */
export interface Window {
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number];
  readonly dilation: readonly [number, number];
}

/** A convolution of dense x by a weight to y, or the adjoint that writes one of the others. */
export function encodeConvolution(
  tape: Tape,
  op: Op,
  out: Tensor,
  { x, weight, y }: Readonly<Record<"x" | "weight" | "y", Tensor>>,
  groups: number,
  { stride, pad, dilation }: Window,
): void {
  if (tape.audit) ensure(tape.audit, convolves({ x, weight, y }, groups, { stride, pad, dilation }));
  const at = tape.reserve(ConvolutionWord.Size);
  const words = tape.words;
  head(words, at, op, out.type.code, ConvolutionWord.Size);
  words[at + ConvolutionWord.X] = addressOf(x);
  words[at + ConvolutionWord.Weight] = addressOf(weight);
  words[at + ConvolutionWord.Y] = addressOf(y);
  words[at + ConvolutionWord.Count] = x.shape[0]!;
  words[at + ConvolutionWord.Groups] = groups;
  words[at + ConvolutionWord.Channels] = weight.shape[1]!;
  words[at + ConvolutionWord.Outputs] = weight.shape[0]! / groups;
  const pairs = [x.shape.slice(2), y.shape.slice(2), weight.shape.slice(2), stride, pad, dilation];
  words.set(pairs.flat(), at + ConvolutionWord.Height);
  words[at + ConvolutionWord.First] = 0;
  words[at + ConvolutionWord.Some] = weight.shape[0]! / groups;
}

/** Which elements of an axis each window has: from the first to before the end, `step` apart. */
export interface Spans {
  readonly bounds: readonly (readonly [first: number, end: number])[];
  readonly step: number;
}

/** The largest elements of windows over the last two axes of a dense x, or their places. */
export function encodePool(tape: Tape, op: Op, out: Tensor, x: Tensor, rows: Spans, columns: Spans): void {
  if (tape.audit) ensure(tape.audit, pools(out, x, [rows, columns]));
  const length = PoolWord.Spans + 2 * (rows.bounds.length + columns.bounds.length);
  const at = tape.reserve(length);
  const words = tape.words;
  head(words, at, op, x.type.code, length);
  const [height, width] = x.shape.slice(-2) as [number, number];
  words[at + PoolWord.Out] = addressOf(out);
  words[at + PoolWord.X] = addressOf(x);
  words[at + PoolWord.Count] = sizeOf(x.shape.slice(0, -2));
  words[at + PoolWord.Height] = height;
  words[at + PoolWord.Width] = width;
  words[at + PoolWord.OutHeight] = rows.bounds.length;
  words[at + PoolWord.OutWidth] = columns.bounds.length;
  words[at + PoolWord.StepHeight] = rows.step;
  words[at + PoolWord.StepWidth] = columns.step;
  words.set([...rows.bounds.flat(), ...columns.bounds.flat()], at + PoolWord.Spans);
}
