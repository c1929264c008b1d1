import { Op } from "../../assembly/abi.js";
import { DTypeError, ShapeError, ValueError } from "../errors.js";
import { eagerTape } from "../runtime/tape.js";
import { checkLive, withTracking } from "./apply.js";
import { asTensor, type TensorLike } from "./create.js";
import { dtypes } from "./dtype.js";
import { encodeMap } from "./encode.js";
import type { Tensor } from "./graph.js";
import { operations } from "./operations.js";
import { broadcastShapes, sameShape, showShape } from "./shape.js";
import { Variable } from "./variable.js";

/**
 * Writes values into a variable, in place. The value broadcasts to its shape and is cast to its dtype (not a float to an
 * integer). Views and graphs that saw the old values refuse to serve from now on.
 */
export function assign(target: Tensor, value: TensorLike): void {
  if (!(target instanceof Variable)) throw new ValueError("assign", "a variable or parameter", "a tensor, whose values never change");
  checkLive("assign", target);
  withTracking(false, () => {
    const source = matched(target, asTensor("assign", value, target));
    eagerTape.begin("assign");
    encodeMap(eagerTape, Op.Copy, dtypes[target.dtype].code, 0, target, [source]);
    eagerTape.run();
  });
  target.bump();
}

/** The value as it can be copied: of the variable's dtype, and not part of the memory that is written. */
function matched(target: Variable, value: Tensor): Tensor {
  checkLive("assign", value);
  if (!sameShape(value.shape, target.shape)) {
    const shape = broadcastShapes("assign", value.shape, target.shape);
    if (!sameShape(shape, target.shape)) {
      throw new ShapeError("assign", `a value that broadcasts to ${showShape(target.shape)}`, showShape(value.shape));
    }
  }
  if (dtypes[value.dtype].float && !dtypes[target.dtype].float) {
    throw new DTypeError("assign", `a value of dtype ${target.dtype}, or one cast to it`, value.dtype);
  }
  const cast = operations.cast(value, target.dtype);
  return cast.storage === target.storage ? operations.copy(cast) : cast;
}
