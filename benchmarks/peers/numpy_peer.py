"""Contestant: NumPy, its BLAS on one thread (the environment says so). Derivatives are written out by hand."""

import platform

import numpy as np

import problems
from serve import serve


def product(setting):
    a, b = problems.matmul_data(setting)
    out = np.matmul(a, b)
    return (lambda: np.matmul(a, b, out=out)), (lambda: problems.samples_of(out)), 1


def step(setting):
    data = problems.step_data(setting)
    x, classes = data["x"], data["classes"]
    parameters = [data[name] for name in ("w1", "b1", "w2", "b2")]
    velocities = [np.zeros_like(p) for p in parameters]
    rows = np.arange(len(classes))

    def train():
        w1, b1, w2, b2 = parameters
        h = np.maximum(x @ w1.T + b1, 0)
        z = h @ w2.T + b2
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        loss = float(np.mean(np.log(total[:, 0]) - z[rows, classes]))
        g = e / total
        g[rows, classes] -= 1
        g /= np.float32(len(classes))
        dh = g @ w2
        dh[h <= 0] = 0
        gradients = [dh.T @ x, dh.sum(axis=0), g.T @ h, g.sum(axis=0)]
        for p, v, dp in zip(parameters, velocities, gradients):
            v *= np.float32(problems.MOMENTUM)
            v += dp
            p -= np.float32(problems.LEARNING_RATE) * v
        return loss

    return train, (lambda: [train() for _ in range(problems.CHECKED_STEPS)][-1:]), 1


def overhead(setting):
    if setting["tracked"]:
        return "tracks nothing"
    if setting["owner"] != "dispose":
        return "counts references"
    x = problems.noise(1, 16).astype(np.float32)
    y = problems.noise(2, 16).astype(np.float32)

    def run():
        for _ in range(100):
            np.add(x, y)

    return run, (lambda: problems.samples_of(x + y)), 100


serve(
    f"NumPy {np.__version__}, Python {platform.python_version()}, one thread",
    {"matmul": product, "mnist-step": step, "eager-overhead": overhead},
)
