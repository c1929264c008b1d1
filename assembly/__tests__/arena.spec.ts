import { Statistics } from "../abi/statistics";
import { random, seed } from "./data";
import { allocate, blockSize, extend, fresh, initialize, LIMIT, release, statistics } from "./subject";

const SLOTS = 256;
const blocks = new StaticArray<usize>(SLOTS);
const sizes = new StaticArray<usize>(SLOTS);

describe("the arena", () => {
  beforeEach(() => {
    fresh();
    seed(1);
  });

  it("hands out blocks that start at multiples of 64 and hold what was asked for", () => {
    for (let bytes: usize = 0; bytes < 300; bytes++) {
      const block = allocate(bytes);
      expect(block & 63).toBe(0);
      expect(blockSize(block)).toBeGreaterThanOrEqual(bytes);
      expect(blockSize(block)).toBeLessThanOrEqual(bytes + 63 + 16);
    }
  });

  it("counts bytes and blocks", () => {
    const a = allocate(1);
    const b = allocate(49);
    expect(load<f64>(statistics(), Statistics.Used)).toBe(64 + 128);
    expect(load<f64>(statistics(), Statistics.Blocks)).toBe(2);
    release(a);
    release(b);
    expect(load<f64>(statistics(), Statistics.Used)).toBe(0);
    expect(load<f64>(statistics(), Statistics.HighWater)).toBe(64 + 128);
    expect(load<f64>(statistics(), Statistics.Blocks)).toBe(0);
    expect(load<f64>(statistics(), Statistics.Reserved)).toBeLessThanOrEqual(<f64>LIMIT);
  });

  it("joins a freed block with free neighbours on both sides", () => {
    const whole = <usize>load<f64>(statistics(), Statistics.Reserved) - 16;
    const a = allocate(1000);
    const b = allocate(1000);
    const c = allocate(1000);
    allocate(1000);
    release(a);
    release(c);
    release(b);
    expect(allocate(3000)).toBe(a);
    fresh();
    expect(allocate(whole)).not.toBe(0);
    expect(allocate(0)).toBe(0);
  });

  it("gives back the block that was freed last to whoever asks for that size", () => {
    for (let bytes: usize = 1; bytes < 5000000; bytes = bytes * 3 + 7) {
      const a = allocate(bytes);
      allocate(1);
      release(a);
      expect(allocate(bytes)).toBe(a);
    }
  });

  it("refuses addresses that are not those of live blocks", () => {
    const a = allocate(1000);
    memory.fill(a, 0, 1000);
    expect(release(0)).toBe(0);
    expect(release(a + 64)).toBe(0);
    expect(release(a + 1)).toBe(0);
    expect(release(LIMIT)).toBe(0);
    expect(release(0xffffffc0)).toBe(0);
    expect(release(a)).toBe(1);
    expect(release(a)).toBe(0);
    expect(blockSize(a)).toBe(0);
  });

  it("answers 0 when it is full, and then goes on", () => {
    let count = 0;
    while (allocate(1 << 20)) count++;
    expect(count).toBeGreaterThan(100);
    expect(allocate(0xffffffff)).toBe(0);
    expect(allocate(0x80000000)).toBe(0);
    const small = allocate(1);
    expect(small).not.toBe(0);
    expect(release(small)).toBe(1);
  });

  it("finds the one block that fits, wherever it is in its list", () => {
    // Two free blocks of one size class (units 65 and 66), the smaller in front.
    const large = allocate(66 * 64 - 16);
    allocate(1);
    const less = allocate(65 * 64 - 16);
    allocate(1);
    while (allocate(1 << 20)) continue;
    while (allocate(1 << 12)) continue;
    while (allocate(1)) continue;
    release(large);
    release(less);
    expect(allocate(66 * 64 - 16)).toBe(large);
  });

  it("stays below its limit", () => {
    initialize(1 << 20);
    expect(allocate(1 << 20)).toBe(0);
    expect(extend()).toBe(0);
    while (allocate(1 << 10)) continue;
    expect(allocate(1 << 10)).toBe(0);
  });

  it("never lets two blocks overlap, and ends where it began", () => {
    for (let i = 0; i < SLOTS; i++) blocks[i] = 0;
    const free = load<f64>(statistics(), Statistics.Reserved);
    let wrong = 0;
    for (let step = 0; step < 100000; step++) {
      const i = random(SLOTS);
      if (blocks[i]) {
        if (load<usize>(blocks[i]) != i || load<usize>(blocks[i] + sizes[i] - 4) != i) wrong++;
        if (!release(blocks[i])) wrong++;
        blocks[i] = 0;
      } else {
        const bytes = (<usize>8) << random(14);
        sizes[i] = bytes + random(bytes as u32);
        blocks[i] = allocate(sizes[i]);
        if (!blocks[i]) continue;
        store<usize>(blocks[i], i);
        store<usize>(blocks[i] + sizes[i] - 4, i, 0);
      }
    }
    for (let i = 0; i < SLOTS; i++) if (blocks[i] && !release(blocks[i])) wrong++;
    expect(wrong).toBe(0);
    expect(load<f64>(statistics(), Statistics.Blocks)).toBe(0);
    expect(allocate(<usize>free - 16)).not.toBe(0);
  });
});
