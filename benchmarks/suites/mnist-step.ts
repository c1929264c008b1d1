import { disagreeing, race } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import { figuresOf, type Suite } from "../suite.js";

const { relaxed, baseline, plain, tfjs, jax, numpy, torch } = entrants;
const OWN = [relaxed, baseline];
const OTHERS = [plain, tfjs, jax, numpy, torch];

/** Seconds: a step is many functions, and each must have been compiled well. */
const WARM_UP = 2;
/** Of the loss after some steps. */
const TOLERANCE = 1e-3;

/** Whole training steps of a small network. */
export const mnistStep: Suite = {
  name: "mnist-step",
  about: "training steps of the perceptron 784-128-10 (ReLU, cross-entropy, SGD with momentum), eager",
  async *run({ effort, wants, note }) {
    const contestants = await enter([...OWN, ...OTHERS], note);
    try {
      for (const batch of [128, 64]) {
        const name = `batch ${batch}`;
        if (!wants(name)) continue;
        const laps = await race("mnist-step", { batch }, contestants, { ...effort, warmUp: WARM_UP }, note);
        for (const label of disagreeing(laps, "plain JS", TOLERANCE)) note(`${name}: ${label} has another loss`);
        const figures = (labels: readonly string[]) => figuresOf(laps, labels, (seconds) => 1 / seconds);
        yield {
          bench: "mnist-step",
          case: name,
          unit: "steps/s",
          lowerIsBetter: false,
          subjects: figures(OWN.map(({ label }) => label)),
          references: figures(OTHERS.map(({ label }) => label)),
        };
      }
    } finally {
      dismiss(contestants);
    }
  },
};
