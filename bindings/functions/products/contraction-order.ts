/** The length of each label. */
export type Lengths = Readonly<Record<string, number>>;

/** Two places in the list of operands; their product goes to the end of what is left. */
export type Pair = readonly [number, number];

type Labels = readonly string[];

/** So many operands are searched through; more are taken the cheapest pair first. */
const SEARCHED = 5;

/** In which order to multiply operands, given by their labels, so that it takes few multiplications. */
export function contractionOrder(operands: readonly Labels[], output: Labels, lengths: Lengths): Pair[] {
  if (operands.length > SEARCHED) {
    const [best] = steps(operands, output, lengths).sort((a, b) => a.growth - b.growth || a.cost - b.cost);
    return [best!.pair, ...contractionOrder(best!.left, output, lengths)];
  }
  return search(operands, output, lengths).pairs;
}

interface Plan {
  readonly cost: number;
  readonly pairs: Pair[];
}

/** The cheapest of all orders. */
function search(operands: readonly Labels[], output: Labels, lengths: Lengths): Plan {
  if (operands.length < 2) return { cost: 0, pairs: [] };
  let best: Plan | null = null;
  for (const { pair, cost, left } of steps(operands, output, lengths)) {
    if (best && cost >= best.cost) continue;
    const rest = search(left, output, lengths);
    if (!best || cost + rest.cost < best.cost) best = { cost: cost + rest.cost, pairs: [pair, ...rest.pairs] };
  }
  return best!;
}

interface Step {
  readonly pair: Pair;
  /** Multiplications. */
  readonly cost: number;
  /** How many more elements there are afterwards. */
  readonly growth: number;
  /** The operands afterwards. */
  readonly left: readonly Labels[];
}

/** Every pair that may come next. */
function steps(operands: readonly Labels[], output: Labels, lengths: Lengths): Step[] {
  const size = (labels: Iterable<string>): number =>
    [...labels].reduce((product, label) => product * lengths[label]!, 1);
  return operands.flatMap((first, i) =>
    operands.slice(i + 1).map((second, offset): Step => {
      const j = i + 1 + offset;
      const others = operands.filter((_, k) => k !== i && k !== j);
      const kept = new Set([...output, ...others.flat()]);
      const all = new Set([...first, ...second]);
      const product = [...all].filter((label) => kept.has(label));
      return {
        pair: [i, j],
        cost: size(all),
        growth: size(product) - size(first) - size(second),
        left: [...others, product],
      };
    }),
  );
}
