// Whether a page stays alive while it trains: the longest frame of the live example.
import { join } from "node:path";
import { chromium } from "playwright";
import { bundlePage } from "../../examples/live/bundle.js";
import { chromiumLaunchOptions } from "../../scripts/lib/chromium.mjs";
import { ROOT } from "../../scripts/lib/run.mjs";
import { ISOLATED, serve } from "../../scripts/lib/serve.mjs";

/** What the page says in the end. */
export interface Frames {
  /** Milliseconds. */
  readonly longest: number;
  readonly frames: number;
  readonly losses: readonly number[];
}

/** No frame may be longer, in milliseconds. */
export const LONGEST_FRAME = 50;

/** Trains three epochs of MNIST in the worker of a page. */
export async function trainInPage(): Promise<Frames> {
  const folder = join(ROOT, "build/runtimes/live");
  await bundlePage(folder);
  const server = await serve(folder, ISOLATED);
  const browser = await chromium.launch(await chromiumLaunchOptions());
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/index.html`);
    const finished = await page.waitForFunction(() => (globalThis as { finished?: Frames }).finished, null, {
      timeout: 300_000,
    });
    return (await finished.jsonValue()) as Frames;
  } finally {
    await browser.close();
    await server.close();
  }
}
