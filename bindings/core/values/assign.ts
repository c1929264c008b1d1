import { Op } from "../../../assembly/abi/op.js";
import { CaptureError, DTypeError, ShapeError, ValueError } from "../../errors.js";
import { eagerTape } from "../../runtime/tape.js";
import { checkLive, withTracking } from "../running/apply.js";
import { recorder } from "../running/capturing.js";
import { checkEffect } from "../running/effects.js";
import { makeTensor, type TensorLike } from "./create.js";
import { addressOf, encodeMap } from "../encode/encode.js";
import { Tensor, type Primitive } from "../graph.js";
import { operations } from "../operations.js";
import { ownedBy } from "../running/scopes.js";
import { broadcastShapes, sameShape, showShape } from "../shape.js";
import { Variable } from "../variable.js";
import { WeakNumber } from "./weak.js";

/**
 * Writes values into a variable, in place. The value broadcasts to its shape and is cast to its dtype (not a float to an
 * integer). Views and graphs that saw the old values refuse to serve from now on.
 */
export function assign(target: Tensor, value: TensorLike): void {
  if (!(target instanceof Variable))
    throw new ValueError("assign", "a variable or parameter", "a tensor, whose values never change");
  checkLive("assign", target);
  checkEffect();
  if (value instanceof Tensor && !value.storage)
    throw new CaptureError(
      "assign",
      "a value that is there already and the same for all examples: return it from the function, and assign outside",
      `one without a value of its own, of shape ${showShape(value.shape)}, inside of vmap`,
    );
  const write = (): void => {
    const given =
      value instanceof Tensor && !(value instanceof WeakNumber)
        ? value
        : makeTensor("assign", value, { dtype: target.dtype });
    const source = matched(target, given);
    if (recorder) return recorder.assign(target, source);
    eagerTape.beginInPlace("assign");
    encodeMap(eagerTape, Op.Copy, target.type.code, 0, target, [source]);
    eagerTape.run();
  };
  // What is made on the way is freed; in a program it is the program's.
  withTracking(false, () => (recorder ? write() : ownedBy("assign", write)));
  target.bump();
}

/**
 * Assigns to each variable its part of what `operation` packs, straight into the variables, which may be inputs. All inputs
 * are dense and of one dtype, and those that are not scalars have the variables' shape.
 */
export function assignParts<P>(
  targets: readonly Variable[],
  primitive: Primitive<P>,
  inputs: readonly Tensor[],
  params: P,
): void {
  checkEffect();
  for (const z of targets) checkLive("assign", z);
  for (const z of inputs) checkLive("assign", z);
  primitive.infer(inputs, params);
  if (recorder) {
    recorder.assignParts(targets, primitive, inputs, params);
  } else {
    eagerTape.beginInPlace(primitive.name);
    primitive.encodeParts!(eagerTape, targets.map(addressOf), inputs, params);
    eagerTape.run();
  }
  for (const target of targets) target.bump();
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
  if (value.type.float && !(target.type.float || target.type.half)) {
    throw new DTypeError("assign", `a value of dtype ${target.dtype}, or one cast to it`, value.dtype);
  }
  // A cast that changes nothing is another handle, which would keep a value that its user has disposed of.
  const cast = value.dtype === target.dtype ? value : operations.cast(value, target.dtype);
  return cast.storage === target.storage ? operations.copy(cast) : cast;
}
