// The module's exports. The host owns memory: it creates it, grows it, and tells the arena by `extend`.

export { allocate, blockSize, extend, initialize, release, statistics, surrender } from "./arena";
export { enter, fault, team } from "./control";
export { vectorFunction } from "./kernels/elementwise/unary";
export { joinThreads, replay, serveThread } from "./tape";
export { abandon, bury, confess, dismiss, mark } from "./threads/fork";
