import { Limit } from "../../assembly/abi/limit.js";
import { Team } from "../../assembly/abi/team.js";
import { configure, info, matmul, scope, zeros, type Tensor } from "../../bindings/index.js";
import { allocateBlock, heap, kernels } from "../../bindings/runtime/instance.js";

/** Where a word of `Team` is. */
export function word(offset: Team): number {
  return ((kernels.team() >>> 0) + offset) >>> 2;
}

/** How many instructions have been divided so far. */
export function jobs(): number {
  return heap.u32[word(Team.Generation)]!;
}

/**
 * Lets instructions be divided as for so many threads, all parts of which this thread does: nothing has to be waited for. Returns what
 * undoes it.
 */
export function pretend(): { threads(count: number): void; end(): void } {
  info();
  const crew = allocateBlock(Limit.Threads * Team.OwnSize);
  heap.u8.fill(0, crew, crew + Limit.Threads * Team.OwnSize);
  return {
    threads(count) {
      configure({ threads: count, splitAbove: 0 });
      heap.u32[word(Team.Asked)] = 1;
      heap.u32[word(Team.Crew)] = crew;
      heap.u32[word(Team.Ready)] = count - 1;
    },
    end() {
      for (let thread = 1; thread < Limit.Threads; thread++) kernels.surrender(thread);
      heap.u32.fill(0, word(Team.Ready), word(Team.Least));
      kernels.release(crew);
      configure({ threads: 1, splitAbove: 10_000 });
    },
  };
}

/** Works until so many threads take part. */
export async function untilReady(threads: number): Promise<void> {
  configure({ threads, splitAbove: 0 });
  while (info().threads < threads) {
    scope(() => void matmul(zeros([64, 64]), zeros([64, 64])));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The bits of tensors. */
export function bitsOf(xs: readonly Tensor[]): Uint8Array[] {
  return xs.map((x) => new Uint8Array(x.data().buffer));
}

/** Whether any bit differs. */
export function differs(xs: readonly Uint8Array[], ys: readonly Uint8Array[]): boolean {
  return xs.length !== ys.length || !xs.every((x, i) => isSame(x, ys[i]!));
}

/** A loop, since most of the time of a soak goes here. */
function isSame(x: Uint8Array, y: Uint8Array): boolean {
  if (x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
