/** What prints as its own text, also in the console of Node, which shows the inside of other objects. */
export abstract class Printed {
  abstract toString(): string;

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** So many of something: 1 batch, 2 batches. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
