import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { copyOf, difference, dtypeOf, empty, reals, seed } from "./data";
import { fresh } from "./subject";
import { begin, push, run, runMap } from "./tape";

/** m, n, k: every path of the product, one chain and several. */
// prettier-ignore
const SHAPES: StaticArray<StaticArray<i32>> = [
  [1, 1, 5], [1, 17, 3], [17, 1, 4], [3, 5, 0], [2, 16, 2], [3, 40, 17], [40, 3, 17], [13, 9, 4], [9, 23, 1], [70, 66, 30], [9, 520, 20],
  [5, 7, 530], [1, 5, 2100], [70, 10, 600], [10, 70, 600], [2, 90, 520],
];

const ACTIVATIONS: StaticArray<i32> = [0, Op.Relu, Op.Tanh, Op.Sigmoid, Op.Neg];

describe("what follows a product", () => {
  beforeEach(() => {
    seed(11);
  });

  it("has the bits of separate instructions", () => {
    for (let i = 0; i < SHAPES.length; i++) {
      for (let j = 0; j < ACTIVATIONS.length; j++) {
        for (let form = 0; form < 4; form++) {
          fresh();
          const about = `${SHAPES[i][0]} ${SHAPES[i][1]} ${SHAPES[i][2]} activation ${ACTIVATIONS[j]} form ${form}`;
          expect(compare<f32>(SHAPES[i], ACTIVATIONS[j], form % 2 > 0, form > 1, i % 2 > 0, 1)).toBe(-1, about);
          expect(compare<f64>(SHAPES[i], ACTIVATIONS[j], form % 2 > 0, form > 1, i % 2 == 0, 1)).toBe(-1, about);
        }
      }
    }
  });

  it("follows every product of a batch", () => {
    for (let i = 0; i < 12; i++) {
      fresh();
      expect(compare<f32>(SHAPES[i], Op.Relu, true, true, false, 3)).toBe(-1, i.toString());
      expect(compare<f64>(SHAPES[i], Op.Tanh, true, true, true, 2)).toBe(-1, i.toString());
    }
  });
});

/** Position of the first element that differs from product, sum, sum and function one after another; -1 if none does. */
// prettier-ignore
function compare<T>(
  shape: StaticArray<i32>, activation: i32, accumulates: bool, biased: bool, turned: bool, batch: i32,
): i32 {
  const m = shape[0];
  const n = shape[1];
  const k = shape[2];
  const size = batch * m * n;
  const a = reals<T>(batch * m * k, 1);
  const b = reals<T>(k * n, 1);
  const bias = reals<T>(n, 1);
  const fused = reals<T>(size + 1, 1);
  const apart = copyOf<T>(fused, size + 1);
  const product = empty<T>(size);
  multiply<T>(fused, a, b, m, n, k, turned, batch, biased ? bias : 0, activation, accumulates);
  multiply<T>(product, a, b, m, n, k, turned, batch, 0, 0, false);
  const item = sizeof<T>();
  if (accumulates) runMap(Op.Add, dtypeOf<T>(), 0, size, apart, 1, apart, 1, product, 1);
  else memory.copy(apart, product, size * item);
  for (let i = 0; biased && i < batch * m; i++) {
    const row = apart + <usize>(i * n) * item;
    runMap(Op.Add, dtypeOf<T>(), 0, n, row, 1, row, 1, bias, 1);
  }
  if (activation) runMap(activation, dtypeOf<T>(), 0, size, apart, 1, apart, 1);
  return difference<T>(fused, apart, size + 1);
}

// prettier-ignore
function multiply<T>(
  out: usize, a: usize, b: usize, m: i32, n: i32, k: i32, turned: bool, batch: i32, bias: usize, activation: i32,
  accumulates: bool,
): void {
  begin(Op.Matmul, dtypeOf<T>());
  push(out);
  push(a);
  push(b);
  push(m);
  push(n);
  push(k);
  push(turned ? 1 : k);
  push(turned ? m : 1);
  push(turned ? 1 : n);
  push(turned ? k : 1);
  push(bias);
  push(activation);
  push(accumulates ? 1 : 0);
  push(n);
  push(1);
  push(batch);
  push(m * k);
  push(0);
  expect(run()).toBe(Status.Ok);
}
