// What follows a product while its elements are still near: what C held before, a bias, an activation. Each is the kernel
// of the operation of its own, row by row, so the bits are those of separate instructions.

import { Op } from "../../abi";
import { dispatch as binaryRow } from "../binary";
import { move } from "../move";
import { dispatch as unaryRow } from "../unary";
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
  const dtype = dtypeFor<T>();
  const line = p.exchanged ? p.cColumn : p.cRow;
  let rows = p.exchanged ? to - from : p.m;
  let n = p.exchanged ? p.m : to - from;
  let step: usize = sizeof<T>();
  let biasStep = step;
  if (n == 1) {
    // A column is one row too.
    n = rows;
    rows = 1;
    step = line;
    biasStep = 0;
  }
  const bytes = <usize>n * sizeof<T>();
  const whole = rows > 1 && bytes == line;
  const bias = p.exchanged ? p.bias : p.bias + <usize>from * sizeof<T>();
  const start = corner(p, from);
  let c = start;
  let old = p.old;
  for (let i = 0; i < rows; i++) {
    if (p.saves) binaryRow(Op.Add, dtype, n, c, step, old, sizeof<T>(), c, step);
    if (p.bias) binaryRow(Op.Add, dtype, n, c, step, c, step, bias, biasStep);
    if (p.activation && !whole) unaryRow(p.activation, dtype, n, c, step, c, step);
    c += line;
    old += bytes;
  }
  if (p.activation && whole) unaryRow(p.activation, dtype, n * rows, start, step, start, step);
}
