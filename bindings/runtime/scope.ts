import { ScopeError } from "../errors.js";
import { guard, guardAlone } from "./finaliser.js";
import { allocateBlock, kernels } from "./instance.js";
import { FREED, nextNodeSerial, PERMANENT, Storage, StorageList, usage } from "./storage.js";

/**
 * Something that owns what is made during a stretch of time, or what is computed from the data of one iteration.
 *
 * A scope *by time* is on the stack while its body runs: whatever is allocated belongs to the innermost. A scope *by
 * flow* (an iteration of an asynchronous loop, where other tasks interleave) is never on the stack: a result joins it
 * when its inputs belong to it.
 */
export class Scope extends StorageList {
  /** Its body gave way to other tasks: its storages were handed to the collector. */
  awaited = false;
  /** Ended scopes whose storages stay readable until this one closes. */
  private readonly dependents: Scope[] = [];
  private readonly turn = currentTurn();

  private constructor(label: string) {
    super(label);
  }

  /** Opens a scope by time, innermost on the stack. */
  static enter(label: string): Scope {
    const scope = new Scope(label);
    stack.push(scope);
    innermost = scope;
    return scope;
  }

  /** Opens a scope by flow. */
  static forFlow(label: string): Scope {
    return new Scope(label);
  }

  /** Runs `body` with this scope by flow on the stack, so that what it makes begins the flow. */
  source<T>(body: () => T): T {
    stack.push(this);
    innermost = this;
    try {
      return body();
    } finally {
      this.leave();
      for (let storage = this.head; storage; storage = storage.next) storage.flow = this;
    }
  }

  /**
   * Takes the scope from the stack, wherever it stands. A scope whose body awaited has lost its storages to the
   * collector by then, and says so.
   */
  leave(operation = this.label): void {
    const at = stack.lastIndexOf(this);
    if (at >= 0) stack.splice(at, 1);
    innermost = stack[stack.length - 1];
    if (this.awaited || this.turn.over) {
      this.abandon();
      this.open = false;
      throw new ScopeError(
        operation,
        "a body that runs synchronously to its end",
        "one that awaited; write `for await (const batch of loader)`, or open the scope around synchronous code only",
      );
    }
  }

  /** Hands on the survivors, then frees everything else. The scope must have left the stack. */
  close(survivors: Iterable<Storage> = []): void {
    for (const storage of survivors) {
      if (storage.list !== this) continue;
      storage.disown();
      adopt(storage);
    }
    this.end();
    while (this.head) this.head.free(this.label);
    for (const dependent of this.dependents) dependent.close();
    this.dependents.length = 0;
  }

  /** Ends the scope but keeps its storages readable: the scope around it frees them, or else the collector. */
  retire(): void {
    this.end();
    if (innermost) innermost.dependents.push(this);
    else this.guardAll();
  }

  /** Lets go of what outlives the scope: what is kept, and the gradients of leaves that do. */
  private end(): void {
    this.open = false;
    for (let storage = this.head, next; storage; storage = next) {
      const { leaf, handles, edges, keeps } = storage;
      next = storage.next;
      if (leaf && (leaf.keeps || leaf.list !== this) && leaf.version !== FREED) retain(storage, leaf);
      else if (keeps) {
        storage.former = { handles: handles - keeps, edges, since: nextNodeSerial() };
        retain(storage);
      }
    }
  }

  /** Lets the collector free what the scope's owner does not, here and in the scopes that depend on it. */
  private guardAll(): void {
    for (let storage = this.head; storage; storage = storage.next) if (!storage.guard) guard(storage);
    for (const dependent of this.dependents) dependent.guardAll();
  }

  /** Gives the storages to the collector, since nobody can tell any more which of them are in use. */
  abandon(): void {
    this.awaited = true;
    while (this.head) {
      const storage = this.head;
      storage.disown();
      guard(storage);
    }
    for (const dependent of this.dependents) dependent.guardAll();
    this.dependents.length = 0;
  }
}

