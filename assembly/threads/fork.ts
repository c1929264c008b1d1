// Fork and join: an instruction that is worth it is divided into parts, which threads take one by one. The order in which
// anything is summed depends on shapes alone, so the bits are those of one thread.

import { Flow, RepeatWord } from "../abi/flow";
import { ConvolutionWord, Head, Mark, MatmulWord, ReduceWord } from "../abi/form";
import { Limit } from "../abi/limit";
import { Op } from "../abi/op";
import { Fault, Status } from "../abi/status";
import { Team } from "../abi/team";
import { allocate, draft, onlyAsk, outOfMemory, provide, release, workspaceOf } from "../arena";
import { control, Control, fault, Own, ownOf, team, thread } from "../control";
import { bytesOfWeight } from "../kernels/convolution/adjoint";
import { WORK } from "../kernels/box/stage";
import { SHORT } from "../kernels/matmul/tile";
import { Replay } from "../kernels/matmul/work";
import { word } from "../kernels/box/walk";
import { close, job, Job, opOf, PARTS, publish, slot, State, take } from "./job";
import { formPart, runFormed, runPart, stepsOf } from "./part";
import { survey } from "./survey";

/** Threads are started when what they might have shared has cost so many times what one instruction must. */
const WORTH_STARTING: f64 = 2000;

/** Nanoseconds: shorter parts are not worth the taking, and longer ones would look as if they stood still. */
const SHORT_PART: f64 = 1e4;
const LONG_PART: f64 = 2e7;
/** Bytes: pages that are touched for the first time take far longer than the work that is done in them, the more so on a busy machine. */
const LARGE_PART: f64 = 4194304;

/**
 * Where others want the processors, a thread may stand still in the midst of a part, and the first waits for nothing. Once is chance. When
 * that happens again soon, it works alone for as long as it has waited, and the next times for 3, 7, and at most so many times as long.
 */
const CAUTIOUS: f64 = 15;
/** What a job that goes well leaves of that. */
const CALM: f64 = 0.9921875;
/** Nanoseconds alone after which it tries again. */
const LONG_ALONE: f64 = 2e7;
/** A wait is too long if it lasts so many nanoseconds longer than the job would have: uneven parts do not make it. */
const SLICE: f64 = 2.5e5;
/** Nanoseconds of a turn of the loop that waits. */
const TURN: f64 = 2.5;

/** Marks the instructions of a tape that are worth dividing. */
export function mark(tape: usize, end: usize): void {
  const least = load<f64>(team(), Team.Least);
  while (tape < end) {
    const length = load<usize>(tape, Head.Length << 2) << 2;
    if (length <= <usize>Own.InstructionSize) {
      const cost = survey(tape);
      if (cost > least) store<u32>(tape, load<u32>(tape) | Mark.Divisible);
    }
    tape += length;
  }
}

/** Runs an instruction that may be marked. */
export function fork(instruction: usize, replay: Replay): i32 {
  if (!(load<u32>(instruction) & Mark.Divisible)) return Status.Unsupported;
  const cost = survey(instruction);
  const wanted = load<usize>(team(), Team.Threads);
  const threads = min(wanted, 1 + atomic.load<u32>(team() + Team.Ready));
  if (threads < wanted && !load<u32>(team(), Team.Asked)) {
    const shareable = load<f64>(team(), Team.Shareable) + cost;
    store<f64>(team(), shareable, Team.Shareable);
    if (shareable > WORTH_STARTING * load<f64>(team(), Team.Least)) return Status.Start;
  }
  if (threads < 2) return alone(instruction, replay);
  const parts = partsFor(instruction, cost, threads);
  const rest = load<f64>(team(), Team.Alone);
  if (rest > 0) store<f64>(team(), rest - cost, Team.Alone);
  if (parts < 2 || rest > 0) return alone(instruction, replay);
  store<f64>(job(), cost, Job.Cost);
  store<usize>(job(), instruction, Job.Instruction);
  store<usize>(job(), parts, Job.Parts);
  store<f32>(job(), 0, Job.Waited);
  const status = equip(instruction, threads, parts, replay);
  if (status) return status < 0 ? alone(instruction, replay) : status;
  const kind = sumOf(instruction);
  store<usize>(job(), kind < 0 ? 0 : instruction, Job.Total);
  if (kind >= 0) {
    // Not in working memory, which is used again while a lost thread may still write there.
    const bytes = sums() * (kind ? bytesOfWeight(instruction) : 8);
    const place = allocate(bytes);
    if (!place) return outOfMemory(bytes);
    store<usize>(team(), place, Team.Sums);
    store<usize>(job(), ofSums(instruction, 0), Job.Instruction);
  }
  publish(parts);
  wake();
  work(replay);
  return join(replay);
}

