import { withTracking } from "../core/running/apply.js";
import { data } from "../core/values/access.js";
import { checkFunction } from "../core/checks.js";
import { tensor } from "../core/values/create.js";
import type { DTypeName } from "../core/dtype.js";
import { Tensor } from "../core/graph.js";
import { checkChoice, checkOptions, optionsOf } from "../core/options.js";
import { scope } from "../core/running/scopes.js";
import { showShape, sizeOf, type Shape } from "../core/shape.js";
import { mapTree, tensorsOf } from "../core/tree.js";
import { GradientError, ValueError } from "../errors.js";
import { asTensors, checkDifferentiable, type Differentiables, type Gradient } from "./calls/arguments.js";
import type { AnyFunction } from "./calls/call.js";
import type { Jacobian } from "./jacobian.js";

/** Options of `numericalGradient`, `numericalJacobian` and `numericalHessian`. */
export interface NumericalOptions<N extends number = number> {
  /** Which argument to differentiate by. Default 0. */
  argnums?: N;
  /**
   * The step, relative to max(1, |x|). The error of a central difference is ε² f‴/6 by truncation and u |f|/ε by rounding,
   * u being the distance between 1 and the next number; the default is where the two meet, u^(1/3): 6e-6 for f64, 5e-3 for
   * f32. Each extrapolation allows a larger step; second derivatives, whose rounding goes with u/ε², take u^(1/4).
   */
  epsilon?: number;
  /**
   * Richardson's extrapolations (0 to 2): differences at ε, ε/2, ε/4 are combined so that the leading terms of the truncation
   * error cancel, for two more evaluations each. Default 0.
   */
  extrapolations?: number;
}

/** u^(1/3), u^(1/5), u^(1/7): the best steps after so many extrapolations. */
const FIRST: Readonly<Partial<Record<DTypeName, readonly number[]>>> = {
  f32: [4.92e-3, 4.12e-2, 1.03e-1],
  f64: [6.06e-6, 7.4e-4, 5.8e-3],
};
/** u^(1/4). */
const SECOND: Readonly<Partial<Record<DTypeName, number>>> = { f32: 1.86e-2, f64: 1.22e-4 };

/**
 * The gradient of a scalar-valued function by central differences, (f(x + ε) - f(x - ε)) / 2ε for each element: a function of
 * the same arguments. It costs two evaluations an element, and is never exact: for checking, and for functions that cannot
 * be differentiated otherwise.
 */
export function numericalGradient<A extends readonly unknown[], const N extends number = 0>(
  f: (...args: A) => Tensor | number,
  options: NumericalOptions<N> = {},
): (...args: Differentiables<A>) => Gradient<A[N]> {
  checkNumerical("numericalGradient", f, options);
  return (...args) =>
    scope(() => {
      const point = new Point("numericalGradient", f, args, options.argnums ?? 0);
      if (point.values().length !== 1) throw new GradientError("numericalGradient", "a scalar value", point.shown());
      const gradients = point.leaves.map((x, k) => {
        const elements = Array.from({ length: x.size }, (_, i) => derivative(point, k, i, options)[0]!);
        return tensor(elements, { shape: x.shape, dtype: x.dtype });
      });
      return point.like(gradients) as Gradient<A[N]>;
    });
}

/** The Jacobian by central differences: as `jacobian`, by one argument. */
export function numericalJacobian<A extends readonly unknown[], Y, const N extends number = 0>(
  f: (...args: A) => Y,
  options: NumericalOptions<N> = {},
): (...args: Differentiables<A>) => Jacobian<Y, A[N]> {
  checkNumerical("numericalJacobian", f, options);
  return (...args) =>
    scope(() => {
      const point = new Point("numericalJacobian", f, args, options.argnums ?? 0);
      point.values();
      const columns = point.leaves.map((x, k) =>
        Array.from({ length: x.size }, (_, i) => derivative(point, k, i, options)),
      );
      let from = 0;
      const blocks = point.shapes.map((shape) => {
        const start = from;
        from += sizeOf(shape);
        return point.leaves.map((x, k) => {
          const rows = Array.from({ length: sizeOf(shape) }, (_, row) =>
            columns[k]!.map((column) => column[start + row]!),
          );
          return tensor(rows.flat(), { shape: [...shape, ...x.shape], dtype: x.dtype });
        });
      });
      let block = 0;
      return mapTree(point.result, () => point.like(blocks[block++]!)) as Jacobian<Y, A[N]>;
    });
}

/** The Hessian of a scalar-valued function of one tensor by second differences of its values: [*n, *n]. */
export function numericalHessian<A extends readonly unknown[]>(
  f: (...args: A) => Tensor | number,
  options: Omit<NumericalOptions, "extrapolations"> = {},
): (...args: Differentiables<A>) => Tensor {
  const { argnums, epsilon } = optionsOf("numericalHessian", options, { argnums: 0, epsilon: undefined });
  checkNumerical("numericalHessian", f, options);
  return (...args) =>
    scope(() => {
      const point = new Point("numericalHessian", f, args, argnums);
      const [x] = point.leaves;
      const wanted = "a scalar-valued function of one tensor";
      if (!x || point.leaves.length > 1)
        throw new GradientError("numericalHessian", wanted, `one of ${point.leaves.length}`);
      if (point.values().length !== 1) throw new GradientError("numericalHessian", wanted, point.shown());
      const step = epsilon ?? SECOND[x.dtype]!;
      const value = (...moves: Move[]): number => point.values(moves)[0]!;
      const rows = Array.from({ length: x.size }, (_, i) =>
        Array.from({ length: x.size }, (__, j) => {
          const [a, b] = [point.move(0, i, step), point.move(0, j, step)];
          const [c, d] = [point.move(0, i, -step), point.move(0, j, -step)];
          const mixed = value(a, b) - value(a, d) - value(c, b) + value(c, d);
          return mixed / ((a.by - c.by) * (b.by - d.by));
        }),
      );
      return tensor(rows.flat(), { shape: [...x.shape, ...x.shape], dtype: x.dtype });
    });
}

