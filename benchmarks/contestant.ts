import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { Answer, Request } from "./serve.js";

/** How a contestant is started. */
export interface Entrant {
  /** What tables and lines call it. */
  readonly label: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** Nothing that is asked of a contestant takes so long; what does is taken to hang. */
const PATIENCE = 120_000;

/** A contestant's process, seen from outside. It runs only while it is asked something. */
export class Contestant {
  /** What it is, with versions. */
  hello = "";
  /** Why it takes no part, if so. */
  absent: string | undefined;
  private complaints = "";
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;

  private constructor(
    readonly label: string,
    private readonly process: ChildProcessWithoutNullStreams,
  ) {
    this.reader = createInterface({ input: process.stdout });
    this.lines = this.reader[Symbol.asyncIterator]();
    process.stderr.setEncoding("utf8").on("data", (text: string) => (this.complaints += text));
    process.on("error", (error) => (this.complaints += error.message));
    process.stdin.on("error", () => undefined); // It has gone; the next answer says so.
  }

  /** Starts the process. One that cannot start is absent, with the reason. */
  static async start({ label, command: [file, ...args], env }: Entrant): Promise<Contestant> {
    const started = new Contestant(label, spawn(file, args, { env: { ...process.env, ...env } }));
    const { hello, absent } = await started.next();
    started.hello = hello ?? "";
    started.absent = absent;
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
    const last = this.complaints.trim().split("\n").pop();
    this.absent = line === "late" ? "no answer in time" : last || "its process ended";
    this.process.kill();
    return { absent: this.absent };
  }
}
