// The library against references of another system, as a file of tests that reads no files.
import { expect, test } from "vitest";
import * as core from "../../../bindings/index.js";
import * as nn from "../../../bindings/nn/index.js";
import * as optim from "../../../bindings/optim/index.js";
import { parseGolden } from "../../golden/file.js";
import { count } from "../../golden/report.js";
import { runGolden } from "../../golden/run.js";
import references from "../../golden/public.json" with { type: "json" };

test.each(["f32", "f64"] as const)("everything that the library has agrees in %s", (dtype) => {
  const outcomes = runGolden({ core, nn, optim }, parseGolden(JSON.stringify(references)), { dtype });
  expect(outcomes.filter(({ kind }) => kind === "failed")).toEqual([]);
  expect(count(outcomes, "passed")).toBeGreaterThan(400);
});
