import { Limit } from "../../assembly/abi/limit.js";
import { Status } from "../../assembly/abi/status.js";
import { Team } from "../../assembly/abi/team.js";
import { ThreadError } from "../errors.js";
import { allocateBlock, heap, kernels, platform, share, start } from "./instance.js";
import { faultLimit, faultValue } from "./fault.js";
import { chosenOptions } from "./options.js";
import { hold, letGo, releaseBlock } from "./quarantine.js";
import { spawn, type Helper } from "./spawn.js";

// The threads that help the one which runs the tape: when they come, how long they are waited for, and how they go. What they
// do is in assembly/threads.

/** Milliseconds without any progress after which a thread is given up. */
const PATIENCE = 500;
/** And so many times as long as a part should take in which no progress can be seen: one long row, say. */
const TIMES = 20;
/**
 * The most that count of those between two looks, which take about one: on a busy machine this thread has to wait for a processor
 * as the others have, and as much longer is it patient.
 */
const STEP = 5;

/** The helpers by number; they are 1, 2, ... */
export const helpers = new Map<number, Helper>();
/** Those that were lost and may still be writing. */
export const ending = new Set<Helper>();
/** Why there are fewer threads than there might be. */
let reason: string | undefined;
let crew = 0;

/** Threads that work together at present, and why they are not as many as were asked for. */
export function threadFigures(): { threads: number; reason: string | undefined } {
  start();
  const { threads } = chosenOptions();
  const present = Math.min(threads, 1 + heap.u32[(team() + Team.Ready) >>> 2]!);
  const why = platform!.shared ? reason : "memory cannot be shared here";
  return { threads: present, reason: threads > 1 ? why : undefined };
}

/** Starts what is missing of the threads. They take part as soon as they are ready; until then the work goes on without them. */
export function hire(): void {
  const at = team();
  heap.u32[(at + Team.Asked) >>> 2] = 1;
  reason = undefined;
  if (crew === 0) {
    const bytes = Limit.Threads * Team.OwnSize;
    try {
      crew = allocateBlock(bytes);
    } catch {
      workAlone();
      return;
    }
    heap.u8.fill(0, crew, crew + bytes);
    heap.u32[(at + Team.Crew) >>> 2] = crew;
  }
  const { threads, workerUrl } = chosenOptions();
  for (let thread = 1; thread < threads; thread++) {
    if (helpers.has(thread)) continue;
    try {
      const helper = spawn({ ...share(), thread }, workerUrl, (why) => ended(thread, helper, why));
      helpers.set(thread, helper);
    } catch (error) {
      reason = `no worker can be started: ${String(error)}`;
      return;
    }
  }
}

/** Waits for the threads that work on an instruction; `Status.Lost` if one stands still. Never blocks but for that long. */
export function settle(): number {
  let seen = NaN;
  let idle = 0;
  for (let before = performance.now(); ;) {
    const status = kernels.joinThreads();
    if (status !== Status.Pending) return status;
    const now = performance.now();
    const progress = faultValue();
    idle = progress === seen ? idle + Math.min(now - before, STEP) : 0;
    if (idle > PATIENCE + TIMES * faultLimit()) return Status.Lost;
    [seen, before] = [progress, now];
  }
}

/**
 * Gives up the threads that have not done what they took. Until they have ended nothing that they might write to is used again. Returns
 * the error to throw.
 */
export function lose(operation: string): ThreadError {
  const lost = kernels.abandon();
  const numbers: number[] = [];
  for (const [thread, helper] of helpers) {
    if (!((lost >>> thread) & 1)) continue;
    numbers.push(thread);
    kernels.dismiss(thread);
    ending.add(helper);
    helper.terminate();
  }
  const lostThreads = `thread ${numbers.join(", ")}`;
  reason = `${lostThreads} was lost in ${operation}`;
  if (ending.size > 0) hold();
  const sums = (team() + Team.Sums) >>> 2;
  releaseBlock(heap.u32[sums]!);
  heap.u32[sums] = 0;
  return new ThreadError(
    operation,
    "threads that do their parts",
    `${lostThreads}, which failed or stood still; what is written there is undefined`,
  );
}

/** Refuses to write in place as long as a lost thread may still be writing there. */
export function checkEnded(operation: string): void {
  if (ending.size > 0)
    throw new ThreadError(operation, "lost threads that have ended", "one that ends when other tasks run");
}

/** A worker has gone: dismissed, lost, or ended from outside. */
function ended(thread: number, helper: Helper, why: string | undefined): void {
  if (helpers.get(thread) !== helper) return;
  helpers.delete(thread);
  reason ??= why ?? `thread ${thread} has ended`;
  // It can no longer be waiting for work, nor take any.
  kernels.bury(thread);
  kernels.surrender(thread);
  if (ending.delete(helper) && ending.size === 0) letGo();
}

/** Does without the other threads where there is no memory for them. Whether that is news. */
export function workAlone(): boolean {
  const word = (team() + Team.Threads) >>> 2;
  if (heap.u32[word] === 1) return false;
  heap.u32[word] = 1;
  reason = "there is no memory for others";
  return true;
}

/**
 * Ends the threads and gives their memory back; resolves when they have ended. An instruction that is worth it starts threads
 * again.
 */
export async function shutdown(): Promise<void> {
  const gone = [...helpers].map(([thread, helper]) => {
    kernels.dismiss(thread);
    return helper.ended();
  });
  await Promise.all(gone);
  if (crew === 0) return;
  const at = team();
  // What was started meanwhile stays; what it lacks is started when it is wanted.
  heap.u32[(at + Team.Asked) >>> 2] = 0;
  if (helpers.size > 0) return;
  kernels.release(crew);
  crew = 0;
  reason = undefined;
  heap.u32.fill(0, (at + Team.Crew) >>> 2, (at + Team.Least) >>> 2);
}

function team(): number {
  return kernels.team() >>> 0;
}
