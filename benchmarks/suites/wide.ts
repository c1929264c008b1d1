import { disagreeing, race, spreadOf } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import { PERCEPTRONS } from "../perceptrons.js";
import type { MatmulSetting } from "../problems.js";
import type { Figure } from "../report.js";
import { figuresOf, type Suite } from "../suite.js";

const { wide: own, narrow, numpy } = entrants;

/** Seconds: steps must be compiled well. */
const WARM_UP = 0.5;

function product(m: number, k: number, n: number, form: "NN" | "NT" | "TN" = "NN"): MatmulSetting {
  return { m, k, n, transposeA: form === "TN", transposeB: form === "NT", dtype: "f32" };
}

/** What is run, and so many times what another does as it is to do at least. */
const CASES: readonly { name: string; bench: string; setting: unknown; goal?: { times: number; of: string } }[] = [
  { name: "matmul 64", bench: "matmul", setting: product(64, 64, 64) },
  { name: "matmul 128", bench: "matmul", setting: product(128, 128, 128) },
  { name: "matmul 256", bench: "matmul", setting: product(256, 256, 256), goal: { times: 0.9, of: numpy.label } },
  { name: "matmul 512", bench: "matmul", setting: product(512, 512, 512), goal: { times: 0.9, of: numpy.label } },
  { name: "matmul 1024", bench: "matmul", setting: product(1024, 1024, 1024) },
  { name: "matmul 64x784x128 NT", bench: "matmul", setting: product(64, 784, 128, "NT") },
  { name: "matmul 128x64x784 TN", bench: "matmul", setting: product(128, 64, 784, "TN") },
  { name: "matmul 256 f64", bench: "matmul", setting: { ...product(256, 256, 256), dtype: "f64" } },
  { name: "mlp1", bench: "compile-steps", setting: PERCEPTRONS.mlp1, goal: { times: 1.4, of: narrow.label } },
  { name: "mlp2", bench: "compile-steps", setting: PERCEPTRONS.mlp2 },
  { name: "cnn", bench: "nn", setting: { work: "cnn step" } },
  { name: "transformer", bench: "nn", setting: { work: "transformer block" } },
  { name: "tiny", bench: "compile-steps", setting: PERCEPTRONS.tiny },
];

/** Wide mode: the same numbers as the ordinary mode in the same Node, sooner. */
export const wide: Suite = {
  name: "wide",
  about:
    "wide mode next to the ordinary one and NumPy, each on one thread; the goal is so many times what one of them does",
  async *run({ effort, wants, note }) {
    const contestants = await enter([own, narrow, numpy], note);
    try {
      for (const { name, bench, setting, goal } of CASES) {
        if (!wants(name)) continue;
        const laps = await race(bench, setting, contestants, { ...effort, warmUp: WARM_UP }, note);
        // Not within a tolerance: to the bit.
        const both = laps.filter(({ label }) => label !== numpy.label);
        for (const label of disagreeing(both, narrow.label, 0)) note(`${name}: ${label} has another result`);
        const { m, k, n } = setting as Partial<MatmulSetting>;
        const work = m && k && n ? (2 * m * k * n) / 1e9 : 1;
        const figures = (label: string): Figure[] => figuresOf(laps, [label], (seconds) => work / seconds);
        const goals = figures(goal?.of ?? "").map(({ samples }) => ({
          label: "goal",
          samples: [goal!.times * spreadOf(samples).median],
        }));
        yield {
          bench: "wide",
          case: name,
          unit: m ? "GFLOP/s" : "runs/s",
          lowerIsBetter: false,
          subjects: figures(own.label),
          references: [...figures(narrow.label), ...figures(numpy.label), ...goals],
        };
      }
    } finally {
      dismiss(contestants);
    }
  },
};
