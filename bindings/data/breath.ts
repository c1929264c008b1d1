/** After this many milliseconds a loop that only awaits what is there already lets timers, the page and the collector run. */
const PATIENCE = 5;

let last = performance.now();
let pause: Promise<void> | undefined;

/** What a loop has to await before it goes on, if it is time: a turn of everybody else. One for all loops. */
export function breath(): Promise<void> | undefined {
  if (pause || performance.now() - last <= PATIENCE) return pause;
  return (pause = new Promise((resume) => {
    setTimeout(() => {
      last = performance.now();
      pause = undefined;
      resume();
    }, 0);
  }));
}
