import { withTracking } from "../../core/running/apply.js";
import type { Tensor } from "../../core/graph.js";
import { Scope } from "../../runtime/scope.js";
import type { Storage } from "../../runtime/storage.js";

type Results = readonly (Tensor | null)[];

/** The adjoints or tangents that a derivative makes on its way through a graph: each is freed after its last use. */
export class Temporaries {
  constructor(
    /** The scope that owns them; null where they are wanted as a graph, of which nothing is freed. */
    private readonly scope: Scope | null,
  ) {}

  /** Runs a rule; what it made on the way, and does not return, is freed at once. */
  brief<R extends Results>(rule: () => R): R {
    return this.scope ? within(Scope.enter(this.scope.label), rule) : rule();
  }

  /** A value is in use once more; views of it count, since they share its storage. */
  hold(x: Tensor): void {
    if (this.scope && x.storage) x.storage.edges++;
  }

  /** A value is in use once less, and is the caller's from now on. */
  release(x: Tensor | null | undefined): void {
    if (this.scope) x?.storage?.drop(0, 1, this.scope.label);
  }

  /** A value is in use once less. Only what was made by this derivative is freed. */
  letGo(x: Tensor): void {
    const storage = x.storage;
    if (!this.scope || !storage) return;
    this.release(x);
    if (storage.edges <= 0 && !storage.keeps && storage.list === this.scope) storage.free(this.scope.label);
  }
}

/** Of a graph: nothing is temporary. */
export const NONE = new Temporaries(null);

/**
 * Runs a derivative. As a graph, everything that it makes stays, tracked; otherwise nothing is tracked, and all but the
 * results is freed.
 */
export function temporarily<R extends Results>(label: string, graph: boolean, body: (all: Temporaries) => R): R {
  if (graph) return body(NONE);
  const scope = Scope.enter(label);
  return within(scope, () => withTracking(false, () => body(new Temporaries(scope))));
}

/** Runs `body` in a scope that is open already, and ends it: the results survive. */
function within<R extends Results>(scope: Scope, body: () => R): R {
  const survivors = new Set<Storage>();
  try {
    const results = body();
    for (const x of new Set(results)) {
      const storage = x?.storage;
      if (storage?.list !== scope) continue;
      // Other handles on what was made here are gone: views on the way, that nobody else has seen.
      if (!survivors.has(storage)) storage.handles = storage.keeps;
      storage.handles++;
      survivors.add(storage);
    }
    return results;
  } finally {
    scope.leave();
    scope.close(survivors);
  }
}
