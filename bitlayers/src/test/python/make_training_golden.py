#!/usr/bin/env python3
"""Writes golden values for losses, optimisers, schedules and gradient clipping, in float32, by PyTorch.

Needs PyTorch 1.13 or later, such as Debian's python3-torch. Usage:
    make_training_golden.py ../resources/golden/training.properties [SEED]
Each line is NAME=VALUES, row-major, with as many digits as a float needs; TrainingGoldenTest knows the shapes.
"""
import sys
import numpy as np, torch
import torch.nn.functional as F
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, LinearLR, SequentialLR

STEPS = 10
golden = {}


def put(name, values):
    if torch.is_tensor(values):
        values = values.detach().numpy().flatten()
    golden[name] = " ".join(str(v if np.issubdtype(type(v), np.integer) else np.float32(v)) for v in values)


def loss(name, f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward()
    put(name + ".loss", [y.item()])
    put(name + ".gradient", x.grad)


def losses():
    logits, large = torch.randn(6, 5), torch.randn(6, 5) * 40
    deep = torch.randn(2, 3, 5)
    labels = torch.tensor([0, 4, 2, 2, 1, 3])
    partly = torch.tensor([0, -100, 2, 2, -100, 3])
    put("logits", logits), put("large", large), put("deep", deep), put("labels", labels), put("partly", partly)
    for name, x in (("logits", logits), ("large", large)):
        for smoothing in (0.0, 0.1):
            loss(f"crossEntropy.{name}.{smoothing}", lambda v: F.cross_entropy(v, labels, label_smoothing=smoothing), x)
            loss(f"crossEntropy.{name}.{smoothing}.partly", lambda v: F.cross_entropy(v, partly, label_smoothing=smoothing), x)
    # PyTorch wants the classes on axis 1
    loss("crossEntropy.deep", lambda v: F.cross_entropy(v.permute(0, 2, 1), labels.reshape(2, 3)), deep)

    target, teacher = torch.randn(6, 5), torch.randn(6, 5) * 2
    probability = torch.rand(6, 5)
    put("target", target), put("teacher", teacher), put("probability", probability)
    loss("meanSquaredError", lambda v: F.mse_loss(v, target), logits)
    loss("binaryCrossEntropy", lambda v: F.binary_cross_entropy_with_logits(v, probability), logits)
    loss("binaryCrossEntropy.large", lambda v: F.binary_cross_entropy_with_logits(v, probability), large)
    for t in (1.0, 2.5):
        loss(f"klDivergence.{t}", lambda v: t * t * F.kl_div(F.log_softmax(v / t, -1), F.log_softmax(teacher / t, -1),
                                                            reduction="batchmean", log_target=True), logits)


def optimizers():
    """Ten steps along given gradients; the second parameter (a bias) has none in the first three."""
    start = [torch.randn(4, 3), torch.randn(3)]
    gradients = [[torch.randn(4, 3), torch.randn(3)] for _ in range(STEPS)]
    for i in range(2):
        put(f"start.{i}", start[i])
        put(f"gradients.{i}", torch.stack([g[i] for g in gradients]))
    together = lambda p: [{"params": p}]
    apart = lambda p: [{"params": p[:1]}, {"params": p[1:], "weight_decay": 0.0, "lr": 0.005}]
    settings = {
        "adamw": lambda p: torch.optim.AdamW(together(p), lr=1e-2),
        "adamw.settings": lambda p: torch.optim.AdamW(together(p), lr=3e-2, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.2),
        "adamw.groups": lambda p: torch.optim.AdamW(apart(p), lr=1e-2, weight_decay=0.1),
        "sgd": lambda p: torch.optim.SGD(together(p), lr=1e-2),
        "sgd.decay": lambda p: torch.optim.SGD(together(p), lr=1e-2, weight_decay=0.1),
        "sgd.momentum": lambda p: torch.optim.SGD(together(p), lr=1e-2, momentum=0.9),
        "sgd.momentum.decay": lambda p: torch.optim.SGD(together(p), lr=1e-2, momentum=0.9, weight_decay=0.1),
        "sgd.nesterov": lambda p: torch.optim.SGD(together(p), lr=1e-2, momentum=0.9, nesterov=True, weight_decay=0.1),
        "sgd.groups": lambda p: torch.optim.SGD(apart(p), lr=1e-2, momentum=0.5, weight_decay=0.1),
    }
    for name, make in settings.items():
        p = [s.clone().requires_grad_() for s in start]
        optimizer, after = make(p), ([], [])
        for step, g in enumerate(gradients):
            for i in range(2):
                p[i].grad = g[i].clone() if i == 0 or step >= 3 else None
            optimizer.step()
            for i in range(2):
                after[i].append(p[i].detach().clone())
        for i in range(2):
            put(f"{name}.{i}", torch.stack(after[i]))


def schedules(steps=40, warm=8):
    def factors(make):
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
        schedule, rates = make(optimizer), []
        for _ in range(steps):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return rates

    def warmed(make):
        return lambda o: SequentialLR(o, [LinearLR(o, 1 / (warm + 1), 1.0, warm), make(o, steps - warm)], [warm])

    shapes = {
        "constant": lambda o, n: LambdaLR(o, lambda t: 1.0),
        "linear": lambda o, n: LinearLR(o, 1.0, 0.0, n),
        "cosine": lambda o, n: CosineAnnealingLR(o, n),
        "cosine.downTo": lambda o, n: CosineAnnealingLR(o, n, eta_min=0.1),
        "twoStage": lambda o, n: LambdaLR(o, lambda t: (1.0 if 2 * t < n else 2 / 3) * (1 - t / n)),
        "firstHalf": lambda o, n: LambdaLR(o, lambda t: float(2 * t < n)),
    }
    for name, make in shapes.items():
        put(f"schedule.{name}", factors(lambda o: make(o, steps)))
        put(f"schedule.{name}.warm", factors(warmed(make)))


def clipping():
    gradients = [torch.randn(4, 3) * 3, torch.randn(3) * 3]
    for i in range(2):
        put(f"clip.{i}", gradients[i])
    for name, clip in (("byNorm.2", lambda p: torch.nn.utils.clip_grad_norm_(p, 2.0)),
                       ("byNorm.100", lambda p: torch.nn.utils.clip_grad_norm_(p, 100.0)),
                       ("byValue.1.5", lambda p: torch.nn.utils.clip_grad_value_(p, 1.5))):
        p = [torch.zeros_like(g) for g in gradients]
        for q, g in zip(p, gradients):
            q.grad = g.clone()
        norm = clip(p)
        if norm is not None:
            put(f"clip.{name}.norm", [norm.item()])
        for i in range(2):
            put(f"clip.{name}.{i}", p[i].grad)


def main():
    out, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 11
    torch.manual_seed(seed)
    losses(), optimizers(), schedules(), clipping()
    with open(out, "w") as file:
        file.write(f"# By make_training_golden.py, seed {seed}, PyTorch {torch.__version__}\n")
        file.writelines(f"{name}={values}\n" for name, values in golden.items())
    print(len(golden), "entries")


main()
