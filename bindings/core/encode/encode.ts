import { EmittedWord, Flow, RepeatWord } from "../../../assembly/abi/flow.js";
import {
  AxisWord,
  Extra,
  GatherRowsWord,
  Head,
  MapWord,
  MatmulWord,
  NormWord,
  ReduceWord,
  RowsWord,
  UpdateWord,
} from "../../../assembly/abi/form.js";
import { Op } from "../../../assembly/abi/op.js";
import type { Tape } from "../../runtime/tape.js";
import { counts, ensure, maps, multiplies, rowsSuffice } from "./audit.js";
import type { Epilogue, Tensor } from "../graph.js";
import { broadcastStrides, sizeOf, type Shape } from "../shape.js";

// The forms of instructions, one writer each: the layout of the words is in assembly/abi/form.ts.

/** Byte address of a tensor's first element. */
export function addressOf(x: Tensor): number {
  return x.storage!.address + x.offset * x.type.bytes;
}

/** Writes the words that every instruction begins with. */
export function head(words: Int32Array, at: number, op: Op | Flow, dtype: number, length: number, extra = 0): void {
  words[at + Head.Op] = op;
  words[at + Head.DType] = dtype;
  words[at + Head.Length] = length;
  words[at + Head.Extra] = extra;
}

/** out = f(inputs) elementwise. Inputs broadcast to the shape of out; `dtype` is the one that is computed in. */
export function encodeMap(
  tape: Tape,
  op: Op,
  dtype: number,
  extra: number,
  out: Tensor,
  inputs: readonly Tensor[],
): void {
  const arity = inputs.length;
  if (tape.audit) ensure(tape.audit, maps(op, dtype, out, inputs));
  if (!isUniform(out, inputs)) return encodeStridedMap(tape, op, dtype, extra, out, inputs);
  let flat: number = Extra.Flat;
  const length = MapWord.Box + 2 + arity;
  const at = tape.reserve(length);
  const words = tape.words;
  words[at + MapWord.Rank] = 1;
  words[at + MapWord.Out] = addressOf(out);
  words[at + MapWord.X2] = 0;
  words[at + MapWord.X3] = 0;
  words[at + MapWord.Box] = out.size;
  words[at + MapWord.Box + 1] = 1;
  for (let i = 0; i < arity; i++) {
    const x = inputs[i]!;
    words[at + MapWord.X1 + i] = addressOf(x);
    const repeats = x.size === 1 && out.size !== 1;
    words[at + MapWord.Box + 2 + i] = repeats ? 0 : 1;
    if (repeats) flat = 0;
  }
  head(words, at, op, dtype, length, extra | flat);
}

/** Whether all operands are dense and of one size, or single elements: then the box has one dimension. */
function isUniform(out: Tensor, inputs: readonly Tensor[]): boolean {
  if (!out.dense) return false;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i]!;
    if (x.size !== 1 && !(x.dense && x.size === out.size)) return false;
  }
  return true;
}

function encodeStridedMap(
  tape: Tape,
  op: Op,
  dtype: number,
  extra: number,
  out: Tensor,
  inputs: readonly Tensor[],
): void {
  const operands = [out, ...inputs];
  const box = collapse(
    out.shape,
    operands.map((x) => broadcastStrides(x.shape, x.strides, out.shape)),
  );
  // It names the first that fails, in the order of its elements.
  if (op !== Op.ToIndex) pair(box);
  const rank = box.sizes.length;
  const length = MapWord.Box + rank * (1 + operands.length);
  const at = tape.reserve(length);
  const words = tape.words;
  head(words, at, op, dtype, length, extra);
  words[at + MapWord.Rank] = rank;
  words[at + MapWord.X2] = 0;
  words[at + MapWord.X3] = 0;
  let next = at + MapWord.Box;
  for (const size of box.sizes) words[next++] = size;
  for (const [i, x] of operands.entries()) {
    words[at + MapWord.Out + i] = addressOf(x);
    for (const stride of box.strides[i]!) words[next++] = stride;
  }
}

