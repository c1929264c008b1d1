// Scaled dot-product attention, F32 and F64, and its adjoint: block by block, so that no more than a block of the scores is
// ever held (Dao et al., "FlashAttention", 2022). The products are those of matmul.

import { DType } from "../abi/dtype";
import { AttentionWord, Head, Mask } from "../abi/form";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { draft, outOfMemory, workspace } from "../arena";
import { addAdjoints } from "./attention/adjoint";
import { addRow, KEYS, lastKey, lay, Pass, product, scaleQueries, scoreBlock } from "./attention/block";
import { scaleRow } from "./rows/exponentials";
import { word } from "./box/walk";

/** Runs an instruction of the form Attention. A query that may attend to no key gives NaN. */
export function attention(instruction: usize): i32 {
  switch (load<i32>(instruction, Head.DType << 2)) {
    case DType.F32:
      return run<f32>(instruction);
    case DType.F64:
      return run<f64>(instruction);
    default:
      return Status.Unsupported;
  }
}

function run<T>(instruction: usize): i32 {
  const adjoint = load<i32>(instruction, Head.Op << 2) == Op.AttentionBackward;
  const need = lay<T>(changetype<Pass>(draft()), instruction, adjoint);
  const whole = workspace(need);
  if (!whole) return outOfMemory(need);
  const p = changetype<Pass>(whole);
  lay<T>(p, instruction, adjoint);

  const count = word(instruction, AttentionWord.Count);
  const masks = word(instruction, AttentionWord.Masks);
  const inner = word(instruction, AttentionWord.Inner);
  const mask = word(instruction, AttentionWord.MaskAddress);
  const item: usize = p.kind == Mask.Bool ? 1 : sizeof<T>();
  const maskBytes = word(instruction, AttentionWord.MaskRows) * <usize>p.keys * item;
  const out = word(instruction, AttentionWord.Out);
  const q = <usize>(p.queries * p.depth) * sizeof<T>();
  const k = <usize>(p.keys * p.depth) * sizeof<T>();
  const v = <usize>(p.keys * p.width) * sizeof<T>();
  const y = <usize>(p.queries * p.width) * sizeof<T>();
  const keys = out + count * q;
  const values = keys + count * k;
  let n = word(instruction, AttentionWord.First);
  const some = word(instruction, AttentionWord.Some);
  if (adjoint) {
    memory.fill(out + n * q, 0, some * q);
    memory.fill(keys + n * k, 0, some * k);
    memory.fill(values + n * v, 0, some * v);
  }
  for (const end = n + some; n < end; n++) {
    p.q = word(instruction, AttentionWord.Q) + n * q;
    p.k = word(instruction, AttentionWord.K) + n * k;
    p.v = word(instruction, AttentionWord.V) + n * v;
    if (p.kind) p.mask = mask + ((n / inner) % masks) * maskBytes;
    if (adjoint) {
      const g = word(instruction, AttentionWord.G) + n * y;
      const results = word(instruction, AttentionWord.Y) + n * y;
      addAdjoints<T>(p, g, results, out + n * q, keys + n * k, values + n * v);
    } else attend<T>(p, out + n * y);
  }
  return Status.Ok;
}

/** out [queries, width] = softmax(scores) v, with what has been summed so far scaled anew wherever the largest score grows. */
function attend<T>(p: Pass, out: usize): void {
  const line = <usize>p.width * sizeof<T>();
  if (p.keys == 0) memory.fill(out, 0, <usize>p.queries * line);
  if (p.keys == 0 || p.width == 0) return;
  for (let i = 0; i < p.queries; i += p.block) {
    const rows = min(p.block, p.queries - i);
    const block = out + <usize>i * line;
    scaleQueries<T>(p, i, rows);
    for (let r = 0; r < rows; r++) {
      store<T>(p.peaks + ((<usize>r) << 3), -(<T>Infinity));
      store<f64>(p.sums + ((<usize>r) << 3), 0);
    }
    const end = lastKey(p, i, rows);
    for (let j = 0; j < end; j += KEYS) {
      const columns = min(KEYS, end - j);
      scoreBlock<T>(p, i, rows, j, columns);
      for (let r = 0; r < rows; r++) {
        const scale = addRow<T>(p, r, p.scores + <usize>(r * columns) * sizeof<T>(), columns, true);
        const y = block + <usize>r * line;
        if (j > 0 && scale != 1) scaleRow<T>(y, y, <usize>p.width, scale);
      }
      const values = p.v + <usize>j * line;
      const row = <usize>columns * sizeof<T>();
      product<T>(p, rows, p.width, columns, p.scores, row, sizeof<T>(), values, line, sizeof<T>(), block, j > 0);
    }
    for (let r = 0; r < rows; r++) {
      const y = block + <usize>r * line;
      scaleRow<T>(y, y, <usize>p.width, <T>(1 / load<f64>(p.sums + ((<usize>r) << 3))));
    }
  }
}
