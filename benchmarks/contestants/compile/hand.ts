// Contestant: relu(a b + c) as one loop of AssemblyScript, fused by hand.
import { main as asc } from "assemblyscript/asc";
import * as problems from "../../problems.js";
import { serve, type Work } from "../../serve.js";

const SOURCE = `
export function chain(out: usize, a: usize, b: usize, c: usize, n: usize): void {
  const zero = f32x4.splat(0);
  const end = out + ((n & ~15) << 2);
  while (out != end) {
    const p = f32x4.add(f32x4.mul(v128.load(a, 0), v128.load(b, 0)), v128.load(c, 0));
    const q = f32x4.add(f32x4.mul(v128.load(a, 16), v128.load(b, 16)), v128.load(c, 16));
    const r = f32x4.add(f32x4.mul(v128.load(a, 32), v128.load(b, 32)), v128.load(c, 32));
    const s = f32x4.add(f32x4.mul(v128.load(a, 48), v128.load(b, 48)), v128.load(c, 48));
    v128.store(out, f32x4.add(f32x4.pmax(p, zero), zero), 0);
    v128.store(out, f32x4.add(f32x4.pmax(q, zero), zero), 16);
    v128.store(out, f32x4.add(f32x4.pmax(r, zero), zero), 32);
    v128.store(out, f32x4.add(f32x4.pmax(s, zero), zero), 48);
    a += 64;
    b += 64;
    c += 64;
    out += 64;
  }
  for (n &= 15; n; n--) {
    store<f32>(out, max(load<f32>(a) * load<f32>(b) + load<f32>(c), 0));
    a += 4;
    b += 4;
    c += 4;
    out += 4;
  }
}`;

const OPTIONS =
  "--config none -O3 --noAssert --runtime stub --importMemory --noExportMemory --enable simd --outFile chain.wasm";
let wasm: Uint8Array<ArrayBuffer> | undefined;
const { error } = await asc(["chain.ts", ...OPTIONS.split(" ")], {
  readFile: (name) => (name === "chain.ts" ? SOURCE : null),
  writeFile: (_, contents) => void (wasm = contents as Uint8Array<ArrayBuffer>),
  listFiles: () => [],
});
if (error || !wasm) throw new Error(`the kernel does not compile: ${error?.message}`);

const memory = new WebAssembly.Memory({ initial: 1024 });
const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(wasm), { env: { memory } });
const chain = exports["chain"] as (out: number, a: number, b: number, c: number, n: number) => void;
void serve("AssemblyScript", { compile: work });

function work({ operation, n }: problems.CompileSetting): Work | string {
  if (operation !== "chain") return "not written";
  const { x, y, z } = problems.compileData(n);
  const size = Math.ceil(n / 16) * 64;
  // Apart from each other by more than a page, as an arena would have them.
  const [out, a, b, c] = [0, 1, 2, 3].map((i) => 65536 + i * (size + 256)) as [number, number, number, number];
  memory.grow(Math.max(0, Math.ceil((65536 + 4 * (size + 256)) / 65536) - memory.buffer.byteLength / 65536));
  for (const [at, data] of [[a, x], [b, y], [c, z]] as const) new Float32Array(memory.buffer, at, n).set(data); // prettier-ignore
  const run = (): void => chain(out, a, b, c, n);
  return { run, check: () => (run(), problems.samplesOf(new Float32Array(memory.buffer, out, n))) };
}
