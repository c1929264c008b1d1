import { relinquish, retain, symbolicStorage } from "../../runtime/scope.js";
import { PERMANENT, type Storage } from "../../runtime/storage.js";

/** The storages of constants: kept from the moment that a capture comes upon them until the program goes. */
export class Constants {
  /** Each with the scope that it belonged to, and the leaf whose gradient it held. */
  private readonly kept = new Map<Storage, readonly [Storage["list"], Storage["leaf"]]>();
  /** What has a higher number was made by the captured function. */
  private readonly first = symbolicStorage(0).serial;

  /** Keeps a storage, whatever its scope and its handles do. Those of the library are kept anyway. */
  keep(storage: Storage): void {
    if (storage.handles >= PERMANENT) return;
    this.kept.set(storage, [storage.list, storage.leaf]);
    storage.edges++;
    retain(storage, storage);
  }

  /** Whether it keeps a storage. */
  has(storage: Storage): boolean {
    return this.kept.has(storage);
  }

  /**
   * After a capture that nothing comes of: what belonged to a scope does so again, and what the function made belongs to what runs now,
   * or to the collector. Its function may hold it.
   */
  giveBack(by: string): void {
    for (const [storage, [list, leaf]] of this.kept) {
      storage.edges--;
      storage.leaf = leaf;
      if (!list || storage.guard === null) continue;
      if (list.open) {
        storage.disown();
        list.add(storage);
      } else if (!storage.keeps) relinquish(storage, by, true);
    }
  }

  /** Lets all go. What the function made is freed, unless another graph has it or its user keeps it; the rest is left to the collector. */
  release(by: string): void {
    for (const [storage, [list]] of this.kept) {
      if (--storage.edges > 0) continue;
      storage.leaf = null; // Of a gradient, whose leaf may give it up now.
      if (list && !storage.keeps && storage.serial > this.first) storage.free(by);
    }
    this.kept.clear();
  }
}