/** Runs an instruction on this thread. */
function alone(instruction: usize, replay: Replay): i32 {
  const op = load<u32>(instruction);
  store<u32>(instruction, op & ~Mark.Divisible);
  const status = replay(instruction, instruction + (load<usize>(instruction, Head.Length << 2) << 2)) & 255;
  store<u32>(instruction, op);
  return status;
}

/**
 * Into how many parts: as many for each thread, so that halves are the same from instruction to instruction; enough of them that a late
 * thread is waited for little, but few where every part has to bring its operands into another order first.
 */
function partsFor(instruction: usize, cost: f64, threads: usize): usize {
  const op = opOf(instruction);
  const byOutputs = load<usize>(job(), Job.Word) == ConvolutionWord.Some << 2;
  const packs = op == Op.Matmul || (op == Op.ConvolutionWeight && byOutputs);
  const turns = packs ? 0 : min(4, <usize>(cost / SHORT_PART) / threads);
  const large = packs ? 0 : bytesPassed(instruction) / LARGE_PART;
  const rounds = 1 + <usize>max(cost / LONG_PART, large) / threads;
  const grains = load<usize>(job(), Job.Length) / load<usize>(job(), Job.Grain);
  return min(min(max(turns, rounds) * threads, grains), PARTS);
}

/** Bytes of the operands along the axis; those of a Repeat instruction move on in its body. */
function bytesPassed(instruction: usize): f64 {
  let bytes: f64 = 0;
  const repeats = opOf(instruction) == Flow.Repeat;
  let move = repeats ? stepsOf(instruction) : job() + Job.FirstMove;
  for (let n = repeats ? load<usize>(instruction, RepeatWord.Steps << 2) : load<usize>(job(), Job.Moves); n; n--) {
    bytes += <f64>abs(load<isize>(move, 4));
    move += 8;
  }
  return (bytes * <f64>load<usize>(job(), Job.Length)) / <f64>load<usize>(job(), Job.Grain);
}

/** Whether an operation computes in working memory: it reuses much what it reads, or sorts it. */
function works(op: i32): bool {
  return (
    (op >= Op.Matmul && op <= Op.ConvolutionWeight) || op == Op.Argsort || (op >= Op.Attention && op <= Op.MatrixExp)
  );
}

/** Whether a thread that works on a part of an instruction ticks however long that takes: then it need not be waited for. */
function ticks(instruction: usize): bool {
  const op = opOf(instruction);
  // Tiles tick; of vectors, memory is the limit.
  if (op == Op.Matmul) return min(word(instruction, MatmulWord.M), word(instruction, MatmulWord.N)) >= <usize>SHORT;
  return op != Op.Argsort && works(op);
}

/** Gives every thread the working memory that the largest part needs. A Status, or -1 if the instruction is better not divided. */
function equip(instruction: usize, threads: usize, parts: usize, replay: Replay): i32 {
  const op = opOf(instruction);
  let need = WORK + 64;
  if (op == Flow.Repeat) need += load<usize>(instruction, RepeatWord.LocalBytes << 2);
  if (works(op)) {
    onlyAsk(true);
    const status = runPart(parts - 1, replay);
    onlyAsk(false);
    if (status != Status.OutOfMemory) return -1;
    // Another part may be of a shape that needs a little more.
    need = max(need, <usize>(load<f64>(fault(), Fault.Value) * 1.125) + 64);
  }
  if (!provide(workspaceOf(0), need)) return outOfMemory(need * threads);
  for (let number: usize = 1; number < load<usize>(team(), Team.Threads); number++) {
    if (helps(number) && !provide(workspaceOf(number), need)) return outOfMemory(need * threads);
  }
  return Status.Ok;
}

/** 0 for the sum of everything, 1 for the adjoint of a convolution by its weight, where they are divided along what they sum over; else -1. */
function sumOf(instruction: usize): i32 {
  if (load<usize>(job(), Job.Word) != ReduceWord.Count << 2) return -1;
  const op = opOf(instruction);
  return op == Op.Sum ? 0 : op == Op.ConvolutionWeight ? 1 : -1;
}

/** How many sums the parts leave. */
function sums(): usize {
  const grain = load<usize>(job(), Job.Grain);
  return (load<usize>(job(), Job.Length) + grain - 1) / grain;
}

