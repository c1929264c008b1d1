import { Head } from "../../../assembly/abi/form.js";
import { heap } from "../../runtime/instance.js";
import { ProgramTape } from "../../runtime/tape.js";
import type { Lowered } from "./lower.js";

/** Runs that a measurement takes at the most, and milliseconds after which it has seen enough. */
const MOST_RUNS = 1000;
const ENOUGH = 200;

/** The tape of one caller, with the addresses of its arguments and results in it. */
export class Frame {
  private readonly tape: ProgramTape;
  /** Where the blocks that move are at present. */
  private readonly addresses: number[];
  private changed = true;
  /** Whether its tape is gone. */
  freed = false;

  /** `names` says what the instruction at a position is called in an error. */
  constructor(
    private readonly lowered: Lowered,
    blocks: number,
    names: (instruction: number) => string,
  ) {
    this.tape = new ProgramTape(lowered.words, names);
    this.addresses = new Array<number>(blocks).fill(0);
  }

  /** Says where a block is that moves. */
  bind(block: number, address: number): void {
    if (this.addresses[block] === address) return;
    this.addresses[block] = address;
    this.changed = true;
  }

  /** Runs the whole list. Throws what the kernels refuse. */
  run(): void {
    if (this.changed) this.relocate();
    this.tape.run();
  }

  /**
   * Milliseconds of each instruction, run one by one: the mean of the quicker half of many runs. `restore` undoes what a run
   * wrote.
   */
  measure(restore: () => void): number[] {
    if (this.changed) this.relocate();
    const { words } = this.lowered;
    const ends: number[] = [];
    for (let word = 0; word < words.length; word += words[word + Head.Length]!)
      ends.push(word + words[word + Head.Length]!);
    const times = ends.map((): number[] => []);
    let runs = 0;
    // The first run warms up, and does not count.
    for (
      const start = performance.now();
      runs < 3 || (runs < MOST_RUNS && performance.now() - start < ENOUGH);
      runs++
    ) {
      for (let i = 0, from = 0; i < ends.length; i++) {
        const before = performance.now();
        this.tape.runPart(from, ends[i]!);
        if (runs > 0) times[i]!.push(performance.now() - before);
        from = ends[i]!;
      }
      restore();
    }
    // Disturbed runs do not count; but a page's clock may be too coarse for one instruction, and then only all runs tell.
    const quick = times.map((all) => meanOf([...all].sort((a, b) => a - b).slice(0, Math.ceil(all.length / 2))));
    return quick.includes(0) ? times.map(meanOf) : quick;
  }

  private relocate(): void {
    const { relocations } = this.lowered;
    const { first } = this.tape;
    const words = heap.i32;
    for (let i = 0; i < relocations.length; i += 3) {
      words[first + relocations[i]!] = this.addresses[relocations[i + 1]!]! + relocations[i + 2]!;
    }
    this.changed = false;
  }

  free(by: string): void {
    this.freed = true;
    this.tape.free(by);
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
