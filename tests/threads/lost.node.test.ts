import { afterEach, describe, expect, test } from "vitest";
import { EmittedWord } from "../../assembly/abi/flow.js";
import { Statistics } from "../../assembly/abi/statistics.js";
import { Team } from "../../assembly/abi/team.js";
import { Code } from "../../bindings/compile/emit/code.js";
import { Type } from "../../bindings/compile/emit/opcodes.js";
import {
  compile,
  configure,
  full,
  Generator,
  info,
  matmul,
  memory,
  scope,
  shutdown,
  tensor,
  ThreadError,
  variable,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { heap, kernels } from "../../bindings/runtime/instance.js";
import { ending, helpers } from "../../bindings/runtime/threads.js";
import { failureOf, plant } from "./plant.js";
import { soak } from "./soak.js";
import { bitsOf, differs, untilReady, word } from "./support.js";

/** Bodies of functions of an instruction: one that traps, and one that never comes to an end. */
const TRAP = [3, 0, 0x00, 0x0b];

const ENDLESS = [9, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x41, 0, 0x0b];

/** One that writes for ever to the output of its instruction, and to the working memory that the thread had when it began. */
function writer(crew: number): number[] {
  const code = new Code(1);
  const [out, work] = [code.local(Type.I32), code.local(Type.I32)];
  code.load(0, 4 * EmittedWord.Operands).set(out);
  // What the thread has of its own begins with the address of its working memory: crew + (instruction - crew) / OwnSize * OwnSize.
  code.get(0).i32(crew).raw(0x6b).i32(Team.OwnSize).raw(0x6e).i32(Team.OwnSize).raw(0x6c).i32(crew).raw(0x6a);
  code.set(work).load(work, 0).set(work);
  code.raw(0x03, 0x40); // loop
  for (const address of [out, work]) code.get(address).i32(-1).raw(0x36, 2, 0); // i32.store
  return code.raw(0x0c, 0, 0x0b).i32(0).finish();
}

function inUse(): number {
  return heap.f64[(kernels.statistics() + Statistics.Used) >>> 3]!;
}

afterEach(async () => {
  configure({ threads: 1, splitAbove: 10_000 });
  await shutdown();
});

describe.each([
  ["traps", TRAP],
  ["stands still", ENDLESS],
])("a thread that %s", (_, body) => {
  test("is an error, and the others go on", async () => {
    const x = tensor(
      Float32Array.from({ length: 300_000 }, (_, i) => i % 100),
      {},
    );
    const v = variable([1, 2]);
    configure({ threads: 1, splitAbove: 0 });
    const program = compile((a: Tensor) => a.mul(2).add(a).mul(a).sub(1));
    const want = scope(() => bitsOf([program(x)]));
    const remove = plant(body);
    await untilReady(2);
    const error = failureOf(() => void program(x));
    expect(error).toBeInstanceOf(ThreadError);
    expect(String(error)).toMatch(/fused\(.*expected threads that do their parts, got thread 1/);
    // At once: what was there can be read, other operations work, and nothing is written over.
    expect(differs(bitsOf([x.mul(1)]), bitsOf([x]))).toBe(false);
    expect(() => program(x)).toThrow(ThreadError);
    expect(() => v.assign([3, 4])).toThrow(/expected lost threads that have ended/);
    expect(v.toArray()).toEqual([1, 2]);
    // Soon: all is as before, with one thread less.
    while (true) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      try {
        scope(() => expect(differs(bitsOf([program(x)]), want)).toBe(false));
        break;
      } catch (thrown) {
        if (!(thrown instanceof ThreadError)) throw thrown;
      }
    }
    v.assign([3, 4]);
    expect(v.toArray()).toEqual([3, 4]);
    expect(info()).toMatchObject({ threads: 1, reason: expect.stringMatching(/thread 1 was lost in fused/) });
    remove();
    // They come back when they are asked for again, and after a shutdown.
    await untilReady(2);
    expect(info()).toMatchObject({ threads: 2, reason: undefined });
    await shutdown();
    await untilReady(2);
    scope(() => expect(differs(bitsOf([program(x)]), want)).toBe(false));
    expect(info()).toMatchObject({ threads: 2, reason: undefined });
    program.dispose();
    for (const each of [x, v]) each.dispose();
  });
});

test.each([1, 100])(
  "a look that takes %i ms counts as 5 at most of the half second of a thread that stands still",
  async (ms) => {
    const x = tensor(Float32Array.from({ length: 300_000 }, (_, i) => i % 100));
    configure({ threads: 1, splitAbove: 0 });
    const program = compile((a: Tensor) => a.mul(2).add(a).mul(a).sub(1));
    scope(() => void program(x));
    const remove = plant(ENDLESS);
    await untilReady(2);
    heap.u32[word(Team.Patience)] = 0;
    const now = performance.now.bind(performance);
    let looks = 0;
    performance.now = () => ms * looks++;
    try {
      expect(failureOf(() => void program(x))).toBeInstanceOf(ThreadError);
    } finally {
      performance.now = now;
    }
    const step = Math.min(ms, 5);
    expect(step * looks).toBeGreaterThan(500);
    expect(step * looks).toBeLessThan(1000);
    remove();
    for (const each of [x, program]) each.dispose();
    while (ending.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  },
);

test("a lost thread that goes on writing writes to nothing that is used again", async () => {
  const x = tensor(Float32Array.from({ length: 300_000 }, (_, i) => i % 100));
  configure({ threads: 1, splitAbove: 0 });
  const program = compile((a: Tensor) => a.mul(2).add(a).mul(a).sub(1));
  scope(() => void program(x));
  const square = new Generator(6).normal([256, 256]);
  const want = scope(() => bitsOf([matmul(square, square), square.softmax(1), square.square().sum()]));
  // Their working memory is small, and would be too small for what follows.
  await untilReady(3);
  scope(() => matmul(zeros([64, 64]), zeros([64, 64])));
  const remove = plant(writer(heap.u32[word(Team.Crew)]!));
  const before = inUse();
  const terminations: (() => void)[] = [];
  for (const helper of helpers.values()) {
    const terminate = helper.terminate.bind(helper);
    helper.terminate = () => void terminations.push(terminate);
  }
  const error = failureOf(() => void program(x));
  expect(error).toBeInstanceOf(ThreadError);
  expect(ending.size).toBeGreaterThan(0);
  // Of all sizes, so that whatever was given back would be found among them.
  const sizes = Array.from({ length: 120 }, (_, i) => Math.ceil(16 * 1.08 ** i));
  for (let turn = 0; turn < 3; turn++) {
    const filled = sizes.map((size) => full([size], size));
    for (let i = 0; i < 10; i++) {
      const got = scope(() => bitsOf([matmul(square, square), square.softmax(1), square.square().sum()]));
      expect(differs(got, want)).toBe(false);
    }
    for (const each of filled) {
      expect(
        differs(
          [new Uint8Array(each.data().buffer)],
          [new Uint8Array(new Float32Array(each.size).fill(each.size).buffer)],
        ),
      ).toBe(false);
      each.dispose();
    }
  }
  for (const terminate of terminations) terminate();
  while (ending.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(inUse()).toBeLessThanOrEqual(before);
  remove();
  program.dispose();
  for (const each of [x, square]) each.dispose();
});

test("threads that are killed over and over are never a wrong number, a hang or a leak", async () => {
  await soak(8, 8);
  const before = memory().bytes;
  const { wrong, right, refused, leaked } = await soak(60, 20);
  expect(wrong).toBe(0);
  expect(right + refused).toBe(60);
  // Less is no leak: the collector may have found what an earlier test has left.
  expect(Math.max(0, ...leaked)).toBe(0);
  expect(memory().bytes).toBeLessThanOrEqual(before);
});
