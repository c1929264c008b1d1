import { disagreeing, race, type Lap } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import type { MatmulSetting } from "../problems.js";
import type { Outcome } from "../report.js";
import { figuresOf, type Suite } from "../suite.js";

const { relaxed, relaxedCore, baseline, baselineCore, relaxedPeak, baselinePeak, ...others } = entrants;
const OWN = [relaxed, relaxedCore, baseline, baselineCore];
const OTHERS = Object.values(others);

/** Of sums of up to 1024 products, relative to 1 + their size. */
const TOLERANCE = 1e-3;

/** Matrix products of the sizes and forms that training meets. */
export const matmul: Suite = {
  name: "matmul",
  about: "matrix products, and their share of the peak of 128-bit vectors; core: without the library around it",
  async *run({ effort, wants, note }) {
    const contestants = await enter([...OWN, relaxedPeak, baselinePeak, ...OTHERS], note);
    try {
      for (const setting of settings()) {
        if (!wants(nameOf(setting))) continue;
        const laps = await race("matmul", setting, contestants, effort, note);
        for (const label of disagreeing(laps, "plain JS", TOLERANCE))
          note(`${nameOf(setting)}: ${label} has another result`);
        yield outcomeOf(setting, laps);
      }
    } finally {
      dismiss(contestants);
    }
  },
};

type Form = "NN" | "NT" | "TN" | "TT";

function* settings(): Iterable<MatmulSetting> {
  const product = (m: number, k: number, n: number, form: Form, dtype: "f32" | "f64"): MatmulSetting => {
    return { m, k, n, transposeA: form.startsWith("T"), transposeB: form.endsWith("T"), dtype };
  };
  for (const n of [32, 64, 128, 256, 512, 1024]) {
    const forms: readonly Form[] = n === 256 || n === 512 ? ["NN", "NT", "TN", "TT"] : ["NN", "NT", "TN"];
    for (const form of forms) yield product(n, n, n, form, "f32");
    if (n === 64 || n === 256 || n === 512) for (const form of forms) yield product(n, n, n, form, "f64");
  }
  for (const batch of [128, 64]) {
    // The perceptron 784-128-10: a layer, the gradient of its weights, and that of its input.
    yield product(batch, 784, 128, "NN", "f32");
    yield product(batch, 784, 128, "NT", "f32");
    yield product(784, batch, 128, "TN", "f32");
    yield product(128, batch, 784, "TN", "f32");
    yield product(batch, 128, 784, "NN", "f32");
    yield product(batch, 128, 10, "NN", "f32");
    yield product(batch, 128, 10, "NT", "f32");
    yield product(128, batch, 10, "TN", "f32");
    yield product(batch, 10, 128, "NN", "f32");
    yield product(batch, 10, 128, "NT", "f32");
  }
}

function nameOf({ m, k, n, transposeA, transposeB, dtype }: MatmulSetting): string {
  const sizes = m === k && k === n ? `${n}` : `${m}x${k}x${n}`;
  return `${sizes} ${transposeA ? "T" : "N"}${transposeB ? "T" : "N"} ${dtype}`;
}

function outcomeOf(setting: MatmulSetting, laps: readonly Lap[]): Outcome {
  const gigaflops = (seconds: number): number => (2 * setting.m * setting.k * setting.n) / seconds / 1e9;
  const figures = (labels: readonly string[]) => figuresOf(laps, labels, gigaflops);
  const limits = [
    { peak: relaxedPeak, of: [relaxed.label, relaxedCore.label] },
    { peak: baselinePeak, of: [baseline.label, baselineCore.label] },
  ];
  return {
    bench: "matmul",
    case: nameOf(setting),
    unit: "GFLOP/s",
    lowerIsBetter: false,
    subjects: figures(OWN.map(({ label }) => label)),
    references: [
      ...figures(OTHERS.map(({ label }) => label)),
      ...limits.flatMap(({ peak, of }) => figures([peak.label]).map((figure) => ({ ...figure, of }))),
    ],
  };
}
