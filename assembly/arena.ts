// The arena: an allocator of two-level segregated free lists (TLSF: Masmano et al., 2004) over all linear memory that
// lies behind the control block. Every step takes constant time.
//
// A block is named by the address of its payload, a multiple of 64. The 16 bytes before it are its header:
//   -16  u32  size in bytes, this header included, a multiple of 64; bit 0 is set while the block is free
//   -12  u32  size of the block before it in memory, 0 for the first
//    -8  u32  stamp: the block's own address, scrambled, while it is in use; 0 while it is free
// A free block keeps its neighbours in the list of its size class in its payload: next at 0, previous at 4.
// The last header in the arena has size 0 and is never free, so that no block is ever joined beyond the end.

import { Limit } from "./abi/limit";
import { Statistics } from "./abi/statistics";
import { Status } from "./abi/status";
import { control, Control, fail, Own, ownOf, thread } from "./control";

const HEADER: usize = 16;
const FREE: usize = 1;
const STAMP: usize = 0x57454e47;
const UNIT: usize = Limit.Alignment;

/**
 * Makes an empty arena of all present memory up to `limit` (0: no limit), and forgets what was there before.
 * Called once for a memory, by the instance that owns it.
 */
export function initialize(limit: usize): void {
  const block = control();
  memory.fill(block, 0, Control.Size);
  const first = (block + Control.Size + HEADER + UNIT - 1) & ~(UNIT - 1);
  store<usize>(block, first, Control.First);
  store<usize>(block, first, Control.End);
  store<usize>(block, limit, Control.Limit);
  writeHeader(first, 0, 0, 0);
  extend();
}

/** Takes over the pages that were added to memory since the last call, and returns how many bytes the arena gained. */
export function extend(): usize {
  const block = control();
  const old = load<usize>(block, Control.End);
  // 65536 pages are 2^32 bytes, which a usize cannot hold: the last unit of a full memory stays unused.
  const pages: usize = memory.size();
  let end = pages < 65536 ? pages << 16 : 0 - UNIT;
  const limit = load<usize>(block, Control.Limit) & ~(UNIT - 1);
  if (limit) end = min(end, limit);
  if (end <= old) return 0;
  const size = end - old;
  store<usize>(block, end, Control.End);
  writeHeader(end, 0, size, 0);
  store<usize>(old - HEADER, size);
  give(old);
  return size;
}

/**
 * Returns the address of a new block for `bytes` bytes, a multiple of 64, or 0 when there is no room.
 * Never grows memory: the host does, calls `extend`, and asks again. The contents are not zeroed.
 */
export function allocate(bytes: usize): usize {
  const block = take(bytes);
  if (!block) return 0;
  const base = control();
  const used = load<usize>(base, Control.Used) + sizeOf(block);
  store<usize>(base, used, Control.Used);
  store<usize>(base, max(used, load<usize>(base, Control.HighWater)), Control.HighWater);
  store<usize>(base, load<usize>(base, Control.Blocks) + 1, Control.Blocks);
  return block;
}

/** Frees a block. Returns 1, or 0 when `block` is not the address of a live block, and then does nothing. */
export function release(block: usize): i32 {
  if (!isLive(block)) return 0;
  const base = control();
  store<usize>(base, load<usize>(base, Control.Used) - sizeOf(block), Control.Used);
  store<usize>(base, load<usize>(base, Control.Blocks) - 1, Control.Blocks);
  give(block);
  return 1;
}

/** Bytes that the payload of a live block can hold, or 0 when there is no such block. */
export function blockSize(block: usize): usize {
  return isLive(block) ? sizeOf(block) - HEADER : 0;
}

/** Writes the arena's figures and returns their address; see `Statistics`. */
export function statistics(): usize {
  const base = control();
  const figures = base + Control.Statistics;
  store<f64>(figures, <f64>load<usize>(base, Control.Used), Statistics.Used);
  store<f64>(figures, <f64>load<usize>(base, Control.HighWater), Statistics.HighWater);
  store<f64>(figures, <f64>load<usize>(base, Control.Blocks), Statistics.Blocks);
  store<f64>(figures, <f64>(load<usize>(base, Control.End) - load<usize>(base, Control.First)), Statistics.Reserved);
  return figures;
}

