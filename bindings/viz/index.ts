/**
 * Evaluation traces and pictures of graphs, for people to look at.
 *
 * @packageDocumentation
 */
export type { JsonNumber, JsonTrace, JsonValue } from "./forms.js";
export type { TraceData, TraceRow } from "./row.js";
export type { TableOptions } from "./table.js";
export { trace, Trace } from "./trace.js";
