/** Calls `draw` once a frame, and tells how long the longest one was. */
export function watchFrames(draw: () => void): { readonly longest: number; readonly count: number; stop(): void } {
  let last: number | null = null;
  const watch = { longest: 0, count: 0, stop: () => cancelAnimationFrame(request) };
  const onFrame = (): void => {
    const now = performance.now();
    if (last !== null) watch.longest = Math.max(watch.longest, now - last);
    last = now;
    watch.count++;
    draw();
    request = requestAnimationFrame(onFrame);
  };
  let request = requestAnimationFrame(onFrame);
  return watch;
}
