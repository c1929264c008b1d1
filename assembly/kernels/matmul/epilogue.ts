// What follows a product while its elements are still near: what C held before, a bias, an activation. Each is the kernel
// of the operation of its own, row by row, so the bits are those of separate instructions.

import { Extra, Head, MapWord } from "../../abi/form";
import { Add } from "../../lanes/arithmetic";
import { row } from "../elementwise/binary";
import { move } from "../box/move";
import { dtypeFor } from "../box/walk";
import { Product } from "./work";

/** Rows that are completed together: they stay in the first cache. */
const ROWS: i32 = 8;

/** The part of C, in memory's own rows, that the columns from..to of a product stand for. */
// @ts-ignore: decorator
@inline
function corner(p: Product, from: i32): usize {
  return p.c + <usize>from * p.cColumn;
}

/** Sets aside what the columns from..to of C hold, to be added to what they will. */
export function save<T>(p: Product, from: i32, to: i32): void {
  const rows = p.exchanged ? to - from : p.m;
  const bytes = <usize>(p.exchanged ? p.m : to - from) * sizeof<T>();
  let c = corner(p, from);
  let old = p.old;
  for (let i = 0; i < rows; i++) {
    move(old, c, bytes);
    old += bytes;
    c += p.exchanged ? p.cColumn : p.cRow;
  }
}

/** Completes the columns from..to of C. */
export function finish<T>(p: Product, from: i32, to: i32): void {
  if (!p.saves && !p.bias && !p.activation) return;
  const line = p.exchanged ? p.cColumn : p.cRow;
  let rows = p.exchanged ? to - from : p.m;
  let n = p.exchanged ? p.m : to - from;
  let step: usize = sizeof<T>();
  const column = n == 1;
  if (column) {
    // A column is one row too, with one bias.
    n = rows;
    rows = 1;
    step = line;
  }
  const bytes = <usize>n * sizeof<T>();
  const whole = rows > 1 && bytes == line;
  const bias = p.exchanged ? p.bias : p.bias + <usize>from * sizeof<T>();
  const start = corner(p, from);
  let c = start;
  let old = p.old;
  for (let i = 0; i < rows; i += ROWS) {
    const end = c + <usize>min(rows - i, ROWS) * line;
    for (let at = c; p.saves && at != end; at += line) {
      row<T, Add>(n, at, step, old, sizeof<T>(), at, step);
      old += bytes;
    }
    if (p.bias) {
      if (column) row<T, Add>(n, c, step, c, step, bias, 0);
      else increase<T>(c, end, line, bias, bytes);
    }
    for (let at = c; p.activation && !whole && at != end; at += line) activate<T>(p, n, at, step);
    c = end;
  }
  if (p.activation && whole) activate<T>(p, n * rows, start, step);
}

/** Adds a contiguous row to the rows from `c` to `end`. Rows are often short, so the loops run down them. */
function increase<T>(c: usize, end: usize, line: usize, x: usize, bytes: usize): void {
  let i: usize = 0;
  for (; i + 64 <= bytes; i += 64) {
    const x0 = v128.load(x + i, 0);
    const x1 = v128.load(x + i, 16);
    const x2 = v128.load(x + i, 32);
    const x3 = v128.load(x + i, 48);
    for (let at = c; at != end; at += line) {
      const to = at + i;
      v128.store(to, v128.add<T>(v128.load(to, 0), x0), 0);
      v128.store(to, v128.add<T>(v128.load(to, 16), x1), 16);
      v128.store(to, v128.add<T>(v128.load(to, 32), x2), 32);
      v128.store(to, v128.add<T>(v128.load(to, 48), x3), 48);
    }
  }
  for (; i + 16 <= bytes; i += 16) {
    const x0 = v128.load(x + i);
    for (let at = c + i; at != end + i; at += line) v128.store(at, v128.add<T>(v128.load(at), x0));
  }
  for (; i < bytes; i += sizeof<T>()) {
    const x0 = load<T>(x + i);
    for (let at = c + i; at != end + i; at += line) store<T>(at, load<T>(at) + x0);
  }
}

/** Sends n elements that lie `step` bytes apart through the activation, by a tape where tiles were before. */
function activate<T>(p: Product, n: i32, c: usize, step: usize): void {
  const tape = p.tile;
  const length: usize = MapWord.Box + 3;
  const stride = step >> alignof<T>();
  store<i32>(tape, p.activation, Head.Op << 2);
  store<i32>(tape, dtypeFor<T>(), Head.DType << 2);
  store<usize>(tape, length, Head.Length << 2);
  store<i32>(tape, stride == 1 ? Extra.Flat : 0, Head.Extra << 2);
  store<i32>(tape, 1, MapWord.Rank << 2);
  store<usize>(tape, c, MapWord.Out << 2);
  store<usize>(tape, c, MapWord.X1 << 2);
  store<usize>(tape, 0, MapWord.X2 << 2);
  store<i32>(tape, n, MapWord.Box << 2);
  store<usize>(tape, stride, (MapWord.Box + 1) << 2);
  store<usize>(tape, stride, (MapWord.Box + 2) << 2);
  p.replay(tape, tape + (length << 2));
}
