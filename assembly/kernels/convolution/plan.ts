// What the parts of a convolution know of it. Both it and its adjoint by the image are correlations: an element of the
// target is a sum over channels and taps of elements of the source, shifted.

/**
 * One axis. Forward, target[j] sums source[stride (j + m) + f] over the taps k, where stride m + f = k dilation - pad. Back,
 * target[stride j + r], of phase r, sums source[j + m] over those taps for which stride m = r + pad - k dilation has an m.
 */
@unmanaged
export class Axis {
  back: bool;
  source: i32;
  target: i32;
  kernel: i32;
  stride: i32;
  pad: i32;
  dilation: i32;
  /** The least m, and how far the greatest is from it. */
  least: i32;
  span: i32;
  /** Positions j in a block. */
  block: i32;
  /** Positions t = j + m that a block of the source has room for. */
  room: i32;
}

/** A correlation of one group of channels. It stands at the beginning of the scratch memory. */
@unmanaged
export class Plan {
  rows: Axis;
  columns: Axis;
  channels: i32;
  outputs: i32;
  /** Of the adjoint by the weight: the first output that is wanted, and the one behind the last. */
  first: i32;
  end: i32;
  /** Channels that are summed at once. */
  depth: i32;
  /** Outputs that are done in tall tiles. */
  tall: i32;
  /** The source is read where it lies. */
  inPlace: bool;
  /** Bytes from one channel, plane and row of a block of the source to the next. */
  channel: usize;
  plane: usize;
  line: usize;
  /** Parts of the scratch memory: the sum of a section; shifts of channels and taps; vectors; weights in another order; a tile; block. */
  section: usize;
  shifts: usize;
  vectors: usize;
  weights: usize;
  tile: usize;
  block: usize;
}

/** The quotient, rounded down. */
function floorDivide(x: i32, y: i32): i32 {
  const q = x / y;
  return q * y > x ? q - 1 : q;
}

/** Sets what follows from the sizes of an axis. */
export function complete(axis: Axis): void {
  const reach = (axis.kernel - 1) * axis.dilation;
  const low = axis.back ? axis.pad - reach : -axis.pad;
  const high = axis.back ? axis.pad + axis.stride - 1 : reach - axis.pad;
  axis.least = floorDivide(low, axis.stride);
  axis.span = floorDivide(high, axis.stride) - axis.least;
}

/** Phases of the target. */
export function phasesOf(axis: Axis): i32 {
  return axis.back ? axis.stride : 1;
}

/** Planes into which the source is divided, so that what a tap reads side by side lies side by side. */
export function planesOf(axis: Axis): i32 {
  return axis.back ? 1 : axis.stride;
}

/** Positions of phase r. */
export function positionsOf(axis: Axis, r: i32): i32 {
  return axis.back ? (axis.target - r + axis.stride - 1) / axis.stride : axis.target;
}

/** stride m + f for tap k in phase r. */
function shiftOf(axis: Axis, r: i32, k: i32): i32 {
  return axis.back ? r + axis.pad - k * axis.dilation : k * axis.dilation - axis.pad;
}

/** Whether phase r has tap k. */
// @ts-ignore: decorator
@inline
export function hasTap(axis: Axis, r: i32, k: i32): bool {
  return !axis.back || shiftOf(axis, r, k) % axis.stride == 0;
}

/** Taps of phase r. */
export function tapsOf(axis: Axis, r: i32): i32 {
  let taps = 0;
  for (let k = 0; k < axis.kernel; k++) if (hasTap(axis, r, k)) taps++;
  return taps;
}

/** m for tap k in phase r, counted from the least. */
export function stepsOf(axis: Axis, r: i32, k: i32): i32 {
  return floorDivide(shiftOf(axis, r, k), axis.stride) - axis.least;
}

/** The plane of the source that tap k reads. */
export function planeOf(axis: Axis, k: i32): i32 {
  if (axis.back) return 0;
  const shift = shiftOf(axis, 0, k);
  return shift - floorDivide(shift, axis.stride) * axis.stride;
}
