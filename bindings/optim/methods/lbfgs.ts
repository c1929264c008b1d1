import { item } from "../../core/values/access.js";
import { withTracking } from "../../core/running/apply.js";
import { checkWhole } from "../../core/checks.js";
import { variable } from "../../core/values/create.js";
import type { DTypeName } from "../../core/dtype.js";
import { gradientOfParameter } from "../gradients.js";
import type { Tensor } from "../../core/graph.js";
import { ownedBy } from "../../core/running/scopes.js";
import type { Variable } from "../../core/variable.js";
import { ValueError } from "../../errors.js";
import { dot } from "../../functions/products/products.js";
import { cat } from "../../functions/shapes/movement.js";
import { part } from "../../functions/shapes/split.js";
import { castTo } from "../../primitives/define.js";
import { fill } from "../../primitives/generate.js";
import { reshape } from "../../primitives/movement.js";
import { checkClosure, checkNumber } from "../checks.js";
import type { Settings, ParameterTree } from "../group.js";
import { set } from "../temporaries.js";
import { strongWolfe, type Point } from "./line-search.js";
import { Optimizer } from "../optimizer.js";
import { checkTrainingState, numbersOf, type StateEntries, type Remembered, type TrainingState } from "../state.js";
import { Curvature } from "./curvature.js";
import type { Known } from "../../shared/options.js";

/** Options of `LBFGS`. */
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
/** What the group of all parameters goes by. */
export interface LBFGSSettings extends Settings, Required<Omit<LBFGSOptions, "lr">> {}

const method = {
  known: {
    lr: 0,
    maxIter: 0,
    maxEval: 0,
    toleranceGrad: 0,
    toleranceChange: 0,
    historySize: 0,
    lineSearchFn: null,
  } satisfies Known<LBFGSOptions>,
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

/**
 * L-BFGS (Liu and Nocedal, 1989), as PyTorch has it: Newton's method with what the last steps tell of the Hessian. `step`
 * needs a closure that computes the loss and its gradients, and calls it several times; it decides by values, so that it is
 * not compiled. All parameters are in one group, and together one vector.
 */
export class LBFGS extends Optimizer<LBFGSSettings, never, never> {
  /** The present direction, and the gradient where it was chosen. */
  private readonly direction: Variable;
  private readonly previous: Variable;
  private readonly curvature: Curvature;
  private readonly progress = {
    iterations: 0,
    evaluations: 0,
    /** How far the last step went along its direction. */
    length: 0,
  };

  constructor(parameters: ParameterTree, options: LBFGSOptions = {}) {
    super(parameters, options, method);
    if (this.groups.length > 1)
      throw new ValueError("LBFGS", "parameters in one group", `${this.groups.length} groups`);
    const size = this.parameters.reduce((sum, p) => sum + p.size, 0);
    const { dtype } = this;
    this.direction = variable(new Float64Array(size), { dtype, label: "direction" });
    this.previous = variable(new Float64Array(size), { dtype, label: "previous gradient" });
    this.curvature = new Curvature(size, dtype, this.groups[0]!.settings.historySize);
  }

  step(): never;
  step(closure: () => Tensor): Tensor;
  step(closure?: () => Tensor): Tensor {
    checkClosure("LBFGS.step", "the loss and its gradients", closure);
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
    const { direction, progress } = this;
    let evaluations = 1;
    let point: Omit<Point<Tensor>, "at" | "slope"> = { loss: firstLoss, gradient: this.gradient() };
    progress.evaluations++;
    if (largest(point.gradient) <= toleranceGrad) return;
    for (let n = 1; n <= maxIter; n++) {
      const before = point;
      const slope = this.turn(before.gradient);
      if (slope > -toleranceChange) return;
      const origin = this.flat((p) => p);
      const goTo = (at: number): void => {
        ownedBy("step", () => {
          this.place(origin.add(direction.mul(at)));
        });
      };
      const look = (at: number): Point<Tensor> => {
        goTo(at);
        const loss = withTracking(true, () => ownedBy("step", () => item(closure())));
        const gradient = this.gradient();
        return { at, loss, gradient, slope: item(dot(gradient, direction)) };
      };
      let calls = 0;
      if (lineSearchFn) {
        const found = strongWolfe(look, { ...before, at: 0, slope }, progress.length, largest(direction));
        [point, calls, progress.length] = [found.point, found.evaluations, found.point.at];
        goTo(progress.length);
      } else if (n < maxIter) {
        [point, calls] = [look(progress.length), 1];
      } else {
        goTo(progress.length);
      }
      evaluations += calls;
      progress.evaluations += calls;
      if (evaluations >= maxEval || largest(point.gradient) <= toleranceGrad) return;
      const moved = largest(direction) * Math.abs(progress.length);
      if (moved <= toleranceChange || Math.abs(point.loss - before.loss) < toleranceChange) return;
    }
  }

  /** Chooses the next direction, and how far to go at first. Returns the slope along it. */
  private turn(gradient: Tensor): number {
    const { direction, previous, progress, lr } = this;
    progress.iterations++;
    if (progress.iterations === 1) {
      set(direction, () => gradient.neg());
      progress.length = Math.min(1, 1 / item(gradient.abs().sum())) * lr;
    } else {
      ownedBy("step", () => {
        this.curvature.learn(direction.mul(progress.length), gradient.sub(previous));
      });
      set(direction, () => gradient.neg());
      this.curvature.solve(direction);
      progress.length = lr;
    }
    previous.assign(gradient);
    return item(dot(gradient, direction));
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

  /** Makes room for as many steps as a state has. Returns what takes it back. */
  makeRoomFor(state: Readonly<Record<string, unknown>>): () => void {
    return this.curvature.makeRoomFor(state);
  }

  override loadStateDict(state: TrainingState): void {
    checkTrainingState("LBFGS.loadStateDict", state);
    const takeBack = this.makeRoomFor(state);
    try {
      super.loadStateDict(state);
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  /** Where each part of the state is kept, by its flat name. */
  override get entries(): StateEntries {
    return new Map<string, Variable | Remembered>([
      ...super.entries,
      ["direction", this.direction],
      ["previous", this.previous],
      ...numbersOf(this.progress),
      ...this.curvature.entries,
    ]);
  }
}

/** The largest absolute value. */
function largest(x: Tensor): number {
  return ownedBy("step", () => item(x.abs().max()));
}
