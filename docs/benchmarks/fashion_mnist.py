"""The reference network of training.md in plain PyTorch, to compare speed and accuracy with.

usage: python3 fashion_mnist.py DIR {float,ternary} [--epochs 5] [--threads 1] [--seed 0]

DIR holds the four files of https://github.com/zalandoresearch/fashion-mnist (train-images-idx3-ubyte.gz, ...).
784-512-512-10, three linear layers with bias, ReLU between, Adam 1e-3, batches of 128, no normalisation.
"""

import argparse
import gzip
import os
import time

import numpy as np
import torch
import torch.nn.functional as F


def read(folder, name, offset):
    with gzip.open(os.path.join(folder, name)) as f:
        return np.frombuffer(f.read(), np.uint8, offset=offset)


class BitLinear(torch.nn.Linear):
    """Weights rounded to {-1, 0, 1} times their absolute mean, inputs to int8 a row; straight-through gradients."""

    def forward(self, x):
        scale = self.weight.abs().mean().clamp(min=1e-5)
        w = (self.weight / scale).round().clamp(-1, 1) * scale
        w = self.weight + (w - self.weight).detach()
        s = x.abs().amax(dim=-1, keepdim=True).clamp(min=1e-5) / 127
        q = (x / s).round().clamp(-127, 127) * s
        return F.linear(x + (q - x).detach(), w, self.bias)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir")
    parser.add_argument("kind", choices=["float", "ternary"])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)

    def images(name):
        return torch.tensor(read(args.dir, name, 16).reshape(-1, 784).astype(np.float32) / 255)

    def labels(name):
        return torch.tensor(read(args.dir, name, 8).astype(np.int64))

    x, y = images("train-images-idx3-ubyte.gz"), labels("train-labels-idx1-ubyte.gz")
    test_x, test_y = images("t10k-images-idx3-ubyte.gz"), labels("t10k-labels-idx1-ubyte.gz")
    linear = torch.nn.Linear if args.kind == "float" else BitLinear
    model = torch.nn.Sequential(linear(784, 512), torch.nn.ReLU(), linear(512, 512), torch.nn.ReLU(), linear(512, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    print(f"PyTorch {torch.__version__}, {args.kind}, {args.threads} thread(s)")
    for epoch in range(1, args.epochs + 1):
        start = time.perf_counter()
        order = torch.randperm(len(x))
        total = 0.0
        for i in range(0, len(x), 128):
            batch = order[i:i + 128]
            loss = F.cross_entropy(model(x[batch]), y[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.item()
        seconds = time.perf_counter() - start
        with torch.no_grad():
            accuracy = (model(test_x).argmax(1) == test_y).float().mean().item()
        print(f"epoch {epoch}  {seconds:.2f} s  loss {total / 469:.4f}  test {100 * accuracy:.2f} %", flush=True)


if __name__ == "__main__":
    main()