/** The derivative of all values by one element, extrapolated as far as it is wanted. */
function derivative(point: Point, leaf: number, i: number, options: NumericalOptions): Float64Array {
  const { extrapolations = 0 } = options;
  let step = options.epsilon ?? FIRST[point.leaves[leaf]!.dtype]![extrapolations]!;
  // Neville's scheme: row k of the table holds the differences at ε / 2^k, extrapolated k times.
  let row: Float64Array[] = [];
  for (let k = 0; k <= extrapolations; k++) {
    const next = [central(point, leaf, i, step)];
    for (const [m, coarse] of row.entries()) {
      const power = 4 * (1 << (2 * m));
      next.push(next[m]!.map((fine, e) => (power * fine - coarse[e]!) / (power - 1)));
    }
    row = next;
    step /= 2;
  }
  return row[row.length - 1]!;
}

function central(point: Point, leaf: number, i: number, step: number): Float64Array {
  const [up, down] = [point.move(leaf, i, step), point.move(leaf, i, -step)];
  const [above, below] = [point.values([up]), point.values([down])];
  return above.map((value, e) => (value - below[e]!) / (up.by - down.by));
}

/** Refuses steps and extrapolations that make no derivative. */
function checkNumerical(name: string, f: unknown, options: NumericalOptions): void {
  checkOptions(name, options, { argnums: 0, epsilon: 0, extrapolations: 0 });
  const { epsilon, extrapolations = 0 } = options;
  checkFunction(name, "a function", f);
  checkChoice(name, "extrapolations", extrapolations, [0, 1, 2]);
  if (epsilon === undefined || (epsilon > 0 && epsilon < Infinity)) return;
  throw new ValueError(name, "a positive epsilon", String(epsilon));
}

/** One element moved, by as much as its dtype can tell. */
interface Move {
  readonly leaf: number;
  readonly i: number;
  readonly by: number;
}

/** A function at a point, and near it. */
class Point {
  /** The tensors of the argument that is differentiated by. */
  readonly leaves: readonly Tensor[];
  readonly argument: unknown;
  /** What f returned last, and the shapes of the tensors in it. */
  result: unknown;
  shapes: readonly Shape[] = [];
  private readonly args: readonly unknown[];
  private readonly elements: readonly Float64Array[];

  constructor(
    private readonly name: string,
    private readonly f: AnyFunction,
    args: readonly unknown[],
    private readonly position: number,
  ) {
    this.args = asTensors(args);
    checkDifferentiable(name, this.args, [position]);
    this.argument = this.args[position];
    this.leaves = tensorsOf(this.argument);
    this.elements = this.leaves.map((x) => Float64Array.from(data(x)));
  }

  /** One element moved by a step relative to it. */
  move(leaf: number, i: number, step: number): Move {
    const x = this.elements[leaf]![i]!;
    const moved = x + step * Math.max(1, Math.abs(x));
    const { dtype } = this.leaves[leaf]!;
    const by = (dtype === "f32" ? Math.fround(moved) : moved) - x;
    if (by === 0) throw new ValueError(this.name, `an epsilon that changes ${x} in ${dtype}`, String(Math.abs(step)));
    return { leaf, i, by };
  }

  /** What f returned, as messages show it. */
  shown(): string {
    const shapes = this.shapes.map(showShape).join(", ");
    return this.shapes.length > 0 ? `values of shape ${shapes}` : typeof this.result;
  }

  /** All elements of f's result, at the point or with some of the argument's elements moved. */
  values(moves: readonly Move[] = []): Float64Array {
    return scope(() => {
      const argument = this.like(this.leaves.map((_, leaf) => this.moved(leaf, moves)));
      const args = this.args.map((x, i) => (i === this.position ? argument : x));
      this.result = withTracking(false, () => this.f(...(args as never)));
      const parts: number[] = [];
      const shapes: Shape[] = [];
      mapTree(this.result, (y) => {
        shapes.push(y instanceof Tensor ? y.shape : []);
        for (const value of y instanceof Tensor ? data(y) : [y]) parts.push(value);
      });
      this.shapes = shapes;
      return Float64Array.from(parts);
    });
  }

  /** A tree like the argument, with these in the places of its tensors. */
  like(tensors: readonly Tensor[]): unknown {
    let next = 0;
    return mapTree(this.argument, () => tensors[next++]);
  }

  private moved(leaf: number, moves: readonly Move[]): Tensor {
    const x = this.leaves[leaf]!;
    const here = moves.filter((move) => move.leaf === leaf);
    if (here.length === 0) return x;
    const elements = this.elements[leaf]!.slice();
    for (const { i, by } of here) elements[i]! += by;
    return tensor(elements, { shape: x.shape, dtype: x.dtype });
  }
}
