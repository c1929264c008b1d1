// Elementwise arithmetic, one class an operation: `apply<T>` acts on a vector of T = f32, f64 or (where it makes sense) i32.
// A kernel is generic over the class and calls `changetype<F>(0).apply<T>(x)`, which compiles to straight SIMD code.

import {
  exp32,
  exp64,
  expNear32,
  expNear64,
  isExtreme32,
  isExtreme64,
  isFar32,
  isFar64,
  isOdd32,
  isOdd64,
  largest32,
  largest64,
  log32,
  log64,
  logNear32,
  logNear64,
  oddest32,
  oddest64,
  sigmoid32,
  sigmoid64,
  sigmoidNear32,
  sigmoidNear64,
  sine32,
  sine64,
  sineNear32,
  sineNear64,
  tanh32,
  tanh64,
} from "./math";

// Functions that have a quicker way for the usual arguments have three methods more: `near<T>(x)` has the same bits wherever
// `rare<T>(w)` is false, w being what `worst<T>(w, x)` made of 0 and any number of vectors, x among them. Where it is not,
// `even()` says whether four vectors of f32 a turn are worth their room.

/** What is rare to functions of e to the x. */
@unmanaged
class Exponential {

  @inline worst<T>(w: v128, x: v128): v128 {
    return sizeof<T>() == 4 ? largest32(w, x) : largest64(w, x);
  }


  @inline rare<T>(w: v128): v128 {
    return sizeof<T>() == 4 ? isExtreme32(w) : isExtreme64(w);
  }


  @inline even(): bool {
    return true;
  }
}

/** What is rare to functions of an angle. */
@unmanaged
class Angular {

  @inline worst<T>(w: v128, x: v128): v128 {
    return sizeof<T>() == 4 ? largest32(w, x) : largest64(w, x);
  }


  @inline rare<T>(w: v128): v128 {
    return sizeof<T>() == 4 ? isFar32(w) : isFar64(w);
  }


  @inline even(): bool {
    return false;
  }
}

/** -x. */
@unmanaged
export class Neg {

  @inline apply<T>(x: v128): v128 {
    return v128.neg<T>(x);
  }
}

/** |x|; the smallest i32 stays itself. */
@unmanaged
export class Abs {

  @inline apply<T>(x: v128): v128 {
    return v128.abs<T>(x);
  }
}

/** -1, 0 or 1 by the sign of x; a zero of either sign, and NaN, stay what they are. */
@unmanaged
export class Sign {

  @inline apply<T>(x: v128): v128 {
    const zero = v128.splat<T>(0);
    const negative = v128.lt<T>(x, zero);
    const signed = v128.bitselect(v128.splat<T>(<T>-1), v128.splat<T>(1), negative);
    return v128.bitselect(signed, x, v128.or(negative, v128.gt<T>(x, zero)));
  }
}

/** x * x. */
@unmanaged
export class Square {

  @inline apply<T>(x: v128): v128 {
    return v128.mul<T>(x, x);
  }
}

/** 1 / x. */
@unmanaged
export class Reciprocal {

  @inline apply<T>(x: v128): v128 {
    return v128.div<T>(v128.splat<T>(1), x);
  }
}

/** The square root, correctly rounded. */
@unmanaged
export class Sqrt {

  @inline apply<T>(x: v128): v128 {
    return v128.sqrt<T>(x);
  }
}


@unmanaged
export class Rsqrt {

  @inline apply<T>(x: v128): v128 {
    return v128.div<T>(v128.splat<T>(1), v128.sqrt<T>(x));
  }
}

/** max(x, 0): NaN stays NaN, -0 becomes 0. The two steps are one machine instruction each, where `max` is nine. */
@unmanaged
export class Relu {

  @inline apply<T>(x: v128): v128 {
    const zero = v128.splat<T>(0);
    return v128.add<T>(v128.pmax<T>(x, zero), zero);
  }
}

/** e to the x. */
@unmanaged
export class Exp extends Exponential {

  @inline apply<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? exp32(x) : exp64(x);
  }


  @inline near<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? expNear32(x) : expNear64(x);
  }
}

/** The natural logarithm. */
@unmanaged
export class Log {

