// What asconfig.json says of a target by `use`.

/** 1 where multiply-add is one instruction and needs no register between, 0 where it becomes two: see scripts/lib/lower.mjs. */
declare const FUSED: i32;
