"""Times BitResNet in PyTorch: a training step and the forward of evaluation, ternary (fake quantisation with the
straight-through estimator, as PyTorch has no ternary convolution) and float.

usage: bit_resnet.py [--channels 16] [--batch 64] [--threads N] [--steps 20]

The network is that of the presets tiny (16), small (32) and cifar (64): a float stem of 3x3, a basic block of so many
channels at 32x32, one of twice as many at 16x16 and one of four times as many at 8x8, 1x1 shortcuts after average
pooling, a float classifier.
"""
import argparse
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class BitConv2d(nn.Conv2d):
    def forward(self, x):
        w = self.weight
        scale = w.abs().mean().clamp(min=1e-5)
        w = w + ((w / scale).round().clamp(-1, 1) * scale - w).detach()
        step = x.abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-5) / 127  # one scale an image
        x = x + ((x / step).round() * step - x).detach()
        return F.conv2d(x, w, self.bias, self.stride, self.padding)


class Block(nn.Module):
    def __init__(self, convolution, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            convolution(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            convolution(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Identity() if stride == 1 else nn.Sequential(
            nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))


def network(convolution, c):
    return nn.Sequential(
        nn.Conv2d(3, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU(), Block(convolution, c, c, 1),
        Block(convolution, c, 2 * c, 2), Block(convolution, 2 * c, 4 * c, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(4 * c, 10))


def best(steps, body):
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--steps", type=int, default=20)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    x = torch.randn(args.batch, 3, 32, 32)
    y = torch.arange(args.batch) % 10
    for name, convolution in (("ternary", BitConv2d), ("float", nn.Conv2d)):
        model = network(convolution, args.channels)
        optimizer = torch.optim.AdamW(model.parameters())

        def step():
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()

        trained = best(args.steps, step)
        model.eval()
        with torch.no_grad():
            batch = best(args.steps, lambda: model(x)) / args.batch
            one = best(args.steps, lambda: model(x[:1]))
        print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads, {args.channels} channels, {name}: "
              f"step of {args.batch} {trained:.1f} ms, evaluation {batch:.3f} ms an image, one image {one:.2f} ms",
              flush=True)


main()
