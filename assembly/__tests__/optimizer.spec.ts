import { Op } from "../abi/op";
import { copyOf, difference, dtypeOf, get, put, reals, seed } from "./data";
import { fresh } from "./subject";
import { begin, push, pushNumber, run } from "./tape";

describe("steps of optimisers", () => {
  beforeEach(() => {
    fresh();
    seed(13);
  });

  it("have the bits of the operations one by one, and touch nothing else", () => {
    for (let n: usize = 0; n < 20; n++) {
      for (let flags = 0; flags < 4; flags++) {
        expect(wrongSgd<f32>(n, flags)).toBe(-1);
        expect(wrongSgd<f64>(n, flags)).toBe(-1);
        expect(wrongAdam<f32>(n, flags)).toBe(-1);
        expect(wrongAdam<f64>(n, flags)).toBe(-1);
      }
    }
  });
});

/** Words of an update behind the head: five addresses of state, three of scalars. */
// prettier-ignore
function update<T>(
  op: i32, outP: usize, outM: usize, outV: usize, p: usize, g: usize, m: usize, v: usize, scalars: usize, keep: bool,
  n: usize, flags: i32, decay: f64,
): i32 {
  begin(op, dtypeOf<T>());
  push(outP);
  push(outM);
  push(outV);
  push(p);
  push(g);
  push(m);
  push(v);
  push(scalars);
  push(scalars + sizeof<T>());
  push(keep ? scalars + 2 * sizeof<T>() : 0);
  push(n);
  push(flags);
  pushNumber(0.9);
  pushNumber(0.99);
  pushNumber(1e-3);
  pushNumber(decay);
  return run();
}

/** Flags: 1 is Nesterov, 2 is decay; only without either is there no momentum. */
function wrongSgd<T>(n: usize, flags: i32): i32 {
  const p = reals<T>(n + 1, 1);
  const g = reals<T>(n + 1, 1);
  const m = reals<T>(n + 1, 1);
  const scalars = reals<T>(3, 1);
  const wantP = copyOf<T>(p, n + 1);
  const wantM = copyOf<T>(m, n + 1);
  const first = <T>0.9;
  const decay = flags & 2 ? <T>0.25 : 0;
  for (let i: usize = 0; i < n; i++) {
    let d: T = get<T>(g, i);
    if (decay) d = d + get<T>(p, i) * decay;
    if (flags) {
      const next: T = get<T>(m, i) * first + d * get<T>(scalars, 1);
      store<T>(wantM + (i << alignof<T>()), next);
      d = flags & 1 ? d + next * first : next;
    }
    store<T>(wantP + (i << alignof<T>()), get<T>(p, i) - d * get<T>(scalars, 0));
  }
  const state = flags ? m : 0;
  if (update<T>(Op.Sgd, p, state, 0, p, g, state, 0, scalars, false, n, flags & 1, <f64>decay)) return 0;
  const wrong = difference<T>(p, wantP, n + 1);
  return wrong >= 0 ? wrong : difference<T>(m, wantM, n + 1);
}

/** Flags: 1 is keep, 2 is decay. */
function wrongAdam<T>(n: usize, flags: i32): i32 {
  const p = reals<T>(n + 1, 1);
  const g = reals<T>(n + 1, 1);
  const m = reals<T>(n + 1, 1);
  const v = reals<T>(n + 1, 1);
  for (let i: usize = 0; i <= n; i++) put<T>(v, i, abs(<f64>get<T>(v, i)));
  const scalars = reals<T>(3, 1);
  const wantP = copyOf<T>(p, n + 1);
  const wantM = copyOf<T>(m, n + 1);
  const wantV = copyOf<T>(v, n + 1);
  const decay = flags & 2 ? <T>0.25 : 0;
  const first: f64 = 0.9;
  const second: f64 = 0.99;
  for (let i: usize = 0; i < n; i++) {
    let d: T = get<T>(g, i);
    if (decay) d = d + get<T>(p, i) * decay;
    const mean: T = get<T>(m, i) * <T>first + d * <T>(1 - first);
    const square: T = get<T>(v, i) * <T>second + d * d * <T>(1 - second);
    const q: T = flags & 1 ? get<T>(p, i) * get<T>(scalars, 2) : get<T>(p, i);
    const root: T = sqrt<T>(square) * get<T>(scalars, 1) + <T>1e-3;
    store<T>(wantM + (i << alignof<T>()), mean);
    store<T>(wantV + (i << alignof<T>()), square);
    store<T>(wantP + (i << alignof<T>()), q - (mean / root) * get<T>(scalars, 0));
  }
  if (update<T>(Op.Adam, p, m, v, p, g, m, v, scalars, (flags & 1) != 0, n, 0, <f64>decay)) return 0;
  const wrong = difference<T>(p, wantP, n + 1);
  if (wrong >= 0) return wrong;
  return max(difference<T>(m, wantM, n + 1), difference<T>(v, wantV, n + 1));
}
