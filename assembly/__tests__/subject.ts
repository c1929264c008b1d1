// The module under test, seen from the tests: instantiated on the same memory by as-pect.config.js, compiled from source
// with every check on, or as shipped. Its arena lies below the tests' own data.

/** The arena may use memory below this address: the tests' own data begin here (memoryBase in as-pect.asconfig.json). */
export const LIMIT: usize = 134217728;

/** Throws away everything in the arena. */
export function fresh(): void {
  initialize(LIMIT);
}

// @ts-ignore: decorator
@external("subject", "initialize")
export declare function initialize(limit: usize): void;

// @ts-ignore: decorator
@external("subject", "extend")
export declare function extend(): usize;

// @ts-ignore: decorator
@external("subject", "allocate")
export declare function allocate(bytes: usize): usize;

// @ts-ignore: decorator
@external("subject", "release")
export declare function release(block: usize): i32;

// @ts-ignore: decorator
@external("subject", "blockSize")
export declare function blockSize(block: usize): usize;

// @ts-ignore: decorator
@external("subject", "statistics")
export declare function statistics(): usize;

// @ts-ignore: decorator
@external("subject", "fault")
export declare function fault(): usize;

// @ts-ignore: decorator
@external("subject", "replay")
export declare function replay(tape: usize, end: usize): i32;

// @ts-ignore: decorator
@external("subject", "joinThreads")
export declare function joinThreads(): i32;

// @ts-ignore: decorator
@external("subject", "serveThread")
export declare function serveThread(): i32;

// @ts-ignore: decorator
@external("subject", "enter")
export declare function enter(number: usize): void;

// @ts-ignore: decorator
@external("subject", "dismiss")
export declare function dismiss(number: usize): void;

// @ts-ignore: decorator
@external("subject", "abandon")
export declare function abandon(): i32;

// @ts-ignore: decorator
@external("subject", "mark")
export declare function mark(tape: usize, end: usize): void;

// @ts-ignore: decorator
@external("subject", "team")
export declare function team(): usize;