/**
 * Scratch memory of at least `bytes` bytes for the kernel that runs now; its contents do not outlive the kernel.
 * One block for each thread, kept and replaced by a larger one on demand, which `Statistics` does not count. Returns 0 when
 * there is no room; the kernel then answers `outOfMemory(bytes)` before it has written anything. A kernel asks once.
 */
export function workspace(bytes: usize): usize {
  const place = workspaceOf(thread);
  if (bytes <= load<usize>(place, 4) && !asking) return load<usize>(place);
  // Only the first thread takes from the arena.
  return thread || asking ? 0 : provide(place, bytes);
}

/** Whether kernels are run only to learn how much scratch memory they need: then there is none. */
let asking = false;

/** Makes kernels ask for scratch memory in vain, or lets them have it again. */
export function onlyAsk(on: bool): void {
  asking = on;
}

/** Where the address and the bytes of a thread's scratch memory are kept. */
export function workspaceOf(number: usize): usize {
  return number ? ownOf(number) : control() + Control.Workspace;
}

/** Gives a thread, whose place this is, at least so many bytes of scratch memory: its address, or 0. */
export function provide(place: usize, bytes: usize): usize {
  const old = load<usize>(place);
  if (bytes <= load<usize>(place, 4)) return old;
  if (old) give(old);
  const fresh = take(bytes);
  store<usize>(place, fresh);
  store<usize>(place, fresh ? sizeOf(fresh) - HEADER : 0, 4);
  return fresh;
}

/** Gives the scratch memory of a thread back. */
export function surrender(number: usize): void {
  const place = workspaceOf(number);
  if (load<usize>(place)) give(load<usize>(place));
  store<u64>(place, 0);
}

/** 512 bytes for the plan of the kernel that runs now, before it knows how much working memory it needs. */
export function draft(): usize {
  return thread ? ownOf(thread) + Own.Draft : control() + Control.Draft;
}

/** The answer of a kernel that got no workspace; `Fault.Value` holds the bytes that it needs. */
export function outOfMemory(bytes: usize): i32 {
  return fail(Status.OutOfMemory, 0, <f64>bytes, 0);
}

function take(bytes: usize): usize {
  if (bytes > 0 - 4 * UNIT) return 0;
  const size = (bytes + HEADER + UNIT - 1) & ~(UNIT - 1);
  const block = find(size);
  if (!block) return 0;
  const whole = sizeOf(block);
  const rest = whole - size;
  if (rest) {
    const other = block + size;
    store<usize>(other - 12, size);
    store<usize>(other - 8, 0);
    store<usize>(block + whole - 12, rest);
    relink(block, whole, other, rest);
  } else {
    unlink(block, whole);
  }
  store<usize>(block - HEADER, size);
  store<usize>(block - 8, block ^ STAMP);
  return block;
}

function give(block: usize): void {
  let size = sizeOf(block);
  const after = block + size;
  const next = load<usize>(after - HEADER);
  const before = load<usize>(block - 12);
  store<usize>(block - 8, 0);
  // The free neighbour whose place in a list the joined block takes.
  let old: usize = 0;
  let oldSize: usize = 0;
  if (next & FREE) {
    old = after;
    oldSize = next & ~FREE;
    size += oldSize;
  }
  if (before && load<usize>(block - before - HEADER) & FREE) {
    if (old) unlink(old, oldSize);
    block -= before;
    old = block;
    oldSize = before;
    size += before;
  }
  store<usize>(block + size - 12, size);
  if (old) relink(old, oldSize, block, size);
  else link(block, size);
}

