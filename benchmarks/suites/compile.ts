import { disagreeing, race } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import type { CompileSetting } from "../problems.js";
import { figuresOf, type Suite } from "../suite.js";

const { compiledBaseline, compiledRelaxed, eagerBaseline, eagerRelaxed, plainGraphs, byHand, tfjs, jax, torch } =
  entrants;
const SUBJECTS = [compiledBaseline, compiledRelaxed];
const OTHERS = [byHand, eagerBaseline, eagerRelaxed, plainGraphs, tfjs, jax, torch];

interface Case extends CompileSetting {
  readonly unit: string;
  readonly lowerIsBetter: boolean;
  /** A figure for seconds of one operation. */
  readonly convert: (seconds: number) => number;
  /** What is promised. */
  readonly limit?: number;
}

const perSecond = { unit: "M/s", lowerIsBetter: false, convert: (seconds: number) => 1e-6 / seconds };
const inMicroseconds = { unit: "us", lowerIsBetter: true, convert: (seconds: number) => seconds * 1e6 };

const CASES: readonly Case[] = [
  { operation: "lecture", n: 1000, ...perSecond, limit: 8 },
  { operation: "lecture-batch", n: 1_000_000, ...perSecond, limit: 150 },
  { operation: "elem", n: 1_000_000, unit: "ms", lowerIsBetter: true, convert: (seconds) => seconds * 1e3, limit: 7.5 },
  { operation: "chain", n: 1000, ...inMicroseconds },
  { operation: "chain", n: 100_000, ...inMicroseconds },
  { operation: "chain", n: 4_000_000, ...inMicroseconds },
];

const ABOUT = {
  lecture: "lecture: ln x + x y - sin y and both partials, a call each",
  "lecture-batch": "lecture-batch: the same, vmapped",
  elem: "elem: tanh(x y + sin x) sigmoid(y) summed, and both gradients",
  chain: "chain: relu(a b + c)",
};

/** What static graphs make of elementwise work. */
export const compiled: Suite = {
  name: "compile",
  about: "compiled graphs of elementwise work and of numbers, next to eager, to plain JavaScript and to loops by hand",
  async *run({ effort, wants, note }) {
    const contestants = await enter([...SUBJECTS, ...OTHERS], note);
    try {
      for (const { operation, n, unit, lowerIsBetter, convert, limit } of CASES) {
        const name = `${ABOUT[operation]}, ${n} f32`;
        if (!wants(name)) continue;
        const setting: CompileSetting = { operation, n };
        const laps = await race("compile", setting, contestants, effort, note);
        for (const label of disagreeing(laps, compiledBaseline.label, 1e-4))
          note(`${name}: ${label} has another result`);
        const figures = (of: readonly { readonly label: string }[]) =>
          figuresOf(laps, of.map(({ label }) => label), convert); // prettier-ignore
        yield {
          bench: "compile",
          case: name,
          unit,
          lowerIsBetter,
          subjects: figures(SUBJECTS),
          references: [...(limit === undefined ? [] : [{ label: "limit", samples: [limit] }]), ...figures(OTHERS)],
        };
      }
    } finally {
      dismiss(contestants);
    }
  },
};
