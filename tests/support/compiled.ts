import { scope, type DTypeName, type Tensor } from "../../bindings/index.js";
import { capture } from "../../bindings/compile/capture/capture.js";
import { Executable } from "../../bindings/compile/run/executable.js";
import { patternOf } from "../../bindings/compile/capture/signature.js";
import { verify } from "./verify.js";
import { tensorsOf } from "../../bindings/core/tree.js";
import { checkSame } from "./compare.js";
import { toPlain, type Plain } from "./plain.js";

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
      const wanted = new Map([...new Set([args, others])].map((given) => [given, scope(() => resultsOf(f(...given)))]));
      for (const given of [args, others, args]) {
        if (!program.serves(given)) throw new Error(`${what}: the program does not serve its own arguments`);
        const got = scope(() => resultsOf(program.call()));
        for (const [i, { dtype, values }] of wanted.get(given)!.entries()) {
          if (got[i]?.dtype !== dtype) throw new Error(`${what}: ${got[i]?.dtype} instead of ${dtype}`);
          checkSame(`${what}, result ${i}`, got[i].values, values);
        }
      }
    } finally {
      program.dispose("the test");
    }
  });
}

interface Result {
  readonly dtype: DTypeName;
  readonly values: Plain;
}

function resultsOf(tree: unknown): Result[] {
  return tensorsOf(tree).map((y) => ({ dtype: y.dtype, values: toPlain(y) }));
}
