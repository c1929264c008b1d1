// Contestant: derivatives by one of several ways. Argument: the position of the way in the list of its problem.
import {
  checkpoint,
  configure,
  crossEntropy,
  Generator,
  grad,
  hvp,
  info,
  jacobian,
  linear,
  matmul,
  memory,
  scope,
  square,
  sum,
  tanh,
  vmap,
  type JacobianOptions,
  type Tensor,
} from "wengert";
import { samplesOf, type DerivativeProblem } from "../problems.js";
import { serve, type Work } from "../serve.js";

configure({ build: "baseline", threads: 1 });
const position = Number(process.argv[2]);
const generator = new Generator(1);

/** The same derivatives by several ways. */
const problems: Readonly<Record<DerivativeProblem, () => readonly Work[]>> = {
  hvp: () => {
    const { weights, loss } = perceptron([784, 128, 10], 128);
    const along = weights.map(({ w, b }) => ({ w: normal(w.shape, 1), b: normal(b.shape, 1) }));
    return [() => hvp(loss, [weights], [along])[0], () => grad(loss)(weights)].map(repeated);
  },
  "jacobian 1000 to 3": () => jacobians(1000, 3),
  "jacobian 3 to 1000": () => jacobians(3, 1000),
  "examples, 32-32-1": () => gradients([32, 32, 1]),
  "examples, 32-64-10": () => gradients([32, 64, 10]),
  checkpoint: () => {
    const weights = Array.from({ length: DEPTH }, () => normal([WIDTH, WIDTH], 1 / Math.sqrt(WIDTH)));
    const x = normal([ROWS, WIDTH], 1);
    return [deep(weights, x, (segment) => checkpoint(segment)), deep(weights, x, (segment) => segment)];
  },
};

void serve(`Wengert, ${info().build} build`, {
  derivatives: (problem: DerivativeProblem) => problems[problem]()[position] ?? "no more ways",
});

type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree };

function repeated(derive: () => Tree): Work {
  return { run: () => scope(() => void derive()), check: () => scope(() => checked(derive())) };
}

/** Some numbers of all tensors of a tree. */
function checked(tree: Tree): number[] {
  if ("data" in tree && typeof tree.data === "function") return samplesOf((tree as Tensor).data());
  return Object.values(tree as readonly Tree[]).flatMap(checked);
}

function normal(shape: readonly number[], std: number): Tensor {
  return generator.normal(shape, { std });
}

interface Layer {
  readonly w: Tensor;
  readonly b: Tensor;
}

function layers(sizes: readonly number[]): Layer[] {
  return sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i]!;
    return { w: normal([outputs, inputs], 1 / Math.sqrt(inputs)), b: normal([outputs], 0.1) };
  });
}

/** A perceptron with tanh between its layers. */
function run(weights: readonly Layer[], x: Tensor): Tensor {
  return weights.reduce((h, { w, b }, i) => {
    const z = linear(h, w, b);
    return i < weights.length - 1 ? tanh(z) : z;
  }, x);
}

function perceptron(sizes: readonly number[], batch: number) {
  const x = normal([batch, sizes[0]!], 1);
  const classes = generator.integers(0, sizes[sizes.length - 1]!, [batch]);
  return { weights: layers(sizes), loss: (weights: Layer[]): Tensor => crossEntropy(run(weights, x), classes) };
}

/** By the mode that the library takes, and by either. */
function jacobians(from: number, to: number): Work[] {
  const [weight, x] = [normal([from, to], 1 / Math.sqrt(from)), normal([from], 1)];
  const f = (z: Tensor): Tensor => tanh(matmul(tanh(z), weight));
  return (["auto", "forward", "reverse"] as const).map((mode: JacobianOptions["mode"] & string) =>
    repeated(() => jacobian(f, { mode })(x)),
  );
}

const EXAMPLES = 128;

/** The gradient of the loss of each of 128 examples: all at once, and one after another. */
function gradients(sizes: readonly number[]): Work[] {
  const [inputs, outputs] = [sizes[0]!, sizes[sizes.length - 1]!];
  const [weights, x] = [layers(sizes), normal([EXAMPLES, inputs], 1)];
  const classes = generator.integers(0, outputs, [EXAMPLES]);
  const loss = (layer: Layer[], z: Tensor, c: Tensor): Tensor => {
    const y = run(layer, z.reshape([1, inputs]));
    return outputs === 1 ? square(y).sum() : crossEntropy(y, c.reshape([1]));
  };
  const together = vmap(grad(loss), { inAxes: [null, 0, 0] });
  const [rows, labels] = [[...x], [...classes]];
  const last = EXAMPLES - 1;
  return [
    {
      run: () => scope(() => void together(weights, x, classes)),
      check: () => scope(() => checked(together(weights, x, classes)[0]!.w.slice(last))),
    },
    {
      run() {
        for (const [i, z] of rows.entries()) scope(() => void grad(loss)(weights, z, labels[i]!));
      },
      check: () => scope(() => checked(grad(loss)(weights, rows[last]!, labels[last]!)[0]!.w)),
    },
  ];
}

const DEPTH = 32;
const WIDTH = 128;
const ROWS = 1024;
/** Layers of a segment. */
const SEGMENT = 4;

type Segment = (h: Tensor, ...weights: Tensor[]) => Tensor;

/** The gradient of a deep perceptron in segments. What is checked first is the most memory that it took, in MB. */
function deep(weights: Tensor[], x: Tensor, wrap: (segment: Segment) => Segment): Work {
  const segment = wrap((h, ...list) => list.reduce((y, w) => tanh(matmul(y, w)), h));
  const loss = (all: Tensor[]): Tensor => {
    let h = x;
    for (let i = 0; i < DEPTH; i += SEGMENT) h = segment(h, ...all.slice(i, i + SEGMENT));
    return sum(square(h));
  };
  const { run, check } = repeated(() => grad(loss)(weights));
  return {
    run,
    check() {
      const before = memory().bytes;
      const numbers = check!() as readonly number[];
      return [(memory().highWater - before) / 1e6, ...numbers];
    },
  };
}
