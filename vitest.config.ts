import { availableParallelism } from "node:os";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumLaunchOptions } from "./scripts/lib/chromium.mjs";
import { ISOLATED } from "./scripts/lib/serve.mjs";

const launchOptions = await chromiumLaunchOptions();

/** The same tests twice: `*.node.test.ts` only in Node, `*.browser.test.ts` only in Chromium. */
export default defineConfig({
  // Node 20 has Symbol.dispose but no `using`.
  oxc: { target: "es2022" },
  test: {
    testTimeout: 60_000,
    // In two-core machines too: much of the time goes to examples, which are processes of their own.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/**/*.browser.test.ts"],
          pool: "forks",
          execArgv: ["--expose-gc"],
        },
      },
      {
        extends: true,
        server: { headers: ISOLATED },
        test: {
          name: "chromium",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/**/*.node.test.ts"],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
