// What the classes of an entry point are made with, as their types say it: `Linear(inputs, outputs, { bias, dtype })`.
import ts from "typescript";

/** The constructors of the classes that a source exports, by the name of the class; those of abstract ones are left out. */
export function constructorsOf(source: string): Map<string, string> {
  const { config } = ts.readConfigFile("tsconfig.json", (path) => ts.sys.readFile(path)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ".");
  const program = ts.createProgram([source], { ...options, types: [], allowJs: false });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(source)!)!;
  const found = new Map<string, string>();
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const { valueDeclaration: declaration } = symbol;
    if (!declaration || !ts.isClassDeclaration(declaration)) continue;
    if (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract) continue;
    const [signature] = checker.getTypeOfSymbol(symbol).getConstructSignatures();
    const parameters = signature!.parameters.map((parameter) => shown(checker, parameter));
    found.set(exported.name, `${exported.name}(${parameters.join(", ")})`);
  }
  return found;
}

/** A parameter: its name, or the names of the options in it; of what takes options by position too, the names of these. */
function shown(checker: ts.TypeChecker, parameter: ts.Symbol): string {
  const { dotDotDotToken, initializer, questionToken } = parameter.valueDeclaration as ts.ParameterDeclaration;
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(parameter));
  if (dotDotDotToken && type.isUnion()) {
    const lists = type.types.map((tuple) => (tuple as ts.TupleTypeReference).target.labeledElementDeclarations!);
    const names = lists.map((labels) => labels.map((label) => (label!.name as ts.Identifier).text));
    return names.find(([name]) => name !== "options")!.map((name) => `${name}?`).join(", "); // prettier-ignore
  }
  if (parameter.name === "options") {
    const names = checker.getPropertiesOfType(type).map(({ name }) => name);
    return `{ ${names.sort().join(", ")} }`;
  }
  return `${dotDotDotToken ? "..." : ""}${parameter.name}${initializer || questionToken ? "?" : ""}`;
}
