/**
 * Layers, models made of them, and what they begin with; recurrent cells and attention as functions.
 *
 * @module wengert/nn
 */
export { multiHeadAttention, type AttentionMasks, type MultiHeadAttentionOptions } from "./functions/attention.js";
export { rotaryEmbedding, sinusoidalEncoding, type AngleOptions } from "./functions/positions.js";
export {
  gruCell,
  gruSeq,
  lstmCell,
  lstmSeq,
  rnnReluCell,
  rnnReluSeq,
  rnnTanhCell,
  rnnTanhSeq,
} from "./functions/recurrent.js";
export { functionalCall, type ValueTree } from "./functional.js";
export * as init from "./init.js";
export { calculateGain, type InitOptions, type InitTarget, type KaimingOptions, type Nonlinearity } from "./init.js";
export { Module, type AnyModule, type VariableTree } from "./module.js";
export { StateError, type LoadResult, type StateDict } from "./state.js";
export type { Summary, SummaryRow } from "./summary.js";
export * from "./layers/activation.js";
export { MultiheadAttention, type AttentionLayerOptions } from "./layers/attention.js";
export { ModuleDict, ModuleList, Residual, Sequential } from "./layers/containers.js";
export {
  Conv1d,
  Conv2d,
  ConvTranspose1d,
  ConvTranspose2d,
  type ConvLayerOptions,
  type ConvTransposeLayerOptions,
} from "./layers/convolution.js";
export { Dropout } from "./layers/dropout.js";
export { Bilinear, Embedding, Linear } from "./layers/linear.js";
export * from "./layers/losses.js";
export { BatchNorm1d, BatchNorm2d, type BatchNormLayerOptions } from "./layers/batch-norm.js";
export {
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  LayerNorm,
  RMSNorm,
  type AffineNormOptions,
  type NormOptions,
} from "./layers/normalization.js";
export * from "./layers/pooling.js";
export { RotaryEmbedding, SinusoidalEncoding } from "./layers/positions.js";
export { GRU, LSTM, RNN, type LstmOptions, type RecurrentOptions } from "./layers/recurrent.js";
export { GRUCell, LSTMCell, RNNCell, type CellOptions } from "./layers/recurrent-cells.js";
export { Flatten, Identity, Unflatten } from "./layers/shape.js";
export {
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type DecoderMasks,
  type TransformerLayerOptions,
} from "./layers/transformer.js";
export type { LayerOptions } from "./layers/variables.js";
