#!/usr/bin/env python3
"""Writes the weights of small float vision transformers, an input and its logits, in float32, for BitViTTest.

The network is written with PyTorch's functions, as in the paper (pre-norm blocks, exact GELU), but without biases in
the blocks' linear layers. Needs Debian's python3-torch and python3-numpy (/usr/bin/python3). Usage, from this folder:
    /usr/bin/python3 make_vit_golden.py ../resources/golden
"""
import json
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

HIDDEN, HEADS, INNER, BLOCKS, PATCH, CLASSES = 16, 2, 32, 2, 4, 3


def weights(kind):
    shapes = {"patch_embed.weight": (HIDDEN, 3, PATCH, PATCH), "patch_embed.bias": (HIDDEN,), "pos_embed": (6, HIDDEN),
              "norm.weight": (HIDDEN,), "norm.bias": (HIDDEN,),
              "head.weight": (CLASSES, HIDDEN), "head.bias": (CLASSES,)}
    if kind == "class_token":
        shapes["cls_token"] = (1, HIDDEN)
    for i in range(BLOCKS):
        for norm in ("norm1", "norm2"):
            shapes[f"blocks.{i}.{norm}.weight"] = shapes[f"blocks.{i}.{norm}.bias"] = (HIDDEN,)
        for name in "qkvo":
            shapes[f"blocks.{i}.self_attn.{name}_proj.weight"] = (HIDDEN, HIDDEN)
        shapes[f"blocks.{i}.mlp.up_proj.weight"] = (INNER, HIDDEN)
        shapes[f"blocks.{i}.mlp.down_proj.weight"] = (HIDDEN, INNER)
    return {name: torch.randn(shape) * .3 + (1 if "norm" in name and "weight" in name else 0)
            for name, shape in shapes.items()}


def convolutions():
    """Those of a patch of 4 x 4 pixels: two that halve the image, each with a batch norm, and one of 1 x 1."""
    w = {}
    for i, (before, after) in ((0, (3, HIDDEN // 2)), (3, (HIDDEN // 2, HIDDEN))):
        w[f"patch_embed.{i}.weight"] = torch.randn(after, before, 3, 3) * .3
        for name in ("weight", "bias", "running_mean"):
            w[f"patch_embed.{i + 1}.{name}"] = torch.randn(after) * .3 + (name == "weight")
        w[f"patch_embed.{i + 1}.running_var"] = torch.rand(after) + .5
    return w | {"patch_embed.6.weight": torch.randn(HIDDEN, HIDDEN, 1, 1) * .3,
                "patch_embed.6.bias": torch.randn(HIDDEN) * .3}


def patches(x, w):
    if "patch_embed.weight" in w:
        return F.conv2d(x, w["patch_embed.weight"], w["patch_embed.bias"], PATCH)
    for i in (0, 3):
        x = F.conv2d(x, w[f"patch_embed.{i}.weight"], None, 2, 1)
        x = F.relu(F.batch_norm(x, *(w[f"patch_embed.{i + 1}.{name}"]
                                     for name in ("running_mean", "running_var", "weight", "bias"))))
    return F.conv2d(x, w["patch_embed.6.weight"], w["patch_embed.6.bias"])


def attention(x, w, prefix):
    q, k, v = (F.linear(x, w[f"{prefix}.{name}_proj.weight"]).unflatten(2, (HEADS, -1)).transpose(1, 2)
               for name in "qkv")
    mixed = torch.softmax(q @ k.transpose(2, 3) / (HIDDEN // HEADS) ** .5, -1) @ v
    return F.linear(mixed.transpose(1, 2).flatten(2), w[f"{prefix}.o_proj.weight"])


def norm(x, w, name):
    return F.layer_norm(x, (HIDDEN,), w[name + ".weight"], w[name + ".bias"])


def forward(x, w):
    y = patches(x, w).flatten(2).transpose(1, 2) + w["pos_embed"]
    if "cls_token" in w:
        y = torch.cat([w["cls_token"].expand(len(y), 1, HIDDEN), y], 1)
    for i in range(BLOCKS):
        y = y + attention(norm(y, w, f"blocks.{i}.norm1"), w, f"blocks.{i}.self_attn")
        inner = F.gelu(F.linear(norm(y, w, f"blocks.{i}.norm2"), w[f"blocks.{i}.mlp.up_proj.weight"]))
        y = y + F.linear(inner, w[f"blocks.{i}.mlp.down_proj.weight"])
    y = norm(y, w, "norm")
    return F.linear(y[:, 0] if "cls_token" in w else y.mean(1), w["head.weight"], w["head.bias"])


def save(path, tensors):
    head, blob = {}, b""
    for name, tensor in tensors.items():
        raw = np.ascontiguousarray(tensor.numpy()).tobytes()
        head[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(blob), len(blob) + len(raw)]}
        blob += raw
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + blob)


torch.manual_seed(5)
for kind in ("mean", "class_token"):
    w = weights(kind)
    x = torch.randn(2, 3, 8, 12)
    save(f"{sys.argv[1]}/vit_{kind}.safetensors", w | {"x": x, "logits": forward(x, w)})
w = {name: values for name, values in w.items() if not name.startswith(("patch_embed", "cls_token"))} | convolutions()
save(f"{sys.argv[1]}/vit_convolutions.safetensors", w | {"x": x, "logits": forward(x, w)})