/** Merges neighbouring dimensions that all operands step through alike, so that inner loops are long. */
export function collapse(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
): { sizes: number[]; strides: number[][] } {
  const sizes: number[] = [];
  const merged: number[][] = strides.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const length = shape[axis]!;
    if (length === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && strides.every((s, i) => merged[i]![last] === s[axis]! * length)) {
      sizes[last]! *= length;
      for (const [i, s] of strides.entries()) merged[i]![last] = s[axis]!;
    } else {
      sizes.push(length);
      for (const [i, s] of strides.entries()) merged[i]!.push(s[axis]!);
    }
  }
  return { sizes, strides: merged };
}

/** Brings the dimension along which an input is contiguous beside the last: planes of the two are transposed in tiles. */
function pair({ sizes, strides }: ReturnType<typeof collapse>): void {
  const to = sizes.length - 2;
  const from = strides.slice(1).map((s) => (s[to + 1] ? s.indexOf(1) : -1));
  const first = from.find((axis) => axis >= 0 && axis < to);
  if (first === undefined) return;
  for (const list of [sizes, ...strides]) list.splice(to, 0, ...list.splice(first, 1));
}

/**
 * A call of the emitted function at a place in the table over [rows, columns]. Operands are outputs, then inputs, each an address and the
 * bytes from row to row.
 */
export function encodeEmitted(
  tape: Tape,
  place: number,
  rows: number,
  columns: number,
  operands: readonly (readonly [address: number, step: number])[],
): void {
  const length = EmittedWord.Operands + 2 * operands.length;
  const at = tape.reserve(length);
  const words = tape.words;
  head(words, at, Flow.Emitted, 0, length);
  words[at + EmittedWord.Function] = place;
  words[at + EmittedWord.Rows] = rows;
  words[at + EmittedWord.Columns] = columns;
  for (const [i, word] of operands.flat().entries()) words[at + EmittedWord.Operands + i] = word;
}

/** out [outer, inner] = the reduction of x [outer, count, inner], both dense. */
export function encodeReduce(
  tape: Tape,
  op: Op | Flow,
  out: Tensor,
  x: Tensor,
  outer: number,
  count: number,
  inner: number,
): void {
  if (tape.audit) ensure(tape.audit, counts(x, outer * count * inner) && counts(out, outer * inner));
  const at = tape.reserve(ReduceWord.Size);
  const words = tape.words;
  head(words, at, op, x.type.code, ReduceWord.Size);
  words[at + ReduceWord.Out] = addressOf(out);
  words[at + ReduceWord.X] = addressOf(x);
  words[at + ReduceWord.Outer] = outer;
  words[at + ReduceWord.Count] = count;
  words[at + ReduceWord.Inner] = inner;
  words[at + ReduceWord.Pitch] = inner;
}

/** out [.., m, n] = a [.., m, k] b [.., k, n]; the leading axes broadcast. */
export function encodeMatmul(tape: Tape, op: Op, out: Tensor, a: Tensor, b: Tensor, epilogue: Epilogue = {}): void {
  if (tape.audit)
    ensure(tape.audit, multiplies(out, a, b) && (!epilogue.bias || counts(epilogue.bias, out.shape.at(-1)!, out)));
  const box = out.rank === 2 ? NO_BATCH : batchOf(out, a, b);
  const rank = box.sizes.length;
  const length = MatmulWord.Batch + 3 * rank;
  const at = tape.reserve(length);
  const words = tape.words;
  head(words, at, op, out.type.code, length);
  words[at + MatmulWord.Out] = addressOf(out);
  words[at + MatmulWord.A] = addressOf(a);
  words[at + MatmulWord.B] = addressOf(b);
  words[at + MatmulWord.M] = a.shape[a.rank - 2]!;
  words[at + MatmulWord.N] = b.shape[b.rank - 1]!;
  words[at + MatmulWord.K] = a.shape[a.rank - 1]!;
  words[at + MatmulWord.ARow] = a.strides[a.rank - 2]!;
  words[at + MatmulWord.AColumn] = a.strides[a.rank - 1]!;
  words[at + MatmulWord.BRow] = b.strides[b.rank - 2]!;
  words[at + MatmulWord.BColumn] = b.strides[b.rank - 1]!;
  words[at + MatmulWord.Bias] = epilogue.bias ? addressOf(epilogue.bias) : 0;
  words[at + MatmulWord.Activation] = epilogue.activation ?? 0;
  words[at + MatmulWord.Accumulate] = epilogue.accumulate ? 1 : 0;
  words[at + MatmulWord.Line] = b.shape[b.rank - 1]!;
  words[at + MatmulWord.Rank] = rank;
  if (rank === 0) return;
  let next = at + MatmulWord.Batch;
  for (const list of [box.sizes, ...box.strides]) for (const word of list) words[next++] = word;
}

