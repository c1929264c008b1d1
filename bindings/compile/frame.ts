import { heap } from "../runtime/instance.js";
import { ProgramTape } from "../runtime/tape.js";
import type { Lowered } from "./lower.js";

/** The tape of one caller, with the addresses of its arguments and results in it. */
export class Frame {
  private readonly tape: ProgramTape;
  /** Where the blocks that move are at present. */
  private readonly addresses: number[];
  private changed = true;

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
    this.tape.free(by);
  }
}
