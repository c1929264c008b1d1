import { disagreeing, race } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import type { OverheadSetting } from "../problems.js";
import { figuresOf, type Suite } from "../suite.js";

const { baseline, plain, tfjs, jax, numpy, torch } = entrants;
const OTHERS = [plain, tfjs, jax, numpy, torch];

/** Seconds: compilers go over small functions many times. */
const WARM_UP = 0.5;
/** What an operation may cost, in nanoseconds. */
const LIMITS = { untracked: 250, tracked: 600 };

const OWNERS: Readonly<Record<OverheadSetting["owner"], string>> = {
  scope: "freed by a scope",
  dispose: "disposed of one by one",
  collector: "left to the collector",
};

/** What an operation costs beyond its arithmetic. */
export const eagerOverhead: Suite = {
  name: "eager-overhead",
  about: "one addition of 16 numbers: what an operation costs beyond its arithmetic",
  async *run({ effort, wants, note }) {
    const contestants = await enter([baseline, ...OTHERS], note);
    try {
      for (const tracked of [false, true]) {
        const kind = tracked ? "tracked" : "untracked";
        for (const owner of ["scope", "dispose", "collector"] as const) {
          const name = `add 16 f32 ${kind}, ${OWNERS[owner]}`;
          if (!wants(name)) continue;
          const setting: OverheadSetting = { tracked, owner };
          const laps = await race("eager-overhead", setting, contestants, { ...effort, warmUp: WARM_UP }, note);
          for (const label of disagreeing(laps, baseline.label, 1e-6)) note(`${name}: ${label} has another result`);
          const figures = (labels: readonly string[]) => figuresOf(laps, labels, (seconds) => seconds * 1e9);
          yield {
            bench: "eager-overhead",
            case: name,
            unit: "ns",
            lowerIsBetter: true,
            subjects: figures([baseline.label]).map(({ samples }) => ({ label: "", samples })),
            references: [{ label: "limit", samples: [LIMITS[kind]] }, ...figures(OTHERS.map(({ label }) => label))],
          };
        }
      }
    } finally {
      dismiss(contestants);
    }
  },
};
