import { recordAllocation, recordRelease } from "./debug.js";
import { releaseBlock } from "./quarantine.js";

/** Version of a storage whose memory was given back: it equals no version that a handle remembers. */
export const FREED = -1;
/** A handle that was disposed of while others, or a graph, still hold the storage has this less the version that it saw. */
export const DISPOSED = -2;
/**
 * Handles of a constant of the library, and of what a program owns: more than there can be. A small integer, as all counts and versions are: a single
 * NaN or Infinity in such a field makes engines box it in every object.
 */
export const PERMANENT = 536870912;

/** What watches a storage for the garbage collector: see finaliser.ts. */
export interface Guard {
  /** The storage in this slot is freed, or has found another owner. */
  forget(slot: number): void;
}

/** Figures over all live storages; constants of the library itself are not counted. */
export const usage = { bytes: 0, storages: 0, highWater: 0, guardedBytes: 0 };

let serials = 0;
let nodes = 0;

/** The number of a node, or of a moment: nodes that are made later have higher ones. */
export function nextNodeSerial(): number {
  return ++nodes;
}

/**
 * A block of the arena that holds a tensor's values, shared by all its views.
 *
 * It stays while handles or graph edges name it, and exactly one owner gives it back: the list of a scope, or the
 * guard that the finaliser watches.
 */
export class Storage {
  /** Number in the order of allocation, for messages. */
  readonly serial = ++serials;
  /** Bumped by every assignment; `FREED` when the memory is gone. */
  version = 0;
  /** Handles that have not been disposed of. */
  handles = 0;
  /** Graph nodes that saved it. */
  edges = 0;
  /** The scope's list that will free it, if one does. */
  list: StorageList | null = null;
  previous: Storage | null = null;
  next: Storage | null = null;
  /** The asynchronous loop iteration whose data it was computed from, if any: see scope.ts. */
  flow: StorageList | null = null;
  /** Where it holds a gradient: the storage of its leaf, if a scope owned that then. Itself where a program keeps it. */
  leaf: Storage | null = null;
  /** Handles that `keep` gave and that have not been disposed of: while there are any, it outlives its scope. */
  keeps = 0;
  /** Where it did: the other handles and the edges of then, which keep it no longer. Nodes have been made since from this number on. */
  former: { handles: number; edges: number; readonly since: number } | null = null;
  /** The guard that will free it, if the finaliser owns it, and the slot there. */
  guard: Guard | null = null;
  slot = 0;
  /** What freed it, for messages. */
  freedBy = "";
  /** Source line that made it, while debugging. */
  readonly madeAt: string;
  /** The user's name for the variable that it holds, if any. */
  label = "";
  /** What writes into it again and again, if anything does: the variable whose values it holds, or a set of bound programs. */
  holder: object | null = null;

  constructor(
    /** Byte address in linear memory; 0 of what has none: freed, or made by a capture, which only plays that it computes. */
    public address: number,
    readonly bytes: number,
  ) {
    this.madeAt = address === 0 ? "" : recordAllocation(address, bytes);
    if (address === 0) return;
    usage.storages++;
    if ((usage.bytes += bytes) > usage.highWater) usage.highWater = usage.bytes;
  }

  /** Gives the memory back, whoever owns it. Later use of any handle is an error that says `by`. */
  free(by: string): void {
    if (this.version === FREED) return;
    this.disown();
    this.version = FREED;
    this.freedBy = by;
    if (this.address === 0) return;
    releaseBlock(this.address);
    const line = recordRelease(this.address);
    usage.storages--;
    usage.bytes -= this.bytes;
    this.address = 0;
    if (line !== "") this.freedBy += ` at ${line}`;
  }

  /** Takes it from its owner; the caller must find another, or free it. */
  disown(): void {
    this.list?.remove(this);
    if (this.guard) {
      this.guard.forget(this.slot);
      this.guard = null;
      usage.guardedBytes -= this.bytes;
    }
  }

  /**
   * So many handles, or graph edges, less. Frees the memory if neither a handle nor a graph needs it any more. `serial` is that of the
   * node; a handle of before it outlived its scope has none.
   */
  drop(handles: number, edges: number, by: string, serial = Infinity): void {
    const { former } = this;
    this.handles -= handles;
    this.edges -= edges;
    if (former && serial < former.since) {
      former.handles -= handles;
      former.edges -= edges;
    }
    if (this.handles <= (former?.handles ?? 0) && this.edges <= (former?.edges ?? 0)) this.free(by);
  }
}

/** A doubly linked list of storages: joining and leaving cost the same however many there are. */
export class StorageList {
  head: Storage | null = null;
  /** False once its owner has ended; data no longer flows into it. */
  open = true;

  constructor(
    /** What the owner is called in messages. */
    readonly label: string,
  ) {}

  add(storage: Storage): void {
    storage.list = this;
    storage.previous = null;
    storage.next = this.head;
    if (this.head) this.head.previous = storage;
    this.head = storage;
  }

  remove(storage: Storage): void {
    if (storage.previous) storage.previous.next = storage.next;
    else this.head = storage.next;
    if (storage.next) storage.next.previous = storage.previous;
    storage.list = storage.previous = storage.next = null;
  }
}