/**
 * The instruction that leaves the sums of parts one behind the other, or that which adds them (`total`, 1). Where the form Reduce
 * has Out, X and Count, the form Convolution has X, Weight and Count.
 */
function ofSums(instruction: usize, total: i32): usize {
  const kind = sumOf(instruction);
  // Behind the plan of a kernel.
  const own = draft() + 256 + ((<usize>total) << 7);
  memory.copy(own, instruction, load<usize>(instruction, Head.Length << 2) << 2);
  store<u32>(own, Flow.Blocks + 2 * kind + total);
  store<usize>(own, total ? 1 : load<usize>(job(), Job.Grain), Head.Extra << 2);
  store<usize>(own + ((<usize>(kind ^ total)) << 2), load<usize>(team(), Team.Sums), ReduceWord.Out << 2);
  if (total) store<usize>(own, sums(), ReduceWord.Count << 2);
  return own;
}

/**
 * Whether a worker serves and is not to end. Those that do need not have the lowest numbers; and who was lost may still write to its
 * working memory.
 */
function helps(number: usize): bool {
  const own = ownOf(number);
  return load<u32>(own, Own.Serves) != 0 && !load<u32>(own, Own.Stop);
}

/** Wakes those that sleep. */
function wake(): void {
  let asleep = false;
  for (let number: usize = 1; number < load<usize>(team(), Team.Threads); number++) {
    if (atomic.load<u32>(ownOf(number) + Own.Asleep)) asleep = true;
  }
  if (asleep) atomic.notify(control() + Control.Ticket, -1);
}

/** Takes parts and runs them, until none is left. */
function work(replay: Replay): void {
  for (let part = take(true); part >= 0; part = take(true)) perform(part, replay);
}

/** Runs a part that was taken, unless the job has been given up in the meantime: then no part of it is open. */
function perform(part: usize, replay: Replay): void {
  const generation = load<u32>(team(), Team.Generation) << 8;
  const open = generation | State.Open;
  const taken = generation | (State.Taken + <u32>thread);
  if (atomic.cmpxchg<u32>(slot(part), open, taken) != open) return;
  const from = formPart(part);
  // Who was so late that it read of another job finds that its slot was taken away.
  if (atomic.load<u32>(slot(part)) != taken) return;
  const status = from < 0 ? Status.Ok : runFormed(from, replay);
  atomic.cmpxchg<u32>(slot(part), taken, generation | (<u32>status));
}

/**
 * Waits for the parts that others have taken, but no longer than a millisecond or so: then `Status.Pending`, with
 * a number in `Fault.Value` that changes as long as there is progress, and in `Fault.Limit` the milliseconds that a part should take
 * in which there is none that could be seen.
 */
export function join(replay: Replay): i32 {
  const parts = load<usize>(job(), Job.Parts);
  let patience = load<i32>(team(), Team.Patience);
  let failed = false;
  for (let part: usize = 0; part < parts; part++) {
    let state = stateOf(part);
    for (; state >= State.Taken && patience; patience--) state = stateOf(part);
    if (state >= State.Taken) {
      waited(patience);
      return pending(parts);
    }
    if (state == State.Threw) return Status.Lost;
    if (state && state != Status.OutOfMemory) failed = true;
  }
  judge(waited(patience));
  const status = finish(failed, replay);
  release(load<usize>(team(), Team.Sums));
  store<usize>(team(), 0, Team.Sums);
  return status;
}

/** What is left to do when all parts were taken and are no longer worked on. */
function finish(failed: bool, replay: Replay): i32 {
  // What a kernel refuses it refuses again, and then says where.
  if (failed) return alone(load<usize>(job(), Job.Instruction), replay);
  const parts = load<usize>(job(), Job.Parts);
  for (let part: usize = 0; part < parts; part++) {
    if (stateOf(part) && runPart(part, replay)) return Status.Lost;
  }
  const total = load<usize>(job(), Job.Total);
  if (!total) return Status.Ok;
  const last = ofSums(total, 1);
  return replay(last, last + (load<usize>(last, Head.Length << 2) << 2)) & 255;
}

/** For how long the first thread has waited for the job, with what is left of its patience; the host may have let it wait before. */
function waited(patience: i32): f64 {
  const turns = load<i32>(team(), Team.Patience) - patience;
  const time = load<f32>(job(), Job.Waited) + <f32>(TURN * <f64>turns);
  store<f32>(job(), time, Job.Waited);
  return time;
}

