/**
 * A module of Node's, which Bun and Deno have too; undefined in browsers. Asked for in a way that bundlers for pages do not see.
 */
export function nodeModule(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return typeof document === "undefined" ? process?.getBuiltinModule?.(name) : undefined;
}
