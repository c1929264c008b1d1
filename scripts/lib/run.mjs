// Child processes that cannot hang: each has a time limit, and takes its own children with it when it ends.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Node's options for a process of seconds: functions are optimised once they are fifteen times as hot as is usual, since much
 * of a test's or a tool's time went into optimising what soon ends, and the collector has no threads of its own, since others
 * are at work beside it. The one saves a fifth of the processor's time, the other some twentieth. Node 22 knows the first no more.
 */
export const SHORT = parseInt(process.versions.node) < 22 ? ["--interrupt-budget=1000000", "--single-threaded-gc"] : [];

/** @typedef {{ code: number, output: string, seconds: number, timedOut: boolean }} Outcome */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.on(signal, () => {
    for (const child of running) killGroup(child, "SIGTERM");
    process.exit(1);
  });
}

/** @typedef {{ env?: Record<string, string>, cwd?: string, limit?: number, show?: boolean }} Options `limit` in seconds */

/**
 * Runs a tool of node_modules (by the path of its script) or another Node script, in the repository's root.
 * With `show` its output appears as it comes; it is returned in any case.
 * @param {string[]} args
 * @param {Options} [options]
 * @returns {Promise<Outcome>}
 */
export function runNode(args, options) {
  return run(process.execPath, [...SHORT, ...args], options);
}

/**
 * The same with any program.
 * @param {string} command
 * @param {string[]} args
 * @param {Options} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { env = {}, cwd = ROOT, limit = 300, show = false } = {}) {
  const start = performance.now();
  const detached = process.platform !== "win32";
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached,
  });
  running.add(child);
  let output = "";
  let timedOut = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (/** @type {string} */ text) => {
      output += text;
      if (show) process.stdout.write(text);
    });
  }
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child, "SIGTERM");
    setTimeout(() => killGroup(child, "SIGKILL"), 3000).unref();
  }, limit * 1000);
  return new Promise((resolve) => {
    const finish = (/** @type {number} */ code) => {
      clearTimeout(timer);
      running.delete(child);
      if (timedOut) output += `\nstopped after ${limit} s\n`;
      resolve({ code, output, seconds: (performance.now() - start) / 1000, timedOut });
    };
    child.on("error", (error) => {
      output += String(error);
      finish(1);
    });
    child.on("close", (code) => finish(timedOut ? 1 : (code ?? 1)));
    // A grandchild that survives must not keep us waiting for its end of the pipe.
    child.on("exit", (code) => setTimeout(() => finish(timedOut ? 1 : (code ?? 1)), 2000).unref());
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function killGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has gone already.
  }
}
