import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { Team } from "../../assembly/abi/team.js";
import {
  compile,
  configure,
  eye,
  Generator,
  info,
  linalg,
  matmul,
  scope,
  shutdown,
  stack,
  tensor,
  ThreadError,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { heap, kernels } from "../../bindings/runtime/instance.js";
import { faultValue } from "../../bindings/runtime/fault.js";
import { ending, helpers } from "../../bindings/runtime/threads.js";
import { run, runNode } from "../../scripts/lib/run.mjs";
import { failureOf, plant } from "./plant.js";
import { bitsOf, differs, untilReady, word } from "./support.js";

/** One that does nothing two million times. */
// prettier-ignore
const SLOW = [25, 1, 1, 0x7f, 0x41, 0x80, 0x89, 0xfa, 0, 0x21, 1, 0x03, 0x40, 0x20, 1, 0x41, 1, 0x6b, 0x22, 1, 0x0d, 0, 0x0b, 0x41, 0, 0x0b];

afterEach(async () => {
  configure({ threads: 1, splitAbove: 10_000 });
  await shutdown();
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
