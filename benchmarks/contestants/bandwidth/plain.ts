// Contestant: plain JavaScript in what memory bounds, loops over typed arrays as one would write them by hand.
import { samplesOf } from "../../problems.js";
import { serve, type Work } from "../../serve.js";
import { operand, sizeOf, writes, type TrafficSetting } from "../../memory-bound.js";

type Numbers = Float32Array | Float64Array | Int32Array;

void serve("plain JavaScript", { bandwidth });

function bandwidth(setting: TrafficSetting): Work | string {
  const { shape, dtype, axis } = setting;
  const size = sizeOf(shape);
  const x = operand(1, size, dtype);
  const [rows, columns] = shape as readonly [number, number];
  const make = (length: number): Numbers =>
    dtype === "f64" ? new Float64Array(length) : dtype === "f32" ? new Float32Array(length) : new Int32Array(length);
  if (writes(setting)) {
    const out = setting.traffic === "x < y" ? new Uint8Array(size) : make(size);
    const run = elementwise(setting, x, operand(2, size, dtype), out);
    return typeof run === "string" ? run : { run, check: () => (run(), samplesOf(out)) };
  }
  if (setting.traffic !== "sum" && setting.traffic !== "max") return "not written";
  const fold = setting.traffic === "sum" ? add : larger;
  const first = setting.traffic === "sum" ? 0 : -Infinity;
  const out = new Float64Array(axis === 0 ? columns : axis === 1 ? rows : 1);
  const run = (): void => {
    out.fill(first);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const at = axis === 0 ? j : axis === 1 ? i : 0;
        out[at] = fold(out[at]!, x[i * columns + j]!);
      }
    }
  };
  return { run, check: () => (run(), samplesOf(out)) };
}

const add = (a: number, b: number): number => a + b;
const larger = (a: number, b: number): number => (b > a ? b : a);

function elementwise(
  { traffic, shape }: TrafficSetting,
  x: Numbers,
  y: Numbers,
  out: Numbers | Uint8Array,
): (() => void) | string {
  const [rows, columns] = shape as readonly [number, number];
  const size = x.length;
  switch (traffic) {
    case "x + y":
      return () => {
        for (let i = 0; i < size; i++) out[i] = x[i]! + y[i]!;
      };
    case "x + scalar":
      return () => {
        for (let i = 0; i < size; i++) out[i] = x[i]! + 2;
      };
    case "x < y":
      return () => {
        for (let i = 0; i < size; i++) out[i] = x[i]! < y[i]! ? 1 : 0;
      };
    case "where":
      return () => {
        for (let i = 0; i < size; i++) out[i] = x[i]! < y[i]! ? x[i]! : y[i]!;
      };
    case "x + row":
      return () => {
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) out[i * columns + j] = x[i * columns + j]! + y[j]!;
      };
    case "x + column":
      return () => {
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) out[i * columns + j] = x[i * columns + j]! + y[i]!;
      };
    case "x + transposed":
      return () => {
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++) out[i * columns + j] = x[i * columns + j]! + y[j * rows + i]!;
      };
    case "last two axes exchanged": {
      const [m, n] = shape.slice(-2) as [number, number];
      return () => {
        for (let k = 0; k < size; k += m * n)
          for (let j = 0; j < n; j++) for (let i = 0; i < m; i++) out[k + j * m + i] = x[k + i * n + j]!;
      };
    }
    default:
      return "not written";
  }
}
