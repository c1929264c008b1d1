/** A value as messages name it: what is made of a class, such as a model, by that. */
export function kindOf(value: unknown): string {
  if (value instanceof Object) return value.constructor.name;
  if (typeof value === "string" && value.length > 80) return `a text of ${value.length} characters`;
  return value !== null && typeof value === "object" ? "an object of no class" : String(value);
}
