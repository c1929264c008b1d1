import { MatrixWord } from "../../../assembly/abi/form.js";
import { type Op } from "../../../assembly/abi/op.js";
import type { Tape } from "../../runtime/tape.js";
import { counts, ensure } from "./audit.js";
import { addressOf, head, numberAt } from "./encode.js";
import type { Tensor } from "../graph.js";

/** What an instruction of linear algebra is told besides its matrices. */
export interface MatrixOptions {
  readonly width?: number;
  readonly flags?: number;
  readonly value?: number;
  readonly least?: number;
}

/** Something of the matrices a [.., m, n], and of b [.., m, width] if there is one, all dense; `room` is how many numbers it is. See encode.ts. */
export function encodeMatrix(
  tape: Tape,
  op: Op,
  out: Tensor,
  [a, b]: readonly (Tensor | undefined)[],
  room: number,
  { width, flags = 0, value = 0, least = 0 }: MatrixOptions,
): void {
  const [m, n] = a!.shape.slice(-2) as [number, number];
  const count = room === 0 ? 0 : out.size / room;
  const k = b ? b.shape[b.rank - 1]! : (width ?? n);
  if (tape.audit) {
    const read = counts(a!, count * m * n) && (!b || counts(b, count * m * k, a));
    ensure(tape.audit, counts(out, out.size, a) && (room === 0 || read));
  }
  const at = tape.reserve(MatrixWord.Size);
  const words = tape.words;
  head(words, at, op, out.type.code, MatrixWord.Size, flags);
  words[at + MatrixWord.Out] = addressOf(out);
  words[at + MatrixWord.A] = addressOf(a!);
  words[at + MatrixWord.B] = b ? addressOf(b) : 0;
  words[at + MatrixWord.Count] = count;
  words[at + MatrixWord.Rows] = m;
  words[at + MatrixWord.Columns] = n;
  words[at + MatrixWord.Width] = k;
  numberAt(words, at + MatrixWord.Value, value);
  numberAt(words, at + MatrixWord.Least, least);
}
