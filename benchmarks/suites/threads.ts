import { disagreeing, race, spreadOf } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import { PERCEPTRONS } from "../perceptrons.js";
import type { MatmulSetting } from "../problems.js";
import { figuresOf, type Suite } from "../suite.js";

const { relaxedPair, relaxedAlone, baselinePair, baselineAlone } = entrants;
const BUILDS = [
  { pair: relaxedPair, alone: relaxedAlone },
  { pair: baselinePair, alone: baselineAlone },
];

/** Seconds: threads must be there, and steps compiled well. */
const WARM_UP = 1.5;

function square(n: number): MatmulSetting {
  return { m: n, k: n, n, transposeA: false, transposeB: false, dtype: "f32" };
}

/** What is run, and how many times faster it is to be than on one thread. */
const CASES: readonly { name: string; bench: string; setting: unknown; goal: number }[] = [
  { name: "matmul 128", bench: "matmul", setting: square(128), goal: 1.4 },
  { name: "matmul 256", bench: "matmul", setting: square(256), goal: 1.7 },
  { name: "matmul 512", bench: "matmul", setting: square(512), goal: 1.85 },
  { name: "matmul 1024", bench: "matmul", setting: square(1024), goal: 1.85 },
  { name: "mlp1", bench: "compile-steps", setting: PERCEPTRONS.mlp1, goal: 1.5 },
  { name: "mlp2", bench: "compile-steps", setting: PERCEPTRONS.mlp2, goal: 1.75 },
  { name: "cnn", bench: "nn", setting: { work: "cnn step" }, goal: 1.6 },
  { name: "transformer", bench: "nn", setting: { work: "transformer block" }, goal: 1.6 },
  { name: "tiny", bench: "compile-steps", setting: PERCEPTRONS.tiny, goal: 0.97 },
];

/** Two threads against one: the same numbers, sooner. */
export const threads: Suite = {
  name: "threads",
  about: "products and compiled training steps on two threads, next to one; the goal is so many times what one does",
  async *run({ effort, wants, note }) {
    const contestants = await enter(BUILDS.flatMap(({ pair, alone }) => [pair, alone]), note); // prettier-ignore
    try {
      for (const { name, bench, setting, goal } of CASES) {
        if (!wants(name)) continue;
        const laps = await race(bench, setting, contestants, { ...effort, warmUp: WARM_UP }, note);
        for (const { pair, alone } of BUILDS) {
          // Not within a tolerance: to the bit.
          const own = laps.filter(({ label }) => label === pair.label || label === alone.label);
          for (const label of disagreeing(own, alone.label, 0)) note(`${name}: ${label} has another result`);
        }
        const rate = (seconds: number): number => 1 / seconds;
        yield {
          bench: "threads",
          case: name,
          unit: "runs/s",
          lowerIsBetter: false,
          subjects: figuresOf(laps, BUILDS.map(({ pair }) => pair.label), rate), // prettier-ignore
          references: BUILDS.flatMap(({ pair, alone }) =>
            figuresOf(laps, [alone.label], rate).flatMap(({ samples }) => [
              { label: "one thread", samples, of: [pair.label] },
              { label: "goal", samples: [goal * spreadOf(samples).median], of: [pair.label] },
            ]),
          ),
        };
      }
    } finally {
      dismiss(contestants);
    }
  },
};
