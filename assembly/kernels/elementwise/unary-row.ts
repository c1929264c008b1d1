// A function of one input along a row: F has `apply<T>(x)`, from a vector of T to a vector of T.

import { Status } from "../../abi/status";
import { gather, scatter, splat } from "../../lanes/strided";

/** For functions that are called for much: four vectors a turn where memory is contiguous. */
export function quick<T, F>(n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  const many: usize = 64 / sizeof<T>();
  if (s0 == sizeof<T>() && s1 == sizeof<T>() && n >= many) {
    const bytes = (n & ~(many - 1)) << alignof<T>();
    contiguous<T, F>(out, x, bytes);
    out += bytes;
    x += bytes;
    n &= many - 1;
  }
  return n ? compact<T, Called<F>>(n, out, s0, x, s1) : Status.Ok;
}

/** For functions that cost next to nothing, along any row. */
export function light<T, F>(n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  if (s0 != sizeof<T>() || s1 != sizeof<T>()) return compact<T, F>(n, out, s0, x, s1);
  flat<T, F>(n, out, x);
  return Status.Ok;
}

/** The same along a contiguous row: four vectors a turn, then one, then an element. */
export function flat<T, F>(n: usize, out: usize, x: usize): void {
  const f = changetype<F>(0);
  const lanes = 16 / sizeof<T>();
  for (const end = out + ((n & ~(4 * lanes - 1)) << alignof<T>()); out != end; out += 64) {
    const a = f.apply<T>(v128.load(x, 0));
    const b = f.apply<T>(v128.load(x, 16));
    const c = f.apply<T>(v128.load(x, 32));
    const d = f.apply<T>(v128.load(x, 48));
    v128.store(out, a, 0);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
    x += 64;
  }
  for (const end = out + ((n & (3 * lanes)) << alignof<T>()); out != end; out += 16) {
    v128.store(out, f.apply<T>(v128.load(x)));
    x += 16;
  }
  for (const end = out + ((n & (lanes - 1)) << alignof<T>()); out != end; out += sizeof<T>()) {
    v128.store_lane<T>(out, f.apply<T>(splat<T>(x)), 0);
    x += sizeof<T>();
  }
}

/**
 * For functions with a quicker way for the usual arguments, `near<T>(x)`: a block takes it if what `worst<T>(w, x)` gathers
 * over its vectors is `rare<T>(w)` in no lane. To look first is cheaper than to ask at every vector, which costs registers.
 * Other blocks of f32 go by four vectors a turn if F is `even()`.
 */
export function guarded<T, F>(n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  const many: usize = 64 / sizeof<T>();
  if (s0 == sizeof<T>() && s1 == sizeof<T>()) {
    while (n >= many) {
      const bytes = min((n & ~(many - 1)) << alignof<T>(), BLOCK);
      if (!anyRare<T, F>(x, bytes)) contiguous<T, Near<F>>(out, x, bytes);
      else if (sizeof<T>() == 4 && changetype<F>(0).even()) contiguous<T, F>(out, x, bytes);
      else single<T, F>(out, x, bytes);
      out += bytes;
      x += bytes;
      n -= bytes >> alignof<T>();
    }
  }
  return n ? compact<T, Called<F>>(n, out, s0, x, s1) : Status.Ok;
}

/** Bytes that are looked through, then worked on. */
const BLOCK: usize = 8192;

/** Whether any lane of a multiple of four vectors is rare. */
function anyRare<T, F>(x: usize, bytes: usize): bool {
  const f = changetype<F>(0);
  let a = v128.splat<T>(0);
  // prettier-ignore
  let b = a, c = a, d = a;
  for (const end = x + bytes; x != end; x += 64) {
    a = f.worst<T>(a, v128.load(x, 0));
    b = f.worst<T>(b, v128.load(x, 16));
    c = f.worst<T>(c, v128.load(x, 32));
    d = f.worst<T>(d, v128.load(x, 48));
  }
  return v128.any_true(v128.or(v128.or(f.rare<T>(a), f.rare<T>(b)), v128.or(f.rare<T>(c), f.rare<T>(d))));
}

/** A vector a turn. */
function single<T, F>(out: usize, x: usize, bytes: usize): void {
  for (const end = out + bytes; out != end; out += 16) {
    v128.store(out, changetype<F>(0).apply<T>(v128.load(x)));
    x += 16;
  }
}

/** F of a vector, as a function of its own: the loops for little share it, and programs of numbers call it. */
export function one<T, F>(x: v128): v128 {
  return changetype<F>(0).apply<T>(x);
}


@unmanaged
class Called<F> {

  @inline apply<T>(x: v128): v128 {
    return one<T, F>(x);
  }
}

/** The quicker way of F. */
@unmanaged
class Near<F> {

  @inline apply<T>(x: v128): v128 {
    return changetype<F>(0).near<T>(x);
  }
}

/** For functions that cost much themselves, or are rare: a vector a turn, lane by lane in and out where need be. */
export function compact<T, F>(n: usize, out: usize, s0: isize, x: usize, s1: isize): i32 {
  const lanes: usize = 16 / sizeof<T>();
  while (n) {
    const count = min(n, lanes);
    scatter<T>(out, s0, changetype<F>(0).apply<T>(gather<T>(x, s1, count)), count);
    out += count * s0;
    x += count * s1;
    n -= count;
  }
  return Status.Ok;
}

/** Four vectors a turn. Nothing else is in this function: what is beside a loop can cost it registers. */
export function contiguous<T, F>(out: usize, x: usize, bytes: usize): void {
  const f = changetype<F>(0);
  for (const end = out + bytes; out != end; out += 64) {
    const a = f.apply<T>(v128.load(x, 0));
    const b = f.apply<T>(v128.load(x, 16));
    const c = f.apply<T>(v128.load(x, 32));
    const d = f.apply<T>(v128.load(x, 48));
    v128.store(out, a, 0);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
    x += 64;
  }
}
