// The replay of a Wengert list: one instruction after another, each handed to the kernel of its family.

import { EmittedWord, Flow, RepeatWord } from "./abi/flow";
import { Head } from "./abi/form";
import { Op } from "./abi/op";
import { Status } from "./abi/status";
import { tick } from "./control";
import { gather, scatterAdd } from "./kernels/indexing/gather";
import { attention } from "./kernels/attention";
import { float, number } from "./kernels/elementwise/binary";
import { bitwise } from "./kernels/elementwise/bitwise";
import { cast, toIndex } from "./kernels/elementwise/cast";
import { compare } from "./kernels/elementwise/compare";
import { convolution } from "./kernels/convolution";
import { copy } from "./kernels/elementwise/copy";
import { exponential } from "./kernels/elementwise/exponential";
import { gatherRows, lastPlaces, scatterAddRows } from "./kernels/indexing/gather-rows";
import { fill, iota } from "./kernels/generate";
import { linalg } from "./kernels/linalg";
import { matmul } from "./kernels/matmul";
import { pool } from "./kernels/pool";
import { powers } from "./kernels/elementwise/powers";
import { argsort } from "./kernels/order/argsort";
import { foremost } from "./kernels/order/foremost";
import { adam, sgd } from "./kernels/optimizer";
import { advance, bits, permutation, uniform } from "./kernels/random";
import { integers, normal } from "./kernels/random/distributions";
import { blocks, reduce, total } from "./kernels/reduce";
import {
  crossEntropy,
  crossEntropyBackward,
  logSumExp,
  logSoftmax,
  logSoftmaxBackward,
  softmax,
  softmaxBackward,
} from "./kernels/rows";
import { special } from "./kernels/elementwise/special";
import { cumprod, cumsum } from "./kernels/scan";
import { norm } from "./kernels/rows/norm";
import { costly, plain, signed, usual } from "./kernels/elementwise/unary";
import { where } from "./kernels/elementwise/where";
import {
  Abs,
  Add,
  Cos,
  Div,
  Exp,
  GatedMul,
  Log,
  Maximum,
  Minimum,
  Mul,
  Neg,
  Reciprocal,
  Relu,
  Sigmoid,
  Sign,
  Sin,
  Sqrt,
  Square,
  Sub,
  Tanh,
} from "./lanes/arithmetic";
import { fork, join, serve } from "./threads/fork";
import { turns } from "./threads/part";

/**
 * Runs the instructions from `tape` up to `end`. Returns 0, or `Status | (instruction number << 8)` of the first one
 * that failed; those before it have run, those after it have not.
 */
export function replay(tape: usize, end: usize): i32 {
  const start = tape;
  while (tape < end) {
    const status = run(tape);
    if (status) return status | (count(start, tape) << 8);
    tape = next(tape);
  }
  return Status.Ok;
}

/** The instruction behind another. */
// @ts-ignore: decorator
@inline
function next(instruction: usize): usize {
  return instruction + ((<usize>load<u32>(instruction, Head.Length << 2)) << 2);
}

/** How many instructions lie between two addresses. */
function count(tape: usize, end: usize): i32 {
  let number = 0;
  for (; tape < end; tape = next(tape)) number++;
  return number;
}

/**
 * A thin, dense switch, straight to the loop of the operation wherever that is worth one of its own: every kernel is a
 * function of its own, so that one more cannot slow the others.
 */
