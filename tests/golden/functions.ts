// Functions that files name without a formula that could be read, written with public operations.
import type { Tensor } from "wengert";
import { parse, tensorOf } from "./expression.js";
import { numberAt, numbersAt, listAt, type Entry } from "./file.js";
import { MissingOperation, type Lab } from "./library.js";

/** A scalar function of a vector x. */
export type ScalarFunction = (x: Tensor) => Tensor;

type Definition = (lab: Lab, x: Tensor, entry: Entry) => Tensor;

const at = ({ core }: Lab, x: Tensor, i: number): Tensor => core.slice(x, i);

const FUNCTIONS: Readonly<Record<string, Definition>> = {
  /** Σ 100 (x_{i+1} - x_i²)² + (1 - x_i)². */
  rosenbrock: ({ core }, x) => {
    const [a, b] = [core.slice(x, [0, -1]), core.slice(x, [1, null])];
    return b.sub(a.square()).square().mul(100).add(a.neg().add(1).square()).sum();
  },

  /** (x² + y - 11)² + (x + y² - 7)². */
  himmelblau: (lab, xs) => {
    const [x, y] = [at(lab, xs, 0), at(lab, xs, 1)];
    return x.square().add(y).sub(11).square().add(x.add(y.square()).sub(7).square());
  },

  /** (1.5 - x + xy)² + (2.25 - x + xy²)² + (2.625 - x + xy³)². */
  beale: (lab, xs) => {
    const [x, y] = [at(lab, xs, 0), at(lab, xs, 1)];
    const term = (constant: number, power: Tensor): Tensor => x.mul(power).sub(x).add(constant).square();
    return term(1.5, y)
      .add(term(2.25, y.mul(y)))
      .add(term(2.625, y.mul(y).mul(y)));
  },

  /** 10 n + Σ x² - 10 cos 2πx. */
  rastrigin: ({ core }, x) =>
    x
      .square()
      .sub(core.cos(x.mul(2 * Math.PI)).mul(10))
      .sum()
      .add(10 * x.size),

  /** -20 exp(-0.2 √mean(x²)) - exp(mean(cos 2πx)) + 20 + e. */
  ackley: ({ core }, x) => {
    const far = core.exp(core.sqrt(x.square().mean()).mul(-0.2)).mul(-20);
    return far.sub(core.exp(core.cos(x.mul(2 * Math.PI)).mean())).add(20 + Math.E);
  },

  /** ½ Σ x⁴ - 16 x² + 5 x. */
  styblinski_tang: (_, x) => x.square().square().sub(x.square().mul(16)).add(x.mul(5)).sum().mul(0.5),

  /** 1 + Σ x² / 4000 - Π cos(x_i / √i). */
  griewank: (lab, x) => {
    const { core } = lab;
    const roots = lab.vector(Array.from({ length: x.size }, (_, i) => Math.sqrt(i + 1)));
    return x
      .square()
      .sum()
      .div(4000)
      .sub(core.prod(core.cos(x.div(roots))))
      .add(1);
  },

  /** sin² πw₁ + Σ (w - 1)² (1 + 10 sin²(πw + 1)) + (w_n - 1)² (1 + sin² 2πw_n), w = 1 + (x - 1) / 4. */
  levy: ({ core }, x) => {
    const w = x.sub(1).div(4).add(1);
    const wave = (y: Tensor, phase: number): Tensor => core.sin(y.mul(Math.PI).add(phase)).square();
    const [head, last] = [core.slice(w, [0, -1]), core.slice(w, -1)];
    const middle = head.sub(1).square().mul(wave(head, 1).mul(10).add(1)).sum();
    const end = last
      .sub(1)
      .square()
      .mul(wave(last.mul(2), 0).add(1));
    return wave(core.slice(w, 0), 0).add(middle).add(end);
  },

  /** Σ x² + s² + s⁴, s = ½ Σ i x_i. */
  zakharov: (lab, x) => {
    const weights = lab.vector(Array.from({ length: x.size }, (_, i) => (i + 1) / 2));
    const s = weights.mul(x).sum().square();
    return x.square().sum().add(s).add(s.square());
  },

  /** (x₁ - 1)² + Σ i (2 x_i² - x_{i-1})². */
  dixon_price: (lab, x) => {
    const { core } = lab;
    const weights = lab.vector(Array.from({ length: x.size - 1 }, (_, i) => i + 2));
    const [head, tail] = [core.slice(x, [0, -1]), core.slice(x, [1, null])];
    const terms = weights.mul(tail.square().mul(2).sub(head).square());
    return core.slice(x, 0).sub(1).square().add(terms.sum());
  },

  /** RT Σ x ln(x / (1 - b·x)) - xᵀAx / (√8 b·x) ln((1 + (1 + √2) b·x) / (1 + (1 - √2) b·x)). */
  helmholtz: (lab, x, entry) => {
    const { core } = lab;
    const b = lab.vector(numbersAt(entry["b"], "b"));
    const rows = listAt(entry["A"], "A").map((row, i) => lab.vector(numbersAt(row, `A[${i}]`)));
    const bx = b.dot(x);
    const mixing = x
      .mul(core.log(x.div(bx.neg().add(1))))
      .sum()
      .mul(numberAt(entry["RT"] ?? 1, "RT"));
    const attraction = core
      .stack(rows)
      .matmul(x)
      .dot(x)
      .div(bx.mul(Math.sqrt(8)));
    const shape = bx
      .mul(1 + Math.SQRT2)
      .add(1)
      .div(bx.mul(1 - Math.SQRT2).add(1));
    return mixing.sub(attraction.mul(core.log(shape)));
  },

  /** The product of the elements, by multiplying them. */
  speelpenning_product: (lab, x) =>
    Array.from({ length: x.size }, (_, i) => at(lab, x, i)).reduce((product, factor) => product.mul(factor)),
};

