/** Functions of vectors and matrices that PyTorch and NumPy keep under `linalg`. */
export { cross, matmul, outer, vecdot } from "./products.js";
export { matrixNorm, norm, vectorNorm } from "./distance.js";
export { diagonal } from "./diagonals.js";
