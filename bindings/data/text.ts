import { checkWhole } from "../core/checks.js";
import { ValueError } from "../errors.js";
import { checkIterable } from "./checks.js";
import { Dataset } from "./dataset.js";
import { checkTexts, textOf } from "./table.js";
import { checkOptions } from "../shared/options.js";
import { counted, Printed } from "../shared/printed.js";

/** The lines of a text without their ends; a last empty one is left out. */
export function parseLines(source: string | Uint8Array): Dataset<string> {
  const lines = textOf("parseLines", source).split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return Dataset.from(lines);
}

/** Options of `Vocabulary`. */
export interface VocabularyOptions {
  /** Tokens that come before all others, such as the one that ends a text. Default none. */
  special?: readonly string[];
  /** Tokens that come more seldom are left out. Default 1. */
  least?: number;
  /** The special token that stands for those that are not known; without it they are an error. */
  unknown?: string;
}

/**
 * Numbers from 0 on for tokens: the characters of texts, words, the classes of a column. Special tokens come first, then the
 * others in the order of their code points.
 */
export class Vocabulary extends Printed {
  /** The tokens in the order of their numbers. */
  readonly tokens: readonly string[];
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly unknown: number | undefined;

  constructor(tokens: Iterable<string>, options: VocabularyOptions = {}) {
    super();
    checkOptions("Vocabulary", options, { special: null, least: 0, unknown: null });
    const { special = [], least = 1, unknown } = options;
    checkIterable("Vocabulary", "tokens that can be gone through, such as a text", tokens);
    checkTexts("Vocabulary", "special", special);
    checkWhole("Vocabulary", "number of times as least", least, 0);
    const twice = special.find((token, i) => special.indexOf(token) !== i);
    if (twice !== undefined) throw new ValueError("Vocabulary", "special tokens that come once", JSON.stringify(twice));
    const counts = new Map<string, number>();
    for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
    const others = [...counts].filter(([token, count]) => count >= least && !special.includes(token));
    this.tokens = [...special, ...others.map(([token]) => token).sort(byCodePoints)];
    this.numbers = new Map(this.tokens.map((token, i) => [token, i]));
    this.unknown = unknown === undefined ? undefined : this.numbers.get(unknown);
    if (unknown !== undefined && this.unknown === undefined)
      throw new ValueError("Vocabulary", "a special token as the unknown one", JSON.stringify(unknown));
  }

  /** How many tokens there are. */
  get size(): number {
    return this.tokens.length;
  }

  /** The numbers of tokens, such as of the characters of a text. */
  encode(tokens: Iterable<string>): Int32Array<ArrayBuffer> {
    checkIterable("encode", "tokens that can be gone through, such as a text", tokens);
    return Int32Array.from(tokens, (token) => this.numberOf(token));
  }

  /** The tokens of numbers: a text of characters again with `join("")`. */
  decode(numbers: Iterable<number>): string[] {
    checkIterable("decode", "numbers that can be gone through", numbers);
    return Array.from(numbers, (number) => {
      const token = this.tokens[number];
      if (token === undefined) throw new ValueError("decode", `numbers from 0 to below ${this.size}`, String(number));
      return token;
    });
  }

  /** How many tokens there are. */
  toString(): string {
    return `Vocabulary(${counted(this.size, "token")})`;
  }

  private numberOf(token: string): number {
    const number = this.numbers.get(token) ?? this.unknown;
    if (number === undefined) throw new ValueError("encode", "a token of the vocabulary", JSON.stringify(token));
    return number;
  }
}

/** JavaScript compares halves of the characters beyond U+FFFF, which lie below some that are not. */
function byCodePoints(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)];
  const i = x.findIndex((character, at) => character !== y[at]);
  if (i < 0) return x.length - y.length;
  return x[i]!.codePointAt(0)! - (y[i]?.codePointAt(0) ?? -1);
}

/** The words of a text, numbers, and every other sign but white space by itself. */
export function words(text: string): string[] {
  if (typeof text !== "string") throw new ValueError("words", "a text", String(text));
  return text.match(/[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*|\p{N}+|[^\s\p{L}\p{M}\p{N}]/gu) ?? [];
}
