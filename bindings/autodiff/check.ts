import { data } from "../core/access.js";
import type { DTypeName } from "../core/dtype.js";
import type { Tensor } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { scope } from "../core/scopes.js";
import { mapTree, tensorsOf } from "../core/tree.js";
import { GradientError } from "../errors.js";
import { asTensors, positionsOf } from "./arguments.js";
import type { AnyFunction } from "./call.js";
import { grad } from "./grad.js";
import { jacobian } from "./jacobian.js";
import { numericalJacobian } from "./numerical.js";

export interface CheckOptions {
  /** The largest difference that passes, relative to the larger of 1 and the derivatives. Default 1e-6 for f64, 2e-2 for f32. */
  tolerance?: number;
  /** 1, or 2 to compare second derivatives too. Default 2. */
  order?: 1 | 2;
}

/** Where two ways to a derivative part. */
export interface Difference {
  /** "reverse" or "forward"; of second derivatives "forward over reverse" or "reverse over reverse". */
  readonly method: string;
  /** The argument that was differentiated by, and where in the tree of derivatives: `1.weight`. */
  readonly place: string;
  /** Position in that derivative, row-major. */
  readonly element: number;
  readonly got: number;
  readonly numerical: number;
}

/** What `checkGradients` found; as a string, a report. */
export interface GradientCheck {
  readonly passed: boolean;
  /** Derivatives that were compared. */
  readonly compared: number;
  /** The largest relative difference. */
  readonly worst: number;
  readonly differences: readonly Difference[];
  toString(): string;
}

/** Relative differences that rounding and truncation of the numerical derivatives explain. */
const TOLERANCE: Readonly<Partial<Record<DTypeName, number>>> = { f32: 2e-2, f64: 1e-6 };

/**
 * Compares forward mode, reverse mode and numerical differentiation of a function by all its floating-point arguments, and
 * both ways to its second derivatives with differences of its gradient. The functions should be smooth at the point. The
 * result says whether they agree and, as a string, where they part.
 */
export function checkGradients(f: AnyFunction, args: readonly unknown[], options: CheckOptions = {}): GradientCheck {
  const { order = 2 } = options;
  const found = new Findings(options.tolerance);
  scope(() => {
    const tensors = asTensors(args);
    const call = f as (...args: readonly unknown[]) => unknown;
    const weighted = (...xs: readonly unknown[]): Tensor => weightedSum(call(...xs));
    for (const argnums of positionsOf(args)) {
      const leaves = tensorsOf(tensors[argnums]);
      if (leaves.length === 0 || leaves.some((x) => !x.type.float)) continue;
      const numerical = numericalJacobian(call, { argnums })(...tensors);
      for (const mode of ["reverse", "forward"] as const)
        found.compare(mode, argnums, jacobian(call, { argnums, mode })(...tensors), numerical);
      if (order < 2) continue;
      const gradient = grad<readonly unknown[], number>(weighted, { argnums });
      const differences = numericalJacobian(gradient, { argnums })(...tensors);
      for (const mode of ["forward", "reverse"] as const)
        found.compare(`${mode} over reverse`, argnums, jacobian(gradient, { argnums, mode })(...tensors), differences);
    }
  });
  return found;
}

/** Σ w y over all elements of a tree, with weights that differ. */
function weightedSum(tree: unknown): Tensor {
  const terms = tensorsOf(tree).map((y, i) => {
    const w = operations.iota(y.size, y.dtype, 1 + i / 4, 1 / 8);
    return operations.sum(operations.mul(operations.reshape(y, [y.size]), w));
  });
  const [first, ...others] = terms;
  if (!first) throw new GradientError("checkGradients", "a function that returns tensors", typeof tree);
  return others.reduce((sum, term) => operations.add(sum, term), first);
}

class Findings implements GradientCheck {
  compared = 0;
  worst = 0;
  readonly differences: Difference[] = [];

  constructor(private readonly tolerance: number | undefined) {}

  get passed(): boolean {
    return this.differences.length === 0;
  }

  compare(method: string, argument: number, got: unknown, numerical: unknown): void {
    const expected = tensorsOf(numerical);
    let next = 0;
    mapTree(got, (leaf, path) => {
      const tolerance = this.tolerance ?? TOLERANCE[(leaf as Tensor).dtype]!;
      const wanted = Array.from(data(expected[next++]!), Number);
      const scale = wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
      for (const [element, value] of data(leaf as Tensor).entries()) {
        const difference = Math.abs(value - wanted[element]!) / scale;
        this.compared++;
        if (!(difference <= this.worst)) this.worst = difference;
        if (!(difference <= tolerance))
          this.differences.push({
            method,
            place: `${argument}${path}`,
            element,
            got: value,
            numerical: wanted[element]!,
          });
      }
    });
  }

  toString(): string {
    const worst = `the largest relative difference is ${this.worst.toExponential(1)}`;
    if (this.passed) return `${this.compared} derivatives agree; ${worst}`;
    const shown = this.differences
      .slice(0, MOST_SHOWN)
      .map(
        ({ method, place, element, got, numerical }) =>
          `  ${method}, argument ${place}, element ${element}: ${got}, numerically ${numerical}`,
      );
    const more = this.differences.length - shown.length;
    if (more > 0) shown.push(`  and ${more} more`);
    return `${this.differences.length} of ${this.compared} derivatives differ; ${worst}\n${shown.join("\n")}`;
  }
}

const MOST_SHOWN = 20;
