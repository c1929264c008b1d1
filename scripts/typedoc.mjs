// A plugin of typedoc: the operations, which are constants with calls (`export const sum: Reduction = ..`), are functions
// in the reference, with their signatures.
import { Context, ReflectionKind } from "typedoc";

/** What typedoc calls when it loads a plugin. It takes a constant with this tag for a function. */
export function load() {
  const { getComment } = Context.prototype;
  /** @type {typeof getComment} */
  Context.prototype.getComment = function (symbol, kind) {
    const comment = getComment.call(this, symbol, kind);
    const declaration = symbol.valueDeclaration;
    if (comment && declaration && kind === ReflectionKind.Variable) {
      const type = this.checker.getTypeOfSymbolAtLocation(symbol, declaration);
      if (type.getCallSignatures().length > 0) comment.modifierTags.add("@function");
    }
    return comment;
  };
}
