import type { Tensor } from "wengert";
import type { Operations } from "../../bindings/core/operations.js";

export type Numbers = "f32" | "f64" | "i32" | "u8" | "bool";

/** An input: its shape, and what its numbers are drawn from. */
export interface Input {
  readonly shape: readonly number[];
  /** Default f32. */
  readonly dtype?: Numbers;
  /** Default [-2, 2]. */
  readonly range?: readonly [number, number];
}

/** What a kernel can at best be limited by: copying memory, reading it, or multiply-adds between registers. */
export type Limit = "copy" | "read" | "f32" | "f64";

/** One kernel at one size. */
export interface Case {
  /** The row of the table, then what tells its cases apart. */
  readonly name: string;
  readonly limit: Limit;
  /** Bytes moved or read, or floating-point operations. */
  readonly amount: number;
  readonly inputs: readonly Input[];
  run(o: Operations, inputs: readonly Tensor[]): Tensor;
  /** The same in plain JavaScript: statements over the typed arrays X, Y, Z and OUT. */
  readonly plain?: string;
  /** Length and type of OUT. Default: those of X. */
  readonly out?: readonly [length: number, dtype?: Numbers];
}

/** Elements of a vector: three of them fit the second cache, and the cost of a call is next to nothing. */
export const LENGTH = 65536;
/** Rows and columns of a matrix of as many elements. */
export const SIDE = 256;

export const BYTES: Readonly<Record<Numbers, number>> = { f32: 4, f64: 8, i32: 4, u8: 1, bool: 1 };

/** The rows of the table that are called with tensors alone. */
type Call = (o: Operations, inputs: readonly Tensor[]) => Tensor;

function call(name: string): Call {
  return (o, inputs) => (o as unknown as Record<string, (...inputs: readonly Tensor[]) => Tensor>)[name]!(...inputs);
}

interface MapOptions {
  readonly dtype?: Numbers;
  /** What comes out. Default: the inputs' type. */
  readonly result?: Numbers;
  readonly range?: readonly [number, number];
  readonly about?: string;
  readonly length?: number;
  readonly run?: Call;
}

/** An elementwise function of `arity` tensors; the expression in JavaScript is over the numbers x, y and z. */
function map(arity: number, name: string, expression: string, options: MapOptions): Case {
  const { dtype = "f32", result = dtype, range, about, length = LENGTH, run = call(name) } = options;
  const input: Input = { shape: [length], dtype, ...(range && { range }) };
  const numbers = ["x = X[i]", "y = Y[i]", "z = Z[i]"].slice(0, arity).join(", ");
  return {
    name: [name, about, dtype].filter(Boolean).join(" "),
    limit: "copy",
    amount: length * (arity * BYTES[dtype] + BYTES[result]),
    inputs: Array<Input>(arity).fill(input),
    run,
    plain: `for (let i = 0; i < ${length}; i++) { const ${numbers}; OUT[i] = ${expression}; }`,
    out: [length, result],
  };
}

/** out = f(x). */
export function one(name: string, expression: string, options: MapOptions = {}): Case {
  return map(1, name, expression, options);
}

/** out = f(x, y). */
export function two(name: string, expression: string, options: MapOptions = {}): Case {
  return map(2, name, expression, options);
}

/** A reduction of a matrix along an axis: `start`, then each x added to s by `step`. */
export function fold(
  name: string,
  axis: 0 | 1 | null,
  start: string,
  step: string,
  dtype: "f32" | "f64" = "f32",
): Case {
  const along = axis === null ? "all" : axis === 0 ? "columns" : "rows";
  const at = axis === 0 ? `X[i + j * ${SIDE}]` : `X[i * ${SIDE} + j]`;
  const columns = `for (let j = 0; j < ${SIDE}; j++) { const x = ${at}; ${step}; }`;
  const rows = (body: string): string => `for (let i = 0; i < ${SIDE}; i++) { ${body} }`;
  return {
    name: `${name} ${along} ${dtype}`,
    limit: "read",
    amount: LENGTH * BYTES[dtype],
    inputs: [{ shape: [SIDE, SIDE], dtype }],
    run: (o, [x]) => (o as unknown as Record<string, (x: Tensor, axis: number | null) => Tensor>)[name]!(x!, axis),
    plain: axis === null ? `let ${start}; ${rows(columns)} OUT[0] = s;` : rows(`let ${start}; ${columns} OUT[i] = s;`),
    out: [axis === null ? 1 : SIDE, name.startsWith("arg") ? "i32" : dtype],
  };
}

/** A matrix product [m, k] by [k, n]. */
export function product(m: number, k: number, n: number, dtype: "f32" | "f64" = "f32", about = ""): Case {
  return {
    name: ["matmul", `${m}x${k}x${n}`, about, dtype].filter(Boolean).join(" "),
    limit: dtype,
    amount: 2 * m * k * n,
    inputs: [
      { shape: about.startsWith("T") ? [k, m] : [m, k], dtype },
      { shape: about.endsWith("T") ? [n, k] : [k, n], dtype },
    ],
    run: (o, [x, y]) => {
      const a = about.startsWith("T") ? o.permute(x!, [1, 0]) : x!;
      return o.matmul(a, about.endsWith("T") ? o.permute(y!, [1, 0]) : y!);
    },
    ...(about === "" && {
      plain: `OUT.fill(0); for (let i = 0; i < ${m}; i++) for (let l = 0; l < ${k}; l++) {
        const x = X[i * ${k} + l]; for (let j = 0; j < ${n}; j++) OUT[i * ${n} + j] += x * Y[l * ${n} + j]; }`,
    }),
    out: [m * n, dtype],
  };
}

/** A case as it stands, in f32 or whatever its inputs say. */
export function other(
  name: string,
  limit: Limit,
  amount: number,
  inputs: readonly Input[],
  run: Call = call(name.split(" ")[0]!),
  plain?: string,
  out?: readonly [number, Numbers?],
): Case {
  return { name, limit, amount, inputs, run, ...(plain && { plain }), ...(out && { out }) };
}
