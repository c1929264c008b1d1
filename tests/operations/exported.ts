// What the sources say of the operations that the library exports: read by the compiler of TypeScript.
import ts from "typescript";
import { readSources } from "./sources.js";

/** An exported function of bindings/functions, bindings/primitives or bindings/nn/functions. */
export interface Exported {
  readonly name: string;
  /** Its parameters and its result. */
  readonly signature: string;
  /** The first sentence of its comment. */
  readonly about: string;
  /** The operation that it is another name of. */
  readonly alias?: string;
  /** File, without folder and ending. */
  readonly family: string;
}

const ROOMS = /bindings\/(?:nn\/)?(?:functions|primitives)\/(?:.*\/)?([\w-]+)\.ts$/;

/** The exported operations, those of the namespace `linalg` and those of `wengert/nn`, in the order of their files. */
export function exportedOperations(root: string): Exported[] {
  const { checker, exportsOf } = readSources(root, ["index", "nn/index"]);
  const found = exportsOf("index").flatMap((symbol): Exported[] => {
    const target = resolved(checker, symbol);
    if (symbol.name === "linalg") {
      return checker.getExportsOfModule(target).flatMap((inner) => described(checker, inner, `linalg.${inner.name}`));
    }
    return described(checker, symbol, symbol.name);
  });
  found.push(...exportsOf("nn/index").flatMap((symbol) => described(checker, symbol, `nn.${symbol.name}`)));
  return found.sort((a, b) => compare(a.family, b.family) || compare(a.name, b.name));
}

/** What operations draw from, which is no operation itself. */
const SOURCES = ["seed", "defaultGenerator"];

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function resolved(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function described(checker: ts.TypeChecker, symbol: ts.Symbol, name: string, known = false): Exported[] {
  const target = resolved(checker, symbol);
  const declaration = target.valueDeclaration;
  const family = declaration && ROOMS.exec(declaration.getSourceFile().fileName)?.[1];
  if (SOURCES.includes(name)) return [];
  if (!declaration || family === undefined || target.flags & ts.SymbolFlags.Class) return [];
  const [call] = checker.getTypeOfSymbolAtLocation(target, declaration).getCallSignatures();
  if (!call) return [];
  const text = ts.displayPartsToString(target.getDocumentationComment(checker)).replaceAll("\n", " ");
  const about = /^.*?(?<! al|\.)[.:](?= |$)/.exec(text)?.[0] ?? text;
  // By its comment, in `linalg` what is outside too, or exported under two names.
  const other = /^Another name of `(\w+)`/.exec(text)?.[1];
  const alias =
    other ?? (known ? symbol.name : name.includes(".") || symbol.name === target.name ? undefined : target.name);
  const signature = checker
    .signatureToString(call, undefined, ts.TypeFormatFlags.NoTruncation)
    .replaceAll("readonly ", "")
    .replaceAll(" | undefined", "") // What may be left out is marked already.
    .replace(/import\("[^"]*"\)\./g, "");
  return [{ name, signature, about, family, ...(alias !== undefined && { alias }) }];
}
