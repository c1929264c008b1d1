import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { mul } from "../../primitives/elementwise/arithmetic.js";
import { matmul } from "../../primitives/linalg/contraction.js";
import { meet } from "../../primitives/define.js";
import { expand, identity, permute, reshape } from "../../primitives/movement.js";
import { sum } from "../../primitives/reductions/reduction.js";
import { diagonal } from "../shapes/diagonals.js";
import { contractionOrder, type Lengths } from "./contraction-order.js";

/** A tensor with a label for each axis, all different. */
interface Term {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

/**
 * Einstein's sum: `einsum("ij,jk->ik", a, b)` multiplies over all labels and sums those that the result lacks. A label that
 * occurs twice in an operand is its diagonal; "..." stands for axes without labels, which broadcast; without "->" the result
 * has the labels that occur once, in the order of the alphabet. Several operands are multiplied in pairs, in the order that
 * takes the fewest multiplications (of up to five; of more, as far as one step at a time can see).
 *
 * @throws ValueError for an equation that is none, ShapeError for operands that do not fit it
 */
export function einsum(equation: string, ...operands: readonly TensorLike[]): Tensor {
  const tensors = operands.map((x) => asTensor("einsum", x));
  const { inputs, output } = parsed(equation, tensors);
  const lengths: Record<string, number> = {};
  for (const [i, labels] of inputs.entries()) {
    for (const [axis, label] of labels.entries()) {
      const [known, length] = [lengths[label] ?? 1, tensors[i]!.shape[axis]!];
      if (known !== 1 && length !== 1 && known !== length)
        throw new ShapeError("einsum", `one length for "${label}" of "${equation}"`, `${known} and ${length}`);
      lengths[label] = known === 1 ? length : known;
    }
  }
  for (const label of output)
    if (!(label in lengths)) throw new ValueError("einsum", "labels of the operands in the result", `"${label}"`);
  let terms = tensors.map((x, i) => prepared(x, inputs[i]!, lengths));
  const pairs = contractionOrder(
    terms.map(({ labels }) => labels),
    output,
    lengths,
  );
  for (const [i, j] of pairs) {
    const others = terms.filter((_, k) => k !== i && k !== j);
    const kept = new Set([...output, ...others.flatMap(({ labels }) => labels)]);
    terms = [...others, contracted(summed(terms[i]!, kept, terms[j]), summed(terms[j]!, kept, terms[i]), kept)];
  }
  const last = summed(terms[0]!, new Set(output));
  const order = output.map((label) => last.labels.indexOf(label));
  return order.every((axis, i) => axis === i) ? identity(last.x) : permute(last.x, order);
}

/** The labels of each operand and of the result, with "..." written out as the places from the right. */
function parsed(equation: string, tensors: readonly Tensor[]): { inputs: string[][]; output: string[] } {
  const [left = "", right, more] = String(equation).replaceAll(" ", "").split("->");
  const sides = left.split(",");
  const valid = (side: string): boolean => /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(side);
  if (more !== undefined || ![...sides, right ?? ""].every(valid))
    throw new ValueError("einsum", 'an equation such as "ij,jk->ik"', `"${equation}"`);
  if (sides.length !== tensors.length)
    throw new ValueError("einsum", `${sides.length} operands for "${equation}"`, `${tensors.length}`);
  let widest = 0;
  const inputs = sides.map((side, i) => {
    const named = side.replace("...", "").length;
    const free = tensors[i]!.rank - named;
    if (free < 0 || (free > 0 && !side.includes("...")))
      throw new ShapeError("einsum", `${named} axes for "${side}"`, showShape(tensors[i]!.shape));
    widest = Math.max(widest, free);
    return writtenOut(side, free);
  });
  if (right !== undefined) {
    const output = writtenOut(right, widest);
    if (new Set(output).size !== output.length) throw new ValueError("einsum", "each label once in the result", right);
    return { inputs, output };
  }
  const all = inputs.flat().filter((label) => /[A-Za-z]/.test(label));
  const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label)).sort();
  return { inputs, output: [...writtenOut("...", widest), ...once] };
}

/** The labels of a side; of "..." those that count from the right, so that they broadcast as shapes do. */
function writtenOut(side: string, free: number): string[] {
  const [before = "", after = ""] = side.split("...");
  const places = side.includes("...") ? Array.from({ length: free }, (_, i) => `${free - i}`) : [];
  return [...before, ...places, ...after];
}

/** An operand with each label once, and each axis as long as its label. */
function prepared(given: Tensor, all: readonly string[], lengths: Lengths): Term {
  let x = given;
  const labels = [...all];
  for (;;) {
    const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
    if (second < 0) break;
    const first = labels.indexOf(labels[second]!);
    if (x.shape[first] !== x.shape[second])
      throw new ShapeError("einsum", `two axes of one length for "${labels[second]!}"`, showShape(given.shape));
    x = diagonal(x, 0, first, second);
    const [label] = labels.splice(second, 1);
    labels.splice(first, 1);
    labels.push(label!);
  }
  const shape = labels.map((label) => lengths[label]!);
  return { x: shape.every((length, axis) => length === x.shape[axis]) ? x : expand(x, shape), labels };
}

/** Without the labels that neither the rest nor the other operand needs. */
function summed({ x, labels }: Term, kept: ReadonlySet<string>, other?: Term): Term {
  const gone = labels.flatMap((label, axis) => (kept.has(label) || other?.labels.includes(label) ? [] : [axis]));
  if (gone.length === 0) return { x, labels };
  return { x: sum(x, gone), labels: labels.filter((_, axis) => !gone.includes(axis)) };
}

/** Two operands multiplied, summed over the labels of both that are not kept. */
function contracted(p: Term, q: Term, kept: ReadonlySet<string>): Term {
  const shared = p.labels.filter((label) => q.labels.includes(label));
  const batch = shared.filter((label) => kept.has(label));
  const over = shared.filter((label) => !kept.has(label));
  const rows = p.labels.filter((label) => !shared.includes(label));
  const columns = q.labels.filter((label) => !shared.includes(label));
  const [a, b] = meet("einsum", p.x, q.x);
  const length = (term: Term, label: string): number => term.x.shape[term.labels.indexOf(label)]!;
  const size = (term: Term, list: readonly string[]): number => list.reduce((n, label) => n * length(term, label), 1);
  const turned = (x: Tensor, term: Term, order: readonly string[]): Tensor =>
    permute(
      x,
      order.map((label) => term.labels.indexOf(label)),
    );
  const leads = batch.map((label) => length(p, label));
  const shape = [...leads, ...rows.map((label) => length(p, label)), ...columns.map((label) => length(q, label))];
  const labels = [...batch, ...rows, ...columns];
  const [m, k, n] = [size(p, rows), size(p, over), size(q, columns)];
  if (over.length === 0) {
    // A sum of single products is none, and -0 stays what it is.
    const left = reshape(turned(a, p, [...batch, ...rows]), [...leads, m, 1]);
    const right = reshape(turned(b, q, [...batch, ...columns]), [...leads, 1, n]);
    return { x: reshape(mul(left, right), shape), labels };
  }
  const left = reshape(turned(a, p, [...batch, ...rows, ...over]), [...leads, m, k]);
  const right = reshape(turned(b, q, [...batch, ...over, ...columns]), [...leads, k, n]);
  return { x: reshape(matmul(left, right), shape), labels };
}
