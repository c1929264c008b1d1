/** A place on a line: how far along it, the loss there, its slope along the line, and its gradient. */
export interface Point<G> {
  readonly at: number;
  readonly loss: number;
  readonly slope: number;
  readonly gradient: G;
}

/** The loss falls by at least this share of what the first slope promises (Armijo). */
const SUFFICIENT = 1e-4;
/** The slope falls to at most this share of the first (strong curvature). */
const FLAT = 0.9;
const MOST_STEPS = 25;
/** A bracket that moves no element further than this is as good as a point. */
const NARROW = 1e-9;

/**
 * A place on a line where the strong Wolfe conditions hold: the line is bracketed, then the bracket is narrowed by cubic
 * interpolation (Nocedal and Wright, "Numerical optimization", algorithms 3.5 and 3.6, as PyTorch and minFunc have it).
 * `start` is at 0 with a negative slope, `first` the place to look at first, `scale` the largest element of the direction.
 * Where nothing better is found in 25 steps, the best place so far.
 */
export function strongWolfe<G>(
  evaluate: (at: number) => Point<G>,
  start: Point<G>,
  first: number,
  scale: number,
): { readonly point: Point<G>; readonly evaluations: number } {
  const isHigh = ({ at, loss }: Point<G>): boolean => loss > start.loss + SUFFICIENT * at * start.slope;
  const isFlat = ({ slope }: Point<G>): boolean => Math.abs(slope) <= -FLAT * start.slope;
  let evaluations = 1;
  let before = start;
  let point = evaluate(first);
  for (; ; evaluations++) {
    if (isHigh(point) || (evaluations > 2 && point.loss >= before.loss) || evaluations > MOST_STEPS) break;
    if (isFlat(point)) return { point, evaluations };
    if (point.slope >= 0) break;
    const { at } = point;
    const next = cubicMinimum(before, point, at + 0.01 * (at - before.at), at * 10);
    before = point;
    point = evaluate(next);
  }
  if (evaluations > MOST_STEPS) before = start;
  let [low, high] = before.loss <= point.loss ? [before, point] : [point, before];
  let slow = false;
  for (; evaluations <= MOST_STEPS && Math.abs(high.at - low.at) * scale >= NARROW; evaluations++) {
    const [left, right] = [Math.min(low.at, high.at), Math.max(low.at, high.at)];
    let at = cubicMinimum(low, high, left, right);
    // Close to an end twice in a row, or beyond it: a tenth of the bracket away from that end.
    const margin = 0.1 * (right - left);
    const close = Math.min(right - at, at - left) < margin;
    if (close && (slow || at >= right || at <= left)) {
      at = right - at < at - left ? right - margin : left + margin;
      slow = false;
    } else {
      slow = close;
    }
    const next = evaluate(at);
    if (isHigh(next) || next.loss >= low.loss) {
      high = next;
      if (high.loss < low.loss) [low, high] = [high, low];
    } else {
      if (isFlat(next)) return { point: next, evaluations: evaluations + 1 };
      if (next.slope * (high.at - low.at) >= 0) high = low;
      low = next;
    }
  }
  return { point: low, evaluations };
}

/** Where the cubic through two points with their slopes is least, between two bounds; where there is none, in the middle. */
function cubicMinimum<G>(p: Point<G>, q: Point<G>, low: number, high: number): number {
  const [x, y] = p.at <= q.at ? [p, q] : [q, p];
  const d1 = x.slope + y.slope - (3 * (x.loss - y.loss)) / (x.at - y.at);
  const d2 = Math.sqrt(d1 * d1 - x.slope * y.slope);
  const at = y.at - (y.at - x.at) * ((y.slope + d2 - d1) / (y.slope - x.slope + 2 * d2));
  return Number.isNaN(at) ? (low + high) / 2 : Math.min(Math.max(at, low), high);
}
