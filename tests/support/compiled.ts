import { scope, type Tensor } from "../../bindings/index.js";
import { capture } from "../../bindings/compile/capture.js";
import { Executable } from "../../bindings/compile/executable.js";
import { patternOf } from "../../bindings/compile/signature.js";
import { verify } from "./verify.js";
import { tensorsOf } from "../../bindings/core/tree.js";
import { checkSame } from "./compare.js";
import { toPlain } from "./plain.js";

/**
 * Checks that f compiled gives the bits of f, in the first run of its program and in one with other arguments in between,
 * and that the plan of its memory is sound.
 */
export function checkCompiled(
  what: string,
  f: (...xs: Tensor[]) => unknown,
  args: readonly Tensor[],
  others: readonly Tensor[] = args,
): void {
  scope(() => {
    const program = new Executable(what, capture(what, f, args, []), patternOf(args, []).leaves);
    try {
      verify(program.plan);
      for (const given of [args, others, args]) {
        if (!program.serves(given)) throw new Error(`${what}: the program does not serve its own arguments`);
        scope(() => {
          const got = tensorsOf(program.call());
          const want = tensorsOf(f(...given));
          for (const [i, y] of want.entries()) {
            if (got[i]?.dtype !== y.dtype) throw new Error(`${what}: ${got[i]?.dtype} instead of ${y.dtype}`);
            checkSame(`${what}, result ${i}`, toPlain(got[i]), toPlain(y));
          }
        });
      }
    } finally {
      program.dispose("the test");
    }
  });
}
