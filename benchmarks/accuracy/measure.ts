// A process of its own for each build of the kernels, which evaluates what the main one asks for.

import * as wengert from "wengert";
import { allowRelaxedSimd } from "../engine.js";
import { functions, type Library, type Swept } from "./functions.js";
import type { DType } from "./points.js";
import { lastPlace } from "./ulp.js";

/** Evaluate these arguments, or look for the worst f32 argument with the f64 kernel as the reference. */
export type Request =
  | { readonly kind: "known" }
  | { readonly kind: "evaluate"; readonly name: string; readonly dtype: DType; readonly columns: Float64Array[] }
  | { readonly kind: "dense"; readonly name: string; readonly step: number };
export type Answer =
  | { readonly kind: "known"; readonly names: string[] }
  | { readonly kind: "values"; readonly values: Float64Array }
  | { readonly kind: "worst"; readonly ulps: number; readonly at: number };

const library = wengert as unknown as Library;
const BLOCK = 65536;

/** Serves requests of the parent process on a build of the kernels. */
export function serve(build: "baseline" | "relaxed"): void {
  allowRelaxedSimd();
  wengert.configure({ build });
  process.on("message", (request: Request) => process.send!(answer(request)));
}

function answer(request: Request): Answer {
  if (request.kind === "known") return { kind: "known", names: functions.filter(isKnown).map(({ name }) => name) };
  const swept = functions.find(({ name }) => name === request.name)!;
  if (request.kind === "evaluate") return { kind: "values", values: evaluate(swept, request.dtype, request.columns) };
  return dense(swept, request.step);
}

function isKnown(swept: Swept): boolean {
  try {
    evaluate(
      swept,
      "f64",
      swept.from.map(() => new Float64Array([0.5])),
    );
    return true;
  } catch {
    return false;
  }
}

function evaluate({ name, call }: Swept, dtype: DType, columns: readonly Float64Array[]): Float64Array {
  return wengert.scope(() => {
    const x = columns.map((column) => wengert.tensor(column).cast(dtype));
    const y = call ? call(library, ...x) : library[name]!(...x);
    return new Float64Array(y.cast("f64").data());
  });
}

/** Every `step`-th f32 inside the domain. */
function dense(swept: Swept, step: number): Answer {
  const [low, high] = swept.from[0]!;
  const bits = new Uint32Array(BLOCK);
  const x = new Float32Array(bits.buffer);
  let worst = { ulps: 0, at: 0 };
  for (let next = 0; next < 2 ** 32;) {
    for (let i = 0; i < BLOCK; i++, next += step) bits[i] = next;
    const columns = [Float64Array.from(x, (value) => (value >= low && value <= high ? value : 0.5))];
    const y = evaluate(swept, "f32", columns);
    const exact = evaluate(swept, "f64", columns);
    for (let i = 0; i < BLOCK; i++) {
      const value = exact[i]!;
      if (Number.isNaN(value) || !Number.isFinite(Math.fround(value))) continue;
      if (swept.except && Math.abs(value) < swept.except.below[0]) continue;
      const last = lastPlace(swept.absolute ? Math.max(1, Math.abs(value)) : value, "f32");
      const ulps = Math.abs(y[i]! - value) / last;
      if (!(ulps <= worst.ulps)) worst = { ulps, at: columns[0]![i]! };
    }
  }
  return { kind: "worst", ...worst };
}
