import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { dtypeOf, empty, get, mixed, seed } from "./data";
import { fresh } from "./subject";
import { begin, push, run } from "./tape";

const HEIGHT: i32 = 7;
const WIDTH: i32 = 13;

describe("the largest of windows", () => {
  it("is the first of equals, and NaN before all", () => {
    seed(31);
    for (let size = 1; size <= 3; size++) {
      for (let step = 1; step <= 2; step++) {
        fresh();
        expect(check<f32>(size, step)).toBe(-1, `size ${size} step ${step} in f32`);
        expect(check<f64>(size, step)).toBe(-1, `size ${size} step ${step} in f64`);
      }
    }
  });
});

/** Position of the first window whose largest element, or the place of that, is wrong; -1 if none is. */
function check<T>(size: i32, step: i32): i32 {
  const reach = (size - 1) * step + 1;
  const rows = (HEIGHT - reach) / 2 + 1;
  const columns = (WIDTH - reach) / 2 + 1;
  const x = mixed<T>(2 * HEIGHT * WIDTH);
  const places = empty<i32>(2 * rows * columns);
  const values = empty<T>(2 * rows * columns);
  pool<T>(Op.MaxPoolIndices, places, x, rows, columns, reach, step);
  pool<T>(Op.MaxPool, values, x, rows, columns, reach, step);
  for (let i = 0; i < 2 * rows * columns; i++) {
    const plane = (i / (rows * columns)) * HEIGHT * WIDTH;
    const top = 2 * ((i / columns) % rows);
    const left = 2 * (i % columns);
    let best = top * WIDTH + left;
    for (let r = 0; r < size; r++) {
      for (let c = 0; c < size; c++) {
        const at = (top + r * step) * WIDTH + left + c * step;
        const value = get<T>(x, plane + at);
        const most = get<T>(x, plane + best);
        if (value > most || (value != value && most == most)) best = at;
      }
    }
    const value = get<T>(values, i);
    const want = get<T>(x, plane + best);
    if (get<i32>(places, i) != best || (value != want && value == value)) return i;
  }
  return -1;
}

function pool<T>(op: i32, out: usize, x: usize, rows: i32, columns: i32, reach: i32, step: i32): void {
  begin(op, dtypeOf<T>());
  push(out);
  push(x);
  push(2);
  push(HEIGHT);
  push(WIDTH);
  push(rows);
  push(columns);
  push(step);
  push(step);
  for (let i = 0; i < rows; i++) {
    push(2 * i);
    push(2 * i + reach);
  }
  for (let i = 0; i < columns; i++) {
    push(2 * i);
    push(2 * i + reach);
  }
  expect(run()).toBe(Status.Ok);
}
