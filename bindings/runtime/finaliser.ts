import { recordRelease } from "./debug.js";
import { releaseBlock } from "./quarantine.js";
import { usage, type Guard, type Storage } from "./storage.js";

/**
 * A guard of so many bytes gets ballast that the collector can feel, and takes no more storages: one survivor keeps little
 * memory from going back. Larger storages are watched one by one, smaller ones share a page.
 */
const LARGE = 65536;
const SLOTS = 64;

/**
 * What must be given back when the storages of a guard have all been collected: address and bytes of each, in turn; address
 * 0 where that is done. It holds numbers only: it must not keep the storages alive.
 */
type Blocks = number[];

const registry = new FinalizationRegistry<Blocks>((lost) => {
  for (let i = 0; i < lost.length; i += 2) {
    const address = lost[i]!;
    if (address === 0) continue;
    const bytes = lost[i + 1]!;
    releaseBlock(address);
    recordRelease(address);
    usage.storages--;
    usage.bytes -= bytes;
    usage.guardedBytes -= bytes;
  }
});

/** The object that the finaliser watches; each storage in it holds it, so it dies with the last of them. */
class Page implements Guard {
  private readonly blocks: Blocks = [];
  private bytes = 0;
  /** Takes no resident memory, but its length counts in the collector's books. */
  private ballast: ArrayBuffer | undefined;

  constructor() {
    registry.register(this, this.blocks);
  }

  get full(): boolean {
    return this.blocks.length === 2 * SLOTS || this.ballast !== undefined;
  }

  /** Whether the ballast, if there is any, is that of so many bytes. */
  suits(bytes: number): boolean {
    return this.ballast?.byteLength === bytes;
  }

  add(storage: Storage): void {
    storage.guard = this;
    storage.slot = this.blocks.length;
    this.blocks.push(storage.address, storage.bytes);
    usage.guardedBytes += storage.bytes;
    this.bytes += storage.bytes;
    if (this.bytes >= LARGE) this.ballast ??= makeBallast(this.bytes);
  }

  forget(slot: number): void {
    // The last one in makes room again: tensors that are disposed of as soon as they are made never fill a page.
    if (slot === this.blocks.length - 2) {
      this.bytes -= this.blocks.pop()!;
      this.blocks.pop();
      if (this.ballast && this.blocks.length === 0) {
        dropPagesLater();
        spare = this;
      }
    } else {
      this.blocks[slot] = 0;
    }
  }
}

/** Resizable buffers are reserved, not touched. Where they are not to be had, there is no ballast. */
function makeBallast(bytes: number): ArrayBuffer | undefined {
  try {
    return new ArrayBuffer(bytes, { maxByteLength: bytes });
  } catch {
    return undefined;
  }
}

/** The page that is being filled. Dropped at the end of the turn, so that only storages keep it. */
let filling: Page | undefined;
/**
 * The guard of a large storage that was disposed of, for the next of its size: without it a loop that disposes of its
 * results would make the collector run for their ballast. Dropped likewise.
 */
let spare: Page | undefined;
let dropping = false;

function dropPagesLater(): void {
  if (dropping) return;
  dropping = true;
  queueMicrotask(() => {
    dropping = false;
    filling = spare = undefined;
  });
}

/** Hands a storage to the garbage collector: it is given back some time after the last handle and edge are gone. */
export function guard(storage: Storage): void {
  if (storage.bytes >= LARGE) {
    guardAlone(storage);
    return;
  }
  if (!filling || filling.full) {
    dropPagesLater();
    filling = new Page();
  }
  filling.add(storage);
}

/** As `guard`, with a guard of its own: for what is meant to live long, and would keep its page's neighbours. */
export function guardAlone(storage: Storage): void {
  const page = spare?.suits(storage.bytes) ? spare : new Page();
  if (page === spare) spare = undefined;
  page.add(storage);
}
