# Makes what the tests of io.bitlab.models.diffusion.score compare with: golden/strided-classifier.safetensors (a small
# classifier with random weights and running statistics), golden/strided-classifier-outputs.safetensors (what PyTorch
# computes with it) and golden/generator-scores.json (statistics and Frechet distance of two sets of features).
# Needs torch and numpy (made with torch 1.13, numpy 1.24). Run it in this folder.
import json
import struct

import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(7)
torch.set_num_threads(1)


def write(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        array = tensor.detach().numpy()
        array = array.astype("<i8" if array.dtype == np.int64 else "<f4")
        header[name] = {"dtype": "I64" if array.dtype == np.int64 else "F32", "shape": list(array.shape),
                        "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


classifier = nn.Sequential(
    nn.Conv2d(2, 4, 3, 2, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 6, 3, 2, 1), nn.BatchNorm2d(6), nn.ReLU(),
    nn.Conv2d(6, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))
with torch.no_grad():
    for norm in classifier:
        if isinstance(norm, nn.BatchNorm2d):
            norm.weight.uniform_(0.5, 1.5)
            norm.bias.normal_()
    for _ in range(20):  # moves the running statistics
        classifier(torch.randn(16, 2, 11, 9) * 2 + 1)
    classifier.eval()
    images = torch.randn(3, 2, 11, 9)
    write("../resources/golden/strided-classifier.safetensors", classifier.state_dict())
    write("../resources/golden/strided-classifier-outputs.safetensors",
          {"images": images, "features": classifier[:-1](images), "logits": classifier(images)})


def distance(a, b):
    sa, sb = np.cov(a.T), np.cov(b.T)
    w, v = np.linalg.eigh(sa)
    root = (v * np.sqrt(np.clip(w, 0, None))) @ v.T
    w2 = np.linalg.eigvalsh(root @ sb @ root)
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(sa) + np.trace(sb) \
        - 2 * np.sqrt(np.clip(w2, 0, None)).sum()


random = np.random.default_rng(3)
a = (random.normal(size=(40, 6)) @ random.normal(size=(6, 6)) + 10).astype("f4")
b = (random.normal(size=(50, 6)) @ random.normal(size=(6, 6)) + 11).astype("f4")
few = random.normal(size=(4, 6)).astype("f4")  # a singular covariance
rows = [[float(x) for x in row] for row in (a.ravel(), b.ravel(), few.ravel())]
A, B, F = a.astype("f8"), b.astype("f8"), few.astype("f8")
with open("../resources/golden/generator-scores.json", "w") as f:
    json.dump({"a": rows[0], "b": rows[1], "few": rows[2], "mean_a": list(A.mean(0)),
               "covariance_a": list(np.cov(A.T).ravel()), "distance_a_b": distance(A, B),
               "distance_few_b": distance(F, B)}, f)
    f.write("\n")
