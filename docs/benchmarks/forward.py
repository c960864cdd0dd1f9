"""Times the float forward of the included detector's and generator's networks in PyTorch, for comparison.

usage: forward.py detector|generator [--threads N] [--repetitions N]

detector: `nano` on one image of 256 x 192. generator: `grey28`, 16 pictures of 28 x 28, 25 steps with guidance.
"""
import argparse
import math
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


def convolution(inputs, outputs, stride=1, kernel=3):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
                         nn.BatchNorm2d(outputs), nn.ReLU())


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(convolution(channels, channels),
                                  nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return F.relu(x + self.body(x))


class Detector(nn.Module):
    def __init__(self, classes=3, width=64):
        super().__init__()
        widths = [16, 32, 64, 96, 128]
        self.stem = convolution(3, widths[0], 2)
        self.stages = nn.ModuleList(nn.Sequential(convolution(i, o, 2), Block(o)) for i, o in zip(widths, widths[1:]))
        self.laterals = nn.ModuleList(convolution(c, width, 1, 1) for c in widths[2:])
        self.neck, self.classes, self.boxes = (convolution(width, width) for _ in range(3))
        self.class_output = nn.Conv2d(width, classes, 1)
        self.box_output = nn.Conv2d(width, 5, 1)

    def forward(self, x):
        levels = []
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        p = self.laterals[2](levels[3])
        p = self.laterals[1](levels[2]) + F.interpolate(p, scale_factor=2)
        p = self.neck(self.laterals[0](levels[1]) + F.interpolate(p, scale_factor=2))
        boxes = self.box_output(self.boxes(p))
        return self.class_output(self.classes(p)), boxes[:, :4].clamp(-4, 4).exp(), boxes[:, 4]


def rms(x):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)


class DiffusionBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.modulation = nn.Linear(width, 6 * width)
        self.qkv = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x, condition):
        n, length, width = x.shape
        a, b, g, c, d, h = self.modulation(F.silu(condition))[:, None].chunk(6, -1)
        y = rms(rms(x) * (1 + a) + b)
        q, k, v = self.qkv(y).view(n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        z = ((q @ k.transpose(-1, -2)) / math.sqrt(width // self.heads)).softmax(-1) @ v
        x = x + g * self.output(rms(z.transpose(1, 2).reshape(n, length, width)))
        y = rms(rms(x) * (1 + c) + d)
        return x + h * self.down(rms(F.relu(self.up(y)) ** 2))


class Generator(nn.Module):
    def __init__(self, width=96, blocks=4, heads=4, patch=4):
        super().__init__()
        self.patch = patch
        self.embedding = nn.Linear(patch * patch, width)
        self.positions = nn.Parameter(torch.randn(1, 49, width) * 0.02)
        self.time = nn.Sequential(nn.Linear(64, width), nn.SiLU(), nn.Linear(width, width))
        self.label = nn.Embedding(11, width)
        self.blocks = nn.ModuleList(DiffusionBlock(width, heads) for _ in range(blocks))
        self.modulation = nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, patch * patch)

    def forward(self, x, t, label):
        angles = t[:, None] * torch.exp(torch.linspace(0, math.log(1000), 32))
        condition = self.time(torch.cat([angles.sin(), angles.cos()], 1)) + self.label(label)
        p = self.patch
        x = x.view(-1, 7, p, 7, p).permute(0, 1, 3, 2, 4).reshape(-1, 49, p * p)
        x = self.embedding(x) + self.positions
        for block in self.blocks:
            x = block(x, condition)
        a, b = self.modulation(F.silu(condition))[:, None].chunk(2, -1)
        x = self.output(rms(x) * (1 + a) + b)
        return x.view(-1, 7, 7, p, p).permute(0, 1, 3, 2, 4).reshape(-1, 1, 28, 28)


def sample(model, count=16, steps=25, guidance=3.0):
    x = torch.randn(count, 1, 28, 28)
    label = torch.arange(count) % 10
    for step in range(steps, 0, -1):
        t = torch.full((count,), step / steps)
        without = model(x, t, torch.full((count,), 10))
        x = x - (without + guidance * (model(x, t, label) - without)) / steps
    return x


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=["detector", "generator"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repetitions", type=int, default=20)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    if arguments.network == "detector":
        model = Detector().eval()
        image = torch.randn(1, 3, 192, 256)
        body = lambda: model(image)
    else:
        model = Generator().eval()
        body = lambda: sample(model)
    times = []
    with torch.no_grad():
        for _ in range(arguments.repetitions + 3):
            start = time.perf_counter()
            body()
            times.append(1e3 * (time.perf_counter() - start))
    times = times[3:]
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{arguments.network}, float, {parameters:,} parameters, PyTorch {torch.__version__}, "
          f"{arguments.threads} threads: median {statistics.median(times):.1f} ms, least {min(times):.1f} ms")


if __name__ == "__main__":
    main()
