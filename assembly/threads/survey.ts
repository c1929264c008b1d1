// Where an instruction can be divided, and about what it costs (in short binary fractions, which pack well). An axis is
// named by the word that holds its length and by the addresses that move on along it; no element of a result may depend on
// what else is computed beside it.

import { DType } from "../abi/dtype";
import { EmittedWord, Flow, RepeatWord } from "../abi/flow";
import {
  AttentionWord,
  AxisWord,
  ConvolutionWord,
  GatherRowsWord,
  GenerateWord,
  Head,
  MapWord,
  MatmulWord,
  MatrixWord,
  NormWord,
  PoolWord,
  RandomWord,
  ReduceWord,
  RowsWord,
  UpdateWord,
} from "../abi/form";
import { Limit } from "../abi/limit";
import { Op } from "../abi/op";
import { bytesOfWeight, sectionOf } from "../kernels/convolution/adjoint";
import { HIGH } from "../kernels/convolution/tile";
import { TALL } from "../kernels/matmul/tile";
import { shiftOf, word } from "../kernels/box/walk";
import { job, Job, opOf } from "./job";

/** Elements along memory that are not parted: a line of the caches, even of bytes. */
const LINE: usize = 64;

/** Sizes of the first dimension of a box from which it is divided there, rather than along the longest. */
const MANY: usize = 32;

/** Describes in the job how an instruction is divided; about how many nanoseconds it takes, or 0 if it cannot be. */
export function survey(instruction: usize): f64 {
  store<usize>(job(), 0, Job.Moves);
  const op = opOf(instruction);
  const bytes = bytesOf(instruction);
  if (op <= Op.ToIndex) return map(instruction, op);
  if (op <= Op.Deviation) return reduction(instruction, op, bytes);
  if (op == Op.Matmul) return product(instruction, bytes);
  if (op <= Op.ConvolutionWeight) return convolution(instruction, op, bytes);
  if (op <= Op.Logsumexp) return rows(instruction, op, bytes);
  if (op <= Op.RmsNormBackward) return norm(instruction, bytes);
  if (op == Op.GatherRows) return gatherRows(instruction, bytes);
  if (op >= Op.Gather && op <= Op.Argsort) return axis(instruction, op, bytes);
  if (op == Op.Fill) return fill(instruction, bytes);
  if (op >= Op.Uniform && op <= Op.Integers) return draw(instruction, op, bytes);
  if (op == Op.Sgd || op == Op.Adam) return update(instruction, bytes);
  if (op == Op.MaxPool || op == Op.MaxPoolIndices) return pool(instruction, op, bytes);
  if (op == Op.Attention || op == Op.AttentionBackward) return attention(instruction, op, bytes);
  if (op >= Op.Solve && op <= Op.MatrixExp) return matrices(instruction, op, bytes);
  if (op == Flow.Emitted) return emitted(instruction);
  if (op == Flow.Repeat) return repeat(instruction);
  return 0;
}

/** Bytes of an element of the dtype of an instruction. */
function bytesOf(instruction: usize): usize {
  return 1 << shiftOf(word(instruction, Head.DType));
}

/** Names the axis; its length, or 0 where that is not two grains. */
function along(instruction: usize, at: usize, grain: usize = 1): usize {
  const length = load<usize>(instruction + (at << 2));
  store<usize>(job(), at << 2, Job.Word);
  store<usize>(job(), length, Job.Length);
  store<usize>(job(), grain, Job.Grain);
  return length >= 2 * grain ? length : 0;
}

/** Lets a word move on by so much from one along the axis to the next. */
function moves(at: usize, by: usize): void {
  movesByGrain(at, by * load<usize>(job(), Job.Grain));
}

/** The same from one grain to the next. */
function movesByGrain(at: usize, by: usize): void {
  const count = load<usize>(job(), Job.Moves);
  const move = job() + (count << 3);
  store<usize>(move, at << 2, Job.FirstMove);
  store<usize>(move, by, Job.FirstMove + 4);
  store<usize>(job(), count + 1, Job.Moves);
}

/** The same of the address of an operand that need not be there. */
function follows(instruction: usize, at: usize, by: usize): void {
  if (load<usize>(instruction + (at << 2))) moves(at, by);
}

