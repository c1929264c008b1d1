// Contestant: graphs of Wengert. Arguments: baseline or relaxed, and compiled or eager.
import { compile, configure, info, scope, tensor, valueAndGrad, vmap, type Tensor } from "wengert";
import { allowRelaxedSimd } from "../../engine.js";
import * as problems from "../../problems.js";
import { serve, type Work } from "../../serve.js";

const [build, form] = process.argv.slice(2);
if (build === "relaxed") allowRelaxedSimd();
configure({ build: build === "relaxed" ? "relaxed" : "baseline", threads: 1 });
const eager = form === "eager";

void serve(`Wengert, ${info().build} build, ${eager ? "eager" : "compiled"}`, { compile: work });

function work(setting: problems.CompileSetting): Work {
  switch (setting.operation) {
    case "lecture":
      return lecture(setting.n);
    case "lecture-batch":
      return batch(setting.n);
    case "elem":
      return elem(setting.n);
    case "chain":
      return chain(setting.n);
  }
}

const formula = (x: Tensor, y: Tensor): Tensor => x.log().add(x.mul(y)).sub(y.sin());
const withPartials = valueAndGrad(formula, { argnums: [0, 1] });

/** One call an evaluation, with other numbers each time. */
function lecture(n: number): Work {
  const f = withPartials as unknown as (x: number, y: number) => [Tensor, [Tensor, Tensor]];
  const program = compile(f) as unknown as (x: number, y: number) => [number, [number, number]];
  const { x, y } = problems.compileData(n);
  let sum = 0;
  const run = (): void => {
    for (let i = 0; i < n; i++) {
      const [value, [dx, dy]] = program(x[i]!, y[i]!);
      sum += value + dx + dy;
    }
  };
  const runEager = (): void => {
    for (let i = 0; i < n; i++) {
      scope(() => {
        const [value, [dx, dy]] = f(x[i]!, y[i]!);
        sum += value.item() + dx.item() + dy.item();
      });
    }
  };
  const chosen = eager ? runEager : run;
  return { run: chosen, operations: n, check: () => ((sum = 0), chosen(), [sum]) };
}

/** A function of two vectors that is bound to its arguments, or called as it is. */
function bound(f: (...x: Tensor[]) => unknown, args: Tensor[], samples: () => number[], operations = 1): Work {
  if (eager) return { run: () => scope(() => void f(...args)), operations, check: samples };
  return { run: compile(f).bind(args), operations, check: samples };
}

function vectors(n: number): Tensor[] {
  const { x, y, z } = problems.compileData(n);
  return [x, y, z].map((data) => tensor(data));
}

function batch(n: number): Work {
  const [x, y] = vectors(n) as [Tensor, Tensor];
  const f = vmap(withPartials) as unknown as (...x: Tensor[]) => [Tensor, [Tensor, Tensor]];
  const check = (): number[] => {
    const [value, [dx, dy]] = (eager ? f : compile(f))(x, y);
    return [value, dx, dy].flatMap((t) => problems.samplesOf(t.data()));
  };
  return bound(f, [x, y], check, n);
}

function elem(n: number): Work {
  const [x, y] = vectors(n) as [Tensor, Tensor];
  const f = valueAndGrad((a: Tensor, b: Tensor) => a.mul(b).add(a.sin()).tanh().mul(b.sigmoid()).sum(), {
    argnums: [0, 1],
  }) as unknown as (...x: Tensor[]) => [Tensor, [Tensor, Tensor]];
  const check = (): number[] => {
    const [value, [dx, dy]] = (eager ? f : compile(f))(x, y);
    return [value.item(), ...problems.samplesOf(dx.data()), ...problems.samplesOf(dy.data())];
  };
  return bound(f, [x, y], check);
}

function chain(n: number): Work {
  const args = vectors(n) as [Tensor, Tensor, Tensor];
  const f = (...[a, b, c]: Tensor[]): Tensor => a!.mul(b!).add(c!).relu();
  return bound(f, args, () => problems.samplesOf((eager ? f : compile(f))(...args).data()));
}
