import { disagreeing, race } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import { ROW_OPERATIONS, type RowsSetting } from "../problems.js";
import { figuresOf, type Suite } from "../suite.js";

const { relaxed, baseline, plain, tfjs } = entrants;
const OWN = [relaxed, baseline];
const OTHERS = [plain, tfjs];

const TOLERANCE = 1e-3;
/** Of a matrix that fills caches, and of what a classifier of ten classes makes of a batch. */
const SHAPES = [
  [1024, 1024],
  [128, 10],
] as const;
/** Where short rows matter. */
const SHORT = ["softmax", "logSoftmax", "crossEntropy", "crossEntropy gradient", "layerNorm", "rmsNorm"];

/** Operations on rows, steps of optimisers and random numbers; the copy and the exponential beside them are their limits. */
export const rows: Suite = {
  name: "rows",
  about: "softmax and its kin, norms, steps of optimisers, random numbers; compare with copy and exp, their limits",
  async *run({ effort, wants, note }) {
    const contestants = await enter([...OWN, ...OTHERS], note);
    try {
      for (const setting of settings()) {
        const name = `${setting.operation} ${setting.rows}x${setting.columns}`;
        if (!wants(name)) continue;
        const laps = await race("rows", setting, contestants, effort, note);
        const reference = laps.find(({ label }) => label === plain.label) ?? laps[0];
        for (const label of disagreeing(laps, reference?.label ?? "", TOLERANCE))
          note(`${name}: ${label} has another result`);
        const speed = (seconds: number): number => (setting.rows * setting.columns) / seconds / 1e9;
        yield {
          bench: "rows",
          case: name,
          unit: "Gelem/s",
          lowerIsBetter: false,
          subjects: figuresOf(
            laps,
            OWN.map(({ label }) => label),
            speed,
          ),
          references: figuresOf(
            laps,
            OTHERS.map(({ label }) => label),
            speed,
          ),
        };
      }
    } finally {
      dismiss(contestants);
    }
  },
};

function* settings(): Iterable<RowsSetting> {
  for (const [count, columns] of SHAPES) {
    for (const operation of ROW_OPERATIONS) {
      if (columns > 10 || SHORT.includes(operation)) yield { operation, rows: count, columns };
    }
  }
}
