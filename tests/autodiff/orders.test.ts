import { describe, expect, test } from "vitest";
import {
  add,
  crossEntropy,
  div,
  exp,
  grad,
  log,
  logSoftmax,
  matmul,
  max,
  maximum,
  mul,
  reciprocal,
  scope,
  sigmoid,
  sin,
  softmax,
  sqrt,
  square,
  stack,
  sum,
  tanh,
  tensor,
  type Tensor,
} from "../../bindings/index.js";
import { expectClose } from "../support/compare.js";

type Scalar = (x: Tensor) => Tensor;

/** [x, 0] as a vector. */
const beside = (x: Tensor) => stack([x, mul(x, 0)]);
const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/** Functions, and their first three derivatives in closed form. */
const functions: readonly (readonly [
  name: string,
  f: Scalar,
  at: readonly number[],
  closed: ((x: number) => number)[],
])[] = [
  [
    "exp(sin x)",
    (x) => exp(sin(x)),
    [-1.2, 0, 0.7, 3],
    [
      (x) => Math.exp(Math.sin(x)) * Math.cos(x),
      (x) => Math.exp(Math.sin(x)) * (Math.cos(x) ** 2 - Math.sin(x)),
      (x) => Math.exp(Math.sin(x)) * Math.cos(x) * (Math.cos(x) ** 2 - 3 * Math.sin(x) - 1),
    ],
  ],
  [
    "sin(x²)",
    (x) => sin(square(x)),
    [-1.1, 0, 0.6, 1.9],
    [
      (x) => 2 * x * Math.cos(x * x),
      (x) => 2 * Math.cos(x * x) - 4 * x * x * Math.sin(x * x),
      (x) => -12 * x * Math.sin(x * x) - 8 * x ** 3 * Math.cos(x * x),
    ],
  ],
  [
    "tanh x",
    tanh,
    [-2, 0, 0.3, 1.5],
    [
      (x) => 1 - Math.tanh(x) ** 2,
      (x) => -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2),
      (x) => (1 - Math.tanh(x) ** 2) * (6 * Math.tanh(x) ** 2 - 2),
    ],
  ],
  [
    "log(1 + x²)",
    (x) => log(add(1, square(x))),
    [-2, 0, 0.5, 3],
    [
      (x) => (2 * x) / (1 + x * x),
      (x) => (2 * (1 - x * x)) / (1 + x * x) ** 2,
      (x) => (4 * x * (x * x - 3)) / (1 + x * x) ** 3,
    ],
  ],
  ["√x", sqrt, [0.3, 1, 4], [(x) => x ** -0.5 / 2, (x) => -(x ** -1.5) / 4, (x) => (3 * x ** -2.5) / 8]],
  ["1/x", reciprocal, [-0.7, 0.5, 2], [(x) => -(x ** -2), (x) => 2 * x ** -3, (x) => -6 * x ** -4]],
  [
    "x / (1 + x)",
    (x) => div(x, add(1, x)),
    [-0.5, 0, 2],
    [(x) => (1 + x) ** -2, (x) => -2 * (1 + x) ** -3, (x) => 6 * (1 + x) ** -4],
  ],
  [
    "x⁴ by products",
    (x) => mul(mul(x, x), mul(x, x)),
    [-1.5, 0, 2],
    [(x) => 4 * x ** 3, (x) => 12 * x ** 2, (x) => 24 * x],
  ],
  [
    "x³ by matmul",
    (x) => matmul(stack([x, square(x)]), stack([square(x), mul(x, 0)])),
    [-1, 2],
    [(x) => 3 * x * x, (x) => 6 * x, () => 6],
  ],
  ["max(x², x)", (x) => maximum(square(x), x), [0.5, 2], [(x) => (x > 1 ? 2 * x : 1), (x) => (x > 1 ? 2 : 0), () => 0]],
  ["max over [x, 0], squared", (x) => square(max(beside(x))), [0.5, 2], [(x) => 2 * x, () => 2, () => 0]],
  // The logistic function and its logarithms, by every road.
  ...(
    [
      ["sigmoid", sigmoid],
      ["softmax over [x, 0]", (x: Tensor) => softmax(beside(x)).slice(0)],
    ] as const
  ).map(([name, f]): (typeof functions)[number] => [
    name,
    f,
    [-3, -0.4, 0, 2],
    [
      (x) => logistic(x) * (1 - logistic(x)),
      (x) => logistic(x) * (1 - logistic(x)) * (1 - 2 * logistic(x)),
      (x) => logistic(x) * (1 - logistic(x)) * (1 - 6 * logistic(x) * (1 - logistic(x))),
    ],
  ]),
  ...(
    [
      ["-logSoftmax over [x, 0]", (x: Tensor) => logSoftmax(beside(x)).slice(1).neg()],
      ["crossEntropy of [x, 0]", (x: Tensor) => crossEntropy(beside(x).reshape([1, 2]), [1])],
      ["log(1 + e^x)", (x: Tensor) => log(add(1, exp(x)))],
    ] as const
  ).map(([name, f]): (typeof functions)[number] => [
    name,
    f,
    [-3, -0.4, 0, 2],
    [
      (x) => logistic(x),
      (x) => logistic(x) * (1 - logistic(x)),
      (x) => logistic(x) * (1 - logistic(x)) * (1 - 2 * logistic(x)),
    ],
  ]),
];

describe.each(functions)("%s", (_, f, points, closed) => {
  test.each([1, 2, 3])("derivative of order %i in closed form", (order) => {
    let derived: Scalar = f;
    for (let i = 0; i < order; i++) {
      const previous = derived;
      derived = (x) => grad(previous)(x);
    }
    for (const x of points) {
      scope(() => {
        expectClose(derived(tensor(x, { dtype: "f64" })).item(), closed[order - 1]!(x), 1e-9);
      });
    }
  });
});

test("the tenth derivative of a product", () => {
  // x e^x: of order n, (x + n) e^x.
  let derived: Scalar = (x) => mul(x, exp(x));
  for (let n = 1; n <= 10; n++) {
    const previous = derived;
    derived = (x) => grad(previous)(x);
  }
  const x = 0.3;
  expectClose(derived(tensor(x, { dtype: "f64" })).item(), (x + 10) * Math.exp(x), 1e-9);
});

test("the Hessian of a function of several variables is symmetric, and right", () => {
  // Rosenbrock's function in three variables.
  const f = (x: Tensor): Tensor => {
    const [a, b] = [x.slice([0, 2]), x.slice([1, 3])];
    return sum(add(mul(100, square(b.sub(square(a)))), square(a.sub(1))));
  };
  const at = [-1.2, 0.7, 1.3] as const;
  const rows = [0, 1, 2].map(
    (i) => grad((x: Tensor) => grad(f)(x).slice(i))(tensor([...at], { dtype: "f64" })).toArray() as number[],
  );
  const [x, y, z] = at;
  const want = [
    [1200 * x * x - 400 * y + 2, -400 * x, 0],
    [-400 * x, 200 + 1200 * y * y - 400 * z + 2, -400 * y],
    [0, -400 * y, 200],
  ];
  for (const [i, row] of want.entries())
    for (const [j, value] of row.entries()) expectClose(rows[i]![j]!, value, 1e-12);
  expect(rows[0]![1]).toBe(rows[1]![0]);
});