const stack: Scope[] = [];
let innermost: Scope | undefined;

/** A stretch of code without a microtask in between: over as soon as the code that began it yields. */
interface Turn {
  over: boolean;
}
let turn: Turn | undefined;

/** The present turn. Its end is noticed by a microtask, which cannot run before the synchronous code is done. */
function currentTurn(): Turn {
  if (turn) return turn;
  const begun: Turn = { over: false };
  queueMicrotask(() => {
    begun.over = true;
    turn = undefined;
    // Whatever is still open on the stack has a body that awaited: other tasks must not allocate into it.
    for (const scope of stack) scope.abandon();
    stack.length = 0;
    innermost = undefined;
  });
  return (turn = begun);
}

/** Finds an owner: the innermost scope by time, else the iteration that its data flowed from, else the collector. */
function adopt(storage: Storage): void {
  const { flow } = storage;
  if (innermost) innermost.add(storage);
  else if (flow?.open) flow.add(storage);
  else if (storage.address !== 0) guard(storage);
}

/** A new storage, owned as `adopt` says. `flow` is where its inputs' data came from. */
export function allocateStorage(bytes: number, flow: StorageList | null): Storage {
  const storage = new Storage(allocateBlock(bytes, explainUsage), bytes);
  storage.flow = flow;
  adopt(storage);
  return storage;
}

/** A storage without memory, for a capture; it is owned as one with memory would be. */
export function symbolicStorage(bytes: number): Storage {
  const storage = new Storage(0, bytes);
  adopt(storage);
  return storage;
}

/** Makes sure that so many bytes can be allocated; an error if not. They are not taken. */
export function reserve(bytes: number): void {
  kernels.release(allocateBlock(bytes, explainUsage));
}

/** The flow of a result with these inputs: the one open iteration among theirs, none if there are two. */
export function joinFlow(inputs: readonly { readonly storage: Storage | null }[]): StorageList | null {
  let joined: StorageList | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const flow = inputs[i]!.storage?.flow;
    if (!flow?.open || flow === joined) continue;
    if (joined) return null;
    joined = flow;
  }
  return joined;
}

/**
 * Lets a storage outlive every scope: only the collector, or an explicit `dispose`, frees it. That of a gradient belongs to
 * the scope that owns its leaf, if one does; what names itself is a program's, and no gradient of a leaf any more.
 * What is permanent belongs to a program.
 */
export function retain(storage: Storage, leaf?: Storage | null): void {
  if (storage.handles >= PERMANENT) return;
  storage.disown();
  const list = leaf?.list;
  storage.leaf = list?.open || leaf === storage ? leaf! : null;
  if (list?.open) list.add(storage);
  else if (storage.address !== 0) guardAlone(storage);
}

/** Whether it is of the scope that runs: made in it, or handed to it by one inside. */
export function isOfNow(storage: Storage): boolean {
  return storage.list === innermost;
}

/**
 * Gives up a gradient. One that the user may hold becomes a temporary of whatever runs now, or of the iteration that its
 * data came from, or stays with the collector if it belongs nowhere; any other is freed, and one of an iteration that has
 * ended, unless it is kept. What a program has is left alone.
 */
export function relinquish(storage: Storage, by: string, shown: boolean): void {
  if (storage.handles >= PERMANENT || storage.leaf === storage || storage.version === FREED) return;
  storage.leaf = null;
  if (!storage.keeps && (!shown || (storage.flow && !innermost && !storage.flow.open))) {
    storage.free(by);
  } else if (innermost || storage.flow) {
    storage.disown();
    adopt(storage);
  }
}

function explainUsage(): string {
  return (
    `${usage.bytes} bytes are in ${usage.storages} live tensors, of which ${usage.guardedBytes} wait for the garbage collector; ` +
    "scope() frees temporaries at once"
  );
}
