import { describe, expect, test } from "vitest";
import { laws } from "./index.js";
import { hold, isDifferentiable, rows } from "./row.js";

let held = 0;

describe.each(rows)("$name", (row) => {
  for (const law of laws) {
    if (!law.appliesTo(row)) continue;
    test(law.name, () => {
      hold(law, row);
      held++;
    });
  }
});

test("the laws cover the table", () => {
  const pairs = rows.flatMap((row) => laws.filter((law) => law.appliesTo(row)));
  const perRow = (row: (typeof rows)[number]) => laws.filter((law) => law.appliesTo(row)).length;
  console.log(`${rows.length} rows, ${laws.length} laws: ${held} of ${pairs.length} pairs (row, law) hold`);
  for (const row of rows) {
    expect(row.primitive.samples().length, `${row.name} has samples`).toBeGreaterThan(0);
    expect(perRow(row), `laws of ${row.name}`).toBeGreaterThanOrEqual(isDifferentiable(row) ? 7 : 2);
  }
  for (const law of laws)
    expect(
      rows.some((row) => law.appliesTo(row)),
      law.name,
    ).toBe(true);
});
