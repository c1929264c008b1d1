// The control block: everything that this module remembers between calls, in linear memory and not in globals, so that
// every instance (one a worker) that is put on the same memory sees the same state.

import { Limit } from "./abi/limit";
import { Fault, Status } from "./abi/status";
import { Team } from "./abi/team";

/** Byte offsets inside the control block. The free lists are described in arena.ts. */
export const enum Control {
  /** What `statistics` and `fault` answer with. */
  Statistics = 0,
  Fault = 32,
  /** Address and bytes of the scratch block that kernels share; see `workspace`. */
  Workspace = 56,
  WorkspaceSize = 60,
  /** Address of the arena's first block, of its end, and of the first byte that it must not take (0: none). */
  First = 64,
  End = 68,
  Limit = 72,
  /** Bytes and blocks in use, and the most bytes that ever were. */
  Used = 76,
  Blocks = 80,
  HighWater = 84,
  /** Bitmap of the rows of size classes that have a free block. */
  Rows = 88,
  /** For each row, the bitmap of its columns. */
  Columns = 92,
  /** For each size class, the address of its first free block. */
  Heads = 192,
  /** The ticket of the present job, in a cache line of its own; see threads/job.ts. */
  Ticket = 1664,
  /** What the host and the threads tell each other; see `Team`. */
  Team = 1728,
  /** The present job, and the state of each of its parts. */
  Job = 1856,
  Slots = 2112,
  /** A little memory for the plans of kernels, of the first thread; the others have it in `Own`. */
  Draft = 3072,
  Size = 3584,
}

/** Byte offsets inside what a thread has of its own. The first thread has its working memory in the control block. */
export const enum Own {
  Workspace = 0,
  WorkspaceSize = 4,
  /** Not 0: the worker is to end. */
  Stop = 8,
  /** 1 while it waits to be woken. */
  Asleep = 12,
  /** Counts on as long as a long part makes progress. */
  Ticks = 16,
  /** Not 0: it is among those that are ready. */
  Serves = 20,
  Draft = 64,
  /** The part of an instruction that it works on. */
  Instruction = 576,
  InstructionSize = 4096,
}

/** The number of the thread that runs this instance: 0 has the tape, the others help. */
export let thread: usize = 0;

/** Lets a worker run this instance, which is ready from now on. */
export function enter(number: usize): void {
  thread = number;
  store<u32>(ownOf(number), 1, Own.Serves);
  atomic.add<u32>(team() + Team.Ready, 1);
}

/** What a thread has of its own. */
export function ownOf(number: usize): usize {
  return load<usize>(team(), Team.Crew) + number * Team.OwnSize;
}

/** Counts on: a part that takes long makes progress. */
export function tick(): void {
  if (!thread) return;
  const ticks = ownOf(thread) + Own.Ticks;
  store<u32>(ticks, load<u32>(ticks) + 1);
}

/** Address of what the host and the threads tell each other. */
export function team(): usize {
  return control() + Control.Team;
}

/** Address of the control block: the first aligned byte after the static data, the same in every instance. */
export function control(): usize {
  return (__heap_base + (Limit.Alignment - 1)) & ~(Limit.Alignment - 1);
}

/** Address of the details of the latest failure, laid out as `Fault`. */
export function fault(): usize {
  return control() + Control.Fault;
}

/** Writes the details of a failure and returns its status. */
export function fail(status: Status, position: usize, value: f64, limit: usize): i32 {
  const details = fault();
  store<u32>(details, position, Fault.Position);
  store<f64>(details, value, Fault.Value);
  store<u32>(details, limit, Fault.Limit);
  return status;
}
