import { cpus, loadavg, release, totalmem, type } from "node:os";

/** The machine and what else the figures depend on, a line each. */
export function describeMachine(): string[] {
  const processors = cpus();
  const load = loadavg()[0] ?? 0;
  return [
    `${processors[0]?.model.trim() ?? "unknown processor"}, ${processors.length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `${type()} ${release()} ${process.arch}, load ${load.toFixed(2)}${load > 0.5 ? ": the machine is busy, the figures are doubtful" : ""}`,
    `Node ${process.versions.node}, V8 ${process.versions.v8}`,
  ];
}

/** What recorded shares were measured on, as far as they depend on it. */
export function describeEngine(): string[] {
  return [`${cpus().length} cores, ${process.arch}`, `Node ${process.versions.node}, V8 ${process.versions.v8}`];
}
