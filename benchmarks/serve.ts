// The side of a contestant: a process of its own that prepares pieces of work and times them when it is asked to. It reads
// one JSON object a line and answers each with one. peers/serve.py is the same in Python.
import { createInterface } from "node:readline";

/** A piece of work that can be repeated. */
export interface Work {
  /** Does it once; asynchronous work is awaited. */
  run(): unknown;
  /** How many operations one run stands for. Default 1. */
  readonly operations?: number;
  /** Numbers by which contestants are seen to compute the same thing. Called once, before anything is timed. */
  check?(): readonly number[] | Promise<readonly number[]>;
  /** How it is done, where that was a choice. */
  readonly note?: string;
  /** Gives back what the work holds. */
  end?(): void;
}

/** What a contestant can do, by benchmark; a text says why it cannot do this setting. */
export type Benches = Readonly<Record<string, (setting: never) => Work | string | Promise<Work | string>>>;

export type Request =
  | { readonly prepare: string; readonly setting: unknown; readonly warmUp: number; readonly clock: Clock }
  | { readonly sample: number };

/** The time that passes, or the processor's time that is used: the same on an idle machine, for one thread. */
export type Clock = "wall" | "cpu";

export interface Answer {
  /** Why the contestant does not take part. */
  readonly absent?: string;
  /** What went wrong. */
  readonly error?: string;
  /** Upon starting: what it is, with versions. */
  readonly hello?: string;
  /** To `prepare`: the numbers to compare, and how the work is done. */
  readonly check?: readonly number[];
  readonly note?: string;
  /** To `sample`: seconds for one operation. */
  readonly seconds?: number;
}

/** Serves until standard input ends. */
export async function serve(hello: string, benches: Benches): Promise<void> {
  let timer: Timer | undefined;
  answer({ hello });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    try {
      if ("sample" in request) {
        answer({ seconds: timer ? await timer.sample(request.sample) : NaN });
        continue;
      }
      timer?.work.end?.();
      timer = undefined;
      const make = benches[request.prepare];
      const work = make ? await make(request.setting as never) : "not written";
      if (typeof work === "string") {
        answer({ absent: work });
        continue;
      }
      timer = new Timer(work, request.clock);
      const check = (await work.check?.()) ?? [];
      await timer.warmUp(request.warmUp);
      answer(work.note === undefined ? { check } : { check, note: work.note });
    } catch (error) {
      answer({ error: String(error) });
    }
  }
}

/** The share of a processor that an undisturbed sample has, and how often a disturbed one is taken. */
const UNDISTURBED = 0.95;
const TRIES = 5;

/** Repeats a piece of work as often as fills a given time. */
class Timer {
  /** Seconds of one run, as last seen. */
  private estimate = 0;

  constructor(
    readonly work: Work,
    private readonly clock: Clock,
  ) {}

  /** Runs until so many seconds have passed: engines compile what is hot, and arenas grow. */
  async warmUp(seconds: number): Promise<void> {
    for (let runs = 1, spent = 0; spent < seconds; runs *= 2) spent += await this.time(runs);
  }

  /**
   * Seconds for one operation, over about so many seconds; a tenth of them first, untimed, to fill the caches. A sample in
   * which others took the processor is repeated, a few times; the one that was disturbed least counts.
   */
  async sample(seconds: number): Promise<number> {
    if (this.estimate < seconds / 10) await this.time(Math.ceil(seconds / 10 / this.estimate));
    const runs = Math.max(1, Math.round(seconds / this.estimate));
    let best = { share: -1, spent: NaN };
    for (let i = 0; i < TRIES && best.share < UNDISTURBED; i++) {
      const begun = now("cpu");
      const spent = await this.time(runs);
      const share = (now("cpu") - begun) / spent;
      if (share > best.share) best = { share, spent };
    }
    return best.spent / runs / (this.work.operations ?? 1);
  }

  private async time(runs: number): Promise<number> {
    const { work } = this;
    const begun = now(this.clock);
    for (let i = 0; i < runs; i++) {
      const pending = work.run();
      if (pending instanceof Promise) await pending;
    }
    const spent = Math.max(now(this.clock) - begun, 1e-6);
    this.estimate = spent / runs;
    return spent;
  }
}

/** Seconds. */
function now(clock: Clock): number {
  if (clock === "wall") return performance.now() / 1000;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function answer(message: Answer): void {
  process.stdout.write(JSON.stringify(message) + "\n");
}
