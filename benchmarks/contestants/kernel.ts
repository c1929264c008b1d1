// Contestant: the WebAssembly core without the library around it, one instruction a call. Argument: baseline or relaxed.
import { readFileSync } from "node:fs";
import { DType } from "../../assembly/abi/dtype.js";
import { Extra, Head, MapWord, MatmulWord, ReduceWord, UpdateWord } from "../../assembly/abi/form.js";
import { Op } from "../../assembly/abi/op.js";
import { Fault, Status } from "../../assembly/abi/status.js";
import { allowRelaxedSimd } from "../engine.js";
import { matmulData, samplesOf, type DispatchSetting, type MatmulSetting } from "../problems.js";
import { serve, type Work } from "../serve.js";

interface Core {
  initialize(limit: number): void;
  allocate(bytes: number): number;
  release(address: number): void;
  extend(): void;
  replay(tape: number, end: number): number;
  fault(): number;
}

const PAGE = 65536;
const build = process.argv[2] === "relaxed" ? "relaxed" : "baseline";
if (build === "relaxed") allowRelaxedSimd();
const memory = new WebAssembly.Memory({ initial: 4, maximum: PAGE, shared: true });
const module = new WebAssembly.Module(readFileSync(new URL(`../../build/${build}.wasm`, import.meta.url)));
const core = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Core;
core.initialize(0);
void serve(`core alone, ${build} build`, { matmul: product, dispatch });

function product(setting: MatmulSetting): Work {
  const { m, k, n, transposeA, transposeB, dtype } = setting;
  const data = matmulData(setting);
  const Numbers = dtype === "f32" ? Float32Array : Float64Array;
  const place = (values: Float32Array | Float64Array): number => {
    const address = allocate(values.byteLength);
    new Numbers(memory.buffer, address, values.length).set(values);
    return address;
  };
  const [a, b, out] = [place(data.a), place(data.b), allocate(m * n * Numbers.BYTES_PER_ELEMENT)];
  const tape = allocate(4 * MatmulWord.Batch);
  const end = tape + 4 * MatmulWord.Batch;
  const words = new Int32Array(memory.buffer, tape, MatmulWord.Batch);
  words[Head.Op] = Op.Matmul;
  words[Head.DType] = dtype === "f32" ? DType.F32 : DType.F64;
  words[Head.Length] = MatmulWord.Batch;
  words[Head.Extra] = 0;
  words[MatmulWord.Out] = out;
  words[MatmulWord.A] = a;
  words[MatmulWord.B] = b;
  words[MatmulWord.M] = m;
  words[MatmulWord.N] = n;
  words[MatmulWord.K] = k;
  words[MatmulWord.ARow] = transposeA ? 1 : k;
  words[MatmulWord.AColumn] = transposeA ? m : 1;
  words[MatmulWord.BRow] = transposeB ? 1 : n;
  words[MatmulWord.BColumn] = transposeB ? k : 1;
  words[MatmulWord.Bias] = 0;
  words[MatmulWord.Activation] = 0;
  words[MatmulWord.Accumulate] = 0;
  words[MatmulWord.Line] = n;
  words[MatmulWord.Rank] = 0;
  const run = (): void => {
    if (core.replay(tape, end) === Status.Ok) return;
    makeRoom();
    if (core.replay(tape, end) !== Status.Ok) throw new Error("the kernel refused");
  };
  return {
    run,
    check: () => (run(), samplesOf(new Numbers(memory.buffer, out, m * n))),
    end: () => [a, b, out, tape].forEach((address) => core.release(address)),
  };
}

/** Instructions on a tape: their words fit the first cache. */
const INSTRUCTIONS = 500;

/** One instruction over and over, on operands that lie beside each other. */
function dispatch(setting: DispatchSetting): Work {
  const data = allocate(4 * 6 * Math.max(setting.n, 16));
  new Float32Array(memory.buffer, data, 6 * Math.max(setting.n, 16)).fill(0.5);
  const one = instruction(setting, data);
  const tape = allocate(4 * one.length * INSTRUCTIONS);
  const end = tape + 4 * one.length * INSTRUCTIONS;
  const words = new Int32Array(memory.buffer, tape, one.length * INSTRUCTIONS);
  for (let at = 0; at < words.length; at += one.length) words.set(one, at);
  return {
    operations: INSTRUCTIONS,
    run: () => {
      if (core.replay(tape, end) !== Status.Ok) throw new Error("the tape refused");
    },
    end: () => [data, tape].forEach((address) => core.release(address)),
  };
}

/** The words of an instruction of f32 on operands from an address on, n elements apart. */
function instruction({ op, n }: DispatchSetting, data: number): number[] {
  const at = (operand: number): number => data + 4 * n * operand;
  const head = (code: Op, length: number, extra = 0): number[] => [code, DType.F32, length, extra];
  if (op === "matmul") {
    return [
      ...[...head(Op.Matmul, MatmulWord.Batch), at(0), at(1), at(2), 32, 16, 16],
      ...[16, 1, 16, 1, 0, 0, 0, 16, 0],
    ];
  }
  if (op === "sum") return [...head(Op.Sum, ReduceWord.Size), at(0), at(1), 1, n / 16, 16, 16];
  if (op === "sgd") {
    const addresses = [at(0), 0, 0, at(0), at(1), 0, 0, at(2), 0, 0];
    return [
      ...head(Op.Sgd, UpdateWord.Size),
      ...addresses,
      n,
      ...Array<number>(UpdateWord.Size - UpdateWord.Flags).fill(0),
    ];
  }
  const inputs = op === "add" ? 2 : 1;
  const code = { add: Op.Add, relu: Op.Relu, copy: Op.Copy }[op];
  const addresses = [at(0), at(1), inputs > 1 ? at(2) : 0, 0];
  return [
    ...head(code, MapWord.Box + 2 + inputs, Extra.Flat),
    1,
    ...addresses,
    n,
    ...Array<number>(1 + inputs).fill(1),
  ];
}

/** A block of the arena; memory grows where it must. */
function allocate(bytes: number): number {
  const address = core.allocate(bytes) >>> 0;
  if (address !== 0) return address;
  grow(bytes);
  return core.allocate(bytes) >>> 0;
}

/** Working memory for the kernel that has just asked for it. */
function makeRoom(): void {
  grow(new Float64Array(memory.buffer, (core.fault() >>> 0) + Fault.Value, 1)[0]!);
}

function grow(bytes: number): void {
  memory.grow(Math.ceil(bytes / PAGE) + 2);
  core.extend();
}
