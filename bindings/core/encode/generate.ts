import { GenerateWord, RandomWord } from "../../../assembly/abi/form.js";
import { type Op } from "../../../assembly/abi/op.js";
import type { Tape } from "../../runtime/tape.js";
import { ensure } from "./audit.js";
import { addressOf, head, numberAt } from "./encode.js";
import type { Tensor } from "../graph.js";

// The instructions that make numbers of nothing: constants, sequences and draws.

/** out[i] = value + i * step, or value alone. */
export function encodeGenerate(tape: Tape, op: Op, out: Tensor, value: number, step = 0): void {
  if (tape.audit) ensure(tape.audit, out.dense);
  const at = tape.reserve(GenerateWord.Size);
  const words = tape.words;
  head(words, at, op, out.type.code, GenerateWord.Size);
  words[at + GenerateWord.Out] = addressOf(out);
  words[at + GenerateWord.Count] = out.size;
  numberAt(words, at + GenerateWord.Value, value);
  numberAt(words, at + GenerateWord.Step, step);
}

/** out is drawn from, or computed of, a generator's state, for distributions with the two numbers that they have. */
export function encodeRandom(
  tape: Tape,
  op: Op,
  out: { readonly address: number; readonly code: number },
  state: number,
  count: number,
  numbers?: readonly [number, number],
): void {
  if (tape.audit) ensure(tape.audit, count >= 0); // What it reads and writes is the row's affair.
  const length = numbers ? RandomWord.LongSize : RandomWord.Size;
  const at = tape.reserve(length);
  const words = tape.words;
  head(words, at, op, out.code, length);
  words[at + RandomWord.Out] = out.address;
  words[at + RandomWord.State] = state;
  words[at + RandomWord.Count] = count;
  words[at + RandomWord.First] = 0;
  if (!numbers) return;
  numberAt(words, at + RandomWord.Value, numbers[0]);
  numberAt(words, at + RandomWord.Step, numbers[1]);
}