/** Works alone for a while if it was not worth the wait, unless all is to be divided that can be. */
function judge(time: f64): void {
  let caution: f64 = load<f32>(team(), Team.Caution);
  if (time >= SLICE + load<f64>(job(), Job.Cost) && load<f64>(team(), Team.Least) > 0) {
    store<f64>(team(), min(load<f64>(team(), Team.Alone) + caution * time, LONG_ALONE), Team.Alone);
    caution = min(1 + 2 * caution, CAUTIOUS);
  } else caution *= CALM;
  store<f32>(team(), <f32>caution, Team.Caution);
}

function stateOf(part: usize): i32 {
  return <i32>(atomic.load<u32>(slot(part)) & 255);
}

function pending(parts: usize): i32 {
  let progress: f64 = 0;
  for (let part: usize = 0; part < parts; part++) if (stateOf(part) < State.Taken) progress++;
  for (let number: usize = 1; number < <usize>Limit.Threads; number++) progress += load<u32>(ownOf(number), Own.Ticks);
  store<f64>(fault(), progress, Fault.Value);
  const silent = ticks(load<usize>(job(), Job.Instruction)) ? 0 : load<f64>(job(), Job.Cost) / (1e6 * <f64>parts);
  store<u32>(fault(), <u32>min(silent, 1e6), Fault.Limit);
  return Status.Pending;
}

/** Gives the present job up: a bit for each thread that has not done what it took. Nobody will begin another part of it. */
export function abandon(): i32 {
  close();
  const parts = load<usize>(job(), Job.Parts);
  let lost = 0;
  let open = false;
  for (let part: usize = 0; part < parts; part++) {
    const state = <i32>(atomic.xchg<u32>(slot(part), State.Threw) & 255);
    if (state == State.Open) open = true;
    else if (state >= State.Taken) lost |= 1 << (state - State.Taken);
  }
  for (let number: usize = 1; number < <usize>Limit.Threads; number++) {
    const own = ownOf(number);
    // Who stopped between taking a part and saying so cannot be told: then it may be anybody that serves.
    if (load<i32>(own, Own.Stop) == State.Threw || (open && load<u32>(own, Own.Serves))) lost |= 1 << (<i32>number);
  }
  return lost;
}

/** Tells a worker to end when it has done what it is doing. */
export function dismiss(number: usize): void {
  store<u32>(ownOf(number), 1, Own.Stop);
  atomic.add<u32>(control() + Control.Ticket, 0x10000);
  atomic.notify(control() + Control.Ticket, -1);
}

/** Says that a worker has ended: it waits for nothing, and will take nothing. */
export function bury(number: usize): void {
  const own = ownOf(number);
  atomic.sub<u32>(team() + Team.Ready, load<u32>(own, Own.Serves));
  memory.fill(own + Own.Stop, 0, Own.Serves + 4 - Own.Stop);
}

/** The part that was taken before the host was asked for functions, or -1; and the last module that this instance has. */
let held: i32 = -1;
let learned: u32 = 0;

/**
 * A worker's life: it takes parts as long as there are any, then waits, at first awake and then asleep. Returns 0 when it is to
 * end, or 1 when the host has first to put functions into the table; then it is to be called again.
 */
export function serve(replay: Replay): i32 {
  const ticket = control() + Control.Ticket;
  const own = ownOf(thread);
  if (held >= 0) {
    const part = held;
    held = -1;
    learned = load<u32>(team(), Team.LastEmitted);
    perform(part, replay);
  }
  while (true) {
    const seen = atomic.load<u32>(ticket);
    if (load<u32>(own, Own.Stop)) return 0;
    if (thread < load<usize>(team(), Team.Threads)) {
      const part = take(false);
      if (part >= 0) {
        if (load<u32>(team(), Team.LastEmitted) == learned) perform(part, replay);
        else {
          held = part;
          return 1;
        }
        continue;
      }
    }
    let wakeful = load<i32>(team(), Team.Wakefulness);
    while (wakeful && atomic.load<u32>(ticket) == seen) wakeful--;
    if (wakeful) continue;
    atomic.store<u32>(own + Own.Asleep, 1);
    memory.atomic.wait32(ticket, seen, -1);
    atomic.store<u32>(own + Own.Asleep, 0);
  }
}

/** What a worker says when what it ran has trapped. */
export function confess(): void {
  store<u32>(ownOf(thread), State.Threw, Own.Stop);
  const parts = load<usize>(job(), Job.Parts);
  for (let part: usize = 0; part < parts; part++) {
    const seen = atomic.load<u32>(slot(part));
    if ((seen & 255) == State.Taken + <u32>thread)
      atomic.cmpxchg<u32>(slot(part), seen, (seen & 0xffffff00) | State.Threw);
  }
}
