/**
 * Evaluation traces and pictures of graphs, for people to look at.
 *
 * @module wengert/viz
 */
export type { JsonNumber, JsonTrace, JsonValue } from "./forms.js";
export type { GraphData, GraphEdge, GraphNode, Role } from "./picture/data.js";
export type { Limits } from "./picture/elide.js";
export { Graph, graphOf, type PictureOptions } from "./picture/graph.js";
export type { Layout } from "./picture/svg.js";
export type { TraceData, TraceRow } from "./row.js";
export type { TableOptions } from "./table.js";
export { trace, Trace } from "./trace.js";
