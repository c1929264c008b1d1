// What the sources leave without a description of all that the library exports: read by the compiler of TypeScript.
import ts from "typescript";
import { readSources } from "./sources.js";

/** What these entry points export, and what its interfaces and classes hold, that nothing says anything about: `index GradOptions.strict`. */
export function undescribed(root: string, entries: readonly string[]): string[] {
  const { checker, exportsOf } = readSources(root, entries);
  const found = new Set<string>();
  const visit = (symbol: ts.Symbol, name: string): void => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (target.flags & ts.SymbolFlags.Module) {
      for (const inner of checker.getExportsOfModule(target)) visit(inner, `${name}.${inner.name}`);
      return;
    }
    if (!saysSomething(checker, target)) found.add(name);
    if (!(target.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class))) return;
    for (const member of checker.getDeclaredTypeOfSymbol(target).getProperties())
      if (isOwn(root, member) && !saysSomething(checker, member)) found.add(`${name}.${member.name}`);
  };
  for (const entry of entries) {
    for (const symbol of exportsOf(entry)) visit(symbol, `${entry} ${symbol.name}`);
  }
  return [...found];
}

/** Whether there is a description, and it is more than the default. */
function saysSomething(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  const internal = symbol.getJsDocTags().some(({ name }) => name === "internal");
  return internal || /^(?!Default\b)\S/.test(ts.displayPartsToString(symbol.getDocumentationComment(checker)));
}

/** Whether a member is the library's own, public, and has a name: symbols, such as that of iteration, say what they are. */
function isOwn(root: string, { name, declarations = [] }: ts.Symbol): boolean {
  const isShown = (one: ts.Declaration): boolean =>
    one.getSourceFile().fileName.startsWith(`${root}/bindings/`) &&
    !(ts.getCombinedModifierFlags(one) & ts.ModifierFlags.NonPublicAccessibilityModifier);
  return !name.startsWith("__") && declarations.some(isShown);
}
