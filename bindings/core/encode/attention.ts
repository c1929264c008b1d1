import { AttentionWord, Mask } from "../../../assembly/abi/form.js";
import { type Op } from "../../../assembly/abi/op.js";
import type { Tape } from "../../runtime/tape.js";
import { attends, ensure } from "./audit.js";
import { addressOf, head, numberAt } from "./encode.js";
import type { Tensor } from "../graph.js";

/** Attention of dense q, k and v, under a mask if there is one, or with g and y its adjoints; see encode.ts. */
export function encodeAttention(
  tape: Tape,
  op: Op,
  out: Tensor,
  [q, k, v, mask]: readonly Tensor[],
  adjoint: readonly [g: Tensor, y: Tensor] | null,
  { scale, causal, inner }: { readonly scale: number; readonly causal: boolean; readonly inner: number },
): void {
  if (tape.audit) ensure(tape.audit, attends(out, mask ? [q!, k!, v!, mask] : [q!, k!, v!], adjoint ?? [], inner));
  const at = tape.reserve(AttentionWord.Size);
  const words = tape.words;
  head(words, at, op, out.type.code, AttentionWord.Size);
  words[at + AttentionWord.Out] = addressOf(out);
  words[at + AttentionWord.Q] = addressOf(q!);
  words[at + AttentionWord.K] = addressOf(k!);
  words[at + AttentionWord.V] = addressOf(v!);
  words[at + AttentionWord.MaskAddress] = mask ? addressOf(mask) : 0;
  words[at + AttentionWord.G] = adjoint ? addressOf(adjoint[0]) : 0;
  words[at + AttentionWord.Y] = adjoint ? addressOf(adjoint[1]) : 0;
  words[at + AttentionWord.Count] = q!.shape[0]!;
  words[at + AttentionWord.Queries] = q!.shape[1]!;
  words[at + AttentionWord.Keys] = k!.shape[1]!;
  words[at + AttentionWord.Depth] = q!.shape[2]!;
  words[at + AttentionWord.Width] = v!.shape[2]!;
  words[at + AttentionWord.Causal] = causal ? 1 : 0;
  words[at + AttentionWord.MaskKind] = !mask ? Mask.None : mask.dtype === "bool" ? Mask.Bool : Mask.Added;
  words[at + AttentionWord.Masks] = mask ? mask.shape[0]! : 1;
  words[at + AttentionWord.MaskRows] = mask ? mask.shape[1]! : 1;
  words[at + AttentionWord.Inner] = inner;
  words[at + AttentionWord.First] = 0;
  words[at + AttentionWord.Some] = q!.shape[0]!;
  numberAt(words, at + AttentionWord.Scale, scale);
}
