// What the sources say of the options of all that the library exports: read by the compiler of TypeScript.
import ts from "typescript";

/** A parameter of an exported function, or of the constructor of a class, that takes options. */
export interface Optioned {
  /** The entry point: `index`, `nn/index`, ... */
  readonly entry: string;
  /** With that of the namespace it is in: `linalg.svd`. */
  readonly name: string;
  readonly position: number;
  /** A number, or another list, may stand in their place. */
  readonly others: boolean;
}

/** All parameters for options: called so, or of a type whose properties may all be left out. */
export function optionedParameters(root: string, entries: readonly string[]): Optioned[] {
  const { config } = ts.readConfigFile(`${root}/tsconfig.check.json`, (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const pathOf = (entry: string): string => `${root}/bindings/${entry}.ts`;
  const program = ts.createProgram(entries.map(pathOf), { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  const found = new Map<string, Optioned>();
  const visit = (entry: string, symbol: ts.Symbol, name: string): void => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    if (!(target.flags & ts.SymbolFlags.Value)) return;
    if (target.flags & ts.SymbolFlags.Module) {
      for (const inner of checker.getExportsOfModule(target)) visit(entry, inner, `${name}.${inner.name}`);
      return;
    }
    const { valueDeclaration: declaration } = target;
    if (declaration && ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract) return;
    const type = checker.getTypeOfSymbol(target);
    for (const call of [...type.getCallSignatures(), ...type.getConstructSignatures()]) {
      for (const [position, parameter] of call.parameters.entries()) {
        const given = checker.getTypeOfSymbol(parameter);
        const parts = given.isUnion() ? given.types : [given];
        if (parts.some((part) => part.flags & ts.TypeFlags.Null)) continue; // Null is something else there.
        if (parameter.name !== "options" && !parts.some(isOptional)) continue;
        const others = parts.filter((part) => !(part.flags & ts.TypeFlags.Undefined)).length > 1;
        found.set(`${entry} ${name} ${position}`, { entry, name, position, others });
      }
    }
  };
  for (const entry of entries) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(pathOf(entry))!)!;
    for (const symbol of checker.getExportsOfModule(module)) {
      if (!symbol.name.endsWith("Error")) visit(entry, symbol, symbol.name); // Whose options are the platform's.
    }
  }
  return [...found.values()];
}

function isOptional(type: ts.Type): boolean {
  const properties = type.getProperties();
  return (
    Boolean(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) &&
    properties.length > 0 &&
    properties.every(({ flags }) => flags & ts.SymbolFlags.Optional)
  );
}
