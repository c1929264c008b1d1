/**
 * Files: safetensors, NumPy's .npy and .npz, checkpoints of a training run, and halves as storage.
 *
 * @module wengert/io
 */
export { formatCheckpoint, loadCheckpoint, saveCheckpoint, type Checkpoint } from "./checkpoint.js";
export type { IntegerOptions, StoreOptions } from "./elements.js";
export { writeBytes } from "./file.js";
export { bfloat16ToFloat, floatToBfloat16, floatToHalf, halfToFloat } from "./half.js";
export type { NameOptions } from "./limits.js";
export { formatNpy, parseNpy, readNpy, writeNpy } from "./npy/npy.js";
export { formatNpz, readNpz, writeNpz, type FormatNpzOptions, type NpzOptions } from "./npy/npz.js";
export {
  parseSafetensors,
  readSafetensors,
  type Safetensors,
  type SafetensorsReadOptions,
} from "./safetensors/read.js";
export { formatSafetensors, writeSafetensors, type SafetensorsOptions } from "./safetensors/write.js";
export { readBytes, type ReadOptions, type ReadProgress, type Source } from "./source.js";
export type { CheckpointPart, Restorable, Scalar } from "./state.js";
