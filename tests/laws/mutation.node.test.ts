import { describe, expect, test } from "vitest";
import { scope } from "../../bindings/index.js";
import { operations } from "../../bindings/core/operations.js";
import type { Primitive } from "../../bindings/core/graph.js";
import { toPlain, type Plain } from "../support/plain.js";
import { Random } from "../support/random.js";
import { laws } from "./index.js";
import { mutantsOf } from "./mutants.js";
import {
  draw,
  dtypesOf,
  evaluate,
  hold,
  isDifferentiable,
  resultSize,
  reverse,
  rows,
  tensorsOf,
  type Row,
} from "./row.js";

// The laws are themselves tested: whatever is wrong with a row, one of them must fail. In Node alone, since what is said
// here is said of the laws and not of an engine.

const caught = new Map<string, number>();

/** A law that fails for a row, or null: those that have caught most are asked first. */
function failing(row: Row): string | null {
  const caughtBy = ({ name }: (typeof laws)[number]): number => caught.get(name) ?? 0;
  for (const law of laws.toSorted((a, b) => caughtBy(b) - caughtBy(a))) {
    if (!law.appliesTo(row)) continue;
    try {
      hold(law, row);
    } catch {
      return law.name;
    }
  }
  return null;
}

/** All that a primitive says of some values: its own value, that of its definition, and its gradients. */
function behaviour(row: Row, primitive: Primitive): Plain[] {
  return primitive.samples().flatMap((sample) => {
    const values = draw(sample, new Random(`${row.name}, behaviour`));
    const weights = new Random("weights").weights(resultSize(row.primitive, sample, values));
    const { derivative } = primitive;
    const defined =
      derivative.kind === "fused"
        ? scope(() =>
            toPlain(derivative.definition(operations, tensorsOf(values, dtypesOf(sample, "f64")), sample.params)),
          )
        : [];
    return [evaluate(primitive, sample, values), ...reverse(primitive, sample, values, weights)].concat(defined);
  });
}

const commutative: string[] = [];

describe.each(rows.filter((row) => mutantsOf(row.primitive).length > 0))("$name", (row) => {
  test.each(mutantsOf(row.primitive))("$name", ({ name, primitive, exchange }) => {
    const law = failing({ ...row, primitive });
    if (law !== null) {
      caught.set(law, (caught.get(law) ?? 0) + 1);
      return;
    }
    expect(exchange, "no law fails").toBe(true);
    // Exchanging the operands of a commutative operation changes nothing: then, and only then, no law needs to fail.
    expect(behaviour(row, primitive)).toEqual(behaviour(row, row.primitive));
    commutative.push(`${row.name}: ${name}`);
  });
});

test("every differentiable row has mutants", () => {
  const total = [...caught.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${total} mutants fail a law; ${commutative.length} only exchange the operands of commutative operations`,
  );
  for (const [law, count] of caught) console.log(`  ${count} by: ${law}`);
  for (const row of rows)
    if (isDifferentiable(row)) expect(mutantsOf(row.primitive).length, row.name).toBeGreaterThan(0);
  expect(total).toBeGreaterThan(80);
});
