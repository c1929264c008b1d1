import { data } from "../core/values/access.js";
import { withTracking } from "../core/running/apply.js";
import { checkFunction, checkList } from "../core/checks.js";
import type { DTypeName } from "../core/dtype.js";
import type { Tensor } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { checkChoice, checkOptions } from "../core/options.js";
import { scope } from "../core/running/scopes.js";
import { mapTree, tensorsOf } from "../core/tree.js";
import { GradientError, ValueError } from "../errors.js";
import { asTensors, positionsOf } from "./calls/arguments.js";
import type { AnyFunction } from "./calls/call.js";
import { grad } from "./grad.js";
import { jacobian } from "./jacobian.js";
import { numericalJacobian } from "./numerical.js";

/** Options of `checkGradients`. */
export interface CheckOptions {
  /**
   * The largest difference that passes, relative to the largest derivative in the same tensor, or to `tolerance` times the
   * largest value of f, by max(1, |x|), where that is more. What two numerical derivatives, of unlike steps, differ by is no difference.
   * Default 1e-6 for f64, 2e-2 for f32.
   */
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
  /** The derivative that this method gives. */
  readonly got: number;
  /** The numerical derivative that it should be. */
  readonly numerical: number;
}

/** What `checkGradients` found; as a string, a report. */
export interface GradientCheck {
  /** Whether all derivatives agree. */
  readonly passed: boolean;
  /** Derivatives that were compared. */
  readonly compared: number;
  /** The largest relative difference. */
  readonly worst: number;
  /** Where they do not agree. */
  readonly differences: readonly Difference[];
  /** A report in words. */
  toString(): string;
}

/** Relative differences that rounding and truncation of the numerical derivatives explain. */
const TOLERANCE: Readonly<Partial<Record<DTypeName, number>>> = { f32: 2e-2, f64: 1e-6 };

/**
 * Compares forward mode, reverse mode and numerical differentiation of a function by all floating-point tensors and numbers
 * in its arguments, and both ways to its second derivatives with differences of its gradient. The functions should be smooth
 * at the point; what f returns beside floating-point tensors is passed over. The result says whether they agree and, as a string, where they part.
 * Throws a GradientError when there is nothing to compare, and a ValueError for a function whose values are others when it is
 * called again, such as one that draws random numbers: let it make its generator inside, or set dropout to `eval()`.
 */
export function checkGradients(f: AnyFunction, args: readonly unknown[], options: CheckOptions = {}): GradientCheck {
  checkOptions("checkGradients", options, { order: 0, tolerance: 0 });
  const { order = 2, tolerance } = options;
  checkFunction("checkGradients", "a function", f);
  checkList("checkGradients", "arguments", args);
  checkChoice("checkGradients", "order", order, [1, 2]);
  if (tolerance !== undefined && !(tolerance >= 0))
    throw new ValueError("checkGradients", "a tolerance from 0 on", String(tolerance));
  const findings = scope(() => {
    const tensors = asTensors(args);
    const whole = (...xs: readonly unknown[]): unknown => floatsOf(f(...(xs as never)));
    const values = (): Tensor[] => tensorsOf(withTracking(false, () => whole(...tensors)));
    const ys = values();
    // Differences between other random numbers would pass for rounding, and so would any derivative.
    if (String(ys.map(data)) !== String(values().map(data)))
      throw new ValueError("checkGradients", "a function that gives the same values again", "others");
    const found = new Findings(tolerance, largestOf(ys));
    for (const position of positionsOf(args)) {
      const argument = floatsOf(tensors[position]);
      if (tensorsOf(argument).length === 0) continue;
      const g = (floats: unknown): unknown => whole(...tensors.map((x, i) => (i === position ? merged(x, floats) : x)));
      found.compare(position, g, argument, ["reverse", "forward"]);
      if (order === 2 && ys.length > 0) {
        const gradient = grad<[unknown]>((floats) => weightedSum(g(floats)));
        found.compare(position, (floats) => gradient(floats), argument, ["forward", "reverse"], " over reverse");
      }
    }
    return found;
  });
  if (findings.compared > 0) return findings;
  throw new GradientError("checkGradients", "floating-point tensors to compare", "none");
}

