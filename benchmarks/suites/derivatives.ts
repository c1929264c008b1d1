import { disagreeing, race, spreadOf } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import type { DerivativeProblem } from "../problems.js";
import { figuresOf, type Suite } from "../suite.js";

const WAYS = [entrants.firstWay, entrants.secondWay, entrants.thirdWay];

/** Seconds: a derivative is many functions, and each must have been compiled well. */
const WARM_UP = 2;
const TOLERANCE = 1e-4;

interface Case {
  readonly problem: DerivativeProblem;
  readonly name: string;
  /** What the first way is called, and those that it is compared with. */
  readonly ways: readonly string[];
  /** What is promised of the first way's time over the second's, or of its inverse. */
  readonly goal: string;
  /** The ways compute different things. */
  readonly apart?: boolean;
}

const CASES: readonly Case[] = [
  {
    problem: "hvp",
    name: "Hessian-vector product, 784-128-10, batch 128",
    ways: ["hvp", "gradient"],
    goal: "at most 4 gradients",
    apart: true,
  },
  {
    problem: "jacobian 1000 to 3",
    name: "Jacobian from 1000 to 3",
    ways: ["by itself", "forward", "reverse"],
    goal: "reverse mode",
  },
  {
    problem: "jacobian 3 to 1000",
    name: "Jacobian from 3 to 1000",
    ways: ["by itself", "forward", "reverse"],
    goal: "forward mode",
  },
  {
    problem: "examples, 32-32-1",
    name: "128 gradients, 32-32-1",
    ways: ["vmap(grad)", "loop"],
    goal: "20 times faster than the loop",
  },
  {
    problem: "examples, 32-64-10",
    name: "128 gradients, 32-64-10, cross-entropy",
    ways: ["vmap(grad)", "loop"],
    goal: "20 times faster than the loop",
  },
  {
    problem: "checkpoint",
    name: "32 layers of 128, batch 1024",
    ways: ["checkpoint", "plain"],
    goal: "at most 1.5 times the time, 0.45 of the memory",
  },
];

/** Derivatives next to what they are made of. */
export const derivatives: Suite = {
  name: "derivatives",
  about: "products with Hessians, Jacobians by either mode, gradients of examples, checkpoints: baseline build, eager",
  async *run({ effort, wants, note }) {
    const contestants = await enter(WAYS, note);
    try {
      for (const { problem, name, ways, goal, apart = false } of CASES) {
        if (!wants(name)) continue;
        const laps = (await race("derivatives", problem, contestants, { ...effort, warmUp: WARM_UP }, note)).map(
          (lap) => ({ ...lap, label: ways[WAYS.findIndex(({ label }) => label === lap.label)]! }),
        );
        const [first, second] = ways as [string, string];
        const memory = problem === "checkpoint" ? laps.map(({ check }) => check[0]!) : [];
        const compared = laps.map((lap) => ({ ...lap, check: lap.check.slice(memory.length > 0 ? 1 : 0) }));
        if (!apart)
          for (const label of disagreeing(compared, second, TOLERANCE)) note(`${name}: ${label} has another result`);
        const times = laps.map(({ seconds }) => spreadOf(seconds).median);
        const ratios = ways.slice(1).map((way, i) => `${(times[0]! / times[i + 1]!).toFixed(3)} of ${way}`);
        note(`  ${name}: ${first} takes ${ratios.join(", ")}; the goal is ${goal}`);
        const figures = (labels: readonly string[]) => figuresOf(laps, labels, (seconds) => seconds * 1e3);
        const about = { bench: "derivatives", lowerIsBetter: true };
        const references = figures(ways.slice(1));
        yield { ...about, case: name, unit: "ms", subjects: renamed(figures([first])), references };
        const [high, plain] = memory;
        if (high === undefined || plain === undefined) continue;
        note(`  ${name}: the most memory is ${(high / plain).toFixed(3)} of plain`);
        yield {
          ...about,
          case: `${name}, most memory`,
          unit: "MB",
          subjects: [{ label: "", samples: [high] }],
          references: [{ label: second, samples: [plain] }],
        };
      }
    } finally {
      dismiss(contestants);
    }
  },
};

/** The first way has a different name in each case: in the table it needs none. */
function renamed<F extends { readonly label: string }>(figures: readonly F[]): F[] {
  return figures.map((figure) => ({ ...figure, label: "" }));
}
