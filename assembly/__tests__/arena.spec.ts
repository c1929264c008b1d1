import { allocate, fresh, LIMIT, release } from "./subject";

describe("the arena", () => {
  beforeEach(() => fresh());
  it("aligns", () => {
    const a = allocate(10);
    expect(a & 63).toBe(0);
    expect(a).not.toBe(0);
    expect(release(a)).toBe(1);
    expect(release(a)).toBe(0);
  });
});
