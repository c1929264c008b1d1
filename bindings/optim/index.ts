/**
 * Methods that move parameters against their gradients.
 *
 * @packageDocumentation
 */
export { Adam, AdamW, type AdamOptions } from "./adam.js";
export { Optimizer } from "./optimizer.js";
export { SGD, type SGDOptions } from "./sgd.js";
