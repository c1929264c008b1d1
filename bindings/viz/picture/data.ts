import type { DTypeName } from "../../core/dtype.js";
import type { Shape } from "../../core/shape.js";

/** What a node of a picture stands for. */
export type Role = "input" | "parameter" | "constant" | "value" | "output" | "adjoint" | "tangent" | "elided";

/** A node of a picture. */
export interface GraphNode {
  /** Letters and digits: unlike names, which are the user's. */
  readonly id: string;
  readonly role: Role;
  /** `v4`, a user's name, `v̄4` for an adjoint; empty for what has none. */
  readonly name: string;
  /** How it is computed: `v1 · v2`. */
  readonly formula: string;
  /** The operation, by its public name. */
  readonly operation: string;
  /** The value, as a number or shape and summary. */
  readonly value: string;
  readonly shape: Shape;
  readonly dtype: DTypeName;
  /** What results it is: `y`. */
  readonly results: readonly string[];
  /** Of an adjoint or a tangent: the node whose derivative it is. */
  readonly of?: string;
  /** Of an elided node: the role of what it stands for. */
  readonly standsFor?: Role;
}

/** An argument of a node. A node that uses a value twice has two edges from it. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** The local partial derivative, where it is a number; of several edges between two nodes, on the first, for all. */
  readonly partial?: string;
}

/** A graph as plain data, nodes in the order of evaluation. */
export interface GraphData {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}
