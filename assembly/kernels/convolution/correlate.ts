// Correlations: a convolution, and its adjoint by the image. Outputs by taps are the first matrix of a product, the shifted
// source is the second; so the tiles are those of a product but for where the second is read.

import { SHORT, TALL } from "../matmul/tile";
import { hasTap, phasesOf, Plan, positionsOf, tapsOf } from "./plan";
import { copySource, lanesOf, listVectors } from "./source";
import { ENTRY, lineTile, pairTile, shortTile, tallTile, WIDE } from "./tile";

/** Bytes across a flat tile on its way to the target, and for any tile, its list of places included. */
const FLAT: usize = 16 * WIDE;
export const TILE: usize = 2 * FLAT + ENTRY * WIDE;

/** Rows of the tiles for what the tall ones leave: flat where these have registers for twelve accumulators. */
const LOW: i32 = FUSED ? 2 : SHORT;

/** Rows of the tile that begins with output o. */
// @ts-ignore: decorator
@inline
function heightAt(p: Plan, o: i32): i32 {
  if (p.outputs < LOW) return 1;
  return o < p.tall ? TALL : LOW;
}

/** How many outputs are done in tall tiles: what leaves to the others what these can do with little waste. */
export function tallOutputs(outputs: i32): i32 {
  const tiles = outputs / TALL;
  const rest = outputs % TALL;
  if (FUSED) return (tiles && rest == TALL - 1 ? tiles + 1 : tiles) * TALL;
  return max(tiles - (rest == 0 ? 0 : 4 - rest), 0) * TALL;
}

/** Bytes of the packed weights: the last tile may hang over. */
export function bytesOfWeights<T>(p: Plan): usize {
  return <usize>((p.outputs + LOW) * p.channels * p.rows.kernel * p.columns.kernel) * sizeof<T>();
}

/**
 * Packs the weights of a group as its phases read them: for each in turn, tile by tile, [channels, taps, rows of the tile].
 * A weight of output o and channel c begins o `outputStep` + c `channelStep` elements from the first.
 */
export function packWeights<T>(p: Plan, from: usize, outputStep: i32, channelStep: i32): void {
  const width = p.columns.kernel;
  const list = p.vectors;
  let to = p.weights;
  for (let r = 0; r < phasesOf(p.rows); r++) {
    for (let q = 0; q < phasesOf(p.columns); q++) {
      let taps = 0;
      for (let k = 0; k < p.rows.kernel; k++) {
        for (let l = 0; l < width; l++) {
          if (!hasTap(p.rows, r, k) || !hasTap(p.columns, q, l)) continue;
          store<usize>(list + ((<usize>taps) << 2), <usize>(k * width + l) * sizeof<T>());
          taps++;
        }
      }
      for (let o = 0, height = 0; o < p.outputs; o += height) {
        height = heightAt(p, o);
        const top = min(o, p.outputs - height);
        for (let row = 0; row < height; row++) {
          let at = from + <usize>((top + row) * outputStep) * sizeof<T>();
          let place = to + <usize>row * sizeof<T>();
          for (let c = 0; c < p.channels; c++) {
            for (let t = 0; t < taps; t++) {
              store<T>(place, load<T>(at + load<usize>(list + ((<usize>t) << 2))));
              place += <usize>height * sizeof<T>();
            }
            at += <usize>channelStep * sizeof<T>();
          }
        }
        to += <usize>(height * p.channels * taps) * sizeof<T>();
      }
    }
  }
}

/** target [outputs, ..] = the correlation of source [channels, ..], one image of one group. */
export function correlate<T>(p: Plan, source: usize, target: usize): void {
  const plane = <usize>(p.rows.source * p.columns.source) * sizeof<T>();
  const down = positionsOf(p.rows, 0);
  const across = positionsOf(p.columns, 0);
  for (let j = 0; j < down; j += p.rows.block) {
    for (let i = 0; i < across; i += p.columns.block) {
      // Without channels there is one empty sum.
      for (let c = 0; c == 0 || c < p.channels; c += p.depth) {
        const channels = min(p.depth, p.channels - c);
        const from = source + <usize>c * plane;
        if (!p.inPlace) copySource<T>(p, from, channels, j, i);
        phases<T>(p, p.inPlace ? from : p.block, target, c, channels, j, i);
      }
    }
  }
}

