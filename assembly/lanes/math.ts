// Elementary functions on vectors, by the width of their lanes.

export { cos32, exp32, expBelow32, log32, sigmoid32, sin32, tanh32 } from "./math32";
export { cos64, exp64, expBelow64, log64, sigmoid64, sin64, tanh64 } from "./math64";
