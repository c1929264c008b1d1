import { recordRelease } from "./debug.js";
import { kernels } from "./instance.js";
import { usage, type Guard, type Storage } from "./storage.js";

/** Storages from this size on are watched one by one, with ballast that the collector can feel. */
const LARGE = 65536;
/** Storages up to this size share a page, so that one survivor keeps little memory from going back. */
const SMALL = 1024;
const SLOTS = 64;

/**
 * What must be given back when the storages of a guard have all been collected. It knows addresses only: it must not
 * keep the storages alive.
 */
class Addresses {
  readonly address: number[] = [];
  readonly bytes: number[] = [];
}

const registry = new FinalizationRegistry<Addresses>((lost) => {
  for (const [slot, address] of lost.address.entries()) {
    if (address === 0) continue;
    const bytes = lost.bytes[slot] ?? 0;
    kernels.release(address);
    recordRelease(address);
    usage.storages--;
    usage.bytes -= bytes;
    usage.guardedBytes -= bytes;
  }
});

/** The object that the finaliser watches; each storage in it holds it, so it dies with the last of them. */
class Page implements Guard {
  used = 0;
  readonly addresses = new Addresses();
  /** Takes no resident memory, but its length counts in the collector's books. */
  readonly ballast: ArrayBuffer | undefined;

  constructor(ballastBytes: number) {
    this.ballast = ballastBytes > 0 ? makeBallast(ballastBytes) : undefined;
    registry.register(this, this.addresses);
  }

  add(storage: Storage): void {
    storage.guard = this;
    storage.slot = this.used;
    this.addresses.address.push(storage.address);
    this.addresses.bytes.push(storage.bytes);
    this.used++;
    usage.guardedBytes += storage.bytes;
  }

  forget(slot: number): void {
    this.addresses.address[slot] = 0;
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

/** Hands a storage to the garbage collector: it is given back some time after the last handle and edge are gone. */
export function guard(storage: Storage): void {
  if (storage.bytes > SMALL) {
    guardAlone(storage);
    return;
  }
  if (!filling || filling.used === SLOTS) {
    if (!filling) queueMicrotask(dropPage);
    filling = new Page(0);
  }
  filling.add(storage);
}

/** As `guard`, with a guard of its own: for what is meant to live long, and would keep its page's neighbours. */
export function guardAlone(storage: Storage): void {
  new Page(storage.bytes >= LARGE ? storage.bytes : 0).add(storage);
}

function dropPage(): void {
  filling = undefined;
}
