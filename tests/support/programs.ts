import {
  add,
  cos,
  div,
  exp,
  log,
  logSoftmax,
  matmul,
  max,
  mean,
  mul,
  sigmoid,
  sin,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  tensor,
  transpose,
  type Tensor,
} from "../../bindings/index.js";
import { composition } from "./moves.js";
import { broadcast } from "./plain.js";
import { Random } from "./random.js";

/** A random differentiable function: its steps are fixed by the seed and by the shapes that it meets. */
export interface Program {
  /** What it does, for messages. Filled by the first run. */
  readonly steps: string[];
  /** A scalar, to which every intermediate value contributes. */
  run(inputs: readonly Tensor[]): Tensor;
}

/** Smooth everywhere, and bounded or growing slowly, so that differences stay accurate. */
const unary: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  sin,
  cos,
  tanh,
  sigmoid,
  "exp tanh": (x) => exp(tanh(x)),
  "log(1 + x²)": (x) => log(add(1, square(x))),
  "√(1 + x²)": (x) => sqrt(add(1, square(x))),
  "x/2": (x) => mul(x, 0.5),
  softmax: (x) => (x.rank === 0 ? x : softmax(x)),
  "logSoftmax 0": (x) => (x.rank === 0 ? x : logSoftmax(x, 0)),
};

const binary: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  add,
  sub,
  mul: (x, y) => mul(tanh(x), y),
  "x / (2 + sin y)": (x, y) => div(x, add(2, sin(y))),
};

function pickFrom<T>(random: Random, record: Readonly<Record<string, T>>): [string, T] {
  const entries = Object.entries(record);
  return entries[random.integer(0, entries.length)]!;
}

/** A function of so many steps. Values without elements are not used further. */
export function program(seed: number, length: number): Program {
  const steps: string[] = [];
  return {
    steps,
    run(inputs) {
      const random = new Random(`program ${seed}`);
      const pool = [...inputs];
      steps.length = 0;
      const any = () => pool[random.integer(0, pool.length)]!;
      for (let i = 0; i < length; i++) {
        const [name, value] = step(random, any);
        if (value.size === 0 || value.size > 200) continue;
        steps.push(`${name} [${value.shape}]`);
        pool.push(value);
      }
      return pool.map((x) => sum(mul(x, weightsLike(x)))).reduce(add);
    },
  };
}

function step(random: Random, any: () => Tensor): [string, Tensor] {
  const x = any();
  const y = any();
  switch (random.integer(0, 6)) {
    case 0: {
      if (!broadcast(x.shape, y.shape)) return ["identity", x.mul(1)];
      const [name, f] = pickFrom(random, binary);
      return [name, f(x, y)];
    }
    case 1: {
      const axis = x.rank === 0 ? null : random.integer(0, x.rank);
      if (random.next() < 0.3) return [`max ${axis}`, max(x, axis)];
      return random.next() < 0.5
        ? [`sum ${axis}`, tanh(sum(x, axis, { keepDims: true }))]
        : [`mean ${axis}`, mean(x, axis)];
    }
    case 2: {
      if (x.rank < 2) return ["square", square(tanh(x))];
      return ["x xᵀ", tanh(matmul(x, transpose(x)))];
    }
    case 3: {
      const [move] = composition(x.shape, [random.integer(0, 2 ** 31)]);
      return move ? [move.name, move.run(x)] : ["identity", x.mul(1)];
    }
    default: {
      const [name, f] = pickFrom(random, unary);
      return [name, f(x)];
    }
  }
}

/** Fixed numbers without structure, of the shape of x. */
function weightsLike(x: Tensor): Tensor {
  return tensor(new Float64Array(new Random(`weights ${x.shape}`).weights(x.size)), { shape: x.shape });
}
