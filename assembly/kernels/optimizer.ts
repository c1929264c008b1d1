// Steps of optimisers, F32 and F64: each element of a parameter, of what is remembered of it, and of its gradient is read
// once and written once. Nothing is contracted, so the bits are those of the same operations one by one.

import { DType } from "../abi/dtype";
import { UpdateWord } from "../abi/form";
import { Status } from "../abi/status";
import { splat } from "../lanes/strided";
import { dtypeOf, word } from "./box/walk";

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
  if (dtype == DType.F32) step<F, f32>(instruction);
  else if (dtype == DType.F64) step<F, f64>(instruction);
  else return Status.Unsupported;
  return Status.Ok;
}

/** In vectors, and element by element what is left. */
function step<F, T>(instruction: usize): void {
  const bytes = word(instruction, UpdateWord.Count) << alignof<T>();
  const whole = bytes & ~15;
  changetype<F>(0).some<T>(instruction, 0, whole, 16);
  changetype<F>(0).some<T>(instruction, whole, bytes, sizeof<T>());
}

/** A vector full of a constant. */
// @ts-ignore: decorator
@inline
function constant<T>(instruction: usize, at: i32): v128 {
  return v128.splat<T>(<T>load<f64>(instruction + ((<usize>at) << 2)));
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
  /** From byte to byte, so many bytes at a time. */
  @inline some<T>(instruction: usize, from: usize, to: usize, step: usize): void {
    const outP = word(instruction, UpdateWord.OutP);
    const outM = word(instruction, UpdateWord.OutM);
    const pAt = word(instruction, UpdateWord.P);
    const gAt = word(instruction, UpdateWord.G);
    const mAt = word(instruction, UpdateWord.M);
    const rate = splat<T>(word(instruction, UpdateWord.Rate));
    const scale = mAt ? splat<T>(word(instruction, UpdateWord.Scale)) : rate;
    const nesterov = word(instruction, UpdateWord.Flags) != 0;
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

  @inline some<T>(instruction: usize, from: usize, to: usize, step: usize): void {
    const outP = word(instruction, UpdateWord.OutP);
    const outM = word(instruction, UpdateWord.OutM);
    const outV = word(instruction, UpdateWord.OutV);
    const pAt = word(instruction, UpdateWord.P);
    const gAt = word(instruction, UpdateWord.G);
    const mAt = word(instruction, UpdateWord.M);
    const vAt = word(instruction, UpdateWord.V);
    const rate = splat<T>(word(instruction, UpdateWord.Rate));
    const scale = splat<T>(word(instruction, UpdateWord.Scale));
    const keeps = word(instruction, UpdateWord.Keep) != 0;
    const keep = keeps ? splat<T>(word(instruction, UpdateWord.Keep)) : scale;
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
