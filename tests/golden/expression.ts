// Reads expressions such as `ln(x1) + x1*x2 - sin(x2)` or `[x0*cos(x1), x1^3]`, and evaluates them with the library.
import type { Tensor } from "wengert";
import { MissingOperation, type Lab } from "./library.js";

/** Numbers stay numbers until they meet a tensor, so that 1/3 has all its digits. */
export type Value = Tensor | number;
export type Variables = Readonly<Record<string, Value>>;
export type Expression = (lab: Lab, variables: Variables) => Value;

/** Names of functions in text that are not the library's. */
const NAMES: Readonly<Record<string, string>> = {
  ln: "log",
  arcsin: "asin",
  arccos: "acos",
  arctan: "atan",
  arcsinh: "asinh",
  arccosh: "acosh",
  arctanh: "atanh",
};

/** Names of numbers, where no variable has that name. */
const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };

const TOKEN = /\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?)|([A-Za-z_]\w*)|(\*\*|[-+*/^()[\],]))/y;

/** An expression with + - * / ^, functions of the library, variables, and lists, which are vectors. Others are missing. */
export function parse(text: string): Expression {
  const tokens = tokensOf(text);
  let next = 0;
  const take = (wanted: string): boolean => tokens[next] === wanted && ++next > 0;
  const need = (wanted: string): void => {
    if (!take(wanted)) throw new MissingOperation(`expression "${text}" without "${wanted}"`);
  };

  const list = (end: string): Expression[] => {
    const items = [sum()];
    while (take(",")) items.push(sum());
    need(end);
    return items;
  };
  const atom = (): Expression => {
    const word = tokens[next++] ?? "";
    if (word === "(") {
      const inner = sum();
      need(")");
      return inner;
    }
    if (word === "[") {
      const items = list("]");
      return (lab, variables) => lab.core.stack(items.map((item) => tensorOf(lab, item(lab, variables))));
    }
    if (/^\d/.test(word)) return () => Number(word);
    if (!/^\w/.test(word)) throw new MissingOperation(`expression "${text}" with "${word}" for a value`);
    if (take("(")) {
      const items = list(")");
      return (lab, variables) =>
        lab.find(NAMES[word] ?? word)(...items.map((item) => tensorOf(lab, item(lab, variables)))) as Tensor;
    }
    return (_, variables) => {
      const value = variables[word] ?? CONSTANTS[word];
      if (value === undefined) throw new MissingOperation(`value of ${word} in "${text}"`);
      return value;
    };
  };
  const power = (): Expression => {
    const base = atom();
    if (!take("^")) return base;
    const exponent = negated();
    return (lab, variables) => raise(lab, base(lab, variables), exponent(lab, variables));
  };
  const negated = (): Expression => {
    if (!take("-")) return power();
    const inner = negated();
    return (lab, variables) => combine(lab, "sub", 0, inner(lab, variables));
  };
  const chain = (operand: () => Expression, operators: Readonly<Record<string, Operator>>) => (): Expression => {
    let left = operand();
    for (let operator = operators[tokens[next] ?? ""]; operator; operator = operators[tokens[next] ?? ""]) {
      next++;
      const [first, second, name] = [left, operand(), operator];
      left = (lab, variables) => combine(lab, name, first(lab, variables), second(lab, variables));
    }
    return left;
  };
  const product = chain(negated, { "*": "mul", "/": "div" });
  const sum = chain(product, { "+": "add", "-": "sub" });

  const whole = sum();
  if (next < tokens.length) throw new MissingOperation(`expression "${text}" with "${tokens[next]}" for an operator`);
  return whole;
}

/** The signs, names and numbers of an expression. */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < text.trimEnd().length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (!found) throw new MissingOperation(`expression "${text}" from "${text.slice(at)}" on`);
    tokens.push(found[0].trim().replace("**", "^"));
  }
  return tokens;
}

type Operator = "add" | "sub" | "mul" | "div";

const ON_NUMBERS: Readonly<Record<Operator, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
};

function combine({ core }: Lab, operator: Operator, x: Value, y: Value): Value {
  return typeof x === "number" && typeof y === "number" ? ON_NUMBERS[operator](x, y) : core[operator](x, y);
}

/** Whole powers by multiplication. */
function raise(lab: Lab, x: Value, exponent: Value): Value {
  if (typeof x === "number" && typeof exponent === "number") return x ** exponent;
  if (typeof exponent !== "number" || !Number.isInteger(exponent) || exponent < 1) {
    return lab.find("pow")(x, exponent) as Tensor;
  }
  let result = x;
  for (let i = 1; i < exponent; i++) result = combine(lab, "mul", result, x);
  return result;
}

/** A value as a tensor. */
export function tensorOf(lab: Lab, value: Value): Tensor {
  return typeof value === "number" ? lab.scalar(value) : value;
}
