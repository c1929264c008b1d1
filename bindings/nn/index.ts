/**
 * Layers, and models made of them; recurrent cells and attention as functions.
 *
 * @packageDocumentation
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
export * as init from "./init.js";
export { calculateGain, type InitOptions, type InitTarget, type KaimingOptions, type Nonlinearity } from "./init.js";
export { Linear, ReLU, Sequential, Sigmoid, Tanh, type LayerOptions } from "./layers.js";
export { functionalCall, type ValueTree } from "./functional.js";
export { Module, type AnyModule, type VariableTree } from "./module.js";
export { StateError, type LoadResult, type StateDict } from "./state.js";
export type { Summary, SummaryRow } from "./summary.js";
