// Elementary functions on vectors, by the width of their lanes.

export {
  exp32,
  expBelow32,
  expNear32,
  expQuick32,
  isExtreme32,
  isOdd32,
  largest32,
  log32,
  logNear32,
  oddest32,
  sigmoid32,
  sigmoidNear32,
  tanh32,
} from "./math32";
export { isFar32, sine32, sineNear32 } from "./sine32";
export {
  exp64,
  expBelow64,
  expNear64,
  isExtreme64,
  isFar64,
  isOdd64,
  largest64,
  log64,
  logNear64,
  oddest64,
  sigmoid64,
  sigmoidNear64,
  sine64,
  sineNear64,
  tanh64,
} from "./math64";
