/**
 * Data: datasets of examples, their batches, files of examples, and measures of what a model makes of them.
 *
 * @module wengert/data
 */
export { randomCrop, randomFlip, randomShift, type AugmentOptions } from "./augment.js";
export { collate, type Batch } from "./collate.js";
export { Dataset, type SplitOptions } from "./dataset.js";
export { parseIdx } from "./idx.js";
export { decodeImage, type ImageOptions } from "./image.js";
export { DataLoader, type BatchOf, type DataLoaderOptions, type Progress } from "./loader.js";
export { balancedSampler, WeightedSampler, type Sampler, type SamplerOptions } from "./sampler.js";
export { Standardizer } from "./standardize.js";
export { Stream } from "./stream.js";
export { parseCsv, parseJson, type CsvOptions, type Row } from "./table.js";
export { parseLines, Vocabulary, words, type VocabularyOptions } from "./text.js";
export {
  accuracy,
  confusionMatrix,
  precisionRecallF1,
  rocAuc,
  topKAccuracy,
  type Average,
  type ClassScores,
  type ScoreOptions,
  type Scores,
} from "./metrics/classification.js";
export { perplexity, r2Score } from "./metrics/regression.js";
