import type { DTypeName } from "../../core/dtype.js";
import type { Shape } from "../../core/shape.js";

/** What a node of a picture stands for. */
export type Role = "input" | "parameter" | "constant" | "value" | "output" | "adjoint" | "tangent" | "elided";

/** A node of a picture. */
export interface GraphNode {
  /** Letters and digits: unlike names, which are the user's. */
  readonly id: string;
  /** What it stands for. */
  readonly role: Role;
  /** `v4`, a user's name, `v̄4` for an adjoint; empty for what has none. */
  readonly name: string;
  /** How it is computed: `v1 · v2`. */
  readonly formula: string;
  /** The operation that the table has: composed functions are shown as what they are composed of. */
  readonly operation: string;
  /** The value, as a number or shape and summary. */
  readonly value: string;
  /** The shape of the value. */
  readonly shape: Shape;
  /** The element type of the value. */
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
  /** The identifier of the argument. */
  readonly from: string;
  /** The identifier of the node that uses it. */
  readonly to: string;
  /** The local partial derivative, where it is a number; of several edges between two nodes, on the first, for all. */
  readonly partial?: string;
}

/** A graph as plain data, nodes in the order of evaluation. */
export interface GraphData {
  /** In the order of evaluation. */
  readonly nodes: readonly GraphNode[];
  /** From arguments to what uses them. */
  readonly edges: readonly GraphEdge[];
}
