"""Contestant: PyTorch, eager, on one thread."""

import torch

import problems
from serve import serve

torch.set_num_threads(1)


def product(setting):
    a, b = (torch.from_numpy(x) for x in problems.matmul_data(setting))
    out = torch.matmul(a, b)
    return (lambda: torch.matmul(a, b, out=out)), (lambda: problems.samples_of(out)), 1


def step(setting):
    data = {name: torch.from_numpy(value) for name, value in problems.step_data(setting).items()}
    model = torch.nn.Sequential(
        torch.nn.Linear(problems.INPUTS, problems.HIDDEN),
        torch.nn.ReLU(),
        torch.nn.Linear(problems.HIDDEN, problems.OUTPUTS),
    )
    with torch.no_grad():
        for parameter, name in zip(model.parameters(), ("w1", "b1", "w2", "b2")):
            parameter.copy_(data[name])
    optimizer = torch.optim.SGD(model.parameters(), lr=problems.LEARNING_RATE, momentum=problems.MOMENTUM)

    def train():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(data["x"]), data["classes"])
        loss.backward()
        optimizer.step()
        return loss

    return train, (lambda: [train().item() for _ in range(problems.CHECKED_STEPS)][-1:]), 1


def overhead(setting):
    if setting["owner"] != "dispose":
        return "counts references"
    x = torch.from_numpy(problems.noise(1, 16)).float().requires_grad_(setting["tracked"])
    y = torch.from_numpy(problems.noise(2, 16)).float()

    def run():
        for _ in range(100):
            torch.add(x, y)

    return run, (lambda: problems.samples_of(torch.add(x, y).detach())), 100


serve(f"PyTorch {torch.__version__}, one thread", {"matmul": product, "mnist-step": step, "eager-overhead": overhead})