/** A tree without its integers, and other numbers, which have no derivatives. */
function floatsOf(tree: unknown): unknown {
  return mapTree(tree, (leaf) => (typeof leaf !== "number" && leaf.type.float ? leaf : null));
}

/** The tree with floating-point tensors from another in the place of its own. */
function merged(tree: unknown, floats: unknown): unknown {
  const found = tensorsOf(floats);
  let next = 0;
  return mapTree(tree, (leaf) => ((leaf as Tensor).type.float ? found[next++] : leaf));
}

/** The largest of all elements, without their signs. */
function largestOf(tensors: readonly Tensor[]): number {
  let largest = 0;
  for (const x of tensors) for (const value of data(x)) largest = Math.max(largest, Math.abs(Number(value)));
  return largest;
}

/** Σ w y over all elements of a tree, with weights that differ. */
function weightedSum(tree: unknown): Tensor {
  const terms = tensorsOf(tree).map((y, i) => {
    const w = operations.iota(y.size, y.dtype, 1 + i / 4, 1 / 8);
    return operations.sum(operations.mul(operations.reshape(y, [y.size]), w));
  });
  return terms.reduce((sum, term) => operations.add(sum, term));
}

/** A report lists no more. */
const MOST_SHOWN = 20;

class Findings implements GradientCheck {
  compared = 0;
  worst = 0;
  readonly differences: Difference[] = [];

  constructor(
    private readonly tolerance: number | undefined,
    /** The largest value of the function. */
    private readonly size: number,
  ) {}

  get passed(): boolean {
    return this.differences.length === 0;
  }

  /** Compares the Jacobian of f at a point by these modes with two numerical ones. */
  compare(
    argument: number,
    f: (x: unknown) => unknown,
    point: unknown,
    modes: readonly ("forward" | "reverse")[],
    over = "",
  ): void {
    // Steps grow with large arguments, and the rounding of a derivative shrinks with them.
    const size = this.size / Math.max(1, largestOf(tensorsOf(point)));
    const [rough, fine] = [0, 1].map((extrapolations) => tensorsOf(numericalJacobian(f, { extrapolations })(point)));
    for (const mode of modes) {
      let next = 0;
      mapTree(jacobian(f, { mode })(point), (leaf, path) => {
        const at = { method: mode + over, place: argument + path };
        this.compareTensor(at, leaf as Tensor, fine![next]!, rough![next++]!, size);
      });
    }
  }

  private compareTensor(
    at: Pick<Difference, "method" | "place">,
    x: Tensor,
    fine: Tensor,
    rough: Tensor,
    size: number,
  ): void {
    const tolerance = this.tolerance ?? TOLERANCE[x.dtype]!;
    const [wanted, others] = [data(fine), data(rough)];
    const scale = Math.max(largestOf([fine]), tolerance * size);
    for (const [element, got] of data(x).entries()) {
      const numerical = wanted[element]!;
      const excess = Math.max(0, Math.abs(got - numerical) - 2 * Math.abs(numerical - others[element]!));
      const difference = excess && excess / scale;
      this.compared++;
      // NaN, once there, stays.
      if (!(difference <= this.worst || Number.isNaN(this.worst))) this.worst = difference;
      if (!(difference <= tolerance)) this.differences.push({ ...at, element, got, numerical });
    }
  }

  toString(): string {
    const worst = `the largest relative difference is ${this.worst.toExponential(1)}`;
    if (this.passed) return `${this.compared} derivatives agree; ${worst}`;
    const lines = this.differences
      .slice(0, MOST_SHOWN)
      .map(
        ({ method, place, element, got, numerical }) =>
          `  ${method}, argument ${place}, element ${element}: ${shown(got)}, numerically ${shown(numerical)}`,
      );
    const more = this.differences.length - lines.length;
    if (more > 0) lines.push(`  and ${more} more`);
    return `${this.differences.length} of ${this.compared} derivatives differ; ${worst}\n${lines.join("\n")}`;
  }
}

/** A number as far as a numerical derivative is known. */
function shown(value: number): number {
  return Number(value.toPrecision(9));
}
