import { cat, flatten, indexSelect, stack, transpose, type SliceIndex, type Tensor } from "../../bindings/index.js";
import { build, count, get, getBroadcast, positions, toTensor, type Plain, type Position } from "./plain.js";

/** A movement of elements, as the library does it and as a slow model does. */
export interface Move {
  readonly name: string;
  run(x: Tensor): Tensor;
  model(x: Plain): Plain;
}

/** A whole number in [0, n). */
type Pick = (n: number) => number;

/** Ways to move the elements of an array of some shape; null where there is none. */
type Moves = (shape: readonly number[], pick: Pick) => Move | null;

function reshaped(name: string, to: readonly number[], run: (x: Tensor) => Tensor): Move {
  return { name, run, model: (x) => ({ shape: to, data: x.data }) };
}

/** A movement given by where each element of the result comes from. */
function taken(
  name: string,
  to: readonly number[],
  from: (at: Position) => Position,
  run: (x: Tensor) => Tensor,
): Move {
  return { name, run, model: (x) => build(to, (at) => get(x, from(at))) };
}

const reshape: Moves = (shape, pick) => {
  const size = count(shape);
  const factors: number[] = [];
  let left = size;
  for (let n = 2; size > 0 && left > 1;) {
    if (left % n > 0) {
      n++;
      continue;
    }
    factors.push(n);
    left /= n;
  }
  const target = size === 0 ? [pick(3), 0, 1 + pick(3)] : [1, 1];
  for (const factor of factors) target[pick(2)]! *= factor;
  const given = [...target];
  if (size > 0 && pick(2)) given[pick(2)] = -1;
  return reshaped(`reshape(${given})`, target, (x) => x.reshape(given));
};

const permute: Moves = (shape, pick) => {
  const axes: number[] = [];
  for (let i = 0; i < shape.length; i++) axes.splice(pick(i + 1), 0, i);
  const given = axes.map((axis) => (pick(2) ? axis : axis - shape.length));
  const to = axes.map((axis) => shape[axis]!);
  return taken(
    `permute(${given})`,
    to,
    (at) => shape.map((_, axis) => at[axes.indexOf(axis)]!),
    (x) => x.permute(given),
  );
};

const swapped: Moves = (shape, pick) => {
  if (shape.length < 2) return null;
  const [a, b] = [pick(shape.length), pick(shape.length)];
  const swap = <T>(list: readonly T[]) => list.map((each, i) => (i === a ? list[b]! : i === b ? list[a]! : each));
  return taken(`transpose(${a}, ${b})`, swap(shape), swap, (x) => transpose(x, a, b));
};

const expand: Moves = (shape, pick) => {
  if (shape.length > 3 || count(shape) > 60) return null;
  const wide = shape.map((n) => (n === 1 ? pick(4) : n));
  const to = pick(2) ? [1 + pick(2), ...wide] : wide;
  const lead = to.length - shape.length;
  const given = to.map((n, axis) => (axis >= lead && n === shape[axis - lead] && pick(2) ? -1 : n));
  return {
    name: `expand(${given})`,
    run: (x) => x.expand(given),
    model: (x) => build(to, (at) => getBroadcast(x, at)),
  };
};

/** An entry of a slice, and the positions that it selects. */
function entry(n: number, pick: Pick): { index: SliceIndex; chosen: number[]; dropped: boolean } {
  if (n > 0 && pick(4) === 0) {
    const i = pick(n);
    return { index: pick(2) ? i : i - n, chosen: [i], dropped: true };
  }
  const bound = () => (pick(3) === 0 ? null : pick(2 * n + 5) - n - 2);
  const step = [1, 1, 2, 3, -1, -2][pick(6)]!;
  const [start, stop] = [bound(), bound()];
  return { index: [start, stop, step], chosen: range(n, start, stop, step), dropped: false };
}

/** Python's range(n)[start:stop:step], by walking it. */
function range(n: number, start: number | null, stop: number | null, step: number): number[] {
  const resolve = (i: number) => (i < 0 ? i + n : i);
  const first = start === null ? (step > 0 ? 0 : n - 1) : resolve(start);
  const last = stop === null ? (step > 0 ? n : -1) : Math.max(resolve(stop), -1);
  const chosen: number[] = [];
  let i = step > 0 ? Math.max(first, 0) : Math.min(first, n - 1);
  for (; step > 0 ? i < Math.min(last, n) : i > last; i += step) if (i >= 0 && i < n) chosen.push(i);
  return chosen;
}

