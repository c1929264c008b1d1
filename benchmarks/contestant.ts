import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Answer, Request } from "./serve.js";

/** How a contestant is started. */
export interface Entrant {
  /** What tables and lines call it. */
  readonly label: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** What must have been installed, relative to the repository's root; absent without. */
  readonly needs?: string;
}

/** The repository's root, in which contestants run. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Nothing that is asked of a contestant takes so long; what does is taken to hang. */
const PATIENCE = 120_000;

/** A contestant's process, seen from outside. It runs only while it is asked something. */
export class Contestant {
  /** What it is, with versions. */
  hello = "";
  /** Why it takes no part, if so. */
  absent: string | undefined;
  readonly label: string;
  private complaints = "";
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly reader: Interface;
  private readonly lines: AsyncIterator<string>;

  private constructor({ label, command: [file, ...args], env }: Entrant) {
    this.label = label;
    this.process = spawn(file, args, { cwd: ROOT, env: { ...process.env, ...env } });
    this.reader = createInterface({ input: this.process.stdout });
    this.lines = this.reader[Symbol.asyncIterator]();
    this.process.stderr.setEncoding("utf8").on("data", (text: string) => (this.complaints += text));
    this.process.on("error", (error) => (this.complaints += `Error: ${error.message}`));
    this.process.stdin.on("error", () => undefined); // It has gone; the next answer says so.
  }

  /** Starts the process. One that cannot start is absent, with the reason. */
  static async start(entrant: Entrant): Promise<Contestant> {
    const started = new Contestant(entrant);
    started.hello = (await started.next()).hello ?? "";
    if (entrant.needs && !existsSync(`${ROOT}/${entrant.needs}`)) started.absent = "not installed; npm run bench:peers";
    return started;
  }

  /** Asks, and waits for the answer. */
  ask(request: Request): Promise<Answer> {
    this.process.stdin.write(JSON.stringify(request) + "\n");
    return this.next();
  }

  stop(): void {
    this.reader.close();
    this.process.stdin.end();
    this.process.kill();
  }

  private async next(): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => (timer = setTimeout(resolve, PATIENCE, "late")));
    const line = await Promise.race([this.lines.next(), late]);
    clearTimeout(timer);
    if (line !== "late" && !line.done) return JSON.parse(line.value) as Answer;
    const reason = this.complaints.split("\n").findLast((text) => text.includes("Error"));
    this.absent = line === "late" ? "no answer in time" : (reason ?? "its process ended");
    this.process.kill();
    return { error: this.absent };
  }
}
