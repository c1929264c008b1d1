// The two plain moves of memory that kernels share.

/** Copies `bytes` bytes between places that do not overlap. */
export function move(out: usize, x: usize, bytes: usize): void {
  // V8 calls out for memory.copy, which costs more than a short loop.
  if (bytes > 512) {
    memory.copy(out, x, bytes);
    return;
  }
  for (; bytes >= 64; bytes -= 64) {
    const a = v128.load(x, 0);
    const b = v128.load(x, 16);
    const c = v128.load(x, 32);
    const d = v128.load(x, 48);
    v128.store(out, a, 0);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
    out += 64;
    x += 64;
  }
  for (; bytes >= 16; bytes -= 16) {
    v128.store(out, v128.load(x));
    out += 16;
    x += 16;
  }
  for (; bytes >= 4; bytes -= 4) {
    store<u32>(out, load<u32>(x));
    out += 4;
    x += 4;
  }
  for (; bytes; bytes--) store<u8>(out++, load<u8>(x++));
}

/** Writes `bytes` bytes of a pattern that repeats itself: a splat of 1, 4 or 8 bytes, whole elements of it. */
export function repeat(out: usize, pattern: v128, bytes: usize): void {
  for (; bytes >= 16; bytes -= 16) {
    v128.store(out, pattern);
    out += 16;
  }
  if (bytes >= 8) {
    v128.store64_lane(out, pattern, 0);
    out += 8;
    bytes -= 8;
  }
  if (bytes >= 4) {
    v128.store32_lane(out, pattern, 0);
    out += 4;
    bytes -= 4;
  }
  for (; bytes; bytes--) v128.store8_lane(out++, pattern, 0);
}
