import cliProgress from "cli-progress";

/** Runs `work` with a bar that follows its steps on a terminal; elsewhere nothing is drawn. */
export function withProgress<T>(
  label: string,
  steps: number,
  work: (onStep: (step: number, loss: number) => void) => T,
): T {
  const bar = new cliProgress.SingleBar({
    format: `${label}  {bar}  {value}/{total}  loss {loss}  {eta_formatted} left`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 30,
    fps: 30,
    linewrap: true, // Else Ctrl-C would leave the terminal without.
    clearOnComplete: true,
    noTTYOutput: false,
  });
  bar.start(steps, 0, { loss: "" });
  try {
    return work((step, loss) => bar.update(step, { loss: loss.toFixed(4) }));
  } finally {
    bar.stop();
  }
}
