// The sections on functions and their derivatives: functions, Jacobians, derivatives of higher order, nesting, trajectories.
import type { Tensor } from "wengert";
import { golden, type Pair } from "./compare.js";
import { parse, tensorOf } from "./expression.js";
import { listAt, numberAt, numbersAt, textAt, type Entry } from "./file.js";
import { functionNamed, NESTINGS, type ScalarFunction } from "./functions.js";
import { MissingOperation, type Lab } from "./library.js";

/** What a section makes of an entry: parts that are checked one by one. */
export type Parts = Readonly<Record<string, (lab: Lab) => readonly Pair[]>>;

/** A function of a vector at a point: its value, gradient and Hessian. */
export function partsOfFunction(entry: Entry): Parts {
  const name = textAt(entry["name"], "name");
  const x = numbersAt(entry["x"], "x");
  const value = numberAt(entry["value"], "value");
  const gradient = numbersAt(entry["grad"], "grad");
  const hessian = matrixAt(entry["hessian"], "hessian");
  return {
    value: (lab) => [
      { where: "value", expected: golden(value), got: lab.values(functionNamed(lab, name, entry)(lab.vector(x))) },
    ],
    grad: (lab) => {
      const f = functionNamed(lab, name, entry);
      return [{ where: "grad", expected: golden(gradient), got: lab.values(lab.core.grad(f)(lab.vector(x))) }];
    },
    hessian: (lab) => hessianPairs(lab, functionNamed(lab, name, entry), lab.vector(x), hessian),
  };
}

/** The Hessian by rows, the gradients of the gradient's elements; and by the library's own function where it has one. */
export function hessianPairs(lab: Lab, f: ScalarFunction, x: Tensor, expected: readonly (readonly number[])[]): Pair[] {
  const pairs: Pair[] = [
    { where: "hessian by rows", expected: golden(expected), got: lab.values(hessianOf(lab, f, x)) },
  ];
  const own = lab.lookup("hessian");
  if (own) pairs.push({ where: "hessian", expected: golden(expected), got: lab.values((own(f) as ScalarFunction)(x)) });
  return pairs;
}

function hessianOf(lab: Lab, f: ScalarFunction, x: Tensor): Tensor {
  const { core } = lab;
  const row = (i: number): Tensor => core.grad((y: Tensor) => core.slice(core.grad(f)(y), i))(x);
  return core.stack(Array.from({ length: x.size }, (_, i) => row(i)));
}

/** A vector function of x0, x1, ..: its value, its Jacobian by rows, and the Hessian of the sum of its elements. */
export function partsOfJacobian(entry: Entry): Parts {
  const expression = parse(textAt(entry["f"], "f"));
  const x = numbersAt(entry["x"], "x");
  const f = (lab: Lab) => (point: Tensor) => {
    const elements = x.map((_, i): [string, Tensor] => [`x${i}`, lab.core.slice(point, i)]);
    return tensorOf(lab, expression(lab, { x: point, ...Object.fromEntries(elements) }));
  };
  const value = numbersAt(entry["value"], "value");
  const jacobian = matrixAt(entry["jacobian"], "jacobian");
  const parts: Record<string, Parts[string]> = {
    value: (lab) => [{ where: "value", expected: golden(value), got: lab.values(f(lab)(lab.vector(x))) }],
    jacobian: (lab) => {
      const { core } = lab;
      const row = (i: number): Tensor => core.grad((y: Tensor) => core.slice(f(lab)(y), i))(lab.vector(x));
      const rows = core.stack(value.map((_, i) => row(i)));
      const pairs: Pair[] = [{ where: "jacobian by rows", expected: golden(jacobian), got: lab.values(rows) }];
      const own = lab.lookup("jacobian");
      const got = own && (own(f(lab)) as ScalarFunction)(lab.vector(x));
      if (got) pairs.push({ where: "jacobian", expected: golden(jacobian), got: lab.values(got) });
      return pairs;
    },
  };
  if (entry["hessian_of_sum"] !== undefined) {
    const expected = matrixAt(entry["hessian_of_sum"], "hessian_of_sum");
    parts["hessian"] = (lab) => hessianPairs(lab, (y) => f(lab)(y).sum(), lab.vector(x), expected);
  }
  return parts;
}

/** f, f', f'', .. of one variable, by grad of grad of .. */
export function partsOfDerivatives(entry: Entry): Parts {
  const expression = parse(textAt(entry["f"], "f"));
  const x = numberAt(entry["x"], "x");
  const key = Object.keys(entry).find((name) => name.startsWith("derivatives")) ?? "derivatives_0_to_5";
  const expected = numbersAt(entry[key], key);
  const orders = expected.map((number, order): [string, Parts[string]] => [
    `order ${order}`,
    (lab) => {
      let f = (point: Tensor): Tensor => tensorOf(lab, expression(lab, { x: point }));
      for (let i = 0; i < order; i++) f = lab.core.grad(f);
      return [{ where: `order ${order}`, expected: golden(number), got: lab.values(f(lab.scalar(x))) }];
    },
  ]);
  return Object.fromEntries(orders);
}

export function partsOfNesting(entry: Entry): Parts {
  const name = textAt(entry["name"], "name");
  const value = numberAt(entry["value"], "value");
  return {
    value: (lab) => {
      const nesting = NESTINGS[name];
      if (!nesting) throw new MissingOperation(`nesting ${name}`);
      return [{ where: "value", expected: golden(value), got: lab.values(nesting(lab, entry)) }];
    },
  };
}

/** The points that a method passes through. */
export function partsOfTrajectory(entry: Entry): Parts {
  const name = textAt(entry["function"], "function");
  const points = matrixAt(entry["x"], "x");
  const method = textAt(entry["method"], "method");
  return {
    points: (lab) => {
      const f = functionNamed(lab, name, entry);
      const step = METHODS[method];
      if (!step) throw new MissingOperation(`method ${method}`);
      let x = lab.vector(points[0]!);
      return points.map((point, i) => {
        if (i > 0) x = step(lab, f, x, entry);
        return { where: `point ${i}`, expected: golden(point), got: lab.values(x) };
      });
    },
  };
}

const METHODS: Readonly<Record<string, (lab: Lab, f: ScalarFunction, x: Tensor, entry: Entry) => Tensor>> = {
  gradient_descent: ({ core }, f, x, entry) => x.sub(core.grad(f)(x).mul(numberAt(entry["lr"], "lr"))),
  newton: (lab, f, x) => x.sub(solve(lab, hessianOf(lab, f, x), lab.core.grad(f)(x))),
};

/** Two equations by Cramer's rule; more by the library's own solver. */
function solve(lab: Lab, matrix: Tensor, y: Tensor): Tensor {
  const { core } = lab;
  if (y.size !== 2) return lab.find("linalg.solve")(matrix, y) as Tensor;
  const [[a, b], [c, d]] = [0, 1].map((i) => [0, 1].map((j) => core.slice(matrix, i, j))) as [Row, Row];
  const [p, q] = [0, 1].map((i) => core.slice(y, i)) as Row;
  const determinant = a.mul(d).sub(b.mul(c));
  return core.stack([d.mul(p).sub(b.mul(q)), a.mul(q).sub(c.mul(p))]).div(determinant);
}
type Row = [Tensor, Tensor];

export function matrixAt(value: unknown, where: string): number[][] {
  return listAt(value, where).map((row, i) => numbersAt(row, `${where}[${i}]`));
}
