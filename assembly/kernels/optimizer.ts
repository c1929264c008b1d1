// Steps of optimisers, F32 and F64: each element of a parameter, of what is remembered of it, and of its gradient is read
// once and written once. Nothing is contracted, so the bits are those of the same operations one by one.

import { DType } from "../abi/dtype";
import { UpdateWord } from "../abi/form";
import { Status } from "../abi/status";
import { splat } from "../lanes/strided";
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

/** Loads so many bytes into a vector, and zeros. */
// @ts-ignore: decorator
@inline
function take(x: usize, bytes: usize): v128 {
  if (bytes == 16) return v128.load(x);
  return bytes == 4 ? v128.load32_zero(x) : v128.load64_zero(x);
}

/** Stores the first so many bytes of a vector. */
// @ts-ignore: decorator
@inline
function put(out: usize, v: v128, bytes: usize): void {
  if (bytes == 16) v128.store(out, v);
  else if (bytes == 4) v128.store_lane<u32>(out, v, 0);
  else v128.store_lane<u64>(out, v, 0);
}


@unmanaged
class Sgd {
  step<T>(instruction: usize): void {
    const bytes = at(instruction, UpdateWord.Count) << alignof<T>();
    this.some<T>(instruction, 0, bytes & ~15, 16);
    this.some<T>(instruction, bytes & ~15, bytes, sizeof<T>());
  }

  /** From byte to byte, in vectors or element by element. */
  @inline some<T>(instruction: usize, from: usize, to: usize, step: usize): void {
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
    if (!mAt && !decays) {
      for (let i = from; i != to; i += step) {
        put(outP + i, v128.sub<T>(take(pAt + i, step), v128.mul<T>(take(gAt + i, step), rate)), step);
      }
      return;
    }
    for (let i = from; i != to; i += step) {
      const p = take(pAt + i, step);
      let g = take(gAt + i, step);
      if (decays) g = v128.add<T>(g, v128.mul<T>(p, decay));
      if (mAt) {
        const m = take(mAt + i, step);
        const next = v128.add<T>(v128.mul<T>(m, momentum), v128.mul<T>(g, scale));
        put(outM + i, next, step);
        g = nesterov ? v128.add<T>(g, v128.mul<T>(next, momentum)) : next;
      }
      put(outP + i, v128.sub<T>(p, v128.mul<T>(g, rate)), step);
    }
  }
}


@unmanaged
class Adam {
  step<T>(instruction: usize): void {
    const bytes = at(instruction, UpdateWord.Count) << alignof<T>();
    this.some<T>(instruction, 0, bytes & ~15, 16);
    this.some<T>(instruction, bytes & ~15, bytes, sizeof<T>());
  }


  @inline some<T>(instruction: usize, from: usize, to: usize, step: usize): void {
    const outP = at(instruction, UpdateWord.OutP);
    const outM = at(instruction, UpdateWord.OutM);
    const outV = at(instruction, UpdateWord.OutV);
    const pAt = at(instruction, UpdateWord.P);
    const gAt = at(instruction, UpdateWord.G);
    const mAt = at(instruction, UpdateWord.M);
    const vAt = at(instruction, UpdateWord.V);
    const rate = splat<T>(at(instruction, UpdateWord.Rate));
    const scale = splat<T>(at(instruction, UpdateWord.Scale));
    const keeps = at(instruction, UpdateWord.Keep) != 0;
    const keep = keeps ? splat<T>(at(instruction, UpdateWord.Keep)) : scale;
    const first = constant<T>(instruction, UpdateWord.First);
    const second = constant<T>(instruction, UpdateWord.Second);
    const firstRest = v128.splat<T>(<T>(1 - load<f64>(instruction, UpdateWord.First << 2)));
    const secondRest = v128.splat<T>(<T>(1 - load<f64>(instruction, UpdateWord.Second << 2)));
    const epsilon = constant<T>(instruction, UpdateWord.Epsilon);
    const decays = load<f64>(instruction, UpdateWord.Decay << 2) != 0;
    const decay = constant<T>(instruction, UpdateWord.Decay);
    for (let i = from; i != to; i += step) {
      let p = take(pAt + i, step);
      let g = take(gAt + i, step);
      if (decays) g = v128.add<T>(g, v128.mul<T>(p, decay));
      let m = v128.mul<T>(take(mAt + i, step), first);
      m = v128.add<T>(m, v128.mul<T>(g, firstRest));
      let v = v128.mul<T>(take(vAt + i, step), second);
      v = v128.add<T>(v, v128.mul<T>(v128.mul<T>(g, g), secondRest));
      put(outM + i, m, step);
      put(outV + i, v, step);
      if (keeps) p = v128.mul<T>(p, keep);
      const denominator = v128.add<T>(v128.mul<T>(v128.sqrt<T>(v), scale), epsilon);
      put(outP + i, v128.sub<T>(p, v128.mul<T>(v128.div<T>(m, denominator), rate)), step);
    }
  }
}
