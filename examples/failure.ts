import { WengertError } from "wengert";

/** Something that whoever started the program can mend: shown as one line, without a stack. */
export class Failure extends Error {}

/** The one line that explains an error, or null for a bug, which deserves its stack. */
export function explain(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const isExpected = error instanceof Failure || error instanceof WengertError || isOfSystem(error);
  return isExpected ? error.message.replaceAll(/\s*\n\s*/g, " ") : null;
}

/** From the operating system, such as a file that may not be written. */
function isOfSystem(error: Error): boolean {
  return "syscall" in error;
}
