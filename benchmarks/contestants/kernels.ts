// Contestant: one kernel at a time, from benchmarks/kernels/cases.ts. Argument: baseline or relaxed; plain, for the same in
// plain JavaScript; or limit, for what the machine allows.
import "../../bindings/index.js";
import { configure } from "../../bindings/configure.js";
import { tensor } from "../../bindings/core/values/create.js";
import type { Tensor } from "../../bindings/core/graph.js";
import { Head } from "../../assembly/abi/form.js";
import { Status } from "../../assembly/abi/status.js";
import { operations } from "../../bindings/core/operations.js";
import { heap, kernels, scratch, scratchWord } from "../../bindings/runtime/instance.js";
import { allowRelaxedSimd } from "../engine.js";
import { BYTES, type Case, type Input, type Numbers } from "../kernels/case.js";
import { CASES, MATHEMATICS } from "../kernels/cases.js";
import { makePeak } from "../peak.js";
import { noise, samplesOf } from "../problems.js";
import { serve, type Work } from "../serve.js";
import { makeTraffic } from "../traffic.js";

const role = process.argv[2];
allowRelaxedSimd();
const make =
  role === "limit" ? limit : role === "plain" ? plain : (configure({ build: role as "relaxed", threads: 1 }), own);
const prepare = (cases: readonly Case[]) => (name: string) => make(cases.find((found) => found.name === name)!);
void serve(`${role}`, { kernels: prepare(CASES), vecmath: prepare(MATHEMATICS) });

const ARRAYS = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u8: Uint8Array, bool: Uint8Array } as const;

function own({ name, inputs, run }: Case): Work | string {
  if (!(name.split(" ")[0]! in operations)) return "not there";
  const tensors = inputs.map((input, i) =>
    tensor(numbers(input, i), { shape: input.shape, dtype: input.dtype ?? "f32" }),
  ) as unknown as Tensor[] & Parameters<Case["run"]>[1];
  // Run once as users do; what is timed is the instruction that this left on the eager tape, without a new result each time.
  const result = run(operations, tensors);
  const end = scratch + heap.i32[scratchWord + Head.Length]! * 4;
  return {
    run: () => {
      if (kernels.replay(scratch, end) !== Status.Ok) throw new Error("the kernel refused");
    },
    check: () => samplesOf(Float64Array.from(result.data() as ArrayLike<number>)),
    end: () => [result, ...tensors].forEach((x) => x.dispose()),
  };
}

function plain({ inputs, plain, out }: Case): Work | string {
  if (plain === undefined) return "not written";
  const [x, y, z] = inputs.map(numbers);
  const result = array(out?.[1] ?? inputs[0]?.dtype ?? "f32", out?.[0] ?? x!.length);

  const loop = new Function("X", "Y", "Z", "OUT", plain);
  const run = (): unknown => loop(x, y, z, result);
  return { run, check: () => (run(), samplesOf(result)) };
}

const memory = new WebAssembly.Memory({ initial: 1024, maximum: 65536, shared: true });
const traffic = makeTraffic(memory);

/** As long as the case would take if it did nothing but what limits it. */
function limit({ limit, amount }: Case): Work {
  if (limit === "f32" || limit === "f64") {
    const { flops, run } = makePeak(limit, true);
    return { run, operations: flops / amount };
  }
  // Pages that were never written are all one page.
  new Uint8Array(memory.buffer).fill(1);
  const bytes = Math.ceil(amount / (limit === "copy" ? 2 : 1) / 128) * 128;
  const run = limit === "copy" ? () => traffic.copy(bytes, 0, bytes) : () => traffic.read(0, bytes);
  return { run };
}

function numbers({ shape, dtype = "f32", range: [low, high] = [-2, 2] }: Input, seed: number) {
  const length = shape.reduce((product, size) => product * size, 1);
  const values = noise(seed + 1, length).map((value) => low + (value + 0.5) * (high - low));
  return array(dtype, length, values);
}

function array(dtype: Numbers, length: number, values?: Float64Array) {
  const made = new ARRAYS[dtype](length * (BYTES[dtype] / ARRAYS[dtype].BYTES_PER_ELEMENT));
  values?.forEach((value, i) => (made[i] = dtype === "f32" || dtype === "f64" ? value : Math.floor(value)));
  return made;
}
