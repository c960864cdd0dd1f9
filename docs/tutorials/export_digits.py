"""Trains a small float network on the handwritten digits with PyTorch and saves it as safetensors.

    python export_digits.py digits.csv.gz pytorch-digits.safetensors

Needs torch, numpy and safetensors. The saved file also holds the network's answer to the first eight digits under the
name "expected", so that the importing side can check itself.
"""
import sys
import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


torch.manual_seed(1)
table = torch.tensor(np.loadtxt(sys.argv[1], delimiter=",", dtype=np.float32))
x, y = table[:, :64] / 16, table[:, 64].long()
net = Net()
optimizer = torch.optim.Adam(net.parameters(), 1e-2)
for epoch in range(30):
    for batch in torch.randperm(len(x)).split(32):
        loss = nn.functional.cross_entropy(net(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    expected = net(x[:8])
    accuracy = (net(x).argmax(1) == y).float().mean().item()
print(f"PyTorch {torch.__version__}: {100 * accuracy:.2f} % of all digits")
save_file({**net.state_dict(), "expected": expected}, sys.argv[2])
