// Contestant: the same as loops in plain JavaScript, with derivatives written out by hand.
import * as problems from "../../problems.js";
import { serve, type Work } from "../../serve.js";

void serve("plain JavaScript", { compile: work });

function work({ operation, n }: problems.CompileSetting): Work {
  const { x, y, z } = problems.compileData(n);
  const [p, q, r] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)];
  switch (operation) {
    case "lecture": {
      let sum = 0;
      const run = (): void => {
        for (let i = 0; i < n; i++) {
          const [value, [dx, dy]] = lecture(x[i]!, y[i]!);
          sum += value + dx + dy;
        }
      };
      return { run, operations: n, check: () => ((sum = 0), run(), [sum]) };
    }
    case "lecture-batch": {
      const run = (): void => {
        for (let i = 0; i < n; i++) {
          const [value, [dx, dy]] = lecture(x[i]!, y[i]!);
          p[i] = value;
          q[i] = dx;
          r[i] = dy;
        }
      };
      return { run, operations: n, check: () => (run(), [p, q, r].flatMap(problems.samplesOf)) };
    }
    case "elem": {
      let sum = 0;
      const run = (): void => {
        sum = 0;
        for (let i = 0; i < n; i++) {
          const [a, b] = [x[i]!, y[i]!];
          const t = Math.tanh(a * b + Math.sin(a));
          const s = 1 / (1 + Math.exp(-b));
          const u = (1 - t * t) * s;
          sum += t * s;
          p[i] = u * (b + Math.cos(a));
          q[i] = u * a + t * s * (1 - s);
        }
      };
      return { run, check: () => (run(), [sum, ...problems.samplesOf(p), ...problems.samplesOf(q)]) };
    }
    case "chain": {
      const run = (): void => {
        for (let i = 0; i < n; i++) p[i] = Math.max(x[i]! * y[i]! + z[i]!, 0);
      };
      return { run, check: () => (run(), problems.samplesOf(p)) };
    }
  }
}

function lecture(x: number, y: number): [number, [number, number]] {
  return [Math.log(x) + x * y - Math.sin(y), [1 / x + y, x - Math.cos(y)]];
}