  @inline apply<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? log32(x) : log64(x);
  }


  @inline near<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? logNear32(x) : logNear64(x);
  }


  @inline worst<T>(w: v128, x: v128): v128 {
    return sizeof<T>() == 4 ? oddest32(w, x) : oddest64(w, x);
  }


  @inline rare<T>(w: v128): v128 {
    return sizeof<T>() == 4 ? isOdd32(w) : isOdd64(w);
  }


  @inline even(): bool {
    return false;
  }
}

/** The sine. */
@unmanaged
export class Sin extends Angular {

  @inline apply<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? sine32(x, false) : sine64(x, false);
  }


  @inline near<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? sineNear32(x, false) : sineNear64(x, false);
  }
}

/** The cosine. */
@unmanaged
export class Cos extends Angular {

  @inline apply<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? sine32(x, true) : sine64(x, true);
  }


  @inline near<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? sineNear32(x, true) : sineNear64(x, true);
  }
}

/** The hyperbolic tangent. */
@unmanaged
export class Tanh {

  @inline apply<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? tanh32(x) : tanh64(x);
  }
}

/** 1 / (1 + exp(-x)). */
@unmanaged
export class Sigmoid extends Exponential {

  @inline apply<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? sigmoid32(x) : sigmoid64(x);
  }


  @inline near<T>(x: v128): v128 {
    return sizeof<T>() == 4 ? sigmoidNear32(x) : sigmoidNear64(x);
  }
}

/** a + b. */
@unmanaged
export class Add {

  @inline apply<T>(a: v128, b: v128): v128 {
    return v128.add<T>(a, b);
  }
}

/** a - b. */
@unmanaged
export class Sub {

  @inline apply<T>(a: v128, b: v128): v128 {
    return v128.sub<T>(a, b);
  }
}

/** a * b. */
@unmanaged
export class Mul {

  @inline apply<T>(a: v128, b: v128): v128 {
    return v128.mul<T>(a, b);
  }
}

/** a / b. */
@unmanaged
export class Div {

  @inline apply<T>(a: v128, b: v128): v128 {
    return v128.div<T>(a, b);
  }
}

/** The larger; NaN if either is NaN. */
@unmanaged
export class Maximum {

  @inline apply<T>(a: v128, b: v128): v128 {
    return v128.max<T>(a, b);
  }

  /** The larger, in one machine instruction; which of the two if they are equal or either is NaN is left open. */
  @inline quick<T>(a: v128, b: v128): v128 {
    return isFloat<T>() ? v128.pmax<T>(a, b) : v128.max<T>(a, b);
  }

  /** All ones where a is larger. */
  @inline above<T>(a: v128, b: v128): v128 {
    return v128.gt<T>(a, b);
  }

  /** Whether `a` displaces `b` as the extreme: larger, or the first NaN. */
  @inline beats<T>(a: T, b: T): bool {
    return a > b || (a != a && b == b);
  }
}

/** The smaller; NaN if either is NaN. */
@unmanaged
export class Minimum {

  @inline apply<T>(a: v128, b: v128): v128 {
    return v128.min<T>(a, b);
  }

  /** The smaller, in one machine instruction; which of the two if they are equal or either is NaN is left open. */
  @inline quick<T>(a: v128, b: v128): v128 {
    return isFloat<T>() ? v128.pmin<T>(a, b) : v128.min<T>(a, b);
  }

  /** All ones where a is smaller. */
  @inline above<T>(a: v128, b: v128): v128 {
    return v128.lt<T>(a, b);
  }

  /** Whether `a` displaces `b` as the extreme: smaller, or the first NaN. */
  @inline beats<T>(a: T, b: T): bool {
    return a < b || (a != a && b == b);
  }
}

/** a * b, but 0 wherever a is 0, whatever b is. */
@unmanaged
export class GatedMul {

  @inline apply<T>(a: v128, b: v128): v128 {
    return v128.and(v128.mul<T>(a, b), v128.ne<T>(a, v128.splat<T>(0)));
  }
}

/** All ones where a = b. */
@unmanaged
export class Eq {

  @inline apply<T>(a: v128, b: v128): v128 {
    return v128.eq<T>(a, b);
  }
}

/** All ones where a < b. */
@unmanaged
export class Lt {

  @inline apply<T>(a: v128, b: v128): v128 {
    return v128.lt<T>(a, b);
  }
}

/** All ones where a <= b. */
@unmanaged
export class Le {

  @inline apply<T>(a: v128, b: v128): v128 {
    return v128.le<T>(a, b);
  }
}
