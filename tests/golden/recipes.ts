// The sections on what training is made of: schedules of the learning rate, initial values of layers, gains.
import type { Tensor, TypedArray } from "wengert";
import type { Parts } from "./calculus.js";
import { golden, type Pair } from "./compare.js";
import { numberAt, numbersAt, textAt, type Entry } from "./file.js";
import { MissingOperation, type Lab } from "./library.js";
import { optimizerOf, optionsOf, schedulerOf } from "./training.js";

/** The learning rate of each step; a schedule that follows a metric gets it. */
export function partsOfSchedule(entry: Entry): Parts {
  return {
    lr: (lab) => {
      const expected = numbersAt(entry["lr"], "lr");
      const metrics = entry["metrics"] ? numbersAt(entry["metrics"], "metrics") : null;
      const parameters = { only: lab.core.parameter(new Float64Array(1), { dtype: lab.dtype }) };
      const optimizer = optimizerOf(lab, parameters, {
        name: "SGD",
        args: { lr: numberAt(entry["base_lr"], "base_lr") },
      });
      const scheduler = schedulerOf(lab, optimizer, entry);
      const rates = expected.map((_, t) => {
        const { lr } = optimizer;
        scheduler.step(metrics?.[t]);
        return lr;
      });
      return [
        { where: "lr", expected: golden(expected), got: { dtype: lab.dtype, shape: [rates.length], data: rates } },
      ];
    },
  };
}

/** So many numbers are drawn that their spread is within INITIALIZER_TOLERANCE of what it should be, or something is wrong. */
const DRAWS = 1 << 17;
const BIASES = 1 << 11;
export const INITIALIZER_TOLERANCE = { rtol: 0.02, atol: 0 };

/** Initial values: their standard deviation, and the bound of those that have one. */
export function partsOfInitializer(entry: Entry): Parts {
  const name = textAt(entry["name"], "name");
  const shape = numbersAt(entry["shape"], "shape");
  if (entry["weight_bound"] !== undefined) return partsOfLayer(entry, shape);
  return {
    spread: (lab) => {
      const initialize = lab.findIn("nn", name);
      const size = shape.reduce((product, length) => product * length, 1);
      const options = { ...optionsOf(entry["args"]), dtype: lab.dtype };
      const drawn = Array.from({ length: Math.ceil(DRAWS / size) }, () => initialize(shape, options) as Tensor);
      const sample = drawn.map((x) => lab.core.data(x));
      const pairs = [numberPair(lab, "std", entry["std"], spreadOf(sample))];
      if (entry["bound"] !== undefined) pairs.push(boundPair(lab, "bound", entry["bound"], sample));
      return pairs;
    },
  };
}

/** The weights and biases that a linear layer, or a convolution, begins with. */
function partsOfLayer(entry: Entry, shape: readonly number[]): Parts {
  return {
    bounds: (lab) => {
      const [outputs, inputs, ...kernel] = shape as [number, number, ...number[]];
      const { dtype } = lab;
      const Layer = lab.findClass("nn", kernel.length === 0 ? "Linear" : `Conv${kernel.length}d`);
      const make = (): object => new Layer(inputs, outputs, ...(kernel.length > 0 ? [kernel] : []), { dtype });
      const layers = Array.from({ length: Math.ceil(BIASES / outputs) }, make) as { weight: Tensor; bias: Tensor }[];
      const sample = (part: "weight" | "bias"): TypedArray[] => layers.map((layer) => lab.core.data(layer[part]));
      return [
        boundPair(lab, "weight_bound", entry["weight_bound"], sample("weight")),
        boundPair(lab, "bias_bound", entry["bias_bound"], sample("bias")),
      ];
    },
  };
}

/** The root of the mean square. */
function spreadOf(sample: readonly TypedArray[]): number {
  let [squares, numbers] = [0, 0];
  for (const part of sample) {
    numbers += part.length;
    for (const x of part) squares += x * x;
  }
  return Math.sqrt(squares / numbers);
}

/** The largest of many uniform numbers is close to their bound, and never beyond it. */
function boundPair(lab: Lab, where: string, expected: unknown, sample: readonly TypedArray[]): Pair {
  const bound = numberAt(expected, where);
  let largest = 0;
  for (const part of sample) for (const x of part) largest = Math.max(largest, Math.abs(x));
  if (largest > bound * (1 + 1e-6)) throw new Error(`${where}: expected numbers within ±${bound}, got ${largest}`);
  return numberPair(lab, where, bound, largest);
}

function numberPair(lab: Lab, where: string, expected: unknown, got: number): Pair {
  return { where, expected: golden(numberAt(expected, where)), got: { dtype: lab.dtype, shape: [], data: [got] } };
}

/** The factors by which nonlinearities change the size of what passes. */
export function partsOfGains(entry: Entry): Parts {
  const gains = Object.entries(entry).map(([name, gain]): [string, Parts[string]] => [
    name,
    (lab) => {
      const got = lab.findIn("nn", "calculate_gain")(name);
      if (typeof got !== "number") throw new MissingOperation("nn.calculate_gain that gives a number");
      return [numberPair(lab, name, gain, got)];
    },
  ]);
  return Object.fromEntries(gains);
}
