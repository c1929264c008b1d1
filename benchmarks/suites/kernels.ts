import { operations } from "../../bindings/core/operations.js";
import "../../bindings/primitives/table.js";
import { disagreeing, race, spreadOf } from "../harness.js";
import type { Case } from "../kernels/case.js";
import { CASES } from "../kernels/cases.js";
import { record, recorded, shareOf, type Result } from "../kernels/records.js";
import { dismiss, enter, entrants } from "../line-up.js";
import { describeEngine } from "../machine.js";
import type { Figure } from "../report.js";
import { figuresOf, type Suite } from "../suite.js";

const { relaxedKernels, baselineKernels, plainKernels, limitKernels } = entrants;
const OWN = [relaxedKernels, baselineKernels].map(({ label }) => label);
/** What differs by less from what was recorded is noise. */
const NOISE = 0.15;
/** Rows that are no kernels: views, and a few words of state. */
const WITHOUT = ["detach", "reshape", "permute", "expand", "identity", "stridedSlice", "embed", "advance"];

/** Each kernel as a share of what the machine allows. */
export const kernels: Suite = {
  name: "kernels",
  about: "each kernel as a share of a limit measured in the same run; --record keeps the shares for later runs",
  async *run({ effort, wants, note, record: keep }) {
    const named = new Set([...WITHOUT, ...CASES.map(({ name }) => name.split(" ")[0]!)]);
    const missing = Object.keys(operations).filter((name) => !named.has(name));
    if (missing.length > 0) note(`  without a case: ${missing.join(", ")}`);
    const last = recorded();
    const results: Result[] = [];
    const slower: string[] = [];
    const contestants = await enter([relaxedKernels, baselineKernels, limitKernels, plainKernels], note);
    try {
      for (const found of CASES) {
        if (!wants(found.name)) continue;
        const laps = await race("kernels", found.name, contestants, effort, note);
        const compared = laps.filter(({ label }) => label !== limitKernels.label);
        for (const label of disagreeing(compared, plainKernels.label, 1e-3)) {
          if (compared.some((lap) => lap.label === plainKernels.label))
            note(`${found.name}: ${label} has another result`);
        }
        const convert = (seconds: number): number => found.amount / seconds / 1e9;
        const figures = (labels: readonly string[]) => figuresOf(laps, labels, convert);
        const median = (label: string) => figures([label]).map(({ samples }) => spreadOf(samples).median)[0];
        const limit = median(limitKernels.label) ?? NaN;
        const mark = (figure: Figure): Figure => {
          const before = shareOf(last.get(found.name), figure.label);
          const ratio = before === undefined ? 1 : spreadOf(figure.samples).median / limit / before;
          if (!(ratio < 1 - NOISE)) return figure;
          slower.push(`${found.name} ${figure.label}: ${ratio.toFixed(2)} of what was recorded`);
          return { ...figure, mark: "!" };
        };
        const own = figures(OWN);
        const plain = median(plainKernels.label);
        results.push({
          ...{ name: found.name, unit: unitOf(found), limit },
          rates: Object.fromEntries(own.map(({ label, samples }) => [label, spreadOf(samples).median])),
          ...(plain !== undefined && { plain }),
        });
        yield {
          bench: "kernels",
          case: found.name,
          unit: unitOf(found),
          lowerIsBetter: false,
          subjects: own.map(mark),
          references: [
            ...figures([plainKernels.label]),
            ...figures([limitKernels.label]).map((figure) => ({ ...figure, of: OWN })),
          ],
        };
      }
    } finally {
      dismiss(contestants);
    }
    for (const text of slower) note(`slower (!): ${text}`);
    if (keep) {
      const names = CASES.map(({ name }) => name);
      await record(results, describeEngine(), names);
    }
  },
};

function unitOf({ limit }: Case): string {
  return limit === "f32" || limit === "f64" ? "GFLOP/s" : "GB/s";
}
