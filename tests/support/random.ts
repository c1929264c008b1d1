/** Seeded random numbers for tests: the same name draws the same numbers, in whatever order tests run. */
export class Random {
  private state: number;

  constructor(name: string) {
    // FNV-1a of the name.
    let hash = 2166136261;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
    this.state = hash;
  }

  /** Uniform on [0, 1): mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number in [low, high). */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low));
  }

  /** A random order of 0 .. n-1. */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(0, i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** Numbers spread over the whole of [low, high], in random order, with a gap between any two. */
  spread(count: number, low: number, high: number): number[] {
    return this.permutation(count).map((place) => low + ((high - low) * (place + this.uniform(0.2, 0.8))) / count);
  }

  /** Numbers without structure, for adjoints and weights. */
  weights(count: number): number[] {
    return Array.from({ length: count }, () => this.uniform(-1, 1));
  }
}
