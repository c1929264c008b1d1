import "../../methods.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import { sameShape, showShape } from "../../core/shape.js";
import { crossEntropy } from "../../functions/losses/cross-entropy.js";
import { ShapeError, ValueError } from "../../errors.js";
import { checkScores, classesOf, measured } from "./measure.js";

/**
 * The coefficient of determination, 1 - Σ(y - ŷ)² / Σ(y - mean y)², over all elements, in f64: 1 for a perfect prediction, 0
 * for that of the mean. Values that do not vary are an error.
 */
export function r2Score(predicted: TensorLike, values: TensorLike): number {
  return measured("r2Score", () => {
    const [found, y] = [asTensor("r2Score", predicted).cast("f64"), asTensor("r2Score", values).cast("f64")];
    if (!sameShape(found.shape, y.shape))
      throw new ShapeError("r2Score", `predictions of the shape ${showShape(y.shape)}`, showShape(found.shape));
    const spread = y.sub(y.mean()).square().sum().item();
    if (!(spread > 0)) throw new ValueError("r2Score", "values that vary", `a sum of squares of ${spread}`);
    return 1 - y.sub(found).square().sum().item() / spread;
  });
}

/**
 * How many equally probable classes would be as hard to guess: the exponential of the mean cross-entropy of logits
 * [.., classes] and classes [..]. NaN of no examples.
 */
export function perplexity(logits: TensorLike, classes: TensorLike): number {
  return measured("perplexity", () => {
    const [x, labels] = [asTensor("perplexity", logits).cast("f64"), classesOf("perplexity", classes)];
    checkScores("perplexity", x, labels);
    return crossEntropy(x.reshape([labels.size, x.shape.at(-1)!]), labels.reshape([-1]))
      .exp()
      .item();
  });
}
