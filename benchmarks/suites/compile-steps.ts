import { disagreeing, race } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import { PERCEPTRONS, type ProgramSetting } from "../perceptrons.js";
import { figuresOf, type Suite } from "../suite.js";

const { stepsBaseline, stepsRelaxed, stepsBaselineEager, stepsRelaxedEager, stepsPlain, tfjs, torch } = entrants;
const { baselinePeak, relaxedPeak } = entrants;
const SUBJECTS = [stepsBaseline, stepsRelaxed];
const OTHERS = [stepsBaselineEager, stepsRelaxedEager, stepsPlain, tfjs, torch];
const PEAKS = [baselinePeak, relaxedPeak];

/** Seconds: a step is many functions, and each must have been compiled well. */
const WARM_UP = 1;
/** Of the loss after some steps. */
const TOLERANCE = 1e-3;

/** Steps a second that are promised. */
const GOALS = { tiny: 200_000, mlp1: 1700, mlp2: 112 };

const COSTS: readonly { setting: ProgramSetting; name: string; unit: "ns" | "ms"; limit?: number }[] = [
  { setting: { what: "call" }, name: "a call of a program of three tensors", unit: "ns", limit: 300 },
  { setting: { what: "bound call" }, name: "the same, bound: replay included", unit: "ns" },
  { setting: { what: "instruction" }, name: "replay of an instruction", unit: "ns", limit: 10 },
  { setting: { what: "tiny" }, name: "compile time, tiny", unit: "ms", limit: 30 },
  { setting: { what: "mlp1" }, name: "compile time, mlp1", unit: "ms", limit: 30 },
];
const UNITS = { ns: 1e9, ms: 1e3 };

/** Whole training steps as static graphs, and what these cost beside their work. */
export const compiledSteps: Suite = {
  name: "compile-steps",
  about:
    "compiled training steps of perceptrons, next to eager and plain JavaScript; what programs cost beside their work",
  async *run({ effort, wants, note }) {
    const contestants = await enter([...SUBJECTS, ...OTHERS, ...PEAKS], note);
    const figures = (laps: Awaited<ReturnType<typeof race>>, of: typeof OTHERS, convert: (seconds: number) => number) =>
      figuresOf(laps, of.map(({ label }) => label), convert); // prettier-ignore
    try {
      for (const [network, goal] of Object.entries(GOALS) as [keyof typeof GOALS, number][]) {
        const setting = PERCEPTRONS[network];
        const name = `${network}: ${setting.units.join("-")} ${setting.activation}, ${setting.loss}, batch ${setting.batch}`;
        if (!wants(name)) continue;
        const laps = await race("compile-steps", setting, contestants, { ...effort, warmUp: WARM_UP }, note);
        for (const label of disagreeing(laps, "plain JS", TOLERANCE)) note(`${name}: ${label} has another loss`);
        const rate = (seconds: number): number => 1 / seconds;
        yield {
          bench: "compile-steps",
          case: name,
          unit: "steps/s",
          lowerIsBetter: false,
          subjects: figures(laps, SUBJECTS, rate),
          references: [
            { label: "goal", samples: [goal] },
            ...PEAKS.flatMap((peak, i) =>
              figures(laps, [peak], rate).map((of) => ({ ...of, of: [SUBJECTS[i]!.label] })),
            ),
            ...figures(laps, OTHERS, rate),
          ],
        };
      }
      for (const { setting, name, unit, limit } of COSTS) {
        if (!wants(name)) continue;
        const laps = await race("program", setting, contestants, effort, note);
        yield {
          bench: "compile-steps",
          case: name,
          unit,
          lowerIsBetter: true,
          subjects: figures(laps, SUBJECTS, (seconds) => seconds * UNITS[unit]),
          references: limit === undefined ? [] : [{ label: "limit", samples: [limit] }],
        };
      }
    } finally {
      dismiss(contestants);
    }
  },
};
