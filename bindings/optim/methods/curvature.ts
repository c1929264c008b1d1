import { item } from "../../core/values/access.js";
import { variable } from "../../core/values/create.js";
import type { DTypeName } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { ownedBy } from "../../core/running/scopes.js";
import type { Variable } from "../../core/variable.js";
import { dot } from "../../functions/products/products.js";
import { numbersOf, type StateEntries, type Remembered } from "../state.js";
import { set } from "../temporaries.js";

/** A step of the parameters with the difference of the gradients that it made, as vectors, and 1 / <step, difference>. */
interface Pair {
  readonly step: Variable;
  readonly difference: Variable;
  readonly numbers: { ratio: number };
}

/** A step along which the gradient changes less says nothing. */
const CURVED = 1e-10;

/** What the last steps tell of the Hessian of a function of one vector. */
export class Curvature {
  /** The oldest first. */
  private pairs: readonly Pair[] = [];
  /** The inverse Hessian where nothing else is known: so much of the identity. */
  private readonly numbers = { scale: 1 };

  constructor(
    private readonly size: number,
    private readonly dtype: DTypeName,
    /** How many steps are remembered. */
    private readonly capacity: number,
  ) {}

  /** Remembers a step. */
  learn(step: Tensor, difference: Tensor): void {
    const curvature = item(dot(difference, step));
    if (!(curvature > CURVED)) return;
    const full = this.pairs.length === this.capacity;
    const pair = full ? this.pairs[0]! : this.newPair();
    pair.step.assign(step);
    pair.difference.assign(difference);
    pair.numbers.ratio = 1 / curvature;
    this.pairs = [...this.pairs.slice(full ? 1 : 0), pair];
    this.numbers.scale = curvature / item(dot(difference, difference));
  }

  /** Multiplies a vector by the inverse Hessian, in place: the recursion over the steps and back. */
  solve(x: Variable): void {
    const shares = new Map<Pair, number>();
    for (const pair of [...this.pairs].reverse()) {
      const share = product(pair.step, x) * pair.numbers.ratio;
      shares.set(pair, share);
      set(x, () => x.sub(pair.difference.mul(share)));
    }
    set(x, () => x.mul(this.numbers.scale));
    for (const pair of this.pairs) {
      const share = shares.get(pair)! - product(pair.difference, x) * pair.numbers.ratio;
      set(x, () => x.add(pair.step.mul(share)));
    }
  }

  /** Makes room for as many steps as a state has. Returns what takes it back. */
  makeRoomFor(state: Readonly<Record<string, unknown>>): () => void {
    const { pairs } = this;
    const count = Object.keys(state).filter((name) => /^pairs\.\d+\.ratio$/.test(name)).length;
    this.pairs = Array.from({ length: Math.min(count, this.capacity) }, (_, i) => pairs[i] ?? this.newPair());
    return () => {
      this.pairs = pairs;
    };
  }

  get entries(): StateEntries {
    const pairs = this.pairs.flatMap(({ step, difference, numbers }, i): [string, Variable | Remembered][] => [
      [`pairs.${i}.step`, step],
      [`pairs.${i}.difference`, difference],
      ...numbersOf(numbers).map(([name, ratio]): [string, Remembered] => [`pairs.${i}.${name}`, ratio]),
    ]);
    return new Map([...numbersOf(this.numbers), ...pairs]);
  }

  private newPair(): Pair {
    const make = (label: string): Variable => variable(new Float64Array(this.size), { dtype: this.dtype, label });
    return { step: make("step"), difference: make("difference of gradients"), numbers: { ratio: 0 } };
  }
}

function product(x: Tensor, y: Tensor): number {
  return ownedBy("step", () => item(dot(x, y)));
}
