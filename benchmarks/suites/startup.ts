import { spawnSync } from "node:child_process";
import { ROOT } from "../contestant.js";
import type { Figure } from "../report.js";
import type { Suite } from "../suite.js";

interface Program {
  readonly label: string;
  readonly command: readonly [string, ...string[]];
  /** Where it finds its imports, relative to the repository's root. */
  readonly folder: string;
}

const MODULE = [process.execPath, "--input-type=module", "-e"] as const;
const PEERS = "benchmarks/peers";

const EMPTY: Program = { label: "empty process", command: [...MODULE, ""], folder: "." };

/** How far a program goes, from the least. */
const STAGES: readonly Program[] = [
  { label: "import", command: [...MODULE, `import "wengert"`], folder: "." },
  { label: "first tensor", command: [...MODULE, `import { tensor } from "wengert"; tensor([1, 2, 3])`], folder: "." },
  {
    label: "first gradient",
    command: [
      ...MODULE,
      `import { grad, tensor } from "wengert"; grad((x) => x.mul(x).sum())(tensor([1, 2, 3])).data()`,
    ],
    folder: ".",
  },
];

const OTHERS: readonly Program[] = [
  {
    label: "tfjs-wasm",
    command: [
      ...MODULE,
      `import tf from "@tensorflow/tfjs"; import "@tensorflow/tfjs-backend-wasm";
       await tf.setBackend("wasm"); tf.grad((x) => tf.sum(tf.mul(x, x)))(tf.tensor1d([1, 2, 3])).dataSync()`,
    ],
    folder: PEERS,
  },
  {
    label: "jax-js",
    command: [
      ...MODULE,
      `import { defaultDevice, grad, init, numpy as np } from "@jax-js/jax";
       await init("wasm"); defaultDevice("wasm"); grad((x) => x.ref.mul(x).sum())(np.array([1, 2, 3])).dataSync()`,
    ],
    folder: PEERS,
  },
  {
    label: "PyTorch",
    command: [
      process.env["WENGERT_PYTHON"] ?? "python3",
      "-c",
      "import torch; x = torch.tensor([1., 2., 3.], requires_grad=True); (x * x).sum().backward()",
    ],
    folder: ".",
  },
];

/** What the first gradient may take, in milliseconds, where an empty process takes 58 to 67. */
const LIMIT = 110;
/** Processes of each kind, at least: their times scatter more than those of loops. */
const ROUNDS = 15;

/** From the start of a process to its end, with one gradient in between. */
export const startup: Suite = {
  name: "startup",
  about: "a process from its start to its end, by how far it goes",
  async *run({ effort, wants, note }) {
    const programs = [EMPTY, ...STAGES, ...OTHERS].filter((program) => works(program, note));
    const samples = new Map(programs.map(({ label }): [string, number[]] => [label, []]));
    for (let round = 0; round < Math.max(ROUNDS, effort.rounds); round++) {
      for (let i = 0; i < programs.length; i++) {
        const program = programs[(i + round) % programs.length]!;
        samples.get(program.label)!.push(time(program));
      }
    }
    const figures = (chosen: readonly Program[]): Figure[] =>
      chosen.flatMap(({ label }) => (samples.has(label) ? [{ label, samples: samples.get(label)! }] : []));
    for (const stage of STAGES) {
      if (!wants(stage.label)) continue;
      const whole = stage === STAGES.at(-1);
      yield {
        bench: "startup",
        case: stage.label,
        unit: "ms",
        lowerIsBetter: true,
        subjects: figures([stage]).map((figure) => ({ ...figure, label: "" })),
        references: [...figures([EMPTY]), ...(whole ? [{ label: "limit", samples: [LIMIT] }, ...figures(OTHERS)] : [])],
      };
    }
  },
};

/** Runs it once untimed, which also fills the file caches; one that fails is absent. */
function works(program: Program, note: (text: string) => void): boolean {
  const { error, status, stderr } = run(program);
  if (!error && status === 0) return true;
  const reason = error?.message ?? stderr.split("\n").find((line) => line.includes("Error"));
  note(`  ${program.label}: absent, ${reason ?? `status ${status}`}`);
  return false;
}

/** Milliseconds. */
function time(program: Program): number {
  const begun = performance.now();
  run(program);
  return performance.now() - begun;
}

function run({ command: [file, ...args], folder }: Program) {
  return spawnSync(file, args, { cwd: `${ROOT}/${folder}`, encoding: "utf8", timeout: 60_000 });
}
