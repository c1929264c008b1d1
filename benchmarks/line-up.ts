import { Contestant, ROOT, type Entrant } from "./contestant.js";

const TSX = [process.execPath, "--import", "tsx"] as const;
const PYTHON = process.env["WENGERT_PYTHON"] ?? "python3";
const PLAIN_PYTHON = {
  PYTHONDONTWRITEBYTECODE: "1",
  OPENBLAS_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
  VECLIB_MAXIMUM_THREADS: "1",
};

function own(label: string, file: string, ...args: readonly string[]): Entrant {
  return { label, command: [...TSX, `benchmarks/contestants/${file}.ts`, ...args] };
}

/** A Node that has wide mode: this one, or the one that npm run runtimes installs. */
const NEWER_NODE =
  parseInt(process.versions.node) >= 24
    ? process.execPath
    : `${ROOT}/tests/runtimes/engines/node_modules/node-24/bin/node`;

function inNewerNode(label: string, file: string, ...args: readonly string[]): Entrant {
  const { command } = own(label, file, ...args);
  return { label, command: [NEWER_NODE, ...command.slice(1)] };
}

function peer(label: string, name: string): Entrant {
  const folder = "benchmarks/peers";
  return { label, command: [...TSX, `${folder}/${name}.mjs`], needs: `${folder}/node_modules` };
}

function python(label: string, name: string): Entrant {
  return { label, command: [PYTHON, `benchmarks/peers/${name}_peer.py`], env: PLAIN_PYTHON };
}

/** Everybody who can take part, by the name that suites call them. */
export const entrants = {
  relaxed: own("relaxed", "wengert", "relaxed"),
  baseline: own("baseline", "wengert", "baseline"),
  relaxedCore: own("relaxed core", "kernel", "relaxed"),
  baselineCore: own("baseline core", "kernel", "baseline"),
  relaxedPeak: own("peak of relaxed multiply-add", "peak", "relaxed"),
  baselinePeak: own("peak of multiply and add", "peak", "baseline"),
  relaxedKernels: own("relaxed", "kernels", "relaxed"),
  baselineKernels: own("baseline", "kernels", "baseline"),
  plainKernels: own("plain JS", "kernels", "plain"),
  limitKernels: own("limit", "kernels", "limit"),
  relaxedAlone: own("relaxed, one thread", "threads", "relaxed", "1"),
  baselineAlone: own("baseline, one thread", "threads", "baseline", "1"),
  relaxedPair: own("relaxed", "threads", "relaxed", "2"),
  baselinePair: own("baseline", "threads", "baseline", "2"),
  wide: inNewerNode("wide", "threads", "wide", "1"),
  narrow: inNewerNode("ordinary", "threads", "relaxed", "1"),
  plain: own("plain JS", "plain"),
  trafficRelaxed: own("relaxed", "bandwidth/wengert", "relaxed"),
  trafficBaseline: own("baseline", "bandwidth/wengert", "baseline"),
  trafficPlain: own("plain JS", "bandwidth/plain"),
  memoryCopy: own("memory.copy", "bandwidth/limit", "copy"),
  memoryRead: own("reading alone", "bandwidth/limit", "read"),
  stepsRelaxed: own("relaxed", "compile/steps", "relaxed", "compiled"),
  stepsBaseline: own("baseline", "compile/steps", "baseline", "compiled"),
  stepsRelaxedEager: own("relaxed eager", "compile/steps", "relaxed", "eager"),
  stepsBaselineEager: own("baseline eager", "compile/steps", "baseline", "eager"),
  stepsPlain: own("plain JS", "compile/plain-steps"),
  firstWay: own("first way", "derivatives", "0"),
  secondWay: own("second way", "derivatives", "1"),
  thirdWay: own("third way", "derivatives", "2"),
  compiledRelaxed: own("relaxed", "compile/wengert", "relaxed", "compiled"),
  compiledBaseline: own("baseline", "compile/wengert", "baseline", "compiled"),
  eagerRelaxed: own("relaxed eager", "compile/wengert", "relaxed", "eager"),
  eagerBaseline: own("baseline eager", "compile/wengert", "baseline", "eager"),
  plainGraphs: own("plain JS", "compile/plain"),
  byHand: own("fused by hand", "compile/hand"),
  tfjs: peer("tfjs-wasm", "tfjs"),
  jax: peer("jax-js", "jax"),
  numpy: python("NumPy", "numpy"),
  torch: python("PyTorch", "torch"),
};

/** Starts contestants, and says who they are. */
export async function enter(chosen: readonly Entrant[], announce: (text: string) => void): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const entrant of chosen) {
    const contestant = await Contestant.start(entrant);
    contestants.push(contestant);
    announce(`  ${entrant.label}: ${contestant.absent ? `absent, ${contestant.absent}` : contestant.hello}`);
  }
  return contestants;
}

/** Ends them. */
export function dismiss(contestants: readonly Contestant[]): void {
  for (const contestant of contestants) contestant.stop();
}
