import { symbolic } from "./apply.js";
import type { Tensor } from "../graph.js";
import { operations } from "../operations.js";
import type { Variable } from "../variable.js";

/** A generator that a function for one example draws from: a stand-in for its state, and what was drawn so far. */
interface Stream {
  readonly state: Tensor;
  blocks: number;
}

/** The states that a batch's examples draw from, in the place of the stand-in for one of them. */
export interface BatchOfStates {
  readonly standIn: Tensor;
  readonly states: Tensor;
}

let current: Draws | null = null;

/**
 * What a function for one example draws while it runs for a whole batch: each example has a range of the generator's
 * counter to itself, so that it draws what it would if the examples ran one after another.
 */
export class Draws {
  private readonly streams = new Map<Variable, Stream>();
  /** Generators that were made or seeded by the function itself: they are the same for every example. */
  private readonly own = new Set<Variable>();
  private readonly outer = current;

  /** `standIn` makes the tensor without values that the function sees as the state. */
  constructor(private readonly standIn: (state: Tensor) => Tensor) {}

  /** Runs the function for one example. */
  during<T>(body: () => T): T {
    current = this;
    try {
      return body();
    } finally {
      current = this.outer;
      if (current) for (const state of this.own) current.own.add(state);
    }
  }

  /** The state to draw so many blocks from, or null if it is the same for all examples. */
  take(state: Variable, blocks: number): Tensor | null {
    if (this.own.has(state)) return null;
    let stream = this.streams.get(state);
    if (!stream) this.streams.set(state, (stream = { state: this.standIn(symbolic(state, state.dtype)), blocks: 0 }));
    const from = operations.advance(stream.state, stream.blocks);
    stream.blocks += blocks;
    return from;
  }

  /** Whether something was drawn from a generator for each example. */
  drewFrom(state: Variable): boolean {
    return this.streams.has(state) || (this.outer?.drewFrom(state) ?? false);
  }

  /** A generator starts anew within the function. */
  begin(state: Variable): void {
    this.own.add(state);
  }

  /** Gives each of `count` examples its states, and moves the generators past what all of them draw. */
  divide(count: number, move: (state: Variable, to: Tensor) => void): BatchOfStates[] {
    return [...this.streams].map(([state, { state: standIn, blocks }]) => {
      const outer = this.outer?.take(state, count * blocks) ?? null;
      const from = outer ?? state;
      const states = operations.streams(from, count, blocks);
      if (!outer) move(state, operations.advance(from, count * blocks));
      return { standIn, states };
    });
  }
}

/** Runs a body as if for no batch: generators that it makes belong to no example's function. */
export function withoutDraws<T>(body: () => T): T {
  const before = current;
  current = null;
  try {
    return body();
  } finally {
    current = before;
  }
}

/** The batch of examples that a function runs for at the moment, if any. */
export function drawsOfNow(): Draws | null {
  return current;
}
