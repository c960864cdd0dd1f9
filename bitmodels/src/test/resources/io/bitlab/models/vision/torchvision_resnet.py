# Makes torchvision-resnet.safetensors and torchvision-resnet-activations.safetensors: a small ResNet with the structure
# and names of torchvision's BasicBlock, written in plain PyTorch, and what it computes after each stage.
# Run with PyTorch 1.13: python3 torchvision_resnet.py
import json, struct, torch, torch.nn as nn

class BasicBlock(nn.Module):
    def __init__(self, inplanes, planes, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or inplanes != planes:
            self.downsample = nn.Sequential(nn.Conv2d(inplanes, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))

class ResNet(nn.Module):
    def __init__(self, channels, blocks, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, channels[0], 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(channels[0])
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        before = channels[0]
        self.stages = len(channels)
        for s, (c, n) in enumerate(zip(channels, blocks)):
            layers = [BasicBlock(before if b == 0 else c, c, 2 if b == 0 and s > 0 else 1) for b in range(n)]
            setattr(self, f"layer{s + 1}", nn.Sequential(*layers))
            before = c
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(before, classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for s in range(self.stages):
            x = getattr(self, f"layer{s + 1}")(x)
        return self.fc(torch.flatten(self.avgpool(x), 1))

def save(path, tensors):
    header, data = {}, b""
    for name, t in tensors.items():
        t = t.detach().contiguous()
        raw = bytes(t.flatten().numpy().tobytes())
        dtype = {torch.float32: "F32", torch.float16: "F16", torch.int64: "I64"}[t.dtype]
        header[name] = {"dtype": dtype, "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)

def trained(model, size, batches=3):
    """Random statistics and weights of the norms, as after a training."""
    torch.manual_seed(1)
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.normal_(m.bias, 0, 0.2)
    model.train()
    for _ in range(batches):
        model(torch.randn(8, 3, size, size))
    return model.eval()

def activations(model, x):
    found = {}
    for name, m in model.named_children():
        if name.startswith("layer") or name in ("maxpool", "fc"):
            m.register_forward_hook(lambda m, i, o, name=name: found.__setitem__(name, o))
    with torch.no_grad():
        model(x)
    return found

if __name__ == "__main__":
    torch.manual_seed(0)
    model = trained(ResNet([4, 8, 12, 16], [2, 1, 1, 1], 5), 32)
    # half precision, so that the file stays small; the reference is computed with the rounded weights
    state = {k: v.half() if v.dtype == torch.float32 and v.dim() == 4 else v for k, v in model.state_dict().items()}
    model.load_state_dict(state)
    x = torch.randn(1, 3, 32, 32)
    save("torchvision-resnet.safetensors", state)
    save("torchvision-resnet-activations.safetensors", {"input": x, **activations(model, x)})
