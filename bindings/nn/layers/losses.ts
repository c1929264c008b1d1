import type { TensorLike } from "../../core/create.js";
import type { Tensor } from "../../core/graph.js";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  klDiv,
  type BinaryLogitsOptions,
  type BinaryOptions,
  type KlOptions,
} from "../../functions/losses/binary.js";
import {
  crossEntropy,
  nllLoss,
  type CrossEntropyOptions,
  type NllOptions,
} from "../../functions/losses/cross-entropy.js";
import type { LossOptions } from "../../functions/losses/reduce.js";
import { huberLoss, l1Loss, mseLoss, smoothL1Loss } from "../../functions/losses/regression.js";
import { Module } from "../module.js";

// Losses of an input and a target as layers. What each computes stands with the function.

abstract class Loss<O extends object = LossOptions> extends Module<[input: TensorLike, target: TensorLike]> {
  constructor(protected readonly options: O = {} as O) {
    super(); // All options have defaults.
  }
}

/** `mseLoss` as a layer. */
export class MSELoss extends Loss {
  forward(input: TensorLike, target: TensorLike): Tensor {
    return mseLoss(input, target, this.options);
  }
}

/** `l1Loss` as a layer. */
export class L1Loss extends Loss {
  forward(input: TensorLike, target: TensorLike): Tensor {
    return l1Loss(input, target, this.options);
  }
}

/** `huberLoss` as a layer. */
export class HuberLoss extends Loss<LossOptions & { delta?: number }> {
  forward(input: TensorLike, target: TensorLike): Tensor {
    return huberLoss(input, target, this.options);
  }
}

/** `smoothL1Loss` as a layer. */
export class SmoothL1Loss extends Loss<LossOptions & { beta?: number }> {
  forward(input: TensorLike, target: TensorLike): Tensor {
    return smoothL1Loss(input, target, this.options);
  }
}

/** `crossEntropy` as a layer. */
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  forward(input: TensorLike, target: TensorLike): Tensor {
    return crossEntropy(input, target, this.options);
  }
}

/** `nllLoss` as a layer. */
export class NLLLoss extends Loss<NllOptions> {
  forward(input: TensorLike, target: TensorLike): Tensor {
    return nllLoss(input, target, this.options);
  }
}

/** `binaryCrossEntropy` as a layer. */
export class BCELoss extends Loss<BinaryOptions> {
  forward(input: TensorLike, target: TensorLike): Tensor {
    return binaryCrossEntropy(input, target, this.options);
  }
}

/** `binaryCrossEntropyWithLogits` as a layer. */
export class BCEWithLogitsLoss extends Loss<BinaryLogitsOptions> {
  forward(input: TensorLike, target: TensorLike): Tensor {
    return binaryCrossEntropyWithLogits(input, target, this.options);
  }
}

/** `klDiv` as a layer. */
export class KLDivLoss extends Loss<KlOptions> {
  forward(input: TensorLike, target: TensorLike): Tensor {
    return klDiv(input, target, this.options);
  }
}
