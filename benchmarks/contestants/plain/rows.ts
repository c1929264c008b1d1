// The suite of rows in plain JavaScript: loops over typed arrays.
import { rowsData, samplesOf, type RowsSetting } from "../../problems.js";
import type { Work } from "../../serve.js";

/** One operation over a matrix, into an array that is there already. */
export function rows(setting: RowsSetting): Work | string {
  const { rows: count, columns } = setting;
  const { x, classes } = rowsData(setting);
  const out = new Float32Array(x.length);
  const each = (f: (value: number) => number): void => {
    for (let i = 0; i < x.length; i++) out[i] = f(x[i]!);
  };
  const byRow = (row: (from: number, to: number, i: number) => void): void => {
    for (let i = 0; i < count; i++) row(i * columns, (i + 1) * columns, i);
  };
  const peakOf = (from: number, to: number): number => {
    let peak = -Infinity;
    for (let j = from; j < to; j++) peak = Math.max(peak, x[j]!);
    return peak;
  };
  const logSumExp = (from: number, to: number): number => {
    const peak = peakOf(from, to);
    let total = 0;
    for (let j = from; j < to; j++) total += Math.exp(x[j]! - peak);
    return peak + Math.log(total);
  };
  const normalise = (centred: boolean, epsilon: number) => (from: number, to: number) => {
    let mean = 0;
    if (centred) for (let j = from; j < to; j++) mean += x[j]! / columns;
    let variance = 0;
    for (let j = from; j < to; j++) variance += (x[j]! - mean) ** 2 / columns;
    const scale = 1 / Math.sqrt(variance + epsilon);
    for (let j = from; j < to; j++) {
      const y = (x[j]! - mean) * scale * x[j - from]!;
      out[j] = centred ? y + x[j - from]! : y;
    }
  };
  const losses = new Float32Array(count);
  const p = x.slice();
  const m = new Float32Array(x.length);
  const v = new Float32Array(x.length);
  let steps = 0;
  const works: Readonly<Record<string, readonly [run: () => void, result: Float32Array | null]>> = {
    copy: [() => out.set(x), out],
    exp: [() => each(Math.exp), out],
    softmax: [
      () =>
        byRow((from, to) => {
          const peak = peakOf(from, to);
          let total = 0;
          for (let j = from; j < to; j++) total += out[j] = Math.exp(x[j]! - peak);
          for (let j = from; j < to; j++) out[j]! /= total;
        }),
      out,
    ],
    logSoftmax: [
      () =>
        byRow((from, to) => {
          const total = logSumExp(from, to);
          for (let j = from; j < to; j++) out[j] = x[j]! - total;
        }),
      out,
    ],
    crossEntropy: [() => byRow((from, to, i) => (losses[i] = logSumExp(from, to) - x[from + classes[i]!]!)), losses],
    layerNorm: [() => byRow(normalise(true, 1e-5)), out],
    rmsNorm: [() => byRow(normalise(false, 2 ** -23)), out],
    sgd: [
      () => {
        for (let i = 0; i < x.length; i++) p[i]! -= 0.1 * (m[i] = 0.9 * m[i]! + x[i]!);
      },
      p,
    ],
    adam: [
      () => {
        steps++;
        const rate = 0.001 / (1 - 0.9 ** steps);
        const root = Math.sqrt(1 - 0.999 ** steps);
        for (let i = 0; i < x.length; i++) {
          const g = x[i]!;
          const mean = (m[i] = 0.9 * m[i]! + 0.1 * g);
          const square = (v[i] = 0.999 * v[i]! + 0.001 * g * g);
          p[i]! -= (rate * mean) / (Math.sqrt(square) / root + 1e-8);
        }
      },
      p,
    ],
    uniform: [() => each(Math.random), null],
    normal: [
      () => each(() => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())),
      null,
    ],
  };
  const work = works[setting.operation];
  if (!work) return "not written";
  const [run, result] = work;
  return result ? { run, check: () => (run(), samplesOf(result)) } : { run };
}
