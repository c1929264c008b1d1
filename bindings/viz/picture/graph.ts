import { Tensor } from "../../core/graph.js";
import { ownedBy } from "../../core/running/scopes.js";
import { ValueError } from "../../errors.js";
import type { Differentiable } from "../../autodiff/calls/arguments.js";
import type { AnyFunction } from "../../autodiff/calls/call.js";
import { evaluate, evaluationOf } from "../evaluation.js";
import { checkOptions, type Known } from "../../shared/options.js";
import { counted, Printed } from "../../shared/printed.js";
import { partsOf, type Parts } from "./build.js";
import type { GraphData, GraphEdge, GraphNode } from "./data.js";
import { toDot, type Drawing } from "./dot.js";
import { within, type Limits } from "./elide.js";
import { toMermaid } from "./mermaid.js";
import { toSvg, type Layout } from "./svg.js";

/** Options of `graph.toDot`, `toMermaid`, `toSVG` and `drawn`. */
export interface PictureOptions extends Limits {
  /** Whether the graph of the adjoints is drawn beside that of the function. Default false. */
  adjoints?: boolean;
  /** The name of the input whose graph of tangents is drawn beside that of the function. Default: none. */
  tangents?: string;
  /** Whether nodes show their values. Default true. */
  values?: boolean;
  /** Whether edges show the local partial derivatives, where these are numbers. Default true, but beside derivatives. */
  partials?: boolean;
  /** "down", the default, or "right": where the results lie. */
  direction?: "down" | "right";
  /** Whether DOT and SVG have a legend. Default true. */
  legend?: boolean;
}

/** The computational graph of a function at a point, with those of its derivatives, to be drawn. It holds no tensors. */
export class Graph extends Printed implements GraphData {
  /** The nodes of the function, in the order of evaluation. */
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** The graph of the adjoints. Edges lead to it from the function's nodes too. */
  readonly adjoints: GraphData;
  /** The graph of the tangents along each input, by the input's name; of the first eight. */
  readonly tangents: Readonly<Record<string, GraphData>>;

  constructor({ primal, adjoint, tangents }: Parts) {
    super();
    this.nodes = primal.nodes;
    this.edges = primal.edges;
    this.adjoints = adjoint;
    this.tangents = Object.fromEntries(tangents);
  }

  /** The nodes and edges that are drawn, within the limits. Throws for an option that makes no sense. */
  drawn(options: PictureOptions = {}): GraphData {
    check(options, this.tangents);
    const { adjoints = false, tangents } = options;
    const derived = adjoints ? this.adjoints : tangents === undefined ? null : this.tangents[tangents]!;
    return within(this, derived, options);
  }

  /** Text for Graphviz, as of a program: `dot -Tpdf`. */
  toDot(options: PictureOptions = {}): string {
    return toDot(this.drawing(options));
  }

  /** Another name of `toDot`. */
  toDOT(options: PictureOptions = {}): string {
    return this.toDot(options);
  }

  /** Text for Mermaid, which GitHub draws in Markdown. */
  toMermaid(options: PictureOptions = {}): string {
    return toMermaid(this.drawing(options));
  }

  /**
   * A picture, laid out by Graphviz: by the optional package `@viz-js/viz` where it is installed, or by an instance of it
   * that is given. Throws a `MissingPackageError` where there is neither.
   */
  async toSVG(options: PictureOptions & { layout?: Layout } = {}): Promise<string> {
    return toSvg(this.toDot(options), options.layout);
  }

  /** What there is to draw, and how. */
  toString(): string {
    return `graph of ${counted(this.nodes.length, "value")} and ${counted(this.edges.length, "edge")}: toDot(), toMermaid() or toSVG() draws it`;
  }

  private drawing(options: PictureOptions): Drawing {
    const drawn = this.drawn(options);
    const { values = true, direction = "down", legend = true } = options;
    const partials = options.partials ?? !(options.adjoints || options.tangents !== undefined);
    return { ...drawn, values, direction, legend, partials };
  }
}

const KNOWN: Known<PictureOptions & { layout?: Layout }> = {
  depth: 0,
  limit: 0,
  adjoints: false,
  tangents: null,
  values: false,
  partials: false,
  direction: null,
  legend: false,
  layout: null,
};

function check(options: PictureOptions, tangents: Readonly<Record<string, GraphData>>): void {
  const refuse = (expected: string, got: unknown): never => {
    throw new ValueError("graphOf", expected, String(got));
  };
  checkOptions("graphOf", options, KNOWN);
  const { depth, limit, direction } = options;
  const isCount = (n: number, least: number): boolean => n >= least && (Number.isInteger(n) || n === Infinity);
  if (depth !== undefined && !isCount(depth, 0)) refuse("a whole depth from 0 on", depth);
  if (limit !== undefined && !isCount(limit, 3)) refuse("a limit of 3 nodes or more, a whole number", limit);
  if (direction !== undefined && direction !== "down" && direction !== "right")
    refuse("the direction down or right", direction);
  if (options.tangents === undefined) return;
  if (options.adjoints) refuse("adjoints or tangents", "both");
  if (!Object.hasOwn(tangents, options.tangents))
    refuse(`tangents along one of the inputs ${Object.keys(tangents).join(", ")}`, options.tangents);
}

/**
 * The computational graph of f at these arguments, which are as for `trace`; or the graph behind a tensor that is tracked, as
 * far back as it goes. With it come the graphs of the adjoints and of the tangents, which are graphs like any other. Throws
 * as `trace` does, for a tensor without a graph, and for one whose graph a `backward` freed.
 */
export function graphOf(y: Tensor): Graph;
export function graphOf<A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  ...args: Differentiable<A> & readonly unknown[]
): Graph;
export function graphOf(f: Tensor | AnyFunction, ...args: readonly unknown[]): Graph {
  const parts = ownedBy("graphOf", () => {
    const evaluation = f instanceof Tensor ? evaluationOf("graphOf", f) : evaluate("graphOf", f, args);
    const parts = partsOf(evaluation);
    evaluation.end();
    return parts;
  });
  return new Graph(parts);
}
