// Stands in for vitest where its servers cannot run: its own runner and matchers, nothing more.
import {
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
  ASYMMETRIC_MATCHERS_OBJECT,
} from "@vitest/expect";

export { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "@vitest/runner";

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);

/** The matchers of vitest, and `expect.any` and its like, which are kept in two places. */
export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
  (globalThis as unknown as Record<symbol, object>)[ASYMMETRIC_MATCHERS_OBJECT],
);
setState({ assertionCalls: 0 }, expect as unknown as Parameters<typeof setState>[1]);
