import { setFlagsFromString } from "node:v8";

/** Lets this process compile relaxed SIMD: Node 20 has it behind a flag, later ones as it is. Call it before compiling. */
export function allowRelaxedSimd(): void {
  setFlagsFromString("--experimental-wasm-relaxed-simd");
}
