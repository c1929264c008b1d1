import { alias, consume, inPlaceOf, isTracking, withTracking } from "../../core/running/apply.js";
import { nextNodeSerial, Tensor, type Node } from "../../core/graph.js";
import { dispose } from "../../core/running/scopes.js";
import { mapTree, tensorsOf, type Tree } from "../../core/tree.js";
import { liftArguments } from "./arguments.js";
import { pathBetween, type Path } from "../transforms/path.js";

/** A function that is differentiated, whatever its arguments. */
export type AnyFunction = (...args: never) => unknown;

/**
 * One call of a function for a derivative: its arguments under identity nodes of their own, its result, and the graph
 * that leads from the ones to the other.
 */
export class Call {
  /** The differentiated tensors, as f saw them. */
  readonly sources: readonly Tensor[];
  readonly result: unknown;
  readonly lifted: readonly unknown[];
  private readonly outside = isTracking();
  private readonly since = nextNodeSerial();

  constructor(
    readonly name: string,
    f: AnyFunction,
    args: readonly unknown[],
    readonly positions: readonly number[],
  ) {
    this.lifted = liftArguments(name, args, positions);
    this.sources = positions.flatMap((position) => tensorsOf(this.lifted[position]));
    this.result = withTracking(true, () => f(...(this.lifted as never)));
  }

  /** The graph between the arguments and these values. `beside`: tensors that a derivative will also be made of. */
  graphOf(values: readonly Tensor[], beside: readonly Tensor[] = []): CallGraph {
    const sources = this.sources.map((x) => x.node!);
    const outputs = values.map((y) => y.node);
    const wanted = new Set<Node>(sources);
    const starts = outputs.filter((node) => node !== null);
    const path = pathBetween(starts, (node) => wanted.has(node), this.since);
    const outside = this.outside && (path.foreign || beside.some((x) => x.node !== null));
    const foreign = outside || path.symbolic || beside.some((x) => !x.storage);
    return { sources, outputs, path, foreign };
  }

  /**
   * What f made, as its user gets it: unless something outside differentiates through this derivative, without its graph.
   */
  releasing(foreign: boolean): (tree: Tree) => Tree {
    const released = new Map<Tensor, Tensor>();
    const release = (x: unknown): unknown => {
      // Without values it is part of a graph that is still being made.
      if (foreign || !(x instanceof Tensor) || !x.storage || !x.node || x.node.serial < this.since) return x;
      let free = released.get(x);
      if (!free) released.set(x, (free = this.sources.includes(x) ? alias(x) : inPlaceOf(x, alias(x))));
      return free;
    };
    return (tree) => mapTree(tree, release);
  }

  /** Lets the graph go, if nothing outside needs it. */
  end({ path, foreign }: CallGraph): void {
    if (foreign) return;
    for (const node of path.nodes) consume(node, this.name);
    for (const source of this.sources) dispose(source);
  }

  /** A tree like the differentiated arguments, with one of these values for each of their tensors. */
  treesOf(values: readonly Tensor[]): unknown[] {
    let next = 0;
    return this.positions.map((position) => mapTree(this.lifted[position], () => values[next++]));
  }
}

/** The graph between a call's arguments and some of its values. */
export interface CallGraph {
  readonly sources: readonly Node[];
  /** The nodes of the values; null for what depends on nothing. */
  readonly outputs: readonly (Node | null)[];
  readonly path: Path;
  /** Something outside differentiates through this call. */
  readonly foreign: boolean;
}
