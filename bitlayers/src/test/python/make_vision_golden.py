#!/usr/bin/env python3
"""Writes golden values for the layers of vision networks, in float32, by PyTorch.

Needs PyTorch 1.13 or later, such as Debian's python3-torch. Usage:
    make_vision_golden.py ../resources/golden/vision.properties [SEED]
Each line is NAME=VALUES, row-major, with as many digits as a float needs; VisionGoldenTest knows the shapes.
"""
import math, sys
import numpy as np, torch
import torch.nn as nn
import torch.nn.functional as F

golden = {}


def put(name, values):
    golden[name] = " ".join(str(np.float32(v)) for v in values.detach().numpy().flatten())


def run(name, f, x, parameters=()):
    """Result, and the gradients of its elements weighted with g."""
    x = x.clone().requires_grad_()
    y = f(x)
    g = torch.randn(y.shape)
    y.backward(g)
    put(name + ".x", x), put(name + ".y", y), put(name + ".g", g), put(name + ".dx", x.grad)
    for key, p in parameters:
        put(name + "." + key, p), put(name + ".d" + key, p.grad)


def norms():
    norm = nn.BatchNorm2d(5, eps=1e-3, momentum=0.3)
    nn.init.normal_(norm.weight), nn.init.normal_(norm.bias)
    for step in range(2):
        norm.zero_grad()
        run(f"batchNorm.{step}", norm, torch.randn(3, 5, 2, 3) * 2 + 1, norm.named_parameters())
        put(f"batchNorm.{step}.running_mean", norm.running_mean), put(f"batchNorm.{step}.running_var", norm.running_var)
    norm.eval()
    run("batchNorm.eval", norm, torch.randn(3, 5, 2, 3) * 2 + 1)
    norm = nn.GroupNorm(2, 6)
    nn.init.normal_(norm.weight), nn.init.normal_(norm.bias)
    run("groupNorm", norm, torch.randn(2, 6, 3, 2) * 2 + 1, norm.named_parameters())


def pooling():
    x = torch.randn(2, 3, 5, 7)
    run("maxPool", lambda v: F.max_pool2d(v, (3, 2), 2, (1, 0)), x)
    run("avgPool", lambda v: F.avg_pool2d(v, (3, 2), 2, (1, 0)), x)
    run("adaptiveAvgPool", lambda v: F.adaptive_avg_pool2d(v, (3, 4)), x)
    run("globalAvgPool", lambda v: v.mean((2, 3)), x)


def resolution():
    x = torch.randn(1, 2, 5, 4)
    bilinear = dict(mode="bilinear", align_corners=False)
    run("bilinear.larger", lambda v: F.interpolate(v, size=(7, 9), **bilinear), x)
    run("bilinear.smaller", lambda v: F.interpolate(v, size=(3, 2), **bilinear), x)
    run("bilinear.doubled", lambda v: F.interpolate(v, scale_factor=2, **bilinear), x)
    run("pixelShuffle", lambda v: F.pixel_shuffle(v, 2), torch.randn(1, 8, 3, 2))
    run("pixelUnshuffle", lambda v: F.pixel_unshuffle(v, 2), torch.randn(1, 2, 4, 6))


def positions(t, d):
    """As in The Annotated Transformer."""
    angles = t[:, None] * torch.exp(torch.arange(0, d, 2) * -(math.log(10000.0) / d))
    return torch.stack((torch.sin(angles), torch.cos(angles)), -1).flatten(1)


def times(t, d):
    """DiT's TimestepEmbedder."""
    angles = t[:, None] * torch.exp(-math.log(10000) * torch.arange(0, d // 2) / (d // 2))[None]
    return torch.cat([torch.cos(angles), torch.sin(angles)], -1)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.GroupNorm(2, 4))

    def forward(self, x):
        return F.relu(self.body(x) + F.max_pool2d(x, 3, 1, 1))


def blocks():
    run("positions", lambda t: positions(t, 6), torch.tensor([0.0, 1.0, 2.0, 7.0]))
    run("times", lambda t: times(t, 8), torch.tensor([0.0, 0.25, 0.875, 31.0]))
    block = Residual()
    for p in block.parameters():
        nn.init.normal_(p)
    run("residual", block, torch.randn(2, 4, 3, 3), block.named_parameters())


def main():
    torch.manual_seed(int(sys.argv[2]) if len(sys.argv) > 2 else 5)
    norms(), pooling(), resolution(), blocks()
    with open(sys.argv[1], "w") as out:
        out.write(f"# By make_vision_golden.py, PyTorch {torch.__version__}\n")
        for name, values in golden.items():
            out.write(f"{name}={values}\n")


main()
