// Shared by asc and tsc: const enums and comments only, so that the two worlds cannot drift.

/**
 * Elementary operations of the Wengert list. The name, with a small first letter, is the name of the row in the
 * table of primitives.
 *
 * An instruction is a run of 32-bit words: the four of `Head`, then those of its form. Addresses are byte addresses in
 * linear memory (unsigned), strides count elements (signed, 0 repeats), sizes count elements.
 * The kernel for each opcode reads the layout of its form, named in the comments below. Opcodes are numbered by their order,
 * which has no gaps and keeps families together: kernels and tests ask for ranges. They are not written to files.
 */
export const enum Op {
  // Form Map, one input: output and input have dtype `Head.DType`.
  Copy,
  Neg,
  Abs,
  Sign,
  Square,
  Reciprocal,
  Sqrt,
  Exp,
  Log,
  Sin,
  Cos,
  Tanh,
  Sigmoid,
  Relu,
  Exp2,
  Expm1,
  Sinh,
  Cosh,
  Silu,
  Mish,
  Log2,
  Log10,
  Log1p,
  Asinh,
  Acosh,
  Atanh,
  Softplus,
  Cbrt,
  // Rsqrt to Trunc go four vectors a turn.
  Rsqrt,
  // Floor to Trunc also take I32, which they leave as it is.
  Floor,
  Ceil,
  /** To the nearest integer, halves to the even one. */
  Round,
  Trunc,
  Tan,
  Asin,
  Acos,
  Atan,
  Erf,
  Erfc,
  Erfinv,
  Lgamma,
  Digamma,
  /** x erfc(-x / sqrt(2)) / 2. */
  Gelu,
  /** The derivative of Gelu. */
  GeluSlope,
  /** x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³))) / 2. */
  GeluTanh,

  // Form Map, two inputs of dtype `Head.DType`, output the same.
  /** The angle of the point (x2, x1). */
  Atan2,
  /** The x1-th derivative of the digamma function at x2; x1 is I32. NaN unless that is from 0 to 100. */
  Polygamma,
  /** F32, F64, I32. Integers wrap; below 0 their exponent gives the reciprocal, truncated (of 0: 0). */
  Pow,
  /** F32, F64. */
  Hypot,
  Add,
  Sub,
  Mul,
  Div,
  Maximum,
  Minimum,
  /** x1 * x2, but exactly 0 wherever x1 is 0: an adjoint of 0 times an infinite partial. */
  GatedMul,

  // I32, U8 and Bool.
  BitwiseAnd,
  BitwiseOr,
  BitwiseXor,
  /** I32: 0 unless x2 is from 0 to 31. */
  BitwiseLeftShift,
  /** I32: with the sign; unless x2 is from 0 to 31, 0 or -1. */
  BitwiseRightShift,
  /** The exact remainder with the sign of x1 (F32, F64, I32); of 0 it is NaN, or 0 in I32. */
  Fmod,

  // Form Map, two inputs of dtype `Head.DType`, output Bool.
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,

  // Form Map, three inputs: x1 is Bool (non-zero chooses x2, zero x3); x2, x3 and the output have dtype `Head.DType`.
  Where,

  // Form Map, one input of dtype `Head.DType`, output of dtype `Head.Extra`.
  // Float to integer truncates toward zero and saturates, NaN becomes 0; i32 to u8 keeps the low eight bits; anything to
  // Bool is "is not zero", so NaN is true.
  Cast,
  /**
   * As Cast to I32 into contiguous memory, but a NaN, an infinity, a fraction or a value beyond i32 is
   * `Status.NotAnInteger`. What precedes it in the output has then been written.
   */
  ToIndex,

  // Form Reduce (F32, F64, I32). Sum adds short blocks in the dtype and the blocks in f64 for F32, in the dtype for F64 and
  // I32 (which wraps). Max (also U8, Bool) and Min propagate NaN; of zeros of both signs either may come out. Empty length: Sum 0; the
  // others are refused before they reach the tape. ArgMax/ArgMin write I32: the first of equals, a NaN counts as the extreme.
  Sum,
  Max,
  Min,
  ArgMax,
  ArgMin,
  /** F32, F64, I32: multiplies in f64 for F32, else in the dtype (I32 wraps); of nothing it is 1. */
  Prod,
  /** F32, F64: the sum of the squared deviations from the mean, in two passes; of nothing it is 0. */
  Deviation,

  // Form Matmul (F32, F64).
  Matmul,

  // Form Convolution (F32, F64): y[n, g o, i] = sum over c and k of x[n, g c, i Stride + k Dilation - Pad] weight[g o, c, k].
  /** y from x and the weight. */
  Convolution,
  /** x from y and the weight: the adjoint by the image. */
  ConvolutionInput,
  /** The weight from x and y: the adjoint by it. */
  ConvolutionWeight,

  // Form Rows (F32, F64): x and out are contiguous [rows, columns], and out may be the memory of an input of its shape.
  // A row of -inf gives NaN. Targets count from 0 and are checked before the first write.
  Softmax,
  LogSoftmax,
  /** out = y * (g - sum(g * y)) by row; x1 = y = softmax(x), x2 = g. */
  SoftmaxBackward,
  /** out = g - exp(y) * sum(g) by row; x1 = y = logSoftmax(x), x2 = g. */
  LogSoftmaxBackward,
  /** out[rows] = logsumexp(x row) - x[row, target]; x1 = x, x2 = target I32 [rows]. */
  CrossEntropy,
  /** out[rows, columns] = (softmax(x row) - onehot(target)) * g[row]; x1 = x, x2 = target I32, x3 = g [rows]. */
  CrossEntropyBackward,
  /** out[rows] = log of the sum of exp(x) by row; x1 = x. -inf where all are, +inf where any is. */
  Logsumexp,

  // Form Norm (F32, F64), with w = Weight and b = Bias where they are given, else 1 and 0; m and v are the mean and the
  // variance of a row of x (v = mean of squares in the RMS rows, where m is 0), s = 1 / sqrt(v + Epsilon).
  /** out = (x - m) s w + b. */
  LayerNorm,
  /** out = s (h - mean(h) - (x - m) s² mean(h (x - m))) with h = g w. */
  LayerNormBackward,
  /** out = x s w + b. */
  RmsNorm,
  /** out = s (h - x s² mean(h x)) with h = g w. */
  RmsNormBackward,

  // Form GatherRows (any dtype; ScatterAddRows F32, F64, I32; LastPlaces I32).
  /** out[i, :] = x[index[i], :]. A negative index counts from the end. */
  GatherRows,
  /** out = 0; out[index[i], :] += x[i, :], in the order of i. */
  ScatterAddRows,
  /** out = -1; out[index[i]] = i, in the order of i. */
  LastPlaces,

  // Form Axis: the middle dimension of [Outer, Count, Inner].
  /** out[o, i, j] = x[o, index[o, i, j], j], any dtype. A negative index counts from the end. */
  Gather,
  /** out[o, index[o, i, j], j] += x[o, i, j] in the order of i (F32, F64, I32): adds to what out holds. */
  ScatterAdd,
  /** Running sums (F32, F64, I32, which wraps): in f64 for F32, each rounded once. `Head.Extra` holds flags of `Scan`. */
  Cumsum,
  /** Running products, likewise. */
  Cumprod,
  /**
   * I32: the place of the least element so far, or of the greatest if `Head.Extra` is 1 (F32, F64): the last of equals. From a
   * NaN on, that of the last NaN. Length is Count.
   */
  Foremost,
  /**
   * I32: the places of the first Length elements in ascending order, or in descending order if `Head.Extra` is 1 (F32, F64,
   * I32). Stable; NaN counts as the greatest, zeros of both signs as one.
   */
  Argsort,

  // Form Generate.
  /** Every element is Value. */
  Fill,
  /** Element i is Value + i * Step, computed in f64 and rounded once. */
  Iota,

  // Form Random. State is four I32 words: key low, key high, counter low, counter high (Philox 4x32-10, counter words
  // 2 and 3 are 0). Block b of a draw uses counter + b; an f32 or i32 draw takes 4 elements a block, an f64 draw 2.
  /** Uniform on [0, 1): F32 (word >>> 8) * 2^-24; F64 ((a >>> 5) * 2^26 + (b >>> 6)) * 2^-53 from two words a, b. */
  Uniform,
  /** I32: raw 32-bit words of the stream, in order. */
  Bits,
  /**
   * I32: a random permutation of 0..Count-1 (Fisher-Yates, one 64-bit draw an element, unbiased to 2^-32). Takes
   * ceil(Count / 2) blocks.
   */
  Permutation,
  /** I32[4]: the state `Count` blocks further on (64-bit counter), which may take the place of the old one. */
  Advance,
  /**
   * Value + Step z, z standard normal (Box and Muller 1958): F32 blocks of words a, b, c, d give r1 cos t1, r2 cos t2,
   * r1 sin t1, r2 sin t2 with r = sqrt(-2 log(((a >>> 1) + 1/2) 2^-31)) of a and b, t = 2 pi U of c and d, U as Uniform has
   * it; F64 blocks give r cos t, r sin t with r = sqrt(-2 log(1 - U)) of a, b and t = 2 pi U of c, d.
   */
  Normal,
  /**
   * I32: Value + floor(R Step / 2^64), where R is the 64 bits of words 2j (low) and 2j + 1 for element j: the integers from
   * Value up to Value + Step, which is at most 2^32. No one is favoured by more than Step 2^-64. As many blocks as an F64
   * draw.
   */
  Integers,

  // Form Update (F32, F64): elementwise, in the order of operations written here, and so with the same bits as if done one
  // by one. An output may be the memory of the input of its name. g' = g, but g + Decay p where Decay is not 0.
  /**
   * m' = First m + Scale g'; p' = p - Rate d, where d is m', or with Flags = 1 (Nesterov) g' + First m'. Without M there is
   * no m', and d is g'.
   */
  Sgd,
  /**
   * m' = First m + (1 - First) g'; v' = Second v + (1 - Second) g'²; p' = q - m' / (sqrt(v') Scale + Epsilon) Rate, where
   * q is p Keep if there is a Keep, else p.
   */
  Adam,

  // Form Pool (F32, F64): windows over the planes of contiguous images. NaN is the largest; of equals the first counts.
  /** The largest element of each window. */
  MaxPool,
  /** I32: its position in its plane. */
  MaxPoolIndices,

  // Form Attention (F32, F64). A query that may attend to no key gives NaN.
  /** softmax(q kᵀ Scale) v, a query attending to the keys that mask and Causal allow. */
  Attention,
  /** The adjoints of q, of k and of v, one behind the other, from the adjoint G of y. */
  AttentionBackward,

  // Form Matrix (F32, F64): for each of Count matrices A [Rows, Columns], computed in f64 and rounded once. A is square
  // (Rows = Columns) but in Qr, Svd and Pinv, where Rows >= Columns.
  /**
   * The solution of A x = B, [Rows, Width], by Gaussian elimination with row pivoting. A pivot that is no more than the rounding error
   * of its own computing is `Status.Singular`.
   */
  Solve,
  /** The same of a triangular A: flags of `Triangle` in `Head.Extra`. The other triangle is not read. */
  SolveTriangular,
  /** The determinant. */
  Det,
  /** Its sign and the logarithm of its magnitude, [2]: of a singular matrix 0 and -Infinity. */
  Slogdet,
  /** The matrix of cofactors, det(A) A⁻ᵀ, also where A is singular. */
  Cofactor,
  /** The lower triangular L with a positive diagonal and L Lᵀ = (A + Aᵀ) / 2, else `Status.NotPositive`. */
  Cholesky,
  /** Q [Rows, Width], where Width is Columns or Rows, and R [Columns, Columns] with a diagonal >= 0, one behind the other. */
  Qr,
  /** Of (A + Aᵀ) / 2: eigenvalues in ascending order, [Columns], and behind them eigenvectors as columns, with a first row >= 0. */
  Eigh,
  /**
   * U [Rows, Width], where Width is Columns or Rows, with a first row >= 0; singular values in descending order, [Columns]; and V,
   * [Columns, Columns]: one behind the other.
   */
  Svd,
  /** The pseudoinverse [Columns, Rows]; singular values up to Value times the largest count as 0. */
  Pinv,
  /** e^A. */
  MatrixExp,
}
