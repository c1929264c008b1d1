// What follows a product while its elements are still near: what C held before, a bias, an activation. Each is the kernel
// of the operation of its own, row by row, so the bits are those of separate instructions.

import { Head, MapWord } from "../../abi";
import { Add } from "../../lanes/arithmetic";
import { row } from "../binary";
import { move } from "../move";
import { dtypeFor } from "../walk";
import { Product } from "./work";

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
  for (let i = 0; i < rows; i++) {
    if (p.saves) row<T, Add>(n, c, step, old, sizeof<T>(), c, step);
    if (p.bias) {
      if (column) row<T, Add>(n, c, step, c, step, bias, 0);
      else increase<T>(c, bias, bytes);
    }
    if (p.activation && !whole) activate<T>(p, n, c, step);
    c += line;
    old += bytes;
  }
  if (p.activation && whole) activate<T>(p, n * rows, start, step);
}

/** Adds a contiguous row to another. Rows are often short: a loop that is entered at no cost. */
// @ts-ignore: decorator
@inline
function increase<T>(c: usize, x: usize, bytes: usize): void {
  const most = bytes & -16;
  for (let i: usize = 0; i < most; i += 16) v128.store(c + i, v128.add<T>(v128.load(c + i), v128.load(x + i)));
  for (let i = most; i < bytes; i += sizeof<T>()) store<T>(c + i, load<T>(c + i) + load<T>(x + i));
}

/** Sends n elements that lie `step` bytes apart through the activation, by a tape where tiles were before. */
function activate<T>(p: Product, n: i32, c: usize, step: usize): void {
  const tape = p.tile;
  const length: usize = MapWord.Box + 3;
  const stride = step >> alignof<T>();
  store<i32>(tape, p.activation, Head.Op << 2);
  store<i32>(tape, dtypeFor<T>(), Head.DType << 2);
  store<usize>(tape, length, Head.Length << 2);
  store<i32>(tape, 0, Head.Extra << 2);
  store<i32>(tape, 1, MapWord.Rank << 2);
  store<usize>(tape, c, MapWord.Out << 2);
  store<usize>(tape, c, MapWord.X1 << 2);
  store<usize>(tape, 0, MapWord.X2 << 2);
  store<i32>(tape, n, MapWord.Box << 2);
  store<usize>(tape, stride, (MapWord.Box + 1) << 2);
  store<usize>(tape, stride, (MapWord.Box + 2) << 2);
  p.replay(tape, tape + (length << 2));
}