// @ts-ignore: decorator
@inline
function run(instruction: usize): i32 {
  switch (load<u32>(instruction, Head.Op << 2)) {
    case Op.Copy:
      return copy(instruction);
    case Op.Neg:
      return signed<Neg>(instruction);
    case Op.Abs:
      return signed<Abs>(instruction);
    case Op.Sign:
      return signed<Sign>(instruction);
    case Op.Square:
      return signed<Square>(instruction);
    case Op.Reciprocal:
      return plain<Reciprocal>(instruction);
    case Op.Sqrt:
      return plain<Sqrt>(instruction);
    case Op.Exp:
      return usual<Exp>(instruction);
    case Op.Log:
      return usual<Log>(instruction);
    case Op.Sin:
      return usual<Sin>(instruction);
    case Op.Cos:
      return usual<Cos>(instruction);
    case Op.Tanh:
      return costly<Tanh>(instruction);
    case Op.Sigmoid:
      return usual<Sigmoid>(instruction);
    case Op.Relu:
      return plain<Relu>(instruction);
    case Op.Add:
      return number<Add>(instruction);
    case Op.Sub:
      return number<Sub>(instruction);
    case Op.Mul:
      return number<Mul>(instruction);
    case Op.Div:
      return float<Div>(instruction);
    case Op.Maximum:
      return number<Maximum>(instruction);
    case Op.Minimum:
      return number<Minimum>(instruction);
    case Op.GatedMul:
      return float<GatedMul>(instruction);
    case Op.Eq:
    case Op.Ne:
    case Op.Lt:
    case Op.Le:
    case Op.Gt:
    case Op.Ge:
      return compare(instruction);
    case Op.Where:
      return where(instruction);
    case Op.Cast:
      return cast(instruction);
    case Op.ToIndex:
      return toIndex(instruction);
    case Op.Sum:
    case Op.Max:
    case Op.Min:
    case Op.ArgMax:
    case Op.ArgMin:
    case Op.Prod:
    case Op.Deviation:
      return reduce(instruction);
    case Op.Matmul:
      return matmul(instruction, replay);
    case Op.Convolution:
    case Op.ConvolutionInput:
    case Op.ConvolutionWeight:
      return convolution(instruction);
    case Op.MaxPool:
    case Op.MaxPoolIndices:
      return pool(instruction);
    case Op.Attention:
    case Op.AttentionBackward:
      return attention(instruction);
    case Op.Solve:
    case Op.SolveTriangular:
    case Op.Det:
    case Op.Slogdet:
    case Op.Cofactor:
    case Op.Cholesky:
    case Op.Qr:
    case Op.Eigh:
    case Op.Svd:
    case Op.Pinv:
    case Op.MatrixExp:
      return linalg(instruction);
    case Op.Softmax:
      return softmax(instruction);
    case Op.LogSoftmax:
      return logSoftmax(instruction);
    case Op.SoftmaxBackward:
      return softmaxBackward(instruction);
    case Op.LogSoftmaxBackward:
      return logSoftmaxBackward(instruction);
    case Op.CrossEntropy:
      return crossEntropy(instruction);
    case Op.CrossEntropyBackward:
      return crossEntropyBackward(instruction);
    case Op.Logsumexp:
      return logSumExp(instruction);
    case Op.GatherRows:
      return gatherRows(instruction);
    case Op.ScatterAddRows:
      return scatterAddRows(instruction);
    case Op.LastPlaces:
      return lastPlaces(instruction);
    case Op.Fill:
      return fill(instruction);
    case Op.Iota:
      return iota(instruction);
    case Op.Uniform:
      return uniform(instruction);
    case Op.Bits:
      return bits(instruction);
    case Op.Permutation:
      return permutation(instruction);
    case Op.Advance:
      return advance(instruction);
    case Op.Tan:
    case Op.Asin:
    case Op.Acos:
    case Op.Atan:
    case Op.Erf:
    case Op.Erfc:
    case Op.Erfinv:
    case Op.Lgamma:
    case Op.Digamma:
    case Op.Gelu:
    case Op.GeluSlope:
    case Op.GeluTanh:
    case Op.Atan2:
    case Op.Polygamma:
      return special(instruction);
    case Op.Exp2:
    case Op.Expm1:
    case Op.Sinh:
    case Op.Cosh:
    case Op.Silu:
    case Op.Mish:
    case Op.Log2:
    case Op.Log10:
    case Op.Log1p:
    case Op.Asinh:
    case Op.Acosh:
    case Op.Atanh:
    case Op.Softplus:
    case Op.Cbrt:
    case Op.Rsqrt:
    case Op.Floor:
    case Op.Ceil:
    case Op.Round:
    case Op.Trunc:
      return exponential(instruction);
    case Op.Pow:
    case Op.Hypot:
      return powers(instruction);
    case Op.Gather:
      return gather(instruction);
    case Op.ScatterAdd:
      return scatterAdd(instruction);
    case Op.Cumsum:
      return cumsum(instruction);
    case Op.Cumprod:
      return cumprod(instruction);
    case Op.Foremost:
      return foremost(instruction);
    case Op.Argsort:
      return argsort(instruction);
    case Op.BitwiseAnd:
    case Op.BitwiseOr:
    case Op.BitwiseXor:
    case Op.BitwiseLeftShift:
    case Op.BitwiseRightShift:
    case Op.Fmod:
      return bitwise(instruction);
    case Op.LayerNorm:
    case Op.LayerNormBackward:
    case Op.RmsNorm:
    case Op.RmsNormBackward:
      return norm(instruction);
    case Op.Sgd:
      return sgd(instruction);
    case Op.Adam:
      return adam(instruction);
    case Op.Normal:
      return normal(instruction);
    case Op.Integers:
      return integers(instruction);
    case Flow.Emitted:
      return emitted(instruction);
    case Flow.Repeat:
      return repeat(instruction);
    case Flow.Blocks:
      return blocks(instruction);
    case Flow.Total:
      return total(instruction);
    case Flow.Sections:
    case Flow.SectionTotal:
      return convolution(instruction);
    default:
      return fork(instruction, replay);
  }
}

/** Waits for the threads that work on an instruction: `Status.Pending` if they are not done yet. */
export function joinThreads(): i32 {
  return join(replay);
}

/** The life of a worker; see threads/fork.ts. */
export function serveThread(): i32 {
  return serve(replay);
}

/** Calls the function of an Emitted instruction. */
function emitted(instruction: usize): i32 {
  return call_indirect<i32>(load<u32>(instruction, EmittedWord.Function << 2), instruction);
}

/** Runs the body of a Repeat instruction; an instruction of it that fails ends it. */
function repeat(instruction: usize): i32 {
  const times = load<i32>(instruction, RepeatWord.Times << 2);
  const body = instruction + (RepeatWord.Body << 2);
  const end = body + (load<usize>(instruction, RepeatWord.Words << 2) << 2);
  let status: i32 = Status.Ok;
  let done = 0;
  while (done < times && !status) {
    status = replay(body, end) & 255;
    turns(instruction, 1);
    tick();
    done++;
  }
  turns(instruction, -done);
  return status;
}
