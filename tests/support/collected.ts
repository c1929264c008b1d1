import { memory } from "../../bindings/index.js";

/**
 * Lets the collector take back what it can, until it has taken nothing four times, or until `enough`; where it cannot be called, it is
 * given time.
 */
export async function collected(enough?: () => boolean): Promise<void> {
  const collect = (globalThis as { gc?: () => void }).gc;
  for (let same = 0, turns = 0; (enough ? !enough() : same < 4) && turns < 100; turns++) {
    const { bytes } = memory();
    collect?.();
    await new Promise((resume) => setTimeout(resume, 5));
    same = memory().bytes === bytes ? same + 1 : 0;
  }
}
