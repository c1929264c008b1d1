import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { ownedBy } from "../../core/running/scopes.js";
import { showShape } from "../../core/shape.js";
import { ShapeError } from "../../errors.js";
import { unsqueeze } from "../../functions/shapes/movement.js";
import { add } from "../../primitives/elementwise/arithmetic.js";
import { float } from "../../primitives/define.js";
import { rotaryEmbedding, sinusoidalEncoding } from "../functions/positions.js";
import { Module } from "../module.js";
import { checkOptions } from "../../shared/options.js";

/** Adds `sinusoidalEncoding` to [positions, n, width], or [n, positions, width] with `batchFirst`, or [positions, width]. */
export class SinusoidalEncoding extends Module {
  private readonly batchFirst: boolean;
  private readonly base: number;

  constructor(options: { batchFirst?: boolean; base?: number } = {}) {
    super();
    checkOptions("SinusoidalEncoding", options, { batchFirst: false, base: 0 });
    const { batchFirst = false, base = 10000 } = options;
    [this.batchFirst, this.base] = [batchFirst, base];
  }

  forward(input: TensorLike): Tensor {
    const x = float(asTensor("SinusoidalEncoding", input));
    if (x.rank !== 2 && x.rank !== 3)
      throw new ShapeError("SinusoidalEncoding", "[positions, width] or one axis more", showShape(x.shape));
    const outside = x.rank === 3 && !this.batchFirst;
    const [length, width] = [x.shape[outside ? 0 : x.rank - 2]!, x.shape[x.rank - 1]!];
    return add(
      x,
      ownedBy("SinusoidalEncoding", () => {
        const table = sinusoidalEncoding(length, width, { base: this.base, dtype: x.dtype });
        return outside ? unsqueeze(table, 1) : table;
      }),
    );
  }
}

/** `rotaryEmbedding` as a layer: for queries and keys [.., positions, width] of a head. */
export class RotaryEmbedding extends Module<[x: TensorLike, offset?: number]> {
  constructor(private readonly options: { base?: number; interleaved?: boolean } = {}) {
    super();
    checkOptions("RotaryEmbedding", options, { base: 0, interleaved: false });
  }

  forward(x: TensorLike, offset = 0): Tensor {
    return rotaryEmbedding(x, { ...this.options, offset });
  }
}
