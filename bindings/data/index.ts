/**
 * Data: batches, and files of examples.
 *
 * @packageDocumentation
 */
export { parseIdx } from "./idx.js";
export { DataLoader, type DataLoaderOptions, type Progress } from "./loader.js";
