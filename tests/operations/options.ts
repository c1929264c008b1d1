// What the sources say of the options of all that the library exports: read by the compiler of TypeScript.
import ts from "typescript";
import { readSources } from "./sources.js";

/** A parameter of an exported function, or of the constructor of a class, that takes options. */
export interface Optioned {
  /** The entry point: `index`, `nn/index`, ... */
  readonly entry: string;
  /** With that of the namespace it is in: `linalg.svd`. */
  readonly name: string;
  readonly position: number;
  /** A number, or another list, may stand in their place. */
  readonly others: boolean;
  /** The options that are of one kind, by name: of numbers, of truth values, or the name of a dtype. */
  readonly kinds: Readonly<Record<string, Kind>>;
}

type Kind = "number" | "boolean" | "dtype";

/** All parameters for options: called so, or of a type whose properties may all be left out. */
export function optionedParameters(root: string, entries: readonly string[]): Optioned[] {
  const { checker, exportsOf } = readSources(root, entries);
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
        if (parameter.name !== "options" && !parts.some((part) => isOptional(checker, part))) continue;
        const others = parts.filter((part) => !(part.flags & ts.TypeFlags.Undefined)).length > 1;
        const kinds = Object.assign({}, ...parts.map((part) => kindsOf(checker, part))) as Record<string, Kind>;
        found.set(`${entry} ${name} ${position}`, { entry, name, position, others, kinds });
      }
    }
  };
  for (const entry of entries) {
    for (const symbol of exportsOf(entry)) {
      if (!symbol.name.endsWith("Error")) visit(entry, symbol, symbol.name); // Whose options are the platform's.
    }
  }
  return [...found.values()];
}

/** The properties of an object of options whose types are of one kind. */
function kindsOf(checker: ts.TypeChecker, options: ts.Type): Record<string, Kind> {
  if (!(options.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return {};
  const kinds: Record<string, Kind> = {};
  for (const property of options.getProperties()) {
    const type = checker.getNonNullableType(checker.getTypeOfSymbol(property));
    const nullable = checker.typeToString(checker.getTypeOfSymbol(property)).includes("null");
    const of = (flags: ts.TypeFlags): boolean =>
      !nullable && (type.isUnion() ? type.types : [type]).every((part) => part.flags & flags);
    if (property.name === "dtype") kinds[property.name] = "dtype";
    else if (of(ts.TypeFlags.NumberLike)) kinds[property.name] = "number";
    else if (of(ts.TypeFlags.BooleanLike)) kinds[property.name] = "boolean";
  }
  return kinds;
}

function isOptional(checker: ts.TypeChecker, type: ts.Type): boolean {
  // One that is never there is no option: it tells a type from another.
  const properties = type
    .getProperties()
    .filter((one) => !(checker.getNonNullableType(checker.getTypeOfSymbol(one)).flags & ts.TypeFlags.Never));
  return (
    Boolean(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) &&
    properties.length > 0 &&
    properties.every(({ flags }) => flags & ts.SymbolFlags.Optional)
  );
}
