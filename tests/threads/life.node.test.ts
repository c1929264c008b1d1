import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { EmittedWord } from "../../assembly/abi/flow.js";
import { Statistics } from "../../assembly/abi/statistics.js";
import { EmittedRecord, Team } from "../../assembly/abi/team.js";
import { Code } from "../../bindings/compile/emit/code.js";
import { moduleOf } from "../../bindings/compile/emit/module.js";
import { Type } from "../../bindings/compile/emit/opcodes.js";
import {
  compile,
  configure,
  eye,
  full,
  Generator,
  info,
  linalg,
  matmul,
  memory,
  scope,
  shutdown,
  stack,
  tensor,
  ThreadError,
  variable,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { allocateBlock, heap, kernels } from "../../bindings/runtime/instance.js";
import { faultValue } from "../../bindings/runtime/fault.js";
import { ending, helpers } from "../../bindings/runtime/threads.js";
import { run, runNode } from "../../scripts/lib/run.mjs";
import { soak } from "./soak.js";
import { bitsOf, differs, untilReady, word } from "./support.js";

/** Bodies of functions of an instruction: one that traps, and one that never comes to an end. */
const TRAP = [3, 0, 0x00, 0x0b];
const ENDLESS = [9, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x41, 0, 0x0b];

/** One that does nothing two million times. */
// prettier-ignore
const SLOW = [25, 1, 1, 0x7f, 0x41, 0x80, 0x89, 0xfa, 0, 0x21, 1, 0x03, 0x40, 0x20, 1, 0x41, 1, 0x6b, 0x22, 1, 0x0d, 0, 0x0b, 0x41, 0, 0x0b];

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

/** What a call throws at last, of a thousand. */
function failureOf(call: () => void): unknown {
  for (let i = 0; i < 1000; i++) {
    try {
      scope(call);
    } catch (error) {
      return error;
    }
  }
  return undefined;
}

function inUse(): number {
  return heap.f64[(kernels.statistics() + Statistics.Used) >>> 3]!;
}

/** Gives the workers, and them alone, another body for every function that has been emitted last. Returns what undoes it. */
function plant(body: readonly number[]): () => void {
  let record = heap.u32[word(Team.Emitted)]!;
  while (heap.u32[(record + EmittedRecord.Next) >>> 2]) record = heap.u32[(record + EmittedRecord.Next) >>> 2]!;
  const count = heap.u32[(record + EmittedRecord.Functions) >>> 2]!;
  const first = (record + EmittedRecord.Places) >>> 2;
  const places = heap.u32.slice(first, first + count);
  const module = moduleOf(Array.from(places, () => body), true); // prettier-ignore
  const start = EmittedRecord.Places + 4 * count;
  const planted = allocateBlock(start + module.length);
  const number = ++heap.u32[word(Team.LastEmitted)]!;
  heap.u32.set([0, number, count, module.length, ...places], planted >>> 2);
  heap.u8.set(module, planted + start);
  heap.u32[(record + EmittedRecord.Next) >>> 2] = planted;
  return () => {
    heap.u32[(record + EmittedRecord.Next) >>> 2] = 0;
    kernels.release(planted);
  };
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

test("a thread for which there is no memory is done without", async () => {
  const script = `
    import { configure, info, zeros } from "wengert";
    configure({ maximumBytes: 2 ** 21, threads: 1, splitAbove: 0 });
    const [x, ...kept] = [zeros([50_000])];
    for (let bytes = 2 ** 20; bytes >= 64; ) {
      try {
        kept.push(zeros([bytes / 4]));
      } catch {
        bytes /= 2;
      }
    }
    kept.pop().dispose();
    configure({ threads: 2 });
    for (let i = 0; i < 10; i++) x.sum().dispose();
    console.log(info().threads, info().reason);
  `;
  const { output } = await runNode(["--input-type=module", "--eval", script]);
  expect(output).toBe("1 there is no memory for others\n");
});

test.runIf(process.platform === "linux")("where addresses are few, threads start and end no process", async () => {
  const script = `
    import { configure, info, matmul, ones, scope } from "wengert";
    configure({ threads: 3, splitAbove: 0 });
    while (info().threads < 3 && info().reason === undefined) {
      scope(() => matmul(ones([64, 64]), ones([64, 64])));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log(info().threads > 1 || info().reason !== undefined);
  `;
  // Without the guards around a memory, for which V8 wants 10 GiB.
  const node = [process.execPath, "--disable-wasm-trap-handler", "--input-type=module", "--eval", script];
  const { output } = await run("sh", ["-c", 'ulimit -v 3000000 && exec "$@"', "sh", ...node]);
  expect(output).toBe("true\n");
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

test("a thread of a higher number than those before it that are gone computes the same", async () => {
  const x = new Generator(2).normal([300_001]);
  configure({ threads: 1, splitAbove: 0 });
  const program = compile((a: Tensor) => {
    const y = a.tanh().mul(a).add(1);
    return [y, y.square().sum(), a.sin().erf().mean()];
  });
  const want = scope(() => bitsOf(program(x)));
  await untilReady(3);
  helpers.get(1)!.terminate();
  while (helpers.has(1)) await new Promise((resolve) => setTimeout(resolve, 5));
  // The other is awake, and has never had any working memory.
  heap.u32[word(Team.Wakefulness)] = 2 ** 31 - 1;
  kernels.dismiss(9);
  kernels.surrender(2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (let i = 0; i < 20; i++) scope(() => expect(differs(bitsOf(program(x)), want)).toBe(false));
  program.dispose();
  x.dispose();
});

test("more threads come when more are asked for, and those that a shutdown did not see", async () => {
  await shutdown();
  await untilReady(2);
  await untilReady(3);
  expect(helpers.size).toBe(2);
  const over = shutdown();
  configure({ threads: 4 });
  // Before those that are there have ended: the fourth alone.
  scope(() => void matmul(zeros([64, 64]), zeros([64, 64])));
  await over;
  await untilReady(4);
  expect(info()).toMatchObject({ threads: 4 });
  await shutdown();
});

test("a thread that takes a second over one matrix is not given up", async () => {
  await untilReady(2);
  const a = new Generator(3).normal([3, 400, 400]);
  const { eigenvalues } = linalg.eigh(a.add(a.transpose(1, 2)));
  expect(info().threads).toBe(2);
  expect(eigenvalues.isFinite().all().item()).toBe(1);
});

test.each(["eigh", "svd", "pinv", "qr", "solve", "matrixExp"] as const)(
  "a thread that is killed inside one long matrix of %s is missed as soon as another",
  async (name) => {
    await untilReady(2);
    // The second, which the other thread takes, is far longer than the first.
    const n = name === "qr" || name === "solve" ? 800 : 400; // Of those that take n³ few steps, more.
    const x = stack([eye(n), new Generator(5).normal([n, n]).div(100)]);
    const now = performance.now.bind(performance);
    let looks = 0;
    let silent = 0;
    let seen = NaN;
    heap.u32[word(Team.Patience)] = 0;
    performance.now = () => {
      const progress = faultValue();
      silent = progress === seen ? silent + 1 : 0;
      seen = progress;
      if (looks === 2) void helpers.get(1)!.terminate();
      return now() + 5 * looks++;
    };
    const call = (): unknown => (name === "solve" ? linalg.solve(x, x) : linalg[name](x));
    try {
      expect(failureOf(() => void call())).toBeInstanceOf(ThreadError);
    } finally {
      performance.now = now;
    }
    // Five milliseconds each.
    expect(silent).toBeLessThanOrEqual(140);
    x.dispose();
    while (ending.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  },
);

test("one long wait is chance; after others that follow soon, the first thread works alone for a while", async () => {
  const x = tensor(Float32Array.from({ length: 100_000 }, (_, i) => i % 100), {}); // prettier-ignore
  configure({ threads: 1, splitAbove: 0 });
  const program = compile((a: Tensor) => a.mul(2).add(a).mul(a).sub(1));
  scope(() => void program(x));
  const remove = plant(SLOW);
  await untilReady(2);
  configure({ splitAbove: 10_000 });
  const alone = () => heap.f64[((kernels.team() >>> 0) + Team.Alone) >>> 3]!;
  heap.f64[((kernels.team() >>> 0) + Team.Alone) >>> 3] = 0;
  heap.f32[word(Team.Caution)] = 0;
  const waits: { caution: number; time: number }[] = [];
  for (let i = 0; i < 100_000 && waits.length < 3; i++) {
    const caution = heap.f32[word(Team.Caution)]!;
    const before = alone();
    scope(() => void program(x));
    if (heap.f32[word(Team.Caution)]! > caution) waits.push({ caution, time: alone() - before });
  }
  remove();
  expect(waits).toHaveLength(3);
  expect(waits[0]).toEqual({ caution: 0, time: 0 });
  // What went well in between has made it less cautious, but not careless.
  for (const { caution, time } of waits.slice(1)) expect(time).toBeGreaterThan(250_000 * caution);
  expect(waits[1]!.caution).toBeGreaterThan(0);
  // Twice as careful as before, and once more.
  expect(heap.f32[word(Team.Caution)]).toBeCloseTo(1 + 2 * waits[2]!.caution, 5);
});

test("a process that is stopped for a while and goes on is right", async () => {
  const x = new Generator(4).normal([512, 512]);
  configure({ threads: 1 });
  const want = scope(() => bitsOf([matmul(x, x)]));
  await untilReady(2);
  heap.u32[word(Team.Patience)] = 0;
  const now = performance.now.bind(performance);
  for (let i = 0; i < 20; i++) {
    let looks = 0;
    performance.now = () => now() + (++looks > 3 ? 10_000 : 0);
    try {
      scope(() => expect(differs(bitsOf([matmul(x, x)]), want)).toBe(false));
    } finally {
      performance.now = now;
    }
  }
});

test("idle threads take no time, and no process waits for them", async () => {
  const file = fileURLToPath(new URL("idle.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", file], { timeout: 50_000 });
  const { threads, milliseconds } = JSON.parse(stdout) as { threads: number; milliseconds: number };
  expect(threads).toBe(2);
  expect(milliseconds).toBeLessThan(500);
});
