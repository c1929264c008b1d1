import { Statistics } from "../../assembly/abi/statistics.js";
import { Team } from "../../assembly/abi/team.js";
import {
  compile,
  configure,
  conv2d,
  grad,
  matmul,
  scope,
  shutdown,
  tensor,
  ThreadError,
  type Tensor,
} from "../../bindings/index.js";
import { heap, kernels } from "../../bindings/runtime/instance.js";
import { helpers } from "../../bindings/runtime/threads.js";
import { bitsOf, differs, untilReady, word } from "./support.js";

/** What came of a soak. */
export interface Soaked {
  /** Replays that gave the right numbers. */
  readonly right: number;
  /** Replays that gave wrong ones. */
  readonly wrong: number;
  /** Replays that threw a `ThreadError`. */
  readonly refused: number;
  /** The longest that a replay took, in milliseconds. */
  readonly longest: number;
  /** Bytes and blocks of the arena that are in use afterwards but were not before. */
  readonly leaked: readonly [bytes: number, blocks: number];
}

/** Of the matrices that are multiplied: their product takes long enough for a thread to be killed in the midst of it. */
const SIDE = 192;

/**
 * Replays a program over and over, and ends a worker every so often: right before a replay, or in the middle of one, when the first
 * thread has begun to wait for the others.
 */
export async function soak(replays: number, every: number): Promise<Soaked> {
  const result = { right: 0, wrong: 0, refused: 0, longest: 0 };
  const data = Float32Array.from({ length: SIDE * SIDE }, (_, i) => Math.sin(i));
  const x = tensor(data, { shape: [SIDE, SIDE] });
  configure({ threads: 3, splitAbove: 0 });
  const weight = tensor(data.subarray(0, 72), { shape: [8, 1, 3, 3] });
  const byWeight = grad((w: Tensor, a: Tensor) =>
    conv2d(a.reshape([9, 1, 64, 64]), w)
      .square()
      .sum(),
  );
  const program = compile((a: Tensor) => {
    const products = matmul(a.exp(), a).sub(a.sum(0)).tanh();
    return [products, byWeight(weight, a), products.sum()];
  });
  configure({ threads: 1 });
  const want = scope(() => bitsOf(program(x)));
  const before = inUse();
  const now = performance.now.bind(performance);
  for (let i = 0; i < replays; i++) {
    const turn = i % every;
    const round = Math.floor(i / every);
    if (turn === 0) {
      await shutdown();
      await untilReady(3);
      // The first thread leaves the waiting to the host at once, which looks at the clock.
      heap.u32[word(Team.Patience)] = 0;
    }
    if (turn === every >> 1) {
      const kill = (): void => {
        performance.now = now;
        for (const [thread, helper] of helpers) if (round % 3 !== thread) helper.terminate();
      };
      if (round % 4 === 0) kill();
      else {
        // At any of the waits, and so in the midst of any instruction.
        let waits = (5 * round) % 13;
        performance.now = () => (waits-- === 0 && kill(), now());
      }
    }
    const start = now();
    try {
      scope(() => {
        if (differs(want, bitsOf(program(x)))) result.wrong++;
        else result.right++;
      });
    } catch (error) {
      if (!(error instanceof ThreadError)) throw error;
      result.refused++;
      await new Promise((resolve) => setTimeout(resolve));
    }
    result.longest = Math.max(result.longest, now() - start);
    // What was there before can still be read, whatever has failed.
    if (turn === every >> 1 && differs(bitsOf([x]), [new Uint8Array(data.buffer)])) result.wrong++;
  }
  performance.now = now;
  await shutdown();
  const after = inUse();
  program.dispose();
  x.dispose();
  weight.dispose();
  configure({ threads: 1, splitAbove: 10_000 });
  return { ...result, leaked: [after[0] - before[0], after[1] - before[1]] };
}

function inUse(): [bytes: number, blocks: number] {
  const at = kernels.statistics() >>> 3;
  return [heap.f64[at + Statistics.Used / 8]!, heap.f64[at + Statistics.Blocks / 8]!];
}
