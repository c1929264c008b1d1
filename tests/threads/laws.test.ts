import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { info, scope, vmap, type DTypeName, type Tensor } from "../../bindings/index.js";
import { apply } from "../../bindings/core/running/apply.js";
import type { Sample } from "../../bindings/core/graph.js";
import { draw, dtypesOf, rows } from "../laws/row.js";
import { toTensor } from "../support/plain.js";
import { Random } from "../support/random.js";
import { bitsOf, differs, jobs, pretend } from "./support.js";

type TensorFunction = (...xs: Tensor[]) => Tensor;

/** Examples that are drawn, and how often they stand in a batch: enough for lines of the caches to be parted. */
const EXAMPLES = 5;
const TIMES = 30;

/** The inputs of a sample, each with a batch in front. */
function batchOf(sample: Sample, random: Random, dtype: DTypeName): Tensor[] {
  const examples = Array.from({ length: EXAMPLES }, () => draw(sample, random, dtype));
  return dtypesOf(sample, dtype).map((type, i) => {
    const once = examples.flatMap((example) => example[i]!.data);
    const data = Array.from({ length: TIMES }, () => once).flat();
    return toTensor({ shape: [EXAMPLES * TIMES, ...examples[0]![i]!.shape], data }, type);
  });
}

describe("an instruction has the same bits however it is divided", () => {
  let divided = 0;
  let team: ReturnType<typeof pretend>;

  beforeAll(() => {
    team = pretend();
  });

  afterAll(() => team.end());

  test.each(rows)("$name", ({ name, primitive }) => {
    const random = new Random(`${name}, threads`);
    const before = jobs();
    for (const sample of primitive.samples()) {
      for (const dtype of ["f32", "f64"] as const) {
        scope(() => {
          const batch = batchOf(sample, random, dtype);
          const f: TensorFunction = (...xs) => apply(primitive, xs, sample.params);
          const [one, two, three] = [1, 2, 3].map((threads) => {
            team.threads(threads);
            return bitsOf([batch.length > 0 ? vmap(f)(...batch) : f()]);
          });
          expect(differs(one!, two!), "two threads").toBe(false);
          expect(differs(one!, three!), "three threads").toBe(false);
        });
      }
    }
    if (jobs() > before) divided++;
  });

  test.runIf(info().shared)("and most are divided", () => {
    expect(divided / rows.length).toBeGreaterThan(0.7);
  });
});
