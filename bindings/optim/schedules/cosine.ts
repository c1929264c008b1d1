import { checkWhole } from "../../core/checks.js";
import { ValueError } from "../../errors.js";
import { checkNumber } from "../checks.js";
import type { Optimizer } from "../optimizer.js";
import { cosine, Scheduler } from "./scheduler.js";
import { checkOptions } from "../../shared/options.js";

/** From `high` to `low` along half a period of a cosine; `share` from 0 to 1. */
export function along(share: number, high: number, low: number): number {
  return low + ((high - low) * (1 + cosine(Math.PI * share))) / 2;
}

/**
 * Takes the rates to `etaMin` and back, along a cosine with the period 2 `tMax` (Loshchilov and Hutter, 2017):
 * η = ηmin + (η₀ - ηmin) (1 + cos(π t / T)) / 2, each from the one before.
 */
export class CosineAnnealingLR extends Scheduler {
  constructor(optimizer: Optimizer, options: { tMax: number; etaMin?: number }) {
    checkOptions("CosineAnnealingLR", options, { tMax: 0, etaMin: 0 });
    const { tMax, etaMin = 0 } = options;
    checkWhole("CosineAnnealingLR", "tMax", tMax, 1);
    checkNumber("CosineAnnealingLR", "etaMin", etaMin, 0);
    // (1 + cos(π t / T)) / 2, as a square: nothing cancels.
    const share = (t: number): number => {
      const root = cosine((Math.PI * t) / (2 * tMax));
      return root * root;
    };
    super(optimizer, {
      next: (lr, t, base) => {
        // From the lowest rate no factor leads on; the way up begins as the way down ended.
        if ((t - 1 - tMax) % (2 * tMax) === 0) return lr + (base - etaMin) * share(tMax - 1);
        return etaMin + (share(t) / share(t - 1)) * (lr - etaMin);
      },
    });
  }
}

/**
 * Takes the rates to `etaMin` along a cosine in `t0` steps, sets them back, and begins again, each time `tMult` times longer
 * (SGDR: Loshchilov and Hutter, 2017).
 */
export class CosineAnnealingWarmRestarts extends Scheduler {
  constructor(optimizer: Optimizer, options: { t0: number; tMult?: number; etaMin?: number }) {
    checkOptions("CosineAnnealingWarmRestarts", options, { t0: 0, tMult: 0, etaMin: 0 });
    const { t0, tMult = 1, etaMin = 0 } = options;
    checkWhole("CosineAnnealingWarmRestarts", "t0", t0, 1);
    checkWhole("CosineAnnealingWarmRestarts", "tMult", tMult, 1);
    checkNumber("CosineAnnealingWarmRestarts", "etaMin", etaMin, 0);
    super(optimizer, {
      next: (_lr, t, base) => {
        let [since, length] = tMult === 1 ? [t % t0, t0] : [t, t0];
        for (; since >= length; length *= tMult) since -= length;
        return along(since / length, base, etaMin);
      },
    });
  }

  /** Sets the rates for the next step, or for `epoch`, which may have a fraction: `step(epoch + batch / batches)`. */
  override step(epoch = this.t + 1): void {
    this.moveTo(checkNumber("CosineAnnealingWarmRestarts.step", "epoch", epoch, 0));
  }
}

/**
 * Leads the rates up along a line in `warmupSteps` steps, η₀ (t+1) / W, then down to `minLr` along a cosine until
 * `totalSteps`, where they stay: how transformers are trained.
 */
export class WarmupCosine extends Scheduler {
  constructor(optimizer: Optimizer, options: { warmupSteps: number; totalSteps: number; minLr?: number }) {
    checkOptions("WarmupCosine", options, { warmupSteps: 0, totalSteps: 0, minLr: 0 });
    const { warmupSteps, totalSteps, minLr = 0 } = options;
    checkWhole("WarmupCosine", "warmupSteps", warmupSteps, 0);
    checkNumber("WarmupCosine", "minLr", minLr, 0);
    if (!(Number.isSafeInteger(totalSteps) && totalSteps > warmupSteps))
      throw new ValueError("WarmupCosine", `whole totalSteps above ${warmupSteps}`, String(totalSteps));
    const at = (t: number, base: number): number => {
      if (t < warmupSteps) return (base * (t + 1)) / warmupSteps;
      return along(Math.min(1, (t - warmupSteps) / (totalSteps - warmupSteps)), base, minLr);
    };
    super(optimizer, { first: (_lr, base) => at(0, base), next: (_lr, t, base) => at(t, base) });
  }
}
