import { disagreeing, race, spreadOf } from "../harness.js";
import { MATHEMATICS } from "../kernels/cases.js";
import { dismiss, enter, entrants } from "../line-up.js";
import { figuresOf, type Suite } from "../suite.js";

const { relaxedKernels, baselineKernels, plainKernels } = entrants;

/** Elementwise functions against those of `Math`. */
export const vecmath: Suite = {
  name: "vecmath",
  about: "elementwise functions of 1e5 f32, against Math.* over typed arrays; shares are of the goals",
  async *run({ effort, wants, note }) {
    const contestants = await enter([relaxedKernels, baselineKernels, plainKernels], note);
    try {
      for (const { name, inputs, goals } of MATHEMATICS) {
        if (!wants(name)) continue;
        const laps = await race("vecmath", name, contestants, effort, note);
        if (!laps.some(({ label }) => label === relaxedKernels.label)) continue;
        for (const label of disagreeing(laps, plainKernels.label, 1e-3)) note(`${name}: ${label} has another result`);
        const convert = (seconds: number): number => inputs[0]!.shape[0]! / seconds / 1e9;
        const figures = (labels: readonly string[]) => figuresOf(laps, labels, convert);
        const plain = figures([plainKernels.label]);
        const goal = (label: string, times: number) =>
          plain.map(({ samples }) => {
            return { label: `goal, ${times} times plain`, samples: [times * spreadOf(samples).median], of: [label] };
          });
        yield {
          bench: "vecmath",
          case: name,
          unit: "Gelem/s",
          lowerIsBetter: false,
          subjects: figures([relaxedKernels.label, baselineKernels.label]),
          references: [
            ...plain,
            ...(goals ? [...goal(relaxedKernels.label, goals[1]), ...goal(baselineKernels.label, goals[0])] : []),
          ],
        };
      }
    } finally {
      dismiss(contestants);
    }
  },
};
