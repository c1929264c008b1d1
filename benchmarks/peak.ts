// The most that one core does with 128-bit vectors: a WebAssembly loop of multiply-adds between registers alone.
import { assemble } from "./wasm.js";

/** Accumulators, so that the units never wait for a result; with the two constants they fit the 16 registers of x86-64. */
const ACCUMULATORS = 12;
/** Multiply-adds for each accumulator in one pass of the loop, so that its own three instructions weigh little. */
const UNROLLED = 4;
/** Passes of the loop in one call. */
const PASSES = 5000;

const OPCODES = {
  f32: {
    lanes: 4,
    splat: [19],
    add: [228, 1],
    mul: [230, 1],
    madd: [133, 2],
    extract: [31, 0],
    type: 125,
    constant: 67,
  },
  f64: {
    lanes: 2,
    splat: [20],
    add: [240, 1],
    mul: [242, 1],
    madd: [135, 2],
    extract: [33, 0],
    type: 124,
    constant: 68,
  },
} as const;

export interface Peak {
  /** Floating-point operations of one call: a multiply-add is two. */
  readonly flops: number;
  run(): unknown;
}

/** The loop for an element type, as multiply and add or as one relaxed multiply-add. Needs an engine that has them. */
export function makePeak(dtype: "f32" | "f64", relaxed: boolean): Peak {
  const module = new WebAssembly.Module(bytesOf(dtype, relaxed));
  const { run } = new WebAssembly.Instance(module).exports as { run: (passes: number) => number };
  return { flops: 2 * OPCODES[dtype].lanes * ACCUMULATORS * UNROLLED * PASSES, run: () => run(PASSES) };
}

/** A module with one function, run(passes), which returns a lane of the sum lest the work be seen as needless. */
function bytesOf(dtype: "f32" | "f64", relaxed: boolean): Uint8Array<ArrayBuffer> {
  const { splat, add, mul, madd, extract, type, constant } = OPCODES[dtype];
  const simd = (opcode: readonly number[]): number[] => [253, ...opcode];
  const number = (value: number): number[] => {
    const bytes = dtype === "f32" ? new Float32Array([value]).buffer : new Float64Array([value]).buffer;
    return [constant, ...new Uint8Array(bytes), ...simd(splat)];
  };
  // Local 0 counts down, then come the accumulators and the constants. One multiply-add is a ← a x + y. Done as two, half
  // of the accumulators are multiplied and half added to: as many of each, and no result is waited for.
  const [x, y] = [ACCUMULATORS + 1, ACCUMULATORS + 2];
  const accumulators = Array.from({ length: ACCUMULATORS }, (_, i) => i + 1);
  const step = relaxed
    ? (a: number): number[] => [32, a, 32, x, 32, y, ...simd(madd), 33, a]
    : (a: number): number[] => [32, a, ...(a % 2 ? [32, x, ...simd(mul)] : [32, y, ...simd(add)]), 33, a];
  const steps = Array.from({ length: relaxed ? UNROLLED : 2 * UNROLLED }, () => accumulators.flatMap(step)).flat();
  const code = [
    ...accumulators.flatMap((a) => [...number(a / 8), 33, a]),
    ...[...number(1 - 1 / 2 ** 16), 33, x, ...number(1 / 2 ** 16), 33, y],
    ...[3, 64, ...steps, 32, 0, 65, 1, 107, 34, 0, 13, 0, 11], // loop: steps; while (--passes)
    ...[32, 1, ...accumulators.slice(1).flatMap((a) => [32, a, ...simd(add)]), ...simd(extract)],
  ];
  return assemble([{ name: "run", parameters: 1, vectors: ACCUMULATORS + 2, result: type, code }], false);
}
