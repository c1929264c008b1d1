// The traces computed by another system, next to the rows of `trace`.
import { expect, test } from "vitest";
import * as core from "../../bindings/index.js";
import { trace } from "../../bindings/viz/index.js";
import { parse, tensorOf } from "../golden/expression.js";
import { readGolden } from "../golden/file.js";
import { Lab } from "../golden/library.js";

type Numbers = Readonly<Record<string, number>>;
type Entry = Readonly<
  { expr: string; nodes: Readonly<Record<string, string>>; x: readonly number[] } & Record<string, unknown>
>;

const entries = readGolden("tests/golden/public.json").sections["traces"] as unknown as readonly Entry[];
const lab = new Lab({ core }, "f64");

test("there are some", () => expect(entries.length).toBeGreaterThan(0));

test.each(entries.map((entry) => [entry.expr, entry] as const))("%s", (_, entry) => {
  const formulas = Object.entries(entry.nodes).map(([name, text]) => [name, parse(text)] as const);
  const f = (...xs: core.Tensor[]): core.Tensor => {
    const values: Record<string, core.Tensor> = Object.fromEntries(xs.map((x, i) => [`x${i + 1}`, x]));
    for (const [name, formula] of formulas) {
      const value = tensorOf(lab, formula(lab, values));
      values[name] = xs.includes(value) ? value : core.name(value, name);
    }
    return values[formulas.at(-1)[0]]!;
  };
  const found = trace(f, ...entry.x.map((x) => lab.scalar(x)));
  const close = (got: core.Tensor | undefined, wanted: number): void => expect(got?.item()).toBeCloseTo(wanted, 13);
  for (const [name, number] of Object.entries(entry["forward"] as Numbers)) close(found.row(name)?.value, number);
  for (const [name, number] of Object.entries(entry["reverse_adjoints"] as Numbers))
    close(found.row(name)?.adjoint, number);
  for (const input of found.inputs)
    for (const [name, number] of Object.entries(entry[`forward_tangent_d${input}`] as Numbers))
      close(found.row(name)?.tangents[input], number);
  const contributions = entry["reverse_contributions"] as Readonly<Record<string, Numbers>>;
  for (const [name, uses] of Object.entries(contributions)) {
    const all = found.row(name)!.contributions;
    expect(Object.keys(all)).toHaveLength(Object.keys(uses).length);
    for (const [user, number] of Object.entries(uses)) close(all[user.replace("from_", "")], number);
  }
});
