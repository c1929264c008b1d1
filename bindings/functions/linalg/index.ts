/** Functions of vectors and matrices that PyTorch and NumPy keep under `linalg`. */
export { cross, matmul, outer, vecdot } from "../products/products.js";
export { vectorNorm } from "../norms/distance.js";
export { multiDot } from "./multi-dot.js";
export { cond, matrixNorm, matrixRank, norm, type MatrixOrder } from "./norms.js";
export { diagonal, matrixExp, matrixPower } from "./powers.js";
export {
  eigh,
  eigvalsh,
  pinv,
  qr,
  svd,
  svdvals,
  type EighResult,
  type QrOptions,
  type QrResult,
  type RankOptions,
  type SvdOptions,
  type SvdResult,
} from "./decompositions.js";
export {
  cholesky,
  det,
  inv,
  logdet,
  lstsq,
  slogdet,
  solve,
  solveTriangular,
  type CholeskyOptions,
  type SlogdetResult,
  type SolveOptions,
  type TriangularOptions,
} from "./systems.js";
