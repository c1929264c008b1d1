// Convolution in two dimensions over contiguous images, and its two adjoints, F32 and F64.

import { DType } from "../abi/dtype";
import { Flow } from "../abi/flow";
import { ConvolutionWord, Head } from "../abi/form";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { draft, outOfMemory, workspace } from "../arena";
import { addProducts, addTo, bytesOfResult, bytesOfWeight, sectionOf } from "./convolution/adjoint";
import { bytesOfWeights, correlate, packWeights, tallOutputs, TILE } from "./convolution/correlate";
import { Axis, complete, Plan } from "./convolution/plan";
import { bytesOfShifts, bytesOfVectors, divide, ENDLESS, listShifts } from "./convolution/source";

/** Bytes of the plan and its axes. */
const PLAN: usize = 256;

/**
 * Runs an instruction of the form Convolution. The order of a sum depends on the sizes of an image and of the weight, and on
 * the parameters; that of the adjoint by the weight on the number of images, too.
 */
export function convolution(instruction: usize): i32 {
  switch (load<i32>(instruction, Head.DType << 2)) {
    case DType.F32:
      return run<f32>(instruction);
    case DType.F64:
      return run<f64>(instruction);
    default:
      return Status.Unsupported;
  }
}

// @ts-ignore: decorator
@inline
function integer(instruction: usize, at: i32): i32 {
  return load<i32>(instruction + ((<usize>at) << 2));
}

function run<T>(instruction: usize): i32 {
  const need = lay<T>(draft(), instruction);
  const room = workspace(need);
  if (!room) return outOfMemory(need);
  lay<T>(room, instruction);
  each<T>(changetype<Plan>(room), instruction);
  return Status.Ok;
}

function isByWeight(op: i32): bool {
  return op >= Op.ConvolutionWeight;
}

/** Images of a section of the adjoint by the weight. */
function sectionIn(instruction: usize, op: i32): i32 {
  return op == Op.ConvolutionWeight ? <i32>sectionOf(instruction) : integer(instruction, Head.Extra);
}

/** Sets up a plan and what follows it in the scratch memory; the bytes of it all, which may be more than there can be. */
function lay<T>(place: usize, instruction: usize): usize {
  const op = integer(instruction, Head.Op);
  const back = op == Op.ConvolutionInput;
  const part = isByWeight(op);
  const p = changetype<Plan>(place);
  p.rows = changetype<Axis>(place + offsetof<Plan>());
  p.columns = changetype<Axis>(place + offsetof<Plan>() + offsetof<Axis>());
  axis(p.rows, instruction, back, 0);
  axis(p.columns, instruction, back, 1);
  const kernel = p.rows.kernel * p.columns.kernel;
  const simple = kernel == 1 && p.rows.stride == 1 && p.columns.stride == 1 && p.rows.pad == 0 && p.columns.pad == 0;
  if (simple && p.rows.source == p.rows.target && p.columns.source == p.columns.target) {
    // Single elements: an image is one long line.
    p.columns.source *= p.rows.source;
    p.columns.target = p.columns.source;
    p.rows.source = 1;
    p.rows.target = 1;
  }
  complete(p.rows);
  complete(p.columns);
  const channels = integer(instruction, ConvolutionWord.Channels);
  const outputs = integer(instruction, ConvolutionWord.Outputs);
  p.channels = back ? outputs : channels;
  p.outputs = back ? channels : outputs;
  p.first = integer(instruction, ConvolutionWord.First);
  p.end = p.first + integer(instruction, ConvolutionWord.Some);
  // What vectors are read from lies at multiples of a line of the caches.
  p.block = place + PLAN;
  const bytes = divide<T>(p, part);
  if (bytes == ENDLESS) return ENDLESS;
  p.tile = p.block + ((bytes + 63) & -64);
  p.shifts = p.tile + TILE;
  p.vectors = p.shifts + bytesOfShifts(p);
  p.weights = p.vectors + bytesOfVectors<T>(p);
  p.tall = tallOutputs(p.outputs);
  p.section = (p.weights + (part ? bytesOfResult<T>(p) : bytesOfWeights<T>(p)) + 15) & -16;
  const several = part && sectionIn(instruction, op) < integer(instruction, ConvolutionWord.Count);
  return p.section + (several ? bytesOfWeight(instruction) : 0) - place;
}

function axis(to: Axis, instruction: usize, back: bool, second: i32): void {
  const image = integer(instruction, ConvolutionWord.Height + second);
  const result = integer(instruction, ConvolutionWord.OutHeight + second);
  to.back = back;
  to.source = back ? result : image;
  to.target = back ? image : result;
  to.kernel = integer(instruction, ConvolutionWord.KernelHeight + second);
  // A single result takes no step; one beyond the image would ask for as many planes.
  to.stride = result > 1 ? integer(instruction, ConvolutionWord.StrideHeight + second) : 1;
  to.pad = integer(instruction, ConvolutionWord.PadHeight + second);
  to.dilation = integer(instruction, ConvolutionWord.DilationHeight + second);
}

/**
 * The work of all groups and images. The adjoint by the weight is the sum of its sections: of those at X, where they are there. Or these, one
 * behind the other.
 */
function each<T>(p: Plan, instruction: usize): void {
  const op = integer(instruction, Head.Op);
  const count = integer(instruction, ConvolutionWord.Count);
  const groups = integer(instruction, ConvolutionWord.Groups);
  const x = load<usize>(instruction, ConvolutionWord.X << 2);
  const y = load<usize>(instruction, ConvolutionWord.Y << 2);
  const back = op == Op.ConvolutionInput;
  const part = isByWeight(op);
  const total = op == Flow.SectionTotal;
  const section = part ? sectionIn(instruction, op) : count;
  // Each sum is made beside the weight, and then added to it.
  const beside = op == Op.ConvolutionWeight && section < count;
  const from = <usize>(p.channels * p.rows.source * p.columns.source) * sizeof<T>();
  const to = <usize>(p.outputs * p.rows.target * p.columns.target) * sizeof<T>();
  const taps = p.rows.kernel * p.columns.kernel;
  const line = <usize>(p.channels * taps) * sizeof<T>();
  const kernel = <usize>p.outputs * line;
  const skipped = <usize>p.first * line;
  const bytes = <usize>(p.end - p.first) * line;
  let weight = load<usize>(instruction, ConvolutionWord.Weight << 2);
  if (to) listShifts<T>(p);
  for (let group = 0; group < groups; group++) {
    let sum = skipped + (total ? x + <usize>group * kernel : beside ? p.section : weight);
    if (part) memory.fill(weight + skipped, 0, bytes);
    else if (back) packWeights<T>(p, weight, taps, p.outputs * taps);
    else packWeights<T>(p, weight, p.channels * taps, taps);
    for (let n = 0, end = 0; n < count && to; n = end) {
      end = min(n + section, count);
      if (part && !total) memory.fill(sum, 0, bytes);
      for (let i = n; i < end && !total; i++) {
        const at = <usize>(i * groups + group);
        if (back) correlate<T>(p, y + at * from, x + at * to);
        else if (part) addProducts<T>(p, x + at * from, y + at * to, sum - skipped);
        else correlate<T>(p, x + at * from, y + at * to);
      }
      if (beside || total) addTo<T>(weight + skipped, sum, bytes);
      if (!beside) sum += <usize>groups * kernel;
    }
    weight += kernel;
  }
}
