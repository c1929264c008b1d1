import { FormatError } from "../errors.js";

/** Reads the text of a header from its bytes, and says where in the file it is not what it should be. */
export class Scanner {
  private at = 0;

  /** `start` is where the bytes begin in their file. */
  constructor(
    private readonly operation: string,
    private readonly bytes: Uint8Array,
    private readonly start: number,
  ) {}

  /** The place in the file of what comes next. */
  get place(): number {
    return this.start + this.at;
  }
  set place(place: number) {
    this.at = place - this.start;
  }

  /** What comes next, after white space; empty at the end. */
  peek(): string {
    while (WHITE.includes(this.bytes[this.at]!)) this.at++;
    return this.at < this.bytes.length ? String.fromCharCode(this.bytes[this.at]!) : "";
  }

  /** Takes a character, if it comes next. */
  skip(character: string): boolean {
    if (this.peek() !== character) return false;
    this.at++;
    return true;
  }

  /** Takes a character that has to come next. */
  expect(character: string): void {
    if (!this.skip(character)) this.refuse(character);
  }

  /** Takes one of some words that has to come next. */
  word<W extends string>(...words: readonly W[]): W {
    this.peek();
    const found = words.find((word) =>
      [...word].every((letter, i) => this.bytes[this.at + i] === letter.charCodeAt(0)),
    );
    if (!found) this.refuse(words.join(" or "));
    this.at += found.length;
    return found;
  }

  /** The bytes of a text in quotation marks, with these, from the one that comes next to its like. */
  quoted(marks: string): Uint8Array {
    const mark = this.peek();
    if (!mark || !marks.includes(mark)) this.refuse("a text in quotation marks");
    const from = this.at;
    for (this.at++; this.bytes[this.at] !== mark.charCodeAt(0); this.at++) {
      if (this.at >= this.bytes.length) this.refuse(`${mark} at the end of a text`);
      if (this.bytes[this.at]! < 0x20) this.refuse("a text without control characters");
      if (this.bytes[this.at] === 0x5c) this.at++; // What a backslash escapes ends no text.
    }
    return this.bytes.subarray(from, ++this.at);
  }

  /** A whole number from 0 to 2^53 - 1, in decimal digits. */
  whole(): number {
    this.peek();
    const [place, from] = [this.place, this.at];
    while (isDigit(this.bytes[this.at])) this.at++;
    const digits = String.fromCharCode(...this.bytes.subarray(from, Math.min(this.at, from + 20)));
    const value = Number(digits);
    const next = String.fromCharCode(this.bytes[this.at] ?? 0x20);
    if (!/^(0|[1-9]\d*)$/.test(digits) || /[\w.+-]/.test(next) || !Number.isSafeInteger(value))
      this.refuse("a whole number from 0 to 2^53 - 1", place);
    return value;
  }

  /** At most so many items of a list that was opened, up to its end. Only where `trailing` is allowed may a comma stand last. */
  list<T>(end: string, most: number, item: () => T, how: { trailing?: boolean } = {}): T[] {
    const items: T[] = [];
    const add = (): void => {
      if (items.length === most) this.refuse(`at most ${most} items`);
      items.push(item());
    };
    this.each(end, add, how);
    return items;
  }

  /** As `list`, of items that are not kept. */
  each(end: string, item: () => void, { trailing = false }: { trailing?: boolean } = {}): void {
    if (this.skip(end)) return;
    for (;;) {
      item();
      if (this.skip(end)) return;
      this.expect(",");
      if (trailing && this.skip(end)) return;
    }
  }

  /** Takes the white space that may stand at the end. */
  end(): void {
    if (this.peek()) this.refuse("the end of the header");
  }

  refuse(expected: string, place = this.place): never {
    const rest = this.bytes.subarray(place - this.start, place - this.start + 20);
    const got = rest.length === 0 ? "the end of the header" : JSON.stringify(String.fromCharCode(...rest));
    throw new FormatError(this.operation, `${expected} at byte ${place}`, got);
  }
}

/** A text of a file for a message, which stays short however long it is. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}..` : text);
}

/** Space, tabulator, line feed, carriage return. */
const WHITE = [0x20, 9, 10, 13];

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
