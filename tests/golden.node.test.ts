// The library against references of another system, and the runner that compares them.
import { describe, expect, test } from "vitest";
import * as core from "../bindings/index.js";
import * as nn from "../bindings/nn/index.js";
import * as optim from "../bindings/optim/index.js";
import { parse } from "./golden/expression.js";
import { parseGolden, readGolden, SchemaError, type Entry, type GoldenCase, type GoldenFile } from "./golden/file.js";
import { Lab, type Library } from "./golden/library.js";
import { count, jsonOf, textOf } from "./golden/report.js";
import { runGolden } from "./golden/run.js";

const library: Library = { core, nn, optim };
const file = readGolden("tests/golden/public.json");
const dtypes = ["f32", "f64"] as const;

/** A file of one case. */
function only(changed: GoldenCase): GoldenFile {
  return { ...file, cases: [changed], sections: {} };
}

function caseNamed(id: string): GoldenCase {
  const found = file.cases.find((c) => c.id === id);
  if (!found) throw new Error(`no case ${id}`);
  return found;
}

test.each(dtypes)("everything that the library has agrees in %s", (dtype) => {
  const outcomes = runGolden(library, file, { dtype });
  expect(outcomes.filter(({ kind }) => kind === "failed")).toEqual([]);
  expect(count(outcomes, "passed")).toBeGreaterThan(400);
});

describe("a wrong number is found in every mode", () => {
  const right = caseNamed("pub/exp/1");
  const scaled = (c: GoldenCase["outputs"][0]) => ({ ...c, data: c.data.map((x, i) => (i === 5 ? x * 1.01 : x)) });
  const wrong: Readonly<Record<string, GoldenCase>> = {
    forward: { ...right, outputs: right.outputs.map(scaled) },
    vjp: { ...right, vjp: { input: scaled(right.vjp!["input"]!) } },
    hvp: { ...right, hvp: { input: scaled(right.hvp!["input"]!) } },
  };
  test.each(dtypes.flatMap((dtype) => Object.keys(wrong).map((mode) => [mode, dtype] as const)))(
    "%s in %s",
    (mode, dtype) => {
      const failures = runGolden(library, only(wrong[mode]!), { dtype }).filter(({ kind }) => kind === "failed");
      expect(failures).toHaveLength(1);
      expect(failures[0]).toMatchObject({
        id: "pub/exp/1",
        section: mode,
        mismatch: { problem: expect.stringContaining(" at 5") },
      });
      expect(failures[0]!.mismatch!.relative).toBeCloseTo(0.01, 3);
      expect(textOf(failures)).toContain(`FAIL pub/exp/1 ${mode} ${dtype}`);
    },
  );
});

test("a wrong shape, type, sign of infinity or NaN is a failure", () => {
  const right = caseNamed("pub/exp/1");
  const [output] = right.outputs;
  const given = [
    { ...output!, shape: [4, 3] },
    { ...output!, dtype: "i64" as const },
    { ...output!, data: output!.data.map((x, i) => (i === 0 ? NaN : x)) },
    { ...output!, data: output!.data.map((x, i) => (i === 0 ? -Infinity : x)) },
  ];
  for (const expected of given) {
    const [forward] = runGolden(library, only({ ...right, outputs: [expected] }), { dtype: "f64" });
    expect(forward).toMatchObject({ section: "forward", kind: "failed" });
  }
});

/** What an entry gives, as opposed to what it expects. */
const GIVEN = "shape x X Y b A RT lr data optimizer init_params steps batch_size".split(" ");

/** A value with all its numbers changed, but for those that are given. */
function changed(value: unknown): unknown {
  if (typeof value === "number") return value * 1.05 + 0.05;
  if (Array.isArray(value)) return value.map(changed);
  if (typeof value !== "object" || value === null) return value;
  const isTensor = "dtype" in value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, unknown] => [
      key,
      GIVEN.includes(key) && !(isTensor && key === "data") ? inner : changed(inner),
    ]),
  );
}

test.each(Object.entries(file.sections))("wrong numbers in the section %s are found", (name, entries) => {
  const wrong = entries.map((entry) => {
    // A trajectory's points are expected, all but the first; a schedule's rates are.
    if (name === "schedules") return { ...entry, lr: changed(entry["lr"]) };
    if (name !== "trajectories") return changed(entry) as Entry;
    return { ...entry, x: (entry["x"] as number[][]).map((point, i) => (i > 0 ? changed(point) : point)) };
  });
  const run = (sections: readonly Entry[]) =>
    runGolden(library, { ...file, cases: [], sections: { [name]: sections } }, { dtype: "f64" });
  expect(count(run(wrong), "passed")).toBe(0);
  expect(count(run(wrong), "failed")).toBe(count(run(entries), "passed"));
});

test("what the library lacks is missing, neither passed nor failed", () => {
  const outcomes = runGolden(library, only({ ...caseNamed("pub/exp/1"), op: "no_such_operation" }));
  expect(outcomes.length).toBeGreaterThan(0);
  expect(count(outcomes, "missing")).toBe(outcomes.length);
  expect(JSON.parse(jsonOf("file", outcomes))).toMatchObject({
    passed: 0,
    failed: 0,
    missingOperations: { no_such_operation: outcomes.length },
  });
});

test("an operation is found in the public API by its PyTorch name", () => {
  const renamed = { ...core, someExp: core.exp } as unknown as Library["core"];
  const outcomes = runGolden({ core: renamed }, only({ ...caseNamed("pub/exp/1"), op: "some_exp" }), { dtype: "f64" });
  expect(count(outcomes, "passed")).toBeGreaterThanOrEqual(3);
  expect(count(outcomes, "failed")).toBe(0);
});

test("the values of a case are selected by level, type and name", () => {
  expect(
    runGolden(library, file, { op: "exp", dtype: "f32" }).every(
      ({ id, dtype }) => id.startsWith("pub/exp/") && dtype === "f32",
    ),
  ).toBe(true);
  expect(runGolden(library, file, { level: "extended" }).every(({ level }) => level === "extended")).toBe(true);
});

test.each([
  ["not JSON", "{", /expected JSON/],
  ["no cases", '{"meta": {}}', /cases: expected a list, got nothing/],
  ["another schema", '{"meta": {"schema": 2}, "cases": []}', /meta\.schema: expected 1, got 2/],
  [
    "a case without inputs",
    '{"meta": {}, "cases": [{"id": "a", "op": "exp"}]}',
    /cases\[0\] \(a\)\.inputs: expected a list/,
  ],
  [
    "too few numbers",
    '{"meta": {}, "cases": [{"id": "a", "op": "exp", "inputs": [{"name": "x", "dtype": "f64", "shape": [2], "data": [1]}]}]}',
    /inputs\[0\]\.data: expected 2 numbers for the shape \[2\], got 1/,
  ],
])("a file that is not of the schema is refused with a reason: %s", (_, text, reason) => {
  expect(() => parseGolden(text)).toThrow(SchemaError);
  expect(() => parseGolden(text)).toThrow(reason);
});

test("expressions follow the rules of precedence", () => {
  const lab = new Lab(library, "f64");
  const value = (text: string): number =>
    core.item(parse(text)(lab, { x: lab.scalar(3), y: lab.scalar(2) }) as core.Tensor);
  expect(value("x - y - 1")).toBe(0);
  expect(value("-x^2 + 2*y")).toBe(-5);
  expect(value("x^2 / (1 + y)")).toBe(3);
  expect(value("sqrt(x + 3*y) * 1/3")).toBe(1);
  expect(() => parse("x >= 0")).toThrow(/missing/);
});
