// The sources, as the compiler of TypeScript reads them.
import ts from "typescript";

interface Sources {
  readonly checker: ts.TypeChecker;
  /** What an entry point of bindings/ exports: `index`, `nn/index`, ... */
  exportsOf(entry: string): readonly ts.Symbol[];
}

/** The sources behind these entry points. */
export function readSources(root: string, entries: readonly string[]): Sources {
  const { config } = ts.readConfigFile(`${root}/tsconfig.check.json`, (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const pathOf = (entry: string): string => `${root}/bindings/${entry}.ts`;
  const program = ts.createProgram(entries.map(pathOf), { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  return {
    checker,
    exportsOf: (entry) =>
      checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(pathOf(entry))!)!),
  };
}