const NO_BATCH: ReturnType<typeof collapse> = { sizes: [], strides: [] };

/** The leading axes of a product, and how a and b step through them. */
function batchOf(out: Tensor, a: Tensor, b: Tensor): ReturnType<typeof collapse> {
  const batch = out.shape.slice(0, -2);
  const lead = (x: Tensor) => broadcastStrides(x.shape.slice(0, -2), x.strides.slice(0, -2), batch);
  return collapse(batch, [lead(a), lead(b)]);
}

/** A fused operation over the rows of dense matrices. */
export function encodeRows(
  tape: Tape,
  op: Op,
  out: Tensor,
  inputs: readonly Tensor[],
  rows: number,
  columns: number,
): void {
  if (tape.audit) ensure(tape.audit, counts(inputs[0]!, rows * columns) && rowsSuffice(op, inputs, rows, columns));
  const at = tape.reserve(RowsWord.Size);
  const words = tape.words;
  head(words, at, op, inputs[0]!.type.code, RowsWord.Size);
  words[at + RowsWord.Out] = addressOf(out);
  words[at + RowsWord.X2] = 0;
  words[at + RowsWord.X3] = 0;
  for (const [i, x] of inputs.entries()) words[at + RowsWord.X1 + i] = addressOf(x);
  words[at + RowsWord.Rows] = rows;
  words[at + RowsWord.Columns] = columns;
}

/** A normalisation of the rows of x [rows, columns], or its adjoint; all are dense. */
export function encodeNorm(
  tape: Tape,
  op: Op,
  out: Tensor,
  [x, g, weight, bias]: readonly [Tensor, Tensor | undefined, Tensor | undefined, Tensor | undefined],
  epsilon: number,
): void {
  if (tape.audit) {
    const size = x.shape[0]! * x.shape[1]!;
    const vectors = [weight, bias].every((w) => !w || counts(w, x.shape[1]!, out));
    ensure(tape.audit, counts(x, size, out) && counts(out, size) && (!g || counts(g, size, out)) && vectors);
  }
  const at = tape.reserve(NormWord.Size);
  const words = tape.words;
  head(words, at, op, out.type.code, NormWord.Size);
  words[at + NormWord.Out] = addressOf(out);
  words[at + NormWord.X] = addressOf(x);
  words[at + NormWord.G] = g ? addressOf(g) : 0;
  words[at + NormWord.Weight] = weight ? addressOf(weight) : 0;
  words[at + NormWord.Bias] = bias ? addressOf(bias) : 0;
  words[at + NormWord.Rows] = x.shape[0]!;
  words[at + NormWord.Columns] = x.shape[1]!;
  numberAt(words, at + NormWord.Epsilon, epsilon);
}

/** A step of an optimiser: addresses from OutP to Keep in the order of the words, and constants from First to Decay. */
export function encodeUpdate(
  tape: Tape,
  op: Op,
  p: Tensor,
  addresses: readonly number[],
  flags: number,
  constants: readonly number[],
): void {
  if (tape.audit) ensure(tape.audit, p.dense); // The row looks at the others.
  const at = tape.reserve(UpdateWord.Size);
  const words = tape.words;
  head(words, at, op, p.type.code, UpdateWord.Size);
  words.set(addresses, at + UpdateWord.OutP);
  words[at + UpdateWord.Count] = p.size;
  words[at + UpdateWord.Flags] = flags;
  for (const [i, value] of constants.entries()) numberAt(words, at + UpdateWord.First + 2 * i, value);
}

const bits = new Float64Array(1);
const halves = new Int32Array(bits.buffer);

