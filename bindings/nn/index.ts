/**
 * Layers, and models made of them.
 *
 * @packageDocumentation
 */
export { Linear, ReLU, Sequential, Sigmoid, Tanh, type LayerOptions } from "./layers.js";
export { Module, type VariableTree } from "./module.js";
