// What the library uses where it runs.
import { configure, info, tensor, zeros, type ConfigureOptions, type Info } from "wengert";

export interface Probe {
  /** The engine and its version. */
  readonly engine: string;
  readonly info: Info;
  /** Whether the kernels' multiplication and addition round once, as one instruction. */
  readonly fused: boolean;
}

export default async function probe({ settings = {} }: { settings?: ConfigureOptions }): Promise<Probe> {
  configure(settings);
  await workUntilJoined();
  return { engine: engineOf(), info: info(), fused: isFused() };
}

/** Gives threads, which start when there is something worth it, five seconds to do so. */
async function workUntilJoined(): Promise<void> {
  const x = zeros([512, 512]);
  const start = performance.now();
  while (info().threads === 1 && info().reason === undefined && performance.now() - start < 5000) {
    x.matmul(x).dispose();
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

function engineOf(): string {
  const { versions } = (globalThis as { process?: { versions: Record<string, string> } }).process ?? {};
  if (versions?.["bun"]) return `JavaScriptCore ${versions["webkit"]?.slice(0, 8) ?? ""}`;
  return versions ? `V8 ${versions["v8"] ?? ""}` : (/Chrome\/[\d.]+/.exec(navigator.userAgent)?.[0] ?? "unknown");
}

/**
 * Whether 1 + 2ε is subtracted from (1 + ε)² before that is rounded, with ε² half of a unit in its last place: ε², not 0.
 * The product that comes second is the exact one, and which that is, is the kernel's affair.
 */
function isFused(): boolean {
  const epsilon = 2 ** -12;
  const left = [1 + epsilon, -1 - 2 * epsilon];
  const right = [1 + epsilon, 1];
  return [[left, right] as const, [[...left].reverse(), [...right].reverse()] as const].some(([row, column]) => {
    const a = zeros([16, 2]).add(tensor(row));
    const b = zeros([16, 2]).add(tensor(column)).T;
    return a.matmul(b).abs().max().item() !== 0;
  });
}
