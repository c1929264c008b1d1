// A small app, as a bundler gets it: it trains here, and doubles numbers in a worker.
import { tensor } from "wengert";
import { startWorker } from "wengert/worker";
import { errorName, slope, train } from "../program.js";

/** @param {() => URL | Worker} workerOf */
export async function app(workerOf) {
  const { first, last } = train();
  /** @type {import("wengert/worker").TaskWorker<typeof import("./tasks.js").tasks>} */
  const worker = await startWorker(workerOf());
  const { elements } = await worker.run("double", tensor([1, 2])).result;
  worker.terminate();
  return { learnt: last < first / 20, slope: slope(), errorName: errorName(), doubled: [...elements] };
}
