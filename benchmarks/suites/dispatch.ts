import { race } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import type { DispatchSetting } from "../problems.js";
import { figuresOf, type Suite } from "../suite.js";

const { relaxedCore, baselineCore } = entrants;
/** What an instruction may cost, in nanoseconds. */
const LIMIT = 7;

/** Instructions as small networks have them: there is no limit to these, but what they cost beyond arithmetic adds up. */
const SMALL: readonly DispatchSetting[] = [
  { op: "add", n: 512 },
  { op: "relu", n: 512 },
  { op: "matmul", n: 512 },
  { op: "sum", n: 512 },
  { op: "sgd", n: 256 },
];

/** What an instruction of the tape costs beyond its arithmetic. */
export const dispatch: Suite = {
  name: "dispatch",
  about: "the replay of a long tape of tiny instructions: what one costs beyond its arithmetic",
  async *run({ effort, wants, note }) {
    const contestants = await enter([baselineCore, relaxedCore], note);
    try {
      const tiny = (["add", "relu", "copy"] as const).flatMap((op) => [1, 4, 16].map((n) => ({ op, n })));
      for (const setting of [...tiny, ...SMALL]) {
        const name = `${setting.op} ${setting.n} f32`;
        if (!wants(name)) continue;
        const laps = await race("dispatch", setting, contestants, effort, note);
        yield {
          bench: "dispatch",
          case: name,
          unit: "ns",
          lowerIsBetter: true,
          subjects: figuresOf(laps, [baselineCore.label, relaxedCore.label], (seconds) => seconds * 1e9),
          references: SMALL.includes(setting) ? [] : [{ label: "limit", samples: [LIMIT] }],
        };
      }
    } finally {
      dismiss(contestants);
    }
  },
};
