import { disagreeing, race } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import { CONVOLUTION, NETWORK_WORKS, type NetworkSetting } from "../problems.js";
import { figuresOf, type Suite } from "../suite.js";

const { relaxed, baseline, relaxedPeak, baselinePeak, plain } = entrants;
const OWN = [relaxed, baseline];
const LIMITS = [
  { peak: relaxedPeak, of: [relaxed.label] },
  { peak: baselinePeak, of: [baseline.label] },
];

const WARM_UP = 1;
const TOLERANCE = 1e-3;

/** Convolution and attention, and steps of networks that are made of them. */
export const nn: Suite = {
  name: "nn",
  about: `convolution 3x3 ${CONVOLUTION.channels}->${CONVOLUTION.outputs} of ${CONVOLUTION.batch} images, and compiled steps of networks`,
  async *run({ effort, wants, note }) {
    const contestants = await enter([...OWN, relaxedPeak, baselinePeak, plain], note);
    try {
      for (const work of NETWORK_WORKS) {
        if (!wants(work)) continue;
        const setting: NetworkSetting = { work };
        const laps = await race("nn", setting, contestants, { ...effort, warmUp: WARM_UP }, note);
        for (const label of disagreeing(laps, baseline.label, TOLERANCE)) note(`${work}: ${label} has another result`);
        const flops = FLOPS[work];
        const unit = flops ? "GFLOP/s" : work === "cnn step" ? "steps/s" : "ms";
        const convert = (seconds: number): number =>
          flops ? flops / seconds / 1e9 : work === "cnn step" ? 1 / seconds : 1000 * seconds;
        const figures = (labels: readonly string[]) => figuresOf(laps, labels, convert);
        yield {
          bench: "nn",
          case: work,
          unit,
          lowerIsBetter: unit === "ms",
          subjects: figures(OWN.map(({ label }) => label)),
          references: [
            ...figures([plain.label]),
            ...LIMITS.flatMap(({ peak, of }) => figures([peak.label]).map((figure) => ({ ...figure, of }))),
          ],
        };
      }
    } finally {
      dismiss(contestants);
    }
  },
};

const { batch, channels, outputs, side } = CONVOLUTION;
const PRODUCTS = 2 * batch * channels * outputs * 9 * side * side;

/** Operations of what is little else than multiply-adds. */
const FLOPS: Readonly<Partial<Record<NetworkSetting["work"], number>>> = {
  convolution: PRODUCTS,
  "gradient by the image": PRODUCTS,
  "gradient by the weight": PRODUCTS,
};