function map(instruction: usize, op: i32): f64 {
  const rank = word(instruction, MapWord.Rank);
  if (!rank) return 0;
  const inputs = (word(instruction, Head.Length) - MapWord.Box) / rank - 2;
  const sizes = instruction + (MapWord.Box << 2);
  let chosen: usize = 0;
  let elements: f64 = 1;
  for (let d: usize = 0; d < rank; d++) {
    const size = load<usize>(sizes + (d << 2));
    const present = load<usize>(sizes + (chosen << 2));
    if (present < MANY && size > present) chosen = d;
    elements *= <f64>size;
  }
  if (!along(instruction, MapWord.Box + chosen, chosen + 1 == rank ? LINE : 1)) return 0;
  const shift = shiftOf(word(instruction, Head.DType));
  for (let operand: usize = 0; operand <= inputs; operand++) {
    const stride = load<usize>(sizes + ((rank * (1 + operand) + chosen) << 2));
    moves(MapWord.Out + operand, stride << shiftOfOperand(instruction, op, operand, shift));
  }
  return elements * nanoseconds(op) * (rank > 1 ? 2 : 1) * (shift == 3 ? 2 : 1);
}

/** Logarithm of the bytes of an element of an operand, 0 the output. */
function shiftOfOperand(instruction: usize, op: i32, operand: usize, shift: usize): usize {
  if (op >= Op.Eq && op <= Op.Ge) return operand ? shift : 0;
  if (op == Op.Where && operand == 1) return 0;
  if (op == Op.Polygamma && operand == 1) return 2;
  if (op == Op.Cast && !operand) return shiftOf(word(instruction, Head.Extra) & 255);
  return op == Op.ToIndex && !operand ? 2 : shift;
}

/** What an element of a Map instruction costs. */
function nanoseconds(op: i32): f64 {
  if (op >= Op.Tan && op <= Op.Hypot) return 3;
  return (op >= Op.Exp && op <= Op.Sigmoid) || (op >= Op.Exp2 && op <= Op.Cbrt) ? 1 : 0.1875;
}

function reduction(instruction: usize, op: i32, bytes: usize): f64 {
  const count = word(instruction, ReduceWord.Count);
  const inner = word(instruction, ReduceWord.Inner);
  const outer = word(instruction, ReduceWord.Outer);
  const item = op == Op.ArgMax || op == Op.ArgMin ? 4 : bytes;
  const cost = 0.03125 * <f64>(outer * bytes) * <f64>count * <f64>inner;
  if (outer == 1 && inner == 1 && op == Op.Sum) {
    // Its blocks: see fork.ts.
    if (!along(instruction, ReduceWord.Count, Limit.Block)) return 0;
    moves(ReduceWord.X, bytes);
    movesByGrain(ReduceWord.Out, word(instruction, Head.DType) == DType.I32 ? 4 : 8);
    return cost;
  }
  if (outer > 1) {
    if (!along(instruction, ReduceWord.Outer)) return 0;
    moves(ReduceWord.Out, inner * item);
    moves(ReduceWord.X, count * word(instruction, ReduceWord.Pitch) * bytes);
    return cost;
  }
  if (!along(instruction, ReduceWord.Inner, LINE)) return 0;
  moves(ReduceWord.Out, item);
  moves(ReduceWord.X, bytes);
  return cost;
}

function product(instruction: usize, bytes: usize): f64 {
  const m = word(instruction, MatmulWord.M);
  const n = word(instruction, MatmulWord.N);
  const rank = word(instruction, MatmulWord.Rank);
  const sizes = instruction + (MatmulWord.Batch << 2);
  let batch: usize = 1;
  for (let d: usize = 0; d < rank; d++) batch *= load<usize>(sizes + (d << 2));
  const cost = 0.015625 * <f64>bytes * <f64>batch * <f64>m * <f64>n * <f64>word(instruction, MatmulWord.K);
  const size = rank ? load<usize>(sizes) : 1;
  if (size > 1 && (size >= MANY || batch == size) && along(instruction, MatmulWord.Batch)) {
    moves(MatmulWord.Out, (batch / size) * m * word(instruction, MatmulWord.Line) * bytes);
    moves(MatmulWord.A, load<usize>(sizes + (rank << 2)) * bytes);
    moves(MatmulWord.B, load<usize>(sizes + (rank << 3)) * bytes);
    return cost;
  }
  if (batch > 1) return 0;
  // Rows, since most that comes before and after is divided by rows too: what a thread reads is in its own cache then. Unless each part
  // had to pack much of B for few rows.
  const byColumns = n >= 2 * LINE && n >= 2 * m;
  if (byColumns && along(instruction, MatmulWord.N, LINE / bytes)) {
    moves(MatmulWord.Out, bytes);
    moves(MatmulWord.B, word(instruction, MatmulWord.BColumn) * bytes);
    follows(instruction, MatmulWord.Bias, bytes);
    return cost;
  }
  if (!along(instruction, MatmulWord.M, TALL)) return 0;
  moves(MatmulWord.Out, word(instruction, MatmulWord.Line) * bytes);
  moves(MatmulWord.A, word(instruction, MatmulWord.ARow) * bytes);
  return cost;
}

