#!/usr/bin/env python3
"""Writes a PyTorch state_dict as safetensors, and an input with the network's output, for StateFileTest.

Needs Debian's python3-torch and python3-numpy (/usr/bin/python3). Usage, from this folder:
    /usr/bin/python3 make_state_dict_golden.py ../resources/golden
The file format is written by hand, so that no other package is needed.
"""
import json
import struct
import sys

import numpy as np
import torch
from torch import nn


class Network(nn.Module):
    """A small vision network with one layer of each kind that has parameters."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, stride=2, padding=1)
        self.body = nn.Sequential(nn.Linear(64, 16), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, 10))

    def forward(self, x):
        return self.body(torch.relu(self.conv(x)).flatten(1))


def save(path, tensors):
    head, blob, at = {}, b"", 0
    for name, tensor in tensors.items():
        raw = np.ascontiguousarray(tensor.detach().numpy()).tobytes()
        head[name] = {"dtype": {torch.float32: "F32", torch.float16: "F16", torch.int64: "I64"}[tensor.dtype],
                      "shape": list(tensor.shape), "data_offsets": [at, at + len(raw)]}
        blob, at = blob + raw, at + len(raw)
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + blob)


torch.manual_seed(11)
network = Network()
with torch.no_grad():
    for parameter in network.parameters():
        parameter.add_(torch.randn_like(parameter) * .1)  # so that no norm has weight 1 and bias 0
x = torch.randn(3, 1, 8, 8)
state = network.state_dict()
save(sys.argv[1] + "/pytorch_state_dict.safetensors",
     {"model." + name: tensor for name, tensor in state.items()} | {"model.steps": torch.tensor([7])})
save(sys.argv[1] + "/pytorch_state_dict_io.safetensors", {"x": x, "y": network(x)})
