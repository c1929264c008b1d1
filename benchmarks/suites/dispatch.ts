import { race } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import type { DispatchSetting } from "../problems.js";
import { figuresOf, type Suite } from "../suite.js";

const { relaxedCore, baselineCore } = entrants;
/** What an instruction may cost, in nanoseconds. */
const LIMIT = 7;

/** What an instruction of the tape costs beyond its arithmetic. */
export const dispatch: Suite = {
  name: "dispatch",
  about: "the replay of a long tape of tiny instructions: what one costs beyond its arithmetic",
  async *run({ effort, wants, note }) {
    const contestants = await enter([baselineCore, relaxedCore], note);
    try {
      for (const op of ["add", "relu", "copy"] as const) {
        for (const n of [1, 4, 16]) {
          const name = `${op} ${n} f32`;
          if (!wants(name)) continue;
          const setting: DispatchSetting = { op, n };
          const laps = await race("dispatch", setting, contestants, effort, note);
          yield {
            bench: "dispatch",
            case: name,
            unit: "ns",
            lowerIsBetter: true,
            subjects: figuresOf(laps, [baselineCore.label, relaxedCore.label], (seconds) => seconds * 1e9),
            references: [{ label: "limit", samples: [LIMIT] }],
          };
        }
      }
    } finally {
      dismiss(contestants);
    }
  },
};
