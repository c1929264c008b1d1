// The command line of an example: what may be chosen, `--help`, and one line for what is wrong.
import { parseArgs } from "node:util";
import { Failure } from "./failure.js";

/** One thing that may be chosen. */
export interface Choice<T> {
  readonly what: string;
  readonly preset: T;
  /** The value of what was typed behind the option `--name`. Throws a Failure. */
  readonly read: (text: string, name: string) => T;
}

export const whole = (preset: number, what: string, from = 1, to = Infinity): Choice<number> => ({
  ...{ what, preset },
  read: (text, name) => readWhole(name, text, from, to),
});

export const positive = (preset: number, what: string): Choice<number> => ({
  ...{ what, preset },
  read: (text, name) => readPositive(name, text),
});

/** Where pictures go. */
export const ANY_FOLDER: Choice<string> = { what: "folder of what is drawn", preset: "out", read: (text) => text };
export const ANY_SEED = whole(0, "of everything random", 0);

/** What the command line chooses. `--help`, and what is wrong, end the program, which has done nothing yet. */
export function choose<T extends Record<string, number | string>>(
  about: string,
  choices: { readonly [K in keyof T]: Choice<T[K]> },
): T {
  const entries: [string, Choice<number | string>][] = Object.entries(choices);
  try {
    const values = parse(Object.keys(choices));
    if (values["help"] !== undefined) {
      console.log(helpOf(about, entries));
      process.exit(0);
    }
    const chosen = entries.map(([name, { preset, read }]) => {
      const text = values[name];
      return [name, typeof text === "string" ? read(text, name) : preset];
    });
    return Object.fromEntries(chosen) as T; // Each value as its choice reads it.
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

function parse(names: readonly string[]): { readonly [name: string]: string | boolean | undefined } {
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  try {
    return parseArgs({ options: { ...options, help: { type: "boolean" } } }).values;
  } catch (error) {
    throw new Failure(complaintOf(error as Error));
  }
}

/** What the first sentence of an error of parseArgs says, and where to look. */
export function complaintOf({ message }: Error): string {
  const dashed = /^Option '(--\w+)\b[^]*starting with a dash/.exec(message);
  const complaint = dashed
    ? `${dashed[1]!}: expected a value, got what looks like an option`
    : message.split(/\.\s/)[0]!;
  return `${complaint}; --help lists the options`;
}

function helpOf(about: string, entries: readonly [string, Choice<number | string>][]): string {
  const rows = [...entries, ["help", { what: "this text", preset: "" }] as const].map(
    ([name, { what, preset }]) => [`--${name}`, what, preset === Infinity ? "all" : String(preset)] as const,
  );
  const [first, second] = [0, 1].map((i) => Math.max(...rows.map((row) => row[i]!.length))) as [number, number];
  const lines = rows.map((row) => `  ${row[0].padEnd(first)}  ${row[1].padEnd(second)}  ${row[2]}`.trimEnd());
  return `${about} Options, and what they are unless given:\n\n${lines.join("\n")}`;
}

export function readWhole(name: string, text: string, from: number, to = Infinity): number {
  const value = Number(text);
  if (/^\s*\d+\s*$/.test(text) && Number.isSafeInteger(value) && value >= from && value <= to) return value;
  const end = to === Infinity ? "on" : `to ${to}`;
  throw new Failure(`--${name}: expected a whole number from ${from} ${end}, got ${JSON.stringify(text)}`);
}

export function readPositive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && value < Infinity) return value;
  throw new Failure(`--${name}: expected a number above 0, got ${JSON.stringify(text)}`);
}
