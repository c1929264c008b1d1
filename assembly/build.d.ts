// What asconfig.json says of a target by `use`.

/** 1 where multiply-add is one instruction and needs no register between, 0 where it becomes two: see scripts/lib/lower.mjs. */
declare const FUSED: i32;

/** 1 where tiles come from assembly/tiles, whose vectors the engine merges in pairs, else 0: see docs/decisions/0011-wide-mode.md. */
declare const PAIRED: i32;
