import { checkFunction, kindOf } from "../core/checks.js";
import type { Generator } from "../functions/random/random.js";
import { ValueError } from "../errors.js";
import { breath } from "./breath.js";
import { checkCounts, checkTimes } from "./checks.js";
import { collate, type Batch } from "./collate.js";
import { generatorOf, uniforms } from "./order.js";
import { checkOptions } from "../shared/options.js";
import { Printed } from "../shared/printed.js";

/** Where the examples of a stream come from, from the beginning: asked for the next one, it need not have given the last. */
type Source<T> = () => { next(): Promise<IteratorResult<T, unknown>>; return?(): Promise<unknown> };

/**
 * Examples that come one after another, how many nobody knows: of a generator, a file, a network. Each `for await` begins
 * anew. Every method gives another stream; nothing is asked of the source before an example is. No loop owns the tensors of a
 * stream: they are left to the collector, which it lets run every few milliseconds, or to `dispose`.
 */
export class Stream<T> extends Printed implements AsyncIterable<T> {
  private constructor(private readonly begin: Source<T>) {
    super();
  }

  /**
   * The examples of anything that `for await` takes, or of what a function gives anew for each pass: `Stream.from(function* () ..)`.
   * A generator that is given itself can be passed through once.
   */
  static from<T>(source: Iterable<T> | AsyncIterable<T> | (() => Iterable<T> | AsyncIterable<T>)): Stream<Awaited<T>> {
    const open = (): unknown => passable(typeof source === "function" ? source() : source);
    if (typeof source !== "function") open();
    return Stream.of(async function* () {
      yield* open() as AsyncIterable<Awaited<T>>; // What is no promise comes as it is.
    });
  }

  private static of<T>(open: () => AsyncIterator<T>): Stream<T> {
    return new Stream(() => {
      const iterator = open();
      return { next: () => iterator.next(), return: async () => iterator.return?.() };
    });
  }

  /** What `change` makes of each example; a promise is awaited, together with others if they are asked for by `prefetch`. */
  map<U>(change: (example: T) => U): Stream<Awaited<U>> {
    checkFunction("map", "a function that makes something of each example", change);
    return new Stream<Awaited<U>>(() => {
      const source = this.begin();
      const next = async (): Promise<IteratorResult<Awaited<U>, unknown>> => {
        const step = await source.next();
        if (step.done) return step;
        try {
          return { done: false, value: await change(step.value) };
        } catch (error) {
          // Nobody else will: to whom asks for examples, a stream that fails has ended. What fails first is what is told.
          await source.return?.().catch(() => undefined);
          throw error;
        }
      };
      return { next, return: async () => source.return?.() };
    });
  }

  /** The examples that `keep` is true of. */
  filter(keep: (example: T) => boolean | Promise<boolean>): Stream<T> {
    checkFunction("filter", "a function that tells which examples to keep", keep);
    return this.through(async function* (examples) {
      for await (const example of examples) if (await keep(example)) yield example;
    });
  }

  /** At most so many examples. */
  take(count: number): Stream<T> {
    checkTimes("take", count, Infinity);
    return this.through(async function* (examples) {
      let left = count;
      if (left <= 0) return;
      for await (const example of examples) {
        yield example;
        if (--left <= 0) return;
      }
    });
  }

  /** All passes one after another: so many, or for ever. */
  repeat(count = Infinity): Stream<T> {
    checkTimes("repeat", count, Infinity);
    return this.through(async function* (examples) {
      for (let pass = 0; pass < count; pass++) {
        let empty = true;
        for await (const example of examples) {
          empty = false;
          yield example;
        }
        if (empty) return;
      }
    });
  }

  /** An order of a seed, as far as `buffer` examples allow: each that is handed out is drawn among so many. */
  shuffle(buffer: number, seed: number | Generator = 0): Stream<T> {
    checkCounts("shuffle", buffer);
    return this.through(async function* (examples) {
      const generator = generatorOf(seed);
      const held: T[] = [];
      let draws: Float64Array = new Float64Array(0);
      let drawn = 0;
      const draw = (): T => {
        if (drawn === draws.length) [draws, drawn] = [uniforms(buffer, generator), 0];
        const at = Math.floor(draws[drawn++]! * held.length);
        const last = held.pop()!;
        if (at === held.length) return last;
        const chosen = held[at]!;
        held[at] = last;
        return chosen;
      };
      for await (const example of examples) {
        held.push(example);
        if (held.length > buffer) yield draw();
      }
      while (held.length > 0) yield draw();
    });
  }

  /** Every `size` examples that follow one another, begun `step` apart. */
  window(size: number, step = 1): Stream<T[]> {
    checkCounts("window", size, step);
    return this.through(async function* (examples) {
      let held: T[] = [];
      let skip = 0;
      for await (const example of examples) {
        if (skip > 0) {
          skip--;
          continue;
        }
        held.push(example);
        if (held.length < size) continue;
        yield held;
        skip = Math.max(step - size, 0);
        held = held.slice(step);
      }
    });
  }

  /** Examples in batches, as `collate` makes them; the last one may be smaller, or is left out. */
  batch(size: number, options: { dropLast?: boolean } = {}): Stream<Batch<T>> {
    checkOptions("batch", options, { dropLast: false });
    const { dropLast = false } = options;
    checkCounts("batch", size);
    return this.through(async function* (examples) {
      let held: T[] = [];
      for await (const example of examples) {
        held.push(example);
        if (held.length < size) continue;
        yield collate(held);
        held = [];
      }
      if (held.length > 0 && !dropLast) yield collate(held);
    });
  }

  /**
   * So many examples are being made while the ones before are used; their order stays. It stands right behind the `map` that
   * takes time: `filter`, `batch` and what else comes between ask for one example after another.
   */
  prefetch(count: number): Stream<T> {
    checkCounts("prefetch", count);
    const begin = this.begin;
    return Stream.of(async function* () {
      const source = begin();
      const pending: Promise<IteratorResult<T, unknown>>[] = [];
      const ask = (): void => {
        const step = source.next();
        step.catch(() => undefined); // Its turn comes; until then nobody else hears of it.
        pending.push(step);
      };
      try {
        for (;;) {
          while (pending.length <= count) ask();
          const step = await pending.shift()!;
          if (step.done) return;
          yield step.value;
        }
      } finally {
        await source.return?.();
      }
    });
  }

  /** All examples. */
  async toArray(): Promise<T[]> {
    const examples: T[] = [];
    for await (const example of this) examples.push(example);
    return examples;
  }

  /** Nothing is known of what is to come. */
  toString(): string {
    return "Stream(examples as they come)";
  }

  [Symbol.asyncIterator](): AsyncIterator<T, unknown, undefined> {
    const { next, return: end } = this.begin();
    return {
      next: async () => {
        const pause = breath();
        if (pause) await pause;
        return next();
      },
      return: async () => {
        await end?.();
        return { done: true, value: undefined };
      },
    };
  }

  private through<U>(change: (examples: AsyncIterable<T>) => AsyncIterator<U>): Stream<U> {
    return Stream.of(() => change(this));
  }
}

/** What `for await` takes, as it is. */
function passable(given: unknown): unknown {
  const object = Object(given) as object;
  if (Symbol.iterator in object || Symbol.asyncIterator in object) return given;
  throw new ValueError("Stream.from", "what can be gone through, or a function that gives it", kindOf(given));
}
