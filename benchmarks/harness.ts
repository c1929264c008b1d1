import type { Contestant } from "./contestant.js";
import type { Clock } from "./serve.js";

/** How long and how often to measure. */
export interface Effort {
  /** Samples of each contestant. */
  readonly rounds: number;
  /** Seconds of one sample, and of running before the first. */
  readonly sample: number;
  readonly warmUp: number;
  readonly clock: Clock;
}

/** What one contestant did. */
export interface Lap {
  readonly label: string;
  /** Seconds for one operation, by round. */
  readonly seconds: readonly number[];
  /** What it computed. */
  readonly check: readonly number[];
  /** How it did it, where that was a choice. */
  readonly note?: string;
}

/**
 * Lets contestants do the same piece of work in turn, a sample each, round after round: what disturbs the machine disturbs
 * all alike. The order turns with the rounds. Those that cannot do it are left out; `note` is told of failures.
 *
 * Kept libraries such as tinybench measure one task after another in one process. Here each contestant has its own, so that
 * none inherits another's compiled code, heap or engine flags, some are not JavaScript, and a slow minute of a shared
 * machine must not fall on one alone.
 */
export async function race(
  bench: string,
  setting: unknown,
  contestants: readonly Contestant[],
  effort: Effort,
  note: (text: string) => void,
): Promise<Lap[]> {
  const laps: (Lap & { readonly contestant: Contestant; readonly seconds: number[] })[] = [];
  const { warmUp, clock } = effort;
  for (const contestant of contestants) {
    if (contestant.absent) continue;
    const answer = await contestant.ask({ prepare: bench, setting, warmUp, clock });
    if (answer.error) note(`  ${contestant.label} failed: ${answer.error}`);
    if (answer.absent || answer.error) continue;
    const how = answer.note === undefined ? {} : { note: answer.note };
    laps.push({ contestant, label: contestant.label, seconds: [], check: answer.check ?? [], ...how });
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (let i = 0; i < laps.length; i++) {
      const { contestant, seconds } = laps[(i + round) % laps.length]!;
      const answer = await contestant.ask({ sample: effort.sample });
      if (answer.seconds !== undefined) seconds.push(answer.seconds);
    }
  }
  return laps.filter(({ contestant, seconds }) => !contestant.absent && seconds.length > 0);
}

/** Those whose numbers are not the reference's: they measured something else. */
export function disagreeing(laps: readonly Lap[], reference: string, tolerance: number): string[] {
  const expected = laps.find(({ label }) => label === reference)?.check ?? [];
  const far = (value: number, i: number): boolean =>
    !(Math.abs(value - (expected[i] ?? NaN)) <= tolerance * (1 + Math.abs(expected[i] ?? 0)));
  return laps.filter(({ check }) => check.length > 0 && check.some(far)).map(({ label }) => label);
}

/** Median and quartiles. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** The spread of samples, interpolated between neighbours. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? NaN;
    const above = sorted[Math.ceil(place)] ?? NaN;
    return below + (above - below) * (place % 1);
  };
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}
