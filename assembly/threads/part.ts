// A part of an instruction: the same instruction, shorter along one axis, with its addresses moved on. Kernels know nothing
// of threads.

import { Flow, RepeatWord } from "../abi/flow";
import { Head, Mark } from "../abi/form";
import { Status } from "../abi/status";
import { workspaceOf } from "../arena";
import { Own, ownOf, thread } from "../control";
import { WORK } from "../kernels/box/stage";
import { Replay } from "../kernels/matmul/work";
import { firstGrain, job, Job } from "./job";

/** Working memory before that of the turns of a Repeat instruction: kernels of the body may want to stage what they read. */
const BEFORE: usize = (WORK + 63) & -64;

/** Runs a part of the job; a Status. */
export function runPart(part: usize, replay: Replay): i32 {
  const from = formPart(part);
  return from < 0 ? Status.Ok : runFormed(from, replay);
}

/** Writes the instruction that is a part of the job into this thread's own memory. The grain with which it begins, or -1 if it is empty. */
export function formPart(part: usize): i32 {
  const own = ownOf(thread) + Own.Instruction;
  const instruction = load<usize>(job(), Job.Instruction);
  memory.copy(own, instruction, min(load<usize>(instruction, Head.Length << 2) << 2, Own.InstructionSize));
  store<u32>(own, load<u32>(own) & ~Mark.Divisible);
  const from = firstGrain(part);
  const grain = load<usize>(job(), Job.Grain);
  const end = part + 1 == load<usize>(job(), Job.Parts) ? load<usize>(job(), Job.Length) : firstGrain(part + 1) * grain;
  if (end <= from * grain) return -1;
  store<usize>(own + load<usize>(job(), Job.Word), end - from * grain);
  let move = job() + Job.FirstMove;
  for (let n = load<usize>(job(), Job.Moves); n; n--) {
    const word = own + load<usize>(move);
    store<usize>(word, load<usize>(word) + from * load<usize>(move, 4));
    move += 8;
  }
  return <i32>from;
}

/** Runs the part that lies in this thread's own memory; a Status. The job may be another by now. */
export function runFormed(from: i32, replay: Replay): i32 {
  const own = ownOf(thread) + Own.Instruction;
  if (load<u32>(own) == Flow.Repeat) {
    // A worker that became ready after the others were equipped leaves it to the first thread.
    if (load<usize>(workspaceOf(thread), 4) < BEFORE + load<usize>(own, RepeatWord.LocalBytes << 2))
      return Status.OutOfMemory;
    moveBody(own, from);
  }
  return replay(own, own + (load<usize>(own, Head.Length << 2) << 2)) & 255;
}

/** Lets the body of a Repeat instruction begin at a turn, with what its turns leave behind in this thread's own memory. */
function moveBody(instruction: usize, turn: i32): void {
  const body = instruction + (RepeatWord.Body << 2);
  turns(instruction, turn);
  const own = load<usize>(workspaceOf(thread)) + BEFORE;
  const shift = own - load<usize>(instruction, RepeatWord.Local << 2);
  let local =
    body +
    ((load<usize>(instruction, RepeatWord.Words << 2) + 2 * load<usize>(instruction, RepeatWord.Steps << 2)) << 2);
  for (let n = load<usize>(instruction, RepeatWord.Locals << 2); n; n--) {
    const word = body + (load<usize>(local) << 2);
    store<usize>(word, load<usize>(word) + shift);
    local += 4;
  }
}

/** Moves the addresses in the body of a Repeat instruction on by so many turns. */
export function turns(instruction: usize, count: i32): void {
  const body = instruction + (RepeatWord.Body << 2);
  let step = stepsOf(instruction);
  for (let n = load<i32>(instruction, RepeatWord.Steps << 2); n; n--) {
    const word = body + (load<usize>(step, 0) << 2);
    store<i32>(word, load<i32>(word) + count * load<i32>(step, 4));
    step += 8;
  }
}

/** Where the pairs are of a word in the body of a Repeat instruction and the bytes that it moves on by from turn to turn. */
export function stepsOf(instruction: usize): usize {
  return instruction + ((RepeatWord.Body + load<usize>(instruction, RepeatWord.Words << 2)) << 2);
}
