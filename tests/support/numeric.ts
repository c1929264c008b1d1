/** First step of the differences: the error falls with its sixth power, rounding grows as it shrinks. */
const STEP = 2 ** -8;

/**
 * The derivative of a function of one number at x: central differences with three step lengths, extrapolated to 0
 * (Richardson).
 */
export function derivative(f: (x: number) => number, x: number, step = STEP): number {
  const central = (h: number) => (f(x + h) - f(x - h)) / (2 * h);
  const [a, b, c] = [central(step), central(step / 2), central(step / 4)];
  const [ab, bc] = [(4 * b - a) / 3, (4 * c - b) / 3];
  return (16 * bc - ab) / 15;
}

/** The gradient of a function of several arrays by the elements of each of those listed. */
export function numericalGradient(
  f: (arrays: readonly (readonly number[])[]) => number,
  arrays: readonly (readonly number[])[],
  wrt: readonly number[],
): number[][] {
  return wrt.map((which) =>
    arrays[which]!.map((value, i) =>
      derivative((perturbed) => {
        const changed = [...arrays[which]!];
        changed[i] = perturbed;
        return f(arrays.map((array, k) => (k === which ? changed : array)));
      }, value),
    ),
  );
}

/** Σ a b. */
export function inner(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
