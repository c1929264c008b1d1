// The module's exports. The host owns memory: it creates it, grows it, and tells the arena by `extend`.

export { allocate, blockSize, extend, initialize, release, statistics } from "./arena";
export { fault } from "./control";
export { vectorFunction } from "./kernels/unary";
export { replay } from "./tape";
