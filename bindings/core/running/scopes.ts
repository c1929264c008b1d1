import { inNameOf } from "../../errors.js";
import { relinquish, Scope } from "../../runtime/scope.js";
import { DISPOSED, PERMANENT, type Storage } from "../../runtime/storage.js";
import { alias, checkUsable, isTracking, later } from "./apply.js";
import { checkFunction, checkSynchronous } from "../checks.js";
import { nextNodeSerial, Tensor, type Node } from "../graph.js";
import { tensorsOf, type Tree } from "../tree.js";
import { Variable } from "../variable.js";

/** Handles that `keep` made. */
const kept = new WeakSet<Tensor>();

/** An open scope: `using step = scope()` frees at the end of the block what was made in it. */
export interface OpenScope {
  /** Ends the scope. What was made in it is freed, but for what was kept. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Opens a scope for a block: `using step = scope();`. */
export function scope(): OpenScope;
/**
 * Runs `body`, frees what was made in it, and returns its result. The tensors in that, in arrays and plain objects too,
 * survive with all that their graphs saved.
 */
export function scope<T>(body: () => T): T;
export function scope<T>(body?: () => T): T | OpenScope {
  if (body !== undefined) {
    checkFunction("scope", "a function", body);
    return ownedBy("scope", body);
  }
  const opened = Scope.enter("scope");
  const close = (): void => {
    if (!opened.open) return;
    opened.leave("scope");
    opened.close();
  };
  return { close, [Symbol.dispose]: close };
}

/**
 * Runs `body` in a scope by time named `label`. The tensors in its result survive, and what their graphs saved since the
 * scope was opened. When the body throws, everything made in it is freed.
 */
export function ownedBy<T>(label: string, body: () => T): T {
  const opened = Scope.enter(label);
  const since = nextNodeSerial();
  let survivors: Iterable<Storage> = [];
  try {
    const result = checkSynchronous(label, body());
    survivors = storagesOf(result, since);
    return result;
  } finally {
    opened.leave(label);
    opened.close(survivors);
  }
}

/**
 * What a function of several operations makes of what it is given: what these refuse is in its name, and what they leave on the way
 * is freed, unless a graph wants most of it. Where the result has no derivative, `given` is null: no graph does.
 */
export function composed<T>(operation: string, given: unknown, body: () => T): T {
  const tracked = isTracking() && given instanceof Tensor && given.node;
  return inNameOf(operation, () => (tracked ? body() : ownedBy(operation, body)));
}

/** The storages of a tree's tensors and of everything that their graphs saved, back to the node numbered `since`. */
function storagesOf(tree: Tree, since: number): Iterable<Storage> {
  if (tree instanceof Tensor && !tree.node) return tree.storage && !kept.has(tree) ? [tree.storage] : [];
  const found = new Set<Storage>();
  const seen = new Set<Node>();
  const pending: Node[] = [];
  const visit = (x: Tensor): void => {
    if (x.storage) found.add(x.storage);
    if (x.node && x.node.serial >= since && !seen.has(x.node)) {
      seen.add(x.node);
      pending.push(x.node);
    }
  };
  for (const x of tensorsOf(tree)) if (!kept.has(x)) visit(x);
  for (let node = pending.pop(); node; node = pending.pop()) {
    visit(node.output);
    for (const x of node.inputs) visit(x);
  }
  return found;
}

/**
 * Lets a value outlive every scope. Returns another handle, without its graph. Only the collector frees the memory, or `dispose`
 * of that handle: with the scope that made the value, or, where that has ended, at once, if no view and no graph is left that was
 * made of it since.
 */
export function keep(x: Tensor): Tensor {
  checkUsable("keep", x);
  const storage = x.storage!;
  storage.keeps++;
  storage.flow = null;
  const handle = alias(x);
  kept.add(handle);
  later.add(handle);
  return handle;
}

/** Gives up a handle; the memory goes back when no other handle and no graph needs it. Twice is harmless. */
export function dispose(x: Tensor): void {
  const storage = x.storage;
  if (!storage || x.version !== storage.version) return;
  if (x instanceof Variable) {
    if (x.node?.grad?.storage) relinquish(x.node.grad.storage, "dispose", false);
    storage.free("dispose");
  } else if (storage.handles < PERMANENT) {
    // It is no constant of the library.
    x.version = DISPOSED - x.version;
    if (kept.has(x)) storage.keeps--;
    storage.drop(1, 0, "dispose", later.has(x) ? Infinity : 0);
  }
}