/** A free block of at least `size` bytes, or 0. */
function find(size: usize): usize {
  // The head of the block's own class first: what was freed last is the likeliest to fit, and is warm.
  const units = size / UNIT;
  const own = classOf(units);
  const head = load<usize>(control() + (own << 2), Control.Heads);
  if (head && sizeOf(head) >= size) return head;
  // Then the lowest class in which every block is large enough: sizes are rounded up to the next class.
  const step: usize = units < 16 ? 0 : ((<usize>1) << (27 - clz(units))) - 1;
  const roomy = firstFrom(classOf(units + step));
  if (roomy) return roomy;
  // At last the whole of its own class: slow, but the alternative is to grow memory.
  for (let block = head; block; block = load<usize>(block)) if (sizeOf(block) >= size) return block;
  return 0;
}

/** The first block of the lowest class that is not empty, from `index` on, or 0. */
function firstFrom(index: usize): usize {
  const block = control();
  let row = index >> 4;
  let columns = load<usize>(block + (row << 2), Control.Columns) & ((<usize>-1) << (index & 15));
  if (!columns) {
    const rows = load<usize>(block, Control.Rows) & ((<usize>-2) << row);
    if (!rows) return 0;
    row = ctz(rows);
    columns = load<usize>(block + (row << 2), Control.Columns);
  }
  return load<usize>(block + (((row << 4) + ctz(columns)) << 2), Control.Heads);
}

/** Size class of so many units of 64 bytes: a class each below 32 units, then 16 for every power of two. */
function classOf(units: usize): usize {
  if (units < 16) return units;
  const log: usize = 31 - clz(units);
  return ((log - 3) << 4) | ((units >> (log - 4)) & 15);
}

function link(block: usize, size: usize): void {
  const index = classOf(size / UNIT);
  const row = index >> 4;
  const base = control();
  const slot = base + (index << 2);
  const next = load<usize>(slot, Control.Heads);
  store<usize>(block - HEADER, size | FREE);
  store<usize>(block, next);
  store<usize>(block, 0, 4);
  if (next) store<usize>(next, block, 4);
  store<usize>(slot, block, Control.Heads);
  const columns = base + (row << 2);
  store<usize>(columns, load<usize>(columns, Control.Columns) | ((<usize>1) << (index & 15)), Control.Columns);
  store<usize>(base, load<usize>(base, Control.Rows) | ((<usize>1) << row), Control.Rows);
}

function unlink(block: usize, size: usize): void {
  const next = load<usize>(block);
  const previous = load<usize>(block, 4);
  if (next) store<usize>(next, previous, 4);
  if (previous) {
    store<usize>(previous, next);
    return;
  }
  const index = classOf(size / UNIT);
  const row = index >> 4;
  const base = control();
  store<usize>(base + (index << 2), next, Control.Heads);
  if (next) return;
  const columns = base + (row << 2);
  const rest = load<usize>(columns, Control.Columns) & ~((<usize>1) << (index & 15));
  store<usize>(columns, rest, Control.Columns);
  if (!rest) store<usize>(base, load<usize>(base, Control.Rows) & ~((<usize>1) << row), Control.Rows);
}

/** Takes the free block `old` out of its list and puts another in, in the same place if the class is the same. */
function relink(old: usize, oldSize: usize, block: usize, size: usize): void {
  const index = classOf(size / UNIT);
  if (index != classOf(oldSize / UNIT)) {
    unlink(old, oldSize);
    link(block, size);
    return;
  }
  const next = load<usize>(old);
  const previous = load<usize>(old, 4);
  store<usize>(block - HEADER, size | FREE);
  store<usize>(block, next);
  store<usize>(block, previous, 4);
  if (next) store<usize>(next, block, 4);
  if (previous) store<usize>(previous, block);
  else store<usize>(control() + (index << 2), block, Control.Heads);
}

function sizeOf(block: usize): usize {
  return load<usize>(block - HEADER) & ~FREE;
}

function isLive(block: usize): bool {
  const base = control();
  return (
    !(block & (UNIT - 1)) &&
    block >= load<usize>(base, Control.First) &&
    block < load<usize>(base, Control.End) &&
    load<usize>(block - 8) == (block ^ STAMP)
  );
}

function writeHeader(block: usize, size: usize, before: usize, stamp: usize): void {
  store<usize>(block - HEADER, size);
  store<usize>(block - 12, before);
  store<usize>(block - 8, stamp);
}