/** The positions of a block from (j, i) on, in every phase; `channels` from c on are added to those before. */
function phases<T>(p: Plan, source: usize, target: usize, c: i32, channels: i32, j: i32, i: i32): void {
  let shifts = p.shifts;
  let weights = p.weights;
  for (let q = 0; q < WIDE; q++) store<u32>(p.tile + 2 * FLAT + <usize>q * ENTRY, q << 4);
  for (let r = 0; r < phasesOf(p.rows); r++) {
    const rows = min(p.rows.block, positionsOf(p.rows, r) - j);
    for (let q = 0; q < phasesOf(p.columns); q++) {
      const columns = min(p.columns.block, positionsOf(p.columns, q) - i);
      const taps = tapsOf(p.rows, r) * tapsOf(p.columns, q);
      const count = rows > 0 && columns > 0 ? listVectors<T>(p, r, q, j, i, rows, columns, false) : 0;
      for (let o = 0, height = 0; o < p.outputs; o += height) {
        height = heightAt(p, o);
        const a = weights + <usize>(c * taps * height) * sizeof<T>();
        if (height > 2) thick<T>(p, source, target, shifts, channels * taps, a, o, height, count, c > 0);
        else flat<T>(p, source, target, shifts, channels * taps, a, o, height, count, c > 0);
        weights += <usize>(height * p.channels * taps) * sizeof<T>();
      }
      shifts += (<usize>(p.depth * taps)) << 2;
    }
  }
}

/** Whether tiles may be stored where their vectors belong: then these are all whole. */
// @ts-ignore: decorator
@inline
function isDense<T>(p: Plan, more: bool): bool {
  return !more && !(p.columns.back && p.columns.stride > 1) && load<i32>(p.vectors, 12) == lanesOf<T>();
}

/** The outputs from o on of a tile of several rows and two vectors, at all positions. */
// prettier-ignore
function thick<T>(
  p: Plan, source: usize, target: usize, shifts: usize, k: i32, a: usize, o: i32, height: i32, count: i32, more: bool,
): void {
  const plane = <usize>(p.rows.target * p.columns.target) * sizeof<T>();
  // A tile that would hang over the edge begins earlier, and computes some outputs again.
  const top = min(o, p.outputs - height);
  const tile = p.tile;
  let left = p.vectors;
  const dense = isDense<T>(p, more);
  target += <usize>top * plane;
  for (let v = 0; v < count; v += 2) {
    const right = left + ENTRY;
    const x0 = source + load<u32>(left);
    const x1 = source + load<u32>(right);
    // Each tile is called in two places, since what is called in one is made a part of that: see matmul/tile.ts.
    if (dense) {
      const c0 = target + load<u32>(left, 4);
      const c1 = target + load<u32>(right, 4);
      if (FUSED || height == TALL) tallTile<T>(a, x0, x1, shifts, k, c0, c1, plane);
      else shortTile<T>(a, x0, x1, shifts, k, c0, c1, plane);
    } else {
      if (FUSED || height == TALL) tallTile<T>(a, x0, x1, shifts, k, tile, tile + 16, 32);
      else shortTile<T>(a, x0, x1, shifts, k, tile, tile + 16, 32);
      for (let row = o - top; row < height; row++) {
        const from = tile + (<usize>row << 5);
        put<T>(p, left, from, target + <usize>row * plane, more);
        if (v + 1 < count) put<T>(p, right, from + 16, target + <usize>row * plane, more);
      }
    }
    left += 2 * ENTRY;
  }
}

/** The outputs from o on of a flat tile, at all positions. */
// prettier-ignore
function flat<T>(
  p: Plan, source: usize, target: usize, shifts: usize, k: i32, a: usize, o: i32, height: i32, count: i32, more: bool,
): void {
  const plane = <usize>(p.rows.target * p.columns.target) * sizeof<T>();
  const top = min(o, p.outputs - height);
  const tile = p.tile;
  let entry = p.vectors;
  const dense = isDense<T>(p, more);
  target += <usize>top * plane;
  for (let v = 0; v < count; v += WIDE) {
    if (dense) {
      if (FUSED && height == 2) pairTile<T>(a, source, entry, shifts, k, target, entry + 4, plane);
      else lineTile<T>(a, source, entry, shifts, k, target, entry + 4);
    } else {
      const places = tile + 2 * FLAT;
      if (FUSED && height == 2) pairTile<T>(a, source, entry, shifts, k, tile, places, FLAT);
      else lineTile<T>(a, source, entry, shifts, k, tile, places);
    }
    for (let q = 0; !dense && q < min(WIDE, count - v); q++) {
      for (let row = o - top; row < height; row++) {
        const from = tile + <usize>row * FLAT + (<usize>q << 4);
        put<T>(p, entry + <usize>q * ENTRY, from, target + <usize>row * plane, more);
      }
    }
    entry += WIDE * ENTRY;
  }
}

/** Copies a vector to where its entry says, or adds it there. */
// @ts-ignore: decorator
@inline
function put<T>(p: Plan, entry: usize, from: usize, target: usize, more: bool): void {
  const step = p.columns.back ? <usize>p.columns.stride * sizeof<T>() : sizeof<T>();
  const first = load<i32>(entry, 8);
  const end = load<i32>(entry, 12);
  let to = target + load<u32>(entry, 4);
  if (!more && end == lanesOf<T>() && step == sizeof<T>()) {
    v128.store(to, v128.load(from));
    return;
  }
  to += <usize>first * step;
  for (let lane = first; lane < end; lane++) {
    const value = load<T>(from + <usize>lane * sizeof<T>());
    store<T>(to, more ? load<T>(to) + value : value);
    to += step;
  }
}
