/** Running means of several numbers by name. */
export class Means {
  private count = 0;
  private sums: Record<string, number> = {};

  constructor(all: readonly Readonly<Record<string, number>>[] = []) {
    for (const numbers of all) this.add(numbers);
  }

  add(numbers: Readonly<Record<string, number>>): void {
    this.count++;
    for (const [name, x] of Object.entries(numbers)) this.sums[name] = (this.sums[name] ?? 0) + x;
  }

  get values(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this.sums).map(([name, sum]) => [name, sum / this.count]));
  }

  clear(): void {
    this.count = 0;
    this.sums = {};
  }
}
