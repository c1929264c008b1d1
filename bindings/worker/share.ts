import { FreedError, ValueError } from "../errors.js";
import { kindOf } from "../core/checks.js";
import { data, read } from "../core/values/access.js";
import { tensor } from "../core/values/create.js";
import type { DTypeName, TypedArray } from "../core/dtype.js";
import { Tensor } from "../core/graph.js";
import { dispose, keep } from "../core/running/scopes.js";
import type { Shape } from "../core/shape.js";
import { isPlainObject } from "../core/tree.js";
import { Variable } from "../core/variable.js";

/** A tensor on its way. */
export interface Parcel {
  readonly dtype: DTypeName;
  readonly shape: Shape;
  /** The elements: in the sender's memory if that is shared, else a copy. */
  readonly elements: TypedArray;
  /** What the sender holds until it is told to release it; -1 for a copy. */
  readonly held: number;
}

/** Marks a tensor, and one that the receiver itself holds, in a message. */
const PARCEL = "wengert.tensor";
const HELD = "wengert.held";

/** Tensors that another thread looks at, by number. They are neither freed nor moved until they are released. */
export class Holdings {
  private readonly held = new Map<number, Tensor>();
  private next = 0;

  /** Holds a tensor in memory that is shared; -1 where it is not, or where the elements are not as they are seen. */
  hold(x: Tensor): number {
    if (x.type.half || !read(x, ({ buffer }) => isShared(buffer))) return -1;
    this.held.set(this.next, x instanceof Variable ? x : denseHandle(x));
    return this.next++;
  }

  /** What is held, by a handle of its own: it may be released while that is used. */
  handle(number: number): Tensor {
    const x = this.held.get(number);
    if (!x) throw new FreedError("run", "a tensor that the worker holds", `number ${number}, which was released`);
    return x instanceof Variable ? x : keep(x);
  }

  /** The elements of what is held, where they lie. */
  elements(number: number): TypedArray {
    return read(this.held.get(number)!, (elements) => elements);
  }

  /** Does what may hold tensors; if it throws, they are released. */
  whileSending<T>(send: () => T): T {
    const first = this.next;
    try {
      return send();
    } catch (error) {
      this.releaseFrom(first);
      throw error;
    }
  }

  /** Releases everything that was held under a number, or a later one. */
  releaseFrom(first: number): void {
    for (const number of [...this.held.keys()]) if (number >= first) this.release(number);
  }

  release(number: number): void {
    const x = this.held.get(number);
    this.held.delete(number);
    if (x && !(x instanceof Variable)) dispose(x);
  }
}

/** A handle of its own on x, or on a dense copy. */
function denseHandle(x: Tensor): Tensor {
  if (x.dense) return keep(x);
  const copy = tensor(x);
  const kept = keep(copy);
  dispose(copy);
  return kept;
}

/** What to post of a tensor: its elements where they lie if memory is shared, else a copy, which is added to `transfer`. */
function parcelOf(x: Tensor, holdings: Holdings, transfer: ArrayBuffer[]): Parcel {
  const { dtype, shape } = x;
  const held = holdings.hold(x);
  if (held >= 0) return { dtype, shape, held, elements: holdings.elements(held) };
  const elements = data(x);
  transfer.push(elements.buffer as ArrayBuffer);
  return { dtype, shape, held, elements };
}

/** A tree for the other side, in which tensors are parcels; `refer` says which are the receiver's own. */
export function packed(
  tree: unknown,
  holdings: Holdings,
  transfer: ArrayBuffer[],
  refer: (leaf: unknown) => number | Parcel | undefined = () => undefined,
): unknown {
  return mapLeaves(tree, (leaf) => {
    if (leaf instanceof Tensor) return { [PARCEL]: parcelOf(leaf, holdings, transfer) };
    const other = refer(leaf);
    if (other === undefined) return checkLeaf(leaf);
    return typeof other === "number" ? { [HELD]: other } : { [PARCEL]: other };
  });
}

/** Refuses tensors where they would be copied as objects like others, at any depth. */
function checkLeaf(leaf: unknown): unknown {
  const pending = [leaf];
  const seen = new Set<unknown>();
  while (pending.length > 0) {
    const x = pending.pop();
    if (typeof x !== "object" || x === null || ArrayBuffer.isView(x) || seen.has(x)) continue;
    if (x instanceof Tensor)
      throw new ValueError("run", "tensors in arrays and plain objects alone", `a tensor in a ${kindOf(leaf)}`);
    seen.add(x);
    // One by one: there may be more than a call takes arguments.
    for (const part of x instanceof Map ? [...x].flat() : x instanceof Set ? x : Object.values(x)) pending.push(part);
  }
  return leaf;
}

/** A tree from the other side, with what `receive` makes of its parcels and `find` of what this side holds. */
export function unpacked(
  tree: unknown,
  receive: (parcel: Parcel) => unknown,
  find: (held: number) => unknown = () => undefined,
): unknown {
  return mapLeaves(tree, (leaf) => {
    if (!isPlainObject(leaf)) return leaf;
    return PARCEL in leaf ? receive(leaf[PARCEL] as Parcel) : find(leaf[HELD] as number);
  });
}

/** A tensor with the elements of a parcel, copied into this thread's memory. */
export function received({ elements, dtype, shape }: Parcel): Tensor {
  return tensor(elements, { dtype, shape });
}

export function isShared(buffer: ArrayBufferLike): boolean {
  return typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
}

/** A tree is no deeper than this. */
const DEEPEST = 1000;

/** The tree with `change` applied to everything that is neither an array nor a plain object, and to what travels as one. */
function mapLeaves(tree: unknown, change: (leaf: unknown) => unknown, depth = 0): unknown {
  if (depth > DEEPEST) throw new ValueError("run", "arrays and objects of an end", "one that holds itself");
  const inside = (branch: unknown): unknown => mapLeaves(branch, change, depth + 1);
  if (Array.isArray(tree)) return tree.map(inside);
  if (!isPlainObject(tree) || PARCEL in tree || HELD in tree) return change(tree);
  return Object.fromEntries(Object.entries(tree).map(([key, branch]) => [key, inside(branch)]));
}