/** Test functions of optimisation whose formulas can be read, of the vector x and its elements x0, x1, .. */
const FORMULAS: Readonly<Record<string, string>> = {
  sphere: "sum(x^2)",
  booth: "(x0 + 2*x1 - 7)^2 + (2*x0 + x1 - 5)^2",
  matyas: "0.26*(x0^2 + x1^2) - 0.48*x0*x1",
  mccormick: "sin(x0 + x1) + (x0 - x1)^2 - 1.5*x0 + 2.5*x1 + 1",
  three_hump_camel: "2*x0^2 - 1.05*x0^4 + x0^6/6 + x0*x1 + x1^2",
  six_hump_camel: "(4 - 2.1*x0^2 + x0^4/3)*x0^2 + x0*x1 + (-4 + 4*x1^2)*x1^2",
  easom: "-cos(x0)*cos(x1)*exp(-((x0 - pi)^2 + (x1 - pi)^2))",
  branin: "(x1 - 5.1/(4*pi^2)*x0^2 + 5/pi*x0 - 6)^2 + 10*(1 - 1/(8*pi))*cos(x0) + 10",
  goldstein_price:
    "(1 + (x0 + x1 + 1)^2*(19 - 14*x0 + 3*x0^2 - 14*x1 + 6*x0*x1 + 3*x1^2))" +
    "*(30 + (2*x0 - 3*x1)^2*(18 - 32*x0 + 12*x0^2 + 48*x1 - 36*x0*x1 + 27*x1^2))",
  powell: "(x0 + 10*x1)^2 + 5*(x2 - x3)^2 + (x1 - 2*x2)^4 + 10*(x0 - x3)^4",
};

/** A scalar function from its formula. */
function formula(lab: Lab, text: string): ScalarFunction {
  const expression = parse(text);
  return (x) => {
    const elements = Array.from({ length: x.size }, (_, i): [string, Tensor] => [`x${i}`, at(lab, x, i)]);
    return tensorOf(lab, expression(lab, { x, ...Object.fromEntries(elements) }));
  };
}

/**
 * The function of an entry: a scalar function of a vector, known by its name, or else by a formula `f` that can be read. One
 * that is neither is a MissingOperation.
 */
export function functionNamed(lab: Lab, written: string, entry: Entry): ScalarFunction {
  const name = written.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
  const [, iterations] = /^logistic_map_l(\d+)$/.exec(name) ?? [];
  if (iterations !== undefined) {
    // l₁ = x, l_{n+1} = 4 l_n (1 - l_n).
    return (x) => {
      let l = at(lab, x, 0);
      for (let n = 1; n < Number(iterations); n++) l = l.mul(4).mul(l.neg().add(1));
      return l;
    };
  }
  const text = FORMULAS[name] ?? (name in FUNCTIONS ? undefined : entry["f"]);
  if (typeof text === "string") return formula(lab, text);
  const definition = FUNCTIONS[name];
  if (!definition) throw new MissingOperation(`function ${name}`);
  return (x) => definition(lab, x, entry);
}

/** Derivatives inside derivatives, which must not be confused with one another. */
export const NESTINGS: Readonly<Record<string, (lab: Lab, entry: Entry) => Tensor>> = {
  /** d/dx [x · d/dy (x + y) at y = 1] at x = 1. */
  perturbation_confusion: (lab) => {
    const { grad } = lab.core;
    return grad((x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(lab.scalar(1))))(lab.scalar(1));
  },

  /** d/dx [x · d/dy (x y²) at y = Y] at x = X. */
  nested_mixed: (lab, entry) => {
    const { grad } = lab.core;
    const inner = (x: Tensor): Tensor => grad((y: Tensor) => x.mul(y.square()))(pointOf(lab, entry, "Y"));
    return grad((x: Tensor) => x.mul(inner(x)))(pointOf(lab, entry, "X"));
  },

  /** d/dy d/dx (x² sin xy) at X, Y. */
  d2_mixed: (lab, entry) => {
    const { grad, sin } = lab.core;
    const inner = (y: Tensor): Tensor => grad((x: Tensor) => x.square().mul(sin(x.mul(y))))(pointOf(lab, entry, "X"));
    return grad(inner)(pointOf(lab, entry, "Y"));
  },
};

function pointOf(lab: Lab, entry: Entry, name: string): Tensor {
  return lab.scalar(numberAt(entry[name], name));
}
