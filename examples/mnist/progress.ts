import cliProgress from "cli-progress";

/** A bar that follows an epoch on a terminal; elsewhere nothing is drawn. */
export class ProgressBar {
  private readonly bar = new cliProgress.SingleBar({
    format: "epoch {epoch}  {bar}  {value}/{total}  loss {loss}  {eta_formatted} left",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 30,
    fps: 30,
    clearOnComplete: true,
    noTTYOutput: false,
  });

  start(epoch: string, steps: number): void {
    this.bar.start(steps, 0, { epoch, loss: "" });
  }

  update(step: number, loss: number): void {
    this.bar.update(step, { loss: loss.toFixed(4) });
  }

  stop(): void {
    this.bar.stop();
  }
}
