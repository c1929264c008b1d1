import type { TensorLike } from "../../core/values/create.js";
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
import { checkOptions, type Known } from "../../shared/options.js";

// Losses of an input and a target as layers. What each computes stands with the function.

abstract class Loss<O extends LossOptions | KlOptions = LossOptions> extends Module<
  [input: TensorLike, target: TensorLike]
> {
  constructor(protected readonly options: O = {} as O) {
    super(); // All options have defaults.
    checkOptions(this.constructor.name, options, { reduction: null, ...this.known() } as Known<O>);
  }

  /** The names of the options beside the reduction. */
  protected abstract known(): Known<Omit<O, "reduction">>;
}

/** `mseLoss` as a layer. */
export class MSELoss extends Loss {
  protected known() {
    return {};
  }

  forward(input: TensorLike, target: TensorLike): Tensor {
    return mseLoss(input, target, this.options);
  }
}

/** `l1Loss` as a layer. */
export class L1Loss extends Loss {
  protected known() {
    return {};
  }

  forward(input: TensorLike, target: TensorLike): Tensor {
    return l1Loss(input, target, this.options);
  }
}

/** `huberLoss` as a layer. */
export class HuberLoss extends Loss<LossOptions & { delta?: number }> {
  protected known() {
    return { delta: 0 } as const;
  }

  forward(input: TensorLike, target: TensorLike): Tensor {
    return huberLoss(input, target, this.options);
  }
}

/** `smoothL1Loss` as a layer. */
export class SmoothL1Loss extends Loss<LossOptions & { beta?: number }> {
  protected known() {
    return { beta: 0 } as const;
  }

  forward(input: TensorLike, target: TensorLike): Tensor {
    return smoothL1Loss(input, target, this.options);
  }
}

/** `crossEntropy` as a layer. */
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  protected known() {
    return { weight: null, ignoreIndex: null, labelSmoothing: 0 } as const;
  }

  forward(input: TensorLike, target: TensorLike): Tensor {
    return crossEntropy(input, target, this.options);
  }
}

/** `nllLoss` as a layer. */
export class NLLLoss extends Loss<NllOptions> {
  protected known() {
    return { weight: null, ignoreIndex: null } as const;
  }

  forward(input: TensorLike, target: TensorLike): Tensor {
    return nllLoss(input, target, this.options);
  }
}

/** `binaryCrossEntropy` as a layer. */
export class BCELoss extends Loss<BinaryOptions> {
  protected known() {
    return { weight: null } as const;
  }

  forward(input: TensorLike, target: TensorLike): Tensor {
    return binaryCrossEntropy(input, target, this.options);
  }
}

/** `binaryCrossEntropyWithLogits` as a layer. */
export class BCEWithLogitsLoss extends Loss<BinaryLogitsOptions> {
  protected known() {
    return { weight: null, posWeight: null } as const;
  }

  forward(input: TensorLike, target: TensorLike): Tensor {
    return binaryCrossEntropyWithLogits(input, target, this.options);
  }
}

/** `klDiv` as a layer. */
export class KLDivLoss extends Loss<KlOptions> {
  protected known() {
    return { logTarget: false } as const;
  }

  forward(input: TensorLike, target: TensorLike): Tensor {
    return klDiv(input, target, this.options);
  }
}