function convolution(instruction: usize, op: i32, bytes: usize): f64 {
  const count = word(instruction, ConvolutionWord.Count);
  const channels = word(instruction, ConvolutionWord.Groups) * word(instruction, ConvolutionWord.Channels);
  const outputs = word(instruction, ConvolutionWord.Groups) * word(instruction, ConvolutionWord.Outputs);
  const image = word(instruction, ConvolutionWord.Height) * word(instruction, ConvolutionWord.Width);
  const result = word(instruction, ConvolutionWord.OutHeight) * word(instruction, ConvolutionWord.OutWidth);
  const taps = word(instruction, ConvolutionWord.KernelHeight) * word(instruction, ConvolutionWord.KernelWidth);
  const section = op == Op.ConvolutionWeight ? sectionOf(instruction) : 1;
  if (op == Op.ConvolutionWeight && section == count) {
    if (!along(instruction, ConvolutionWord.Some, HIGH)) return 0;
    moves(ConvolutionWord.First, 1);
  } else {
    if (!along(instruction, ConvolutionWord.Count, section)) return 0;
    moves(ConvolutionWord.X, channels * image * bytes);
    moves(ConvolutionWord.Y, outputs * result * bytes);
    // Of the sums of its sections: see fork.ts.
    if (op == Op.ConvolutionWeight) movesByGrain(ConvolutionWord.Weight, bytesOfWeight(instruction));
  }
  const products = <f64>(count * word(instruction, ConvolutionWord.Channels)) * <f64>(outputs * taps) * <f64>result;
  return 0.015625 * <f64>bytes * products;
}

function rows(instruction: usize, op: i32, bytes: usize): f64 {
  const columns = word(instruction, RowsWord.Columns);
  const short = op == Op.CrossEntropy || op == Op.Logsumexp;
  const count = along(instruction, RowsWord.Rows);
  moves(RowsWord.Out, (short ? 1 : columns) * bytes);
  moves(RowsWord.X1, columns * bytes);
  const targets = op == Op.CrossEntropy || op == Op.CrossEntropyBackward;
  follows(instruction, RowsWord.X2, targets ? 4 : columns * bytes);
  follows(instruction, RowsWord.X3, bytes);
  return 0.3125 * <f64>(count * bytes) * <f64>columns;
}

function norm(instruction: usize, bytes: usize): f64 {
  const line = word(instruction, NormWord.Columns) * bytes;
  const count = along(instruction, NormWord.Rows);
  moves(NormWord.Out, line);
  moves(NormWord.X, line);
  follows(instruction, NormWord.G, line);
  return 0.15625 * <f64>count * <f64>line;
}

function gatherRows(instruction: usize, bytes: usize): f64 {
  const line = word(instruction, GatherRowsWord.Width) * bytes;
  const count = along(instruction, GatherRowsWord.Count);
  moves(GatherRowsWord.Out, line);
  moves(GatherRowsWord.Index, 4);
  return 0.046875 * <f64>count * <f64>line;
}

function axis(instruction: usize, op: i32, bytes: usize): f64 {
  const inner = word(instruction, AxisWord.Inner);
  const count = inner * word(instruction, AxisWord.Count);
  const length = inner * word(instruction, AxisWord.Length);
  const outer = along(instruction, AxisWord.Outer);
  moves(AxisWord.Out, op >= Op.Foremost ? length * 4 : (op == Op.ScatterAdd ? length : count) * bytes);
  moves(AxisWord.X, (op == Op.Gather ? length : count) * bytes);
  follows(instruction, AxisWord.Index, count * 4);
  return (op == Op.Argsort ? 20 : 1) * <f64>outer * <f64>count;
}

