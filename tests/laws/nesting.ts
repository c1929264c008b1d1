import { grad, hessian, jacobian, jvp, mul, stack, sum, vmap, type Tensor } from "../../bindings/index.js";
import { checkClose } from "../support/compare.js";
import { choices } from "./batching.js";
import { toPlain, toTensor, type Plain } from "../support/plain.js";
import type { Random } from "../support/random.js";
import { functionOf } from "./forward.js";
import { draw, dtypesOf, floatInputs, isDifferentiable, resultSize, tensorsOf, type Law, type Row } from "./row.js";
import type { Sample } from "../../bindings/core/graph.js";

const EXAMPLES = 2;

/** A row at a sample as a scalar function of its floating-point inputs, and points to differentiate it at. */
interface Problem {
  /** Σ w f(x). */
  readonly weighted: (...xs: Tensor[]) => Tensor;
  readonly points: readonly (readonly Tensor[])[];
  /** For each input, its values at all points. */
  readonly batches: readonly Tensor[];
  readonly tangents: readonly Tensor[];
  readonly argnums: readonly number[];
}

function problem({ primitive }: Row, sample: Sample, random: Random): Problem {
  const floats = floatInputs(sample);
  const values = Array.from({ length: EXAMPLES }, () => draw(sample, random));
  const [fixed] = values as [Plain[]];
  const f = functionOf(primitive, sample, tensorsOf(fixed, dtypesOf(sample, "f64")));
  const w = random.weights(resultSize(primitive, sample, fixed));
  const points = values.map((list) => floats.map((i) => toTensor(list[i]!, "f64")));
  return {
    weighted(...xs) {
      const y = f(...xs);
      return sum(mul(y, toTensor({ shape: y.shape, data: w }, "f64")));
    },
    points,
    batches: floats.map((_, k) => stack(points.map((point) => point[k]!))),
    tangents: floats.map((i) =>
      toTensor({ shape: fixed[i]!.shape, data: random.weights(fixed[i]!.data.length) }, "f64"),
    ),
    argnums: floats.map((_, k) => k),
  };
}

/** Derivatives of a batch, one a point, against those of the points by themselves. */
function checkBatch(what: string, got: readonly Tensor[], apart: readonly (readonly Tensor[])[]): void {
  for (const [k, g] of got.entries()) {
    const wanted = toPlain(stack(apart.map((list) => list[k]!)));
    checkClose(`${what} by argument ${k}`, toPlain(g), wanted, 1e-12);
  }
}

/** A batch of gradients of tangents: vmap over reverse mode over forward mode. */
export const nestedLaw: Law = {
  name: "vmap(grad(jvp)) equals the loop",
  appliesTo: isDifferentiable,
  check(row, random) {
    for (const sample of row.primitive.samples()) {
      const { weighted, points, batches, tangents, argnums } = problem(row, sample, random);
      const each = grad((...xs: Tensor[]) => jvp(weighted, xs, [...tangents])[1], { argnums });
      const together = vmap((...xs: Tensor[]) => each(...xs))(...batches);
      checkBatch(
        row.name,
        together,
        points.map((point) => each(...point)),
      );
    }
  },
};

/** The derivatives of what a batch computes: reverse mode over vmap, forward mode over it, and forward over reverse. */
export const overBatchLaw: Law = {
  name: "derivatives of vmap equal the loop",
  appliesTo: isDifferentiable,
  check(row, random) {
    for (const sample of row.primitive.samples()) {
      const { weighted, points, batches, tangents, argnums } = problem(row, sample, random);
      const gradient = grad(weighted, { argnums }) as (...xs: Tensor[]) => Tensor[];
      for (const which of someShared(argnums.length))
        checkShared(row.name, which, { weighted, points, batches, gradient });
      const batched = vmap(weighted);
      const gradients = grad((...xs: Tensor[]) => sum(batched(...xs)), { argnums }) as (...xs: Tensor[]) => Tensor[];
      const along = tangents.map((t) => stack(points.map(() => t)));
      checkBatch(
        `${row.name}, forward`,
        [jvp(batched, [...batches], along)[1]],
        points.map((point) => [jvp(weighted, [...point], [...tangents])[1]]),
      );
      checkBatch(
        `${row.name}, forward over reverse`,
        jvp(gradients, [...batches], along)[1],
        points.map((point) => jvp(gradient, [...point], [...tangents])[1]),
      );
    }
  },
};

/** Ways in which some of so many arguments are shared by the examples: all ways, or, of many arguments, one at a time. */
function someShared(count: number): boolean[][] {
  return choices(count).filter((which) => count <= 3 || which.filter((each) => !each).length === 1);
}

/** Where only some arguments are batched, the gradient by one that all examples share is the sum of theirs. */
function checkShared(
  name: string,
  which: readonly boolean[],
  {
    weighted,
    points,
    batches,
    gradient,
  }: Pick<Problem, "weighted" | "points" | "batches"> & {
    gradient(...xs: readonly Tensor[]): Tensor[];
  },
): void {
  const at = (i: number): Tensor[] => which.map((each, k) => points[each ? i : 0]![k]!);
  const inAxes = which.map((each) => (each ? 0 : null));
  const total = (...xs: Tensor[]): Tensor => sum(vmap(weighted, { inAxes })(...xs));
  const got = grad(total, { argnums: which.map((_, k) => k) })(...which.map((each, k) => (each ? batches : at(0))[k]!));
  const apart = points.map((_, i) => gradient(...at(i)));
  for (const [k, each] of which.entries()) {
    const list = stack(apart.map((one) => one[k]!));
    const wanted = each ? list : sum(list, 0);
    checkClose(`${name}, reverse by argument ${k} with ${which.join()}`, toPlain(got[k]!), toPlain(wanted), 1e-12);
  }
}

/** The Hessian is the Jacobian of the gradient, by forward mode as by reverse mode, and the mixed blocks are transposes. */
export const hessianLaw: Law = {
  name: "jacobian(grad) equals hessian",
  appliesTo: isDifferentiable,
  check(row, random) {
    for (const sample of row.primitive.samples()) {
      const { weighted, points, argnums } = problem(row, sample, random);
      const [point] = points as [Tensor[]];
      const gradient = grad(weighted, { argnums }) as (...xs: Tensor[]) => Tensor[];
      const blocks = jacobian(gradient, { argnums, mode: "reverse" })(...point) as unknown as Tensor[][];
      for (const i of argnums) {
        const own = toPlain(hessian(weighted, { argnums: i })(...point));
        checkClose(`${row.name}, argument ${i}`, own, toPlain(blocks[i]![i]!), 1e-10);
        for (const j of argnums.slice(i + 1)) {
          const [m, n] = [point[i]!.size, point[j]!.size];
          const across = blocks[j]![i]!.reshape([n, m]).T;
          checkClose(
            `${row.name}, arguments ${i} and ${j}`,
            toPlain(blocks[i]![j]!.reshape([m, n])),
            toPlain(across),
            1e-10,
          );
        }
      }
    }
  },
};
