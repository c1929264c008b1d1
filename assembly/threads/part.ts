// A part of an instruction: the same instruction, shorter along one axis, with its addresses moved on. Kernels know nothing
// of threads.

import { Flow, Head, Mark, RepeatWord, Status } from "../abi";
import { workspaceOf } from "../arena";
import { Own, ownOf, thread } from "../control";
import { WORK } from "../kernels/stage";
import { Replay } from "../kernels/matmul/work";
import { firstGrain, job, Job } from "./job";

/** Working memory before that of the turns of a Repeat instruction: kernels of the body may want to stage what they read. */
const BEFORE: usize = (WORK + 63) & -64;

/** Runs a part of the job; a Status. */
export function runPart(part: usize, replay: Replay): i32 {
  const own = ownOf(thread) + Own.Instruction;
  const instruction = load<usize>(job(), Job.Instruction);
  const bytes = load<usize>(instruction, Head.Length << 2) << 2;
  memory.copy(own, instruction, bytes);
  store<u32>(own, load<u32>(own) & ~Mark.Divisible);
  const from = firstGrain(part);
  const grain = load<usize>(job(), Job.Grain);
  const end = part + 1 == load<usize>(job(), Job.Parts) ? load<usize>(job(), Job.Length) : firstGrain(part + 1) * grain;
  if (end <= from * grain) return Status.Ok;
  store<usize>(own + load<usize>(job(), Job.Word), end - from * grain);
  let move = job() + Job.FirstMove;
  for (let n = load<usize>(job(), Job.Moves); n; n--) {
    const word = own + load<usize>(move);
    store<usize>(word, load<usize>(word) + from * load<usize>(move, 4));
    move += 8;
  }
  if (load<u32>(own) == Flow.Repeat) {
    // A worker that became ready after the others were equipped leaves it to the first thread.
    if (load<usize>(workspaceOf(thread), 4) < BEFORE + load<usize>(own, RepeatWord.LocalBytes << 2))
      return Status.OutOfMemory;
    moveBody(own, from);
  }
  return replay(own, own + bytes) & 255;
}

/** Lets the body of a Repeat instruction begin at a turn, with what its turns leave behind in this thread's own memory. */
function moveBody(instruction: usize, turn: usize): void {
  const body = instruction + (RepeatWord.Body << 2);
  turns(instruction, <i32>turn);
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
  let step = body + (load<usize>(instruction, RepeatWord.Words << 2) << 2);
  for (let n = load<i32>(instruction, RepeatWord.Steps << 2); n; n--) {
    const word = body + (load<usize>(step, 0) << 2);
    store<i32>(word, load<i32>(word) + count * load<i32>(step, 4));
    step += 8;
  }
}