const sliced: Moves = (shape, pick) => {
  const entries = shape.map((n) => entry(n, pick));
  const index: SliceIndex[] = entries.map((each) => each.index);
  const to = entries.filter((each) => !each.dropped).map((each) => each.chosen.length);
  if (pick(3) === 0) {
    index.unshift("newaxis");
    to.unshift(1);
  }
  const lead = index.length - entries.length;
  const from = (at: Position) => {
    let next = lead;
    return entries.map(({ chosen, dropped }) => chosen[dropped ? 0 : at[next++]!]!);
  };
  return taken(`slice(${JSON.stringify(index)})`, to, from, (x) => x.slice(...index));
};

const flip: Moves = (shape, pick) => {
  const axes = shape.map((_, axis) => axis).filter(() => pick(2) === 0);
  const from = (at: Position) => at.map((i, axis) => (axes.includes(axis) ? shape[axis]! - 1 - i : i));
  return taken(`flip(${axes})`, shape, from, (x) => x.flip(axes));
};

const squeeze: Moves = (shape) =>
  reshaped(
    "squeeze",
    shape.filter((n) => n !== 1),
    (x) => x.squeeze(),
  );

const squeezeOne: Moves = (shape, pick) => {
  if (shape.length === 0) return null;
  const axis = pick(shape.length);
  return reshaped(
    `squeeze(${axis})`,
    shape.filter((n, i) => i !== axis || n !== 1),
    (x) => x.squeeze(axis),
  );
};

const unsqueeze: Moves = (shape, pick) => {
  if (shape.length > 4) return null;
  const axis = pick(shape.length + 1);
  const given = pick(2) ? axis : axis - shape.length - 1;
  return reshaped(`unsqueeze(${given})`, [...shape.slice(0, axis), 1, ...shape.slice(axis)], (x) => x.unsqueeze(given));
};

const flattened: Moves = (shape, pick) => {
  if (shape.length === 0) return reshaped("flatten", [1], (x) => flatten(x));
  const from = pick(shape.length);
  const to = from + pick(shape.length - from);
  const merged = [...shape.slice(0, from), count(shape.slice(from, to + 1)), ...shape.slice(to + 1)];
  return reshaped(`flatten(${from}, ${to})`, merged, (x) => flatten(x, from, to));
};

/** x after itself reversed: so both parts of the result depend on it. */
const doubled: Moves = (shape, pick) => {
  if (shape.length === 0 || count(shape) > 120) return null;
  const axis = pick(shape.length);
  const n = shape[axis]!;
  const from = (at: Position) => at.map((i, j) => (j !== axis ? i : i < n ? n - 1 - i : i - n));
  const to = shape.map((each, j) => (j === axis ? 2 * each : each));
  return taken(`cat([flip, x], ${axis})`, to, from, (x) => cat([x.flip(axis), x], axis - shape.length));
};

const stacked: Moves = (shape, pick) => {
  if (shape.length > 4 || count(shape) > 60) return null;
  const axis = pick(shape.length + 1);
  const to = [...shape.slice(0, axis), 3, ...shape.slice(axis)];
  return taken(
    `stack(${axis})`,
    to,
    (at) => at.filter((_, j) => j !== axis),
    (x) => stack([x, x, x], axis),
  );
};

const selected: Moves = (shape, pick) => {
  const axis = shape.findIndex((n) => n > 0);
  if (axis < 0 || count(shape) > 120) return null;
  const n = shape[axis]!;
  const indexShape = [[], [3], [2, 2], [0]][pick(4)]!;
  const indices = positions(indexShape).map(() => pick(2 * n) - n);
  const index = { shape: indexShape, data: indices };
  const to = [...shape.slice(0, axis), ...indexShape, ...shape.slice(axis + 1)];
  const after = axis + indexShape.length;
  const from = (at: Position) => {
    const i = get(index, at.slice(axis, after));
    return [...at.slice(0, axis), i < 0 ? i + n : i, ...at.slice(after)];
  };
  return taken(`indexSelect(${axis}, ${indices})`, to, from, (x) => indexSelect(x, axis, toTensor(index, "i32")));
};

const ALL: readonly Moves[] = [
  ...[reshape, permute, swapped, expand, sliced, sliced, flip, squeeze, squeezeOne, unsqueeze],
  ...[flattened, doubled, stacked, selected],
];

/** Movements one after another, drawn from numbers; none makes an array too large or of too many axes. */
export function composition(shape: readonly number[], choices: readonly number[]): Move[] {
  const moves: Move[] = [];
  let present = shape;
  for (const choice of choices) {
    let state = choice;
    const pick: Pick = (n) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 4294967296) * n);
    };
    const move = ALL[pick(ALL.length)]!(present, pick);
    if (!move) continue;
    const to = move.model(build(present, () => 0)).shape;
    if (count(to) > 400 || to.length > 6) continue;
    moves.push(move);
    present = to;
  }
  return moves;
}
