// Steps of optimisers, F32 and F64: each element of a parameter, of what is remembered of it, and of its gradient is read
// once and written once. Nothing is contracted, so the bits are those of the same operations one by one.

import { DType, Status, UpdateWord } from "../abi";
import { gather, scatter, splat } from "../lanes/strided";
import { dtypeOf } from "./walk";

/** Runs an Sgd instruction. */
export function sgd(instruction: usize): i32 {
  return update<Sgd>(instruction);
}

/** Runs an Adam instruction. */
export function adam(instruction: usize): i32 {
  return update<Adam>(instruction);
}

function update<F>(instruction: usize): i32 {
  const dtype = dtypeOf(instruction);
  if (dtype == DType.F32) changetype<F>(0).step<f32>(instruction);
  else if (dtype == DType.F64) changetype<F>(0).step<f64>(instruction);
  else return Status.Unsupported;
  return Status.Ok;
}

/** The address in a word. */
// @ts-ignore: decorator
@inline
function at(instruction: usize, word: usize): usize {
  return load<usize>(instruction + (word << 2));
}

/** A vector full of a constant. */
// @ts-ignore: decorator
@inline
function constant<T>(instruction: usize, word: usize): v128 {
  return v128.splat<T>(<T>load<f64>(instruction + (word << 2)));
}

@unmanaged
class Sgd {

  step<T>(instruction: usize): void {
    const outP = at(instruction, UpdateWord.OutP);
    const outM = at(instruction, UpdateWord.OutM);
    const pAt = at(instruction, UpdateWord.P);
    const gAt = at(instruction, UpdateWord.G);
    const mAt = at(instruction, UpdateWord.M);
    const rate = splat<T>(at(instruction, UpdateWord.Rate));
    const scale = mAt ? splat<T>(at(instruction, UpdateWord.Scale)) : rate;
    const nesterov = at(instruction, UpdateWord.Flags) != 0;
    const momentum = constant<T>(instruction, UpdateWord.First);
    const decays = load<f64>(instruction, UpdateWord.Decay << 2) != 0;
    const decay = constant<T>(instruction, UpdateWord.Decay);
    const bytes = at(instruction, UpdateWord.Count) << alignof<T>();
    for (let i: usize = 0; i < bytes; i += 16) {
      const n = min(bytes - i, 16) >> alignof<T>();
      const p = gather<T>(pAt + i, sizeof<T>(), n);
      let g = gather<T>(gAt + i, sizeof<T>(), n);
      if (decays) g = v128.add<T>(g, v128.mul<T>(p, decay));
      if (mAt) {
        const m = gather<T>(mAt + i, sizeof<T>(), n);
        const next = v128.add<T>(v128.mul<T>(m, momentum), v128.mul<T>(g, scale));
        scatter<T>(outM + i, sizeof<T>(), next, n);
        g = nesterov ? v128.add<T>(g, v128.mul<T>(next, momentum)) : next;
      }
      scatter<T>(outP + i, sizeof<T>(), v128.sub<T>(p, v128.mul<T>(g, rate)), n);
    }
  }
}

@unmanaged
class Adam {

  step<T>(instruction: usize): void {
    const outP = at(instruction, UpdateWord.OutP);
    const outM = at(instruction, UpdateWord.OutM);
    const outV = at(instruction, UpdateWord.OutV);
    const pAt = at(instruction, UpdateWord.P);
    const gAt = at(instruction, UpdateWord.G);
    const mAt = at(instruction, UpdateWord.M);
    const vAt = at(instruction, UpdateWord.V);
    const rate = splat<T>(at(instruction, UpdateWord.Rate));
    const root = splat<T>(at(instruction, UpdateWord.Scale));
    const keeps = at(instruction, UpdateWord.Keep) != 0;
    const keep = keeps ? splat<T>(at(instruction, UpdateWord.Keep)) : root;
    const first = constant<T>(instruction, UpdateWord.First);
    const second = constant<T>(instruction, UpdateWord.Second);
    const firstRest = v128.splat<T>(<T>(1 - load<f64>(instruction, UpdateWord.First << 2)));
    const secondRest = v128.splat<T>(<T>(1 - load<f64>(instruction, UpdateWord.Second << 2)));
    const epsilon = constant<T>(instruction, UpdateWord.Epsilon);
    const decays = load<f64>(instruction, UpdateWord.Decay << 2) != 0;
    const decay = constant<T>(instruction, UpdateWord.Decay);
    const bytes = at(instruction, UpdateWord.Count) << alignof<T>();
    for (let i: usize = 0; i < bytes; i += 16) {
      const n = min(bytes - i, 16) >> alignof<T>();
      let p = gather<T>(pAt + i, sizeof<T>(), n);
      let g = gather<T>(gAt + i, sizeof<T>(), n);
      if (decays) g = v128.add<T>(g, v128.mul<T>(p, decay));
      let m = v128.mul<T>(gather<T>(mAt + i, sizeof<T>(), n), first);
      m = v128.add<T>(m, v128.mul<T>(g, firstRest));
      let v = v128.mul<T>(gather<T>(vAt + i, sizeof<T>(), n), second);
      v = v128.add<T>(v, v128.mul<T>(v128.mul<T>(g, g), secondRest));
      scatter<T>(outM + i, sizeof<T>(), m, n);
      scatter<T>(outV + i, sizeof<T>(), v, n);
      if (keeps) p = v128.mul<T>(p, keep);
      const denominator = v128.add<T>(v128.div<T>(v128.sqrt<T>(v), root), epsilon);
      scatter<T>(outP + i, sizeof<T>(), v128.sub<T>(p, v128.mul<T>(v128.div<T>(m, denominator), rate)), n);
    }
  }
}
