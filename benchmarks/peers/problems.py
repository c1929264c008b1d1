"""The problems of ../problems.ts, with the same numbers."""

import numpy as np

INPUTS, HIDDEN, OUTPUTS = 784, 128, 10
LEARNING_RATE = 0.1
MOMENTUM = 0.9
CHECKED_STEPS = 5


def noise(seed, length):
    i = np.arange(1, length + 1, dtype=np.uint32)
    with np.errstate(over="ignore"):
        h = i * np.uint32(0x9E3779B1) + np.uint32((seed + 1) * 0x85EBCA77 % 2**32)
        h = (h ^ (h >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
        h = (h ^ (h >> np.uint32(12))) * np.uint32(0x297A2D39)
    return (h ^ (h >> np.uint32(15))).astype(np.float64) / 2**32 - 0.5


def matmul_data(setting):
    """The operands as they are multiplied: a transposed one is a view."""
    m, k, n = setting["m"], setting["k"], setting["n"]
    dtype = np.float64 if setting["dtype"] == "f64" else np.float32
    a, b = noise(1, m * k).astype(dtype), noise(2, k * n).astype(dtype)
    return (
        a.reshape(k, m).T if setting["transposeA"] else a.reshape(m, k),
        b.reshape(n, k).T if setting["transposeB"] else b.reshape(k, n),
    )


def samples_of(product):
    flat = product.reshape(-1)
    return [flat[0], flat[flat.shape[0] // 2], flat[-1]]


def step_data(setting):
    batch = setting["batch"]
    single = np.float32
    return {
        "x": noise(3, batch * INPUTS).astype(single).reshape(batch, INPUTS),
        "classes": np.floor((noise(4, batch) + 0.5) * OUTPUTS).astype(np.int64),
        "w1": (noise(5, HIDDEN * INPUTS) * (2 / INPUTS**0.5)).astype(single).reshape(HIDDEN, INPUTS),
        "b1": np.zeros(HIDDEN, single),
        "w2": (noise(6, OUTPUTS * HIDDEN) * (2 / HIDDEN**0.5)).astype(single).reshape(OUTPUTS, HIDDEN),
        "b2": np.zeros(OUTPUTS, single),
    }
