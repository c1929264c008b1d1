import { kernels, renewScratch } from "./instance.js";

/** Blocks that were given back while a lost thread might still write to them; undefined as long as there is none. */
let held: number[] | undefined;

/** From now on no block that is given back is used again, nor the instruction that is being run. */
export function hold(): void {
  held ??= [];
  held.push(renewScratch());
}

/** No lost thread is left: everything that was held goes back to the arena. */
export function letGo(): void {
  const blocks = held ?? [];
  held = undefined;
  for (const address of blocks) kernels.release(address);
}

/** Gives a block back to the arena. */
export function releaseBlock(address: number): void {
  if (held) held.push(address);
  else kernels.release(address);
}
