import {
  CaptureError,
  checkpoint,
  grad,
  noGrad,
  parameter,
  registerHook,
  scope,
  tensor,
  WengertError,
  type Tensor,
  type Variable,
} from "../../bindings/index.js";
import { Adam, clipGradNorm, SGD, type Optimizer } from "../../bindings/optim/index.js";
import { Random } from "./random.js";

/** What a random function with state works on: parameters, the optimiser of them if it has one, and a leaf that cannot be assigned. */
export interface State {
  readonly parameters: readonly Variable[];
  readonly optimizer: Optimizer | null;
  readonly leaf: Tensor;
}

/** A random function of a tensor that reads and writes state by every way there is. */
export interface StatefulFunction {
  /** What it did last, for messages; a step that was refused says so. */
  readonly steps: string[];
  /** The state at first, the same each time. */
  setup(): State;
  run(state: State, x: Tensor): Tensor[];
  /** The argument of a call: of one shape for even calls, perhaps of another for odd ones; perhaps a view of a parameter or its gradient. */
  argument(call: number, state: State): Tensor;
}

/** Shapes that broadcast, if not always to one another; the third is large enough to be shared by threads. */
const FAMILIES = [
  [[2, 3], [3]],
  [
    [4, 1],
    [1, 3],
  ],
  [[70, 64], [64]],
  [
    [3, 3],
    [3, 1],
  ],
  [[], [2]],
];

const UNARY = ["sin", "tanh", "square", "relu", "sigmoid", "neg", "copy"] as const;
const BINARY = ["add", "sub", "mul", "maximum"] as const;

const OPTIMIZERS: readonly (((of: readonly Variable[]) => Optimizer) | null)[] = [
  null,
  (of) => new SGD(of, { lr: 0.1 }),
  (of) => new SGD(of, { lr: 0.1, momentum: 0.9 }),
  (of) => new Adam(of, { lr: 0.1 }),
];

/** What a step works on: any value so far, any parameter, and numbers from 0 to 1 that are its own. */
interface Place extends State {
  readonly values: Tensor[];
  any(): Tensor;
  one(): Variable;
  readonly p: number;
}

/** The kinds of steps, and how often each comes. */
const STEPS: readonly (readonly [name: string, weight: number, step: (at: Place) => Tensor | null | void])[] = [
  ["unary", 25, ({ any, p }) => any()[UNARY[Math.floor(p * UNARY.length)]!]()],
  ["binary", 25, ({ any, p }) => any()[BINARY[Math.floor(p * BINARY.length)]!](any())],
  [
    "backward",
    15,
    ({ any, p }) =>
      any()
        .sum()
        .backward({ retainGraph: p < 0.6 }),
  ],
  ["zeroGrad", 5, ({ one }) => one().zeroGrad()],
  ["grad", 4, ({ one }) => one().grad],
  ["2 grad", 3, ({ one }) => one().grad?.mul(2)],
  ["detached grad", 3, ({ one }) => one().grad?.detach()],
  [
    "assign",
    5,
    ({ one }) => {
      const w = one();
      const g = w.grad;
      noGrad(() => void w.assign(g ? w.sub(g.mul(0.1)) : w.mul(0.9)));
    },
  ],
  [
    "step",
    7,
    ({ optimizer, p }) => {
      optimizer?.step();
      if (p < 0.5) optimizer?.zeroGrad();
    },
  ],
  ["clip", 1, ({ parameters }) => void clipGradNorm(parameters, 0.5)],
  [
    "hook",
    1,
    ({ any, p }) => {
      const y = any().mul(2);
      if (y.requiresGrad) registerHook(y, (g) => (p < 0.5 ? g.mul(0.5) : undefined));
      return y;
    },
  ],
  ["leaf", 1, ({ any, leaf }) => leaf.mul(any())],
  ["createGraph", 1, ({ any }) => any().square().sum().backward({ createGraph: true })],
  ["checkpoint", 1, ({ any, parameters }) => checkpoint((x: Tensor) => x.sin().mul(parameters[0]!))(any())],
  ["grad of the leaf", 1, ({ leaf }) => leaf.grad?.mul(1)],
  ["detach", 1, ({ any }) => any().detach().mul(1)],
  [
    "grad of a function",
    1,
    ({ any, parameters }) => grad((x: Tensor) => x.sin().mul(parameters[0]!).sum())(any().detach()),
  ],
];

export function stateful(seed: number): StatefulFunction {
  const random = new Random(`stateful ${seed}`);
  const pick = <T>(from: readonly T[]): T => from[random.integer(0, from.length)]!;
  const family = pick(FAMILIES);
  const shapes = Array.from({ length: random.integer(1, 4) }, () => pick(family));
  const dtype = pick(["f32", "f64"] as const);
  const optimizer = pick(OPTIMIZERS);
  const given = [pick(family), pick(family)];
  const length = random.integer(4, 22);
  const scoped = random.next() < 0.5;
  const viewed = random.next();
  const made = (name: string, shape: readonly number[]): Tensor => {
    const eighths = new Random(`${name} of ${seed}`);
    const size = shape.reduce((product, n) => product * n, 1);
    const data = Float64Array.from({ length: size }, () => eighths.integer(-8, 9) / 8);
    return tensor(data, { dtype, shape });
  };
  const steps: string[] = [];
  return {
    steps,
    setup() {
      const parameters = shapes.map((shape, i) => parameter(made(`parameter ${i}`, shape)));
      const leaf = tensor(made("leaf", shapes[0]!), { requiresGrad: true });
      return { parameters, optimizer: optimizer && optimizer(parameters), leaf };
    },
    run: (state, x) => (scoped ? scope(() => run(state, x)) : run(state, x)),
    argument(call, { parameters: [w] }) {
      const viewable = viewed < 0.2 ? w!.detach() : viewed < 0.3 ? w!.grad : null;
      return viewable?.rank ? viewable.flip() : made(`argument ${call}`, given[seed % 2 && call % 2]!);
    },
  };

  function run(state: State, x: Tensor): Tensor[] {
    steps.length = 0;
    // The same draws, whatever is refused and whatever is there.
    const draws = new Random(`run ${seed}`);
    // What it is a view of may be assigned.
    const values = [x.copy()];
    const { parameters } = state;
    const fresh = (): Place => {
      const [a, b, c] = [draws.next(), draws.next(), draws.next()];
      const places = [a, b];
      const any = () => {
        const all = [...values, ...parameters];
        return all[Math.floor(places.pop()! * all.length)]!;
      };
      return { ...state, values, any, one: () => parameters[Math.floor(c * parameters.length)]!, p: draws.next() };
    };
    for (let i = 0; i < length; i++) {
      let at = draws.next() * STEPS.reduce((sum, [, weight]) => sum + weight, 0);
      const [name, , step] = STEPS.find(([, weight]) => (at -= weight) < 0)!;
      const place = fresh();
      try {
        const value = step(place);
        if (value) values.push(value);
        steps.push(name);
      } catch (error) {
        if (!(error instanceof WengertError) || error instanceof CaptureError) throw error;
        steps.push(`${name}: ${error.name}`);
      }
    }
    const { any } = fresh();
    return [any(), any()].map((y) => noGrad(() => y.detach().mul(1)));
  }
}