/** Writes the bits of an f64. */
export function numberAt(words: Int32Array, at: number, value: number): void {
  bits[0] = value;
  words[at] = halves[0]!;
  words[at + 1] = halves[1]!;
}

/** Rows of a table read or added to by index, or found in it. `rows` is the length of the table, `width` that of a row. */
export function encodeGather(
  tape: Tape,
  op: Op,
  out: Tensor,
  x: Tensor,
  index: Tensor,
  rows: number,
  width: number,
): void {
  if (tape.audit) {
    const [table, picked] = op === Op.GatherRows ? [x, out] : [out, x];
    const suffices = counts(table, rows * width, x) && counts(picked, index.size * width, out);
    ensure(tape.audit, suffices && index.dense && index.dtype === "i32" && x.dtype === out.dtype);
  }
  const at = tape.reserve(GatherRowsWord.Size);
  const words = tape.words;
  head(words, at, op, x.type.code, GatherRowsWord.Size);
  words[at + GatherRowsWord.Out] = addressOf(out);
  words[at + GatherRowsWord.X] = addressOf(x);
  words[at + GatherRowsWord.Index] = addressOf(index);
  words[at + GatherRowsWord.Count] = index.size;
  words[at + GatherRowsWord.Rows] = rows;
  words[at + GatherRowsWord.Width] = width;
}

/** Work along one axis of a dense shape; `length` is that of the axis of whichever operand has another one. */
export function encodeAxis(
  tape: Tape,
  op: Op,
  extra: number,
  operands: { readonly out: Tensor; readonly x: Tensor; readonly index?: Tensor },
  shape: Shape,
  axis: number,
  length = 1,
): void {
  const { out, x, index } = operands;
  const count = shape[axis] ?? 1; // Of a 0-d tensor.
  if (tape.audit) {
    const [table, rest] = op === Op.Gather ? [x, out] : [out, x];
    const inner = sizeOf(shape.slice(axis + 1)) * sizeOf(shape.slice(0, axis));
    const same = inner * count;
    const indexed = index ? counts(index, same) && index.dtype === "i32" && x.dtype === out.dtype : length <= count;
    ensure(tape.audit, counts(table, inner * length) && counts(rest, same) && indexed);
  }
  const at = tape.reserve(AxisWord.Size);
  const words = tape.words;
  head(words, at, op, x.type.code, AxisWord.Size, extra);
  words[at + AxisWord.Out] = addressOf(out);
  words[at + AxisWord.X] = addressOf(x);
  words[at + AxisWord.Index] = index ? addressOf(index) : 0;
  words[at + AxisWord.Outer] = sizeOf(shape.slice(0, axis));
  words[at + AxisWord.Count] = count;
  words[at + AxisWord.Inner] = sizeOf(shape.slice(axis + 1));
  words[at + AxisWord.Length] = length;
}

/**
 * A list of instructions so many times; `next` is the same list for the second time, from which it follows how its addresses
 * move on. `elsewhere` is the list as it would be if the `bytes` bytes at `local` lay elsewhere: what is there is of no use after a turn.
 */
export function encodeRepeat(
  tape: Tape,
  times: number,
  body: Int32Array,
  next: Int32Array,
  elsewhere: Int32Array,
  local: number,
  bytes: number,
): void {
  const steps: number[] = [];
  const locals: number[] = [];
  for (const [word, value] of body.entries()) {
    if (next[word] !== value) steps.push(word, next[word]! - value);
    if (elsewhere[word] !== value) locals.push(word);
  }
  const length = RepeatWord.Body + body.length + steps.length + locals.length;
  const at = tape.reserve(length);
  const words = tape.words;
  head(words, at, Flow.Repeat, 0, length);
  words[at + RepeatWord.Times] = times;
  words[at + RepeatWord.Words] = body.length;
  words[at + RepeatWord.Steps] = steps.length / 2;
  words[at + RepeatWord.Local] = local;
  words[at + RepeatWord.LocalBytes] = bytes;
  words[at + RepeatWord.Locals] = locals.length;
  words.set([...body, ...steps, ...locals], at + RepeatWord.Body);
}
