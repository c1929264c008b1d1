import { item } from "../core/access.js";
import { withTracking } from "../core/apply.js";
import { variable } from "../core/create.js";
import type { DTypeName } from "../core/dtype.js";
import { gradientOfParameter } from "./gradients.js";
import type { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/scopes.js";
import type { Tree } from "../core/tree.js";
import type { Variable } from "../core/variable.js";
import { ValueError } from "../errors.js";
import { dot } from "../functions/algebra.js";
import { cat } from "../functions/movement.js";
import { part } from "../functions/split.js";
import { castTo } from "../primitives/define.js";
import { fill } from "../primitives/generate.js";
import { reshape } from "../primitives/movement.js";
import { checkNumber, checkWhole } from "./checks.js";
import type { Settings } from "./group.js";
import { strongWolfe, type Point } from "./line-search.js";
import { Optimizer } from "./optimizer.js";
import { takeUp, type Entries, type Remembered, type StateDict } from "./state.js";

export interface LBFGSOptions {
  /** Length of a step, or, with a line search, where that begins to look. Default 1. */
  lr?: number;
  /** Iterations in one `step`, at most. Default 20. */
  maxIter?: number;
  /** Calls of the closure in one `step`, at most; a line search ends first. Default 1.25 maxIter. */
  maxEval?: number;
  /** Ends where no element of the gradient is larger. Default 1e-7. */
  toleranceGrad?: number;
  /** Ends where no parameter, or not the loss, changes by more. Default 1e-9. */
  toleranceChange?: number;
  /** How many pairs of differences are remembered, each twice the size of the parameters. Default 100. */
  historySize?: number;
  /** How far to go along a direction: as `lr` says, or until the strong Wolfe conditions hold. Default null. */
  lineSearchFn?: "strong_wolfe" | null;
}
interface LBFGSSettings extends Settings, Required<Omit<LBFGSOptions, "lr">> {}

const method = {
  settle: (options: LBFGSOptions, name: string): LBFGSSettings => {
    const { lr = 1, maxIter = 20, toleranceGrad = 1e-7, toleranceChange = 1e-9, historySize = 100 } = options;
    const { maxEval = Math.floor(maxIter * 1.25), lineSearchFn = null } = options;
    if (lineSearchFn !== null && lineSearchFn !== "strong_wolfe")
      throw new ValueError(name, 'the lineSearchFn "strong_wolfe" or null', String(lineSearchFn));
    return {
      lr: checkNumber(name, "lr", lr, 0),
      maxIter: checkWhole(name, "maxIter", maxIter, 1),
      maxEval: checkWhole(name, "maxEval", maxEval, 1),
      toleranceGrad: checkNumber(name, "toleranceGrad", toleranceGrad, 0),
      toleranceChange: checkNumber(name, "toleranceChange", toleranceChange, 0),
      historySize: checkWhole(name, "historySize", historySize, 1),
      ...{ lineSearchFn, weightDecay: 0, maximize: false },
    };
  },
  memory: () => ({ places: {}, clocks: {} }),
};

/** A change of the parameters and of the gradient, as vectors, and 1 / <change, difference>. */
interface Pair {
  readonly step: Variable;
  readonly difference: Variable;
  ratio: number;
}

/** A pair that curves less says nothing. */
const CURVED = 1e-10;

/**
 * L-BFGS (Liu and Nocedal, 1989), as PyTorch has it: Newton's method with what the last steps tell of the Hessian. `step`
 * needs a closure that computes the loss and its gradients, and calls it several times; it decides by values, so that it is
 * not compiled. All parameters are in one group, and together one vector.
 */
export class LBFGS extends Optimizer<LBFGSSettings, never, never> {
  /** The present direction, and the gradient where it was chosen. */
  private readonly direction: Variable;
  private readonly previous: Variable;
  /** The oldest first. */
  private pairs: readonly Pair[] = [];
  private iterations = 0;
  private evaluations = 0;
  /** How far the last step went along its direction. */
  private length = 0;
  /** The first guess of the inverse Hessian: so much of the identity. */
  private scale = 1;

  constructor(parameters: Tree, options: LBFGSOptions = {}) {
    super(parameters, options, method);
    if (this.groups.length > 1)
      throw new ValueError("LBFGS", "parameters in one group", `${this.groups.length} groups`);
    this.direction = this.vector("direction");
    this.previous = this.vector("previous gradient");
  }

  step(): never;
  step(closure: () => Tensor): Tensor;
  step(closure?: () => Tensor): Tensor {
    if (!closure) throw new ValueError("LBFGS.step", "a closure that computes the loss and its gradients", "none");
    return ownedBy("step", () => {
      const loss = closure();
      withTracking(false, () => {
        this.iterate(closure, item(loss));
      });
      return loss;
    });
  }

  private iterate(closure: () => Tensor, firstLoss: number): void {
    const { maxIter, maxEval, toleranceGrad, toleranceChange, lineSearchFn } = this.groups[0]!.settings;
    this.evaluations++;
    let evaluations = 1;
    let point: Omit<Point<Tensor>, "at" | "slope"> = { loss: firstLoss, gradient: this.gradient() };
    if (largest(point.gradient) <= toleranceGrad) return;
    for (let n = 1; n <= maxIter; n++) {
      const before = point;
      const slope = this.turn(before.gradient);
      if (slope > -toleranceChange) return;
      const origin = this.flat((p) => p);
      const look = (at: number): Point<Tensor> => {
        this.place(origin.add(this.direction.mul(at)));
        const loss = withTracking(true, () => ownedBy("step", () => item(closure())));
        const gradient = this.gradient();
        return { at, loss, gradient, slope: item(dot(gradient, this.direction)) };
      };
      let calls = 0;
      if (lineSearchFn) {
        const start = { ...before, at: 0, slope };
        const found = strongWolfe(look, start, this.length, largest(this.direction));
        [point, calls, this.length] = [found.point, found.evaluations, found.point.at];
        this.place(origin.add(this.direction.mul(this.length)));
      } else if (n < maxIter) {
        [point, calls] = [look(this.length), 1];
      } else {
        this.place(origin.add(this.direction.mul(this.length)));
      }
      evaluations += calls;
      this.evaluations += calls;
      if (evaluations >= maxEval || largest(point.gradient) <= toleranceGrad) return;
      const moved = largest(this.direction) * Math.abs(this.length);
      if (moved <= toleranceChange || Math.abs(point.loss - before.loss) < toleranceChange) return;
    }
  }

  /** Chooses the next direction, and how far to go at first. Returns the slope along it. */
  private turn(gradient: Tensor): number {
    const { lr } = this;
    if (this.iterations++ === 0) {
      this.direction.assign(gradient.neg());
      this.length = Math.min(1, 1 / item(gradient.abs().sum())) * lr;
    } else {
      this.learn(gradient);
      this.direction.assign(ownedBy("step", () => this.newton(gradient)));
      this.length = lr;
    }
    this.previous.assign(gradient);
    return item(dot(gradient, this.direction));
  }

  /** Remembers what the last step tells of the curvature. */
  private learn(gradient: Tensor): void {
    const { historySize } = this.groups[0]!.settings;
    ownedBy("step", () => {
      const difference = gradient.sub(this.previous);
      const step = this.direction.mul(this.length);
      const curvature = item(dot(difference, step));
      if (!(curvature > CURVED)) return;
      const full = this.pairs.length === historySize;
      const pair = full ? this.pairs[0]! : this.newPair();
      pair.step.assign(step);
      pair.difference.assign(difference);
      pair.ratio = 1 / curvature;
      this.pairs = [...this.pairs.slice(full ? 1 : 0), pair];
      this.scale = curvature / item(dot(difference, difference));
    });
  }

  /** The negative inverse Hessian, as far as it is known, times the gradient: the recursion over the pairs and back. */
  private newton(gradient: Tensor): Tensor {
    let q = gradient.neg();
    const shares = new Map<Pair, number>();
    for (const pair of [...this.pairs].reverse()) {
      const share = item(dot(pair.step, q)) * pair.ratio;
      shares.set(pair, share);
      q = ownedBy("step", () => q.sub(pair.difference.mul(share)));
    }
    let r = q.mul(this.scale);
    for (const pair of this.pairs) {
      const share = shares.get(pair)! - item(dot(pair.difference, r)) * pair.ratio;
      r = ownedBy("step", () => r.add(pair.step.mul(share)));
    }
    return r;
  }

  /** The gradients of all parameters, 0 where there is none. */
  private gradient(): Tensor {
    return this.flat((p) => gradientOfParameter(p) ?? fill(p.shape, 0, p.dtype));
  }

  /** Something of each parameter as one vector. */
  private flat(of: (parameter: Variable) => Tensor): Tensor {
    const parts = this.parameters.map((p) => reshape(castTo(of(p), this.dtype), [p.size]));
    return ownedBy("step", () => cat(parts).copy());
  }

  /** Gives the parameters the values of a vector. */
  private place(values: Tensor): void {
    let from = 0;
    for (const p of this.parameters) {
      p.assign(reshape(part(values, 0, from, p.size), p.shape));
      from += p.size;
    }
  }

  private get dtype(): DTypeName {
    return this.parameters.some((p) => p.dtype === "f64") ? "f64" : "f32";
  }

  private vector(label: string): Variable {
    const size = this.parameters.reduce((sum, p) => sum + p.size, 0);
    return variable(new Float64Array(size), { dtype: this.dtype, label });
  }

  private newPair(): Pair {
    return { step: this.vector("step"), difference: this.vector("difference of gradients"), ratio: 0 };
  }

  override loadStateDict(state: StateDict): void {
    const count = Object.keys(state).filter((name) => /^pairs\.\d+\.ratio$/.test(name)).length;
    const { historySize } = this.groups[0]!.settings;
    const pairs = this.pairs;
    this.pairs = Array.from({ length: Math.min(count, historySize) }, (_, i) => pairs[i] ?? this.newPair());
    try {
      takeUp("LBFGS.loadStateDict", this.entries, state);
    } catch (error) {
      this.pairs = pairs;
      throw error;
    }
  }

  override get entries(): Entries {
    const number = (get: () => number, set: (x: number) => void): Remembered => ({ get, set: (x) => set(x!) });
    return new Map<string, Variable | Remembered>([
      ...super.entries,
      ["direction", this.direction],
      ["previous", this.previous],
      [
        "iterations",
        number(
          () => this.iterations,
          (x) => (this.iterations = x),
        ),
      ],
      [
        "evaluations",
        number(
          () => this.evaluations,
          (x) => (this.evaluations = x),
        ),
      ],
      [
        "length",
        number(
          () => this.length,
          (x) => (this.length = x),
        ),
      ],
      [
        "scale",
        number(
          () => this.scale,
          (x) => (this.scale = x),
        ),
      ],
      ...this.pairs.flatMap((pair, i): [string, Variable | Remembered][] => [
        [`pairs.${i}.step`, pair.step],
        [`pairs.${i}.difference`, pair.difference],
        [
          `pairs.${i}.ratio`,
          number(
            () => pair.ratio,
            (x) => (pair.ratio = x),
          ),
        ],
      ]),
    ]);
  }
}

/** The largest absolute value. */
function largest(x: Tensor): number {
  return ownedBy("step", () => item(x.abs().max()));
}
