// The job that threads share: an instruction, the axis along which it is divided, and the state of each part. It lies in
// the control block. The first thread writes it while no part of another job is open.

import { Head, Mark } from "../abi/form";
import { Team } from "../abi/team";
import { control, Control, team } from "../control";

/** Byte offsets from `job()`. */
export const enum Job {
  Instruction = 0,
  Parts = 4,
  /** The word that holds the length of the axis, that length, and what parts are multiples of. */
  Word = 8,
  Length = 12,
  Grain = 16,
  /** How many words move on along the axis; then the pairs of a word and how far it moves from grain to grain. */
  Moves = 20,
  /** Address of the instruction of whose sum these are parts, or 0. */
  Total = 24,
  /** f32: nanoseconds that the first thread has waited for it. */
  Waited = 28,
  /** f64: about how many nanoseconds all of it takes on one thread. */
  Cost = 32,
  FirstMove = 40,
}

/** The state of a part, in the low byte of its slot below the number of the job: a Status, or one of these. */
export const enum State {
  /** What it was to do has trapped. */
  Threw = 127,
  /** Some thread works on it: plus the number of that. */
  Taken = 128,
  Open = 255,
}

/** Parts that a job has at most. */
export const PARTS: usize = 200;

export function job(): usize {
  return control() + Control.Job;
}

/** The operation of an instruction that may be marked as worth dividing. */
// @ts-ignore: decorator
@inline
export function opOf(instruction: usize): i32 {
  return load<i32>(instruction, Head.Op << 2) & ~Mark.Divisible;
}

/** Address of the state of a part. */
export function slot(part: usize): usize {
  return control() + Control.Slots + (part << 2);
}

/** The length of each part but the last, in grains, is this or one more: where a part begins. */
export function firstGrain(part: usize): usize {
  const grains = load<usize>(job(), Job.Length) / load<usize>(job(), Job.Grain);
  return <usize>((<u64>grains * part) / load<usize>(job(), Job.Parts));
}

/** Opens a job of so many parts. */
export function publish(parts: usize): void {
  const generation = load<u32>(team(), Team.Generation) + 1;
  store<u32>(team(), generation, Team.Generation);
  for (let part: usize = 0; part < parts; part++) store<u32>(slot(part), (generation << 8) | State.Open);
  atomic.store<u32>(control() + Control.Ticket, (generation << 16) | ((<u32>parts) << 8));
}

/**
 * Takes a part that nobody has taken, or -1. The ticket holds the first part that is left in its lowest byte and the one
 * behind the last in the next: the first thread takes from the front and the others from the back, so that where an
 * instruction reads what another has written, it is mostly in the same caches.
 */
export function take(front: bool): i32 {
  const ticket = control() + Control.Ticket;
  while (true) {
    const seen = atomic.load<u32>(ticket);
    const first = seen & 255;
    const end = (seen >> 8) & 255;
    if (first >= end) return -1;
    if (atomic.cmpxchg<u32>(ticket, seen, front ? seen + 1 : seen - 256) == seen) return front ? first : end - 1;
  }
}

/** Lets nobody take another part. */
export function close(): void {
  atomic.and<u32>(control() + Control.Ticket, 0xffff0000);
}