function fill(instruction: usize, bytes: usize): f64 {
  const count = along(instruction, GenerateWord.Count, LINE);
  moves(GenerateWord.Out, bytes);
  return 0.015625 * <f64>bytes * <f64>count;
}

function draw(instruction: usize, op: i32, bytes: usize): f64 {
  if (op == Op.Permutation || op == Op.Advance) return 0;
  const count = along(instruction, RandomWord.Count, LINE);
  moves(RandomWord.Out, bytes);
  // A block makes four numbers, or two where they take more bits.
  movesByGrain(RandomWord.First, LINE / (bytes == 8 || op == Op.Integers ? 2 : 4));
  return (op == Op.Normal ? 4 : 1) * <f64>count;
}

function matrices(instruction: usize, op: i32, bytes: usize): f64 {
  const m = word(instruction, MatrixWord.Rows);
  const n = word(instruction, MatrixWord.Columns);
  const width = word(instruction, MatrixWord.Width);
  let out = n * n;
  if (op <= Op.SolveTriangular) out = n * width;
  else if (op == Op.Det) out = 1;
  else if (op == Op.Slogdet) out = 2;
  else if (op == Op.Qr) out += m * width;
  else if (op == Op.Eigh) out += n;
  else if (op == Op.Svd) out += m * width + n;
  else if (op == Op.Pinv) out = n * m;
  const count = along(instruction, MatrixWord.Count);
  moves(MatrixWord.Out, out * bytes);
  moves(MatrixWord.A, m * n * bytes);
  follows(instruction, MatrixWord.B, n * width * bytes);
  return (op >= Op.Qr ? 20 : 2) * <f64>count * <f64>(m * n) * <f64>n;
}

function update(instruction: usize, bytes: usize): f64 {
  const count = along(instruction, UpdateWord.Count, LINE);
  for (let at: i32 = UpdateWord.OutP; at <= UpdateWord.V; at++) follows(instruction, <usize>at, bytes);
  return 0.15625 * <f64>bytes * <f64>count;
}

function pool(instruction: usize, op: i32, bytes: usize): f64 {
  const image = word(instruction, PoolWord.Height) * word(instruction, PoolWord.Width);
  const result = word(instruction, PoolWord.OutHeight) * word(instruction, PoolWord.OutWidth);
  const count = along(instruction, PoolWord.Count);
  moves(PoolWord.Out, result * (op == Op.MaxPoolIndices ? 4 : bytes));
  moves(PoolWord.X, image * bytes);
  return 0.5 * <f64>count * <f64>image;
}

function attention(instruction: usize, op: i32, bytes: usize): f64 {
  const scores = <f64>word(instruction, AttentionWord.Queries) * <f64>word(instruction, AttentionWord.Keys);
  const size = word(instruction, AttentionWord.Depth) + word(instruction, AttentionWord.Width);
  const some = along(instruction, AttentionWord.Some);
  moves(AttentionWord.First, 1);
  return <f64>some * scores * (1 + 0.015625 * <f64>(size * bytes)) * (op == Op.Attention ? 1 : 3);
}

function emitted(instruction: usize): f64 {
  const rows = word(instruction, EmittedWord.Rows);
  const columns = word(instruction, EmittedWord.Columns);
  const operands = (word(instruction, Head.Length) - EmittedWord.Operands) / 2;
  if (operands > 24 || !along(instruction, rows > 1 ? EmittedWord.Rows : EmittedWord.Columns, rows > 1 ? 1 : LINE))
    return 0;
  for (let operand: usize = 0; operand < operands; operand++) {
    const at = EmittedWord.Operands + 2 * operand;
    const step = load<usize>(instruction + ((at + 1) << 2));
    moves(at, rows > 1 ? step : step / columns);
  }
  return 0.1875 * <f64>operands * <f64>rows * <f64>columns;
}

function repeat(instruction: usize): f64 {
  let cost: f64 = 0;
  let at = instruction + (RepeatWord.Body << 2);
  const end = at + (word(instruction, RepeatWord.Words) << 2);
  while (at < end) {
    store<usize>(job(), 0, Job.Moves);
    cost += survey(at);
    at += load<usize>(at, Head.Length << 2) << 2;
  }
  store<usize>(job(), 0, Job.Moves);
  return <f64>along(instruction, RepeatWord.Times) * cost;
}
