// Newton's method with exact Hessians, on the valleys of Rosenbrock and Himmelblau.
//   npx tsx examples/science/newton.ts
import { grad, hessian, scope, tensor, type Tensor } from "wengert";
import { choose } from "../options.js";

choose("Finds minima by Newton's method with exact Hessians.", {});

type Point = readonly [x: number, y: number];

/** (1 - x)² + 100 (y - x²)², a narrow bent valley; 0 at (1, 1). */
function rosenbrock(p: Tensor): Tensor {
  const [x, y] = [p.slice(0), p.slice(1)];
  const off = y.sub(x.square());
  return x.neg().add(1).square().add(off.square().mul(100));
}

/** (x² + y - 11)² + (x + y² - 7)²; 0 at four points, of which (3, 2) is one. */
function himmelblau(p: Tensor): Tensor {
  const [x, y] = [p.slice(0), p.slice(1)];
  return x.square().add(y).sub(11).square().add(x.add(y.square()).sub(7).square());
}

interface Step {
  readonly point: Point;
  readonly value: number;
  /** The largest component of the gradient. */
  readonly slope: number;
}

/** Newton steps, damped by (H + λ I) wherever H is not positive definite, halved until the value falls. */
function newton(f: (p: Tensor) => Tensor, start: Point): Step[] {
  const at = (p: Point): Tensor => tensor(Float64Array.from(p));
  const value = (p: Point): number => scope(() => f(at(p)).item());
  const steps: Step[] = [];
  let point = start;
  for (let k = 0; k < 50; k++) {
    const [gx, gy] = scope(() => grad(f)(at(point)).toArray() as [number, number]);
    steps.push({ point, value: value(point), slope: Math.max(Math.abs(gx), Math.abs(gy)) });
    if (steps[k]!.slope < 1e-10) break;
    const [[a, b], [, d]] = scope(() => hessian(f)(at(point)).toArray() as [[number, number], [number, number]]);
    // The smaller eigenvalue of the symmetric 2 × 2 matrix.
    const least = (a + d) / 2 - Math.sqrt(((a - d) / 2) ** 2 + b * b);
    const damping = least > 1e-6 ? 0 : 1e-3 - least;
    const determinant = (a + damping) * (d + damping) - b * b;
    const [dx, dy] = [((d + damping) * gx - b * gy) / determinant, ((a + damping) * gy - b * gx) / determinant];
    let length = 1;
    const moved = (): Point => [point[0] - length * dx, point[1] - length * dy];
    while (value(moved()) > steps[k]!.value && length > 1e-6) length /= 2;
    point = moved();
  }
  return steps;
}

function report(name: string, steps: readonly Step[], wanted: Point): void {
  const { point, slope } = steps[steps.length - 1]!;
  console.log(`\n${name}\n step          x          y         value     |gradient|`);
  for (const [k, { point, value, slope }] of steps.entries()) {
    const place = point.map((z) => z.toFixed(6).padStart(11)).join("");
    console.log(
      `${String(k).padStart(5)}${place}${value.toExponential(2).padStart(14)}${slope.toExponential(2).padStart(15)}`,
    );
  }
  const found = slope < 1e-10 && Math.hypot(point[0] - wanted[0], point[1] - wanted[1]) < 1e-9;
  console.log(found ? `the minimum (${wanted.join(", ")}), in ${steps.length - 1} steps` : "NOT FOUND");
  if (!found) process.exitCode = 1;
}

report("Rosenbrock from (-1.2, 1)", newton(rosenbrock, [-1.2, 1]), [1, 1]);
report("Himmelblau from (3.5, 3.5)", newton(himmelblau, [3.5, 3.5]), [3, 2]);
