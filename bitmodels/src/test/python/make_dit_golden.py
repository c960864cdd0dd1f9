"""Writes dit.safetensors: a small float BitDiT in PyTorch, its prediction, and the gradients of one training step.

    /usr/bin/python3 make_dit_golden.py ../resources/golden
"""
import json
import math
import struct
import sys
import torch
import torch.nn.functional as F

torch.manual_seed(7)
SIZE, PATCH, D, HEADS, INNER, LAYERS, CLASSES, C, EPS = 8, 4, 16, 2, 32, 2, 3, 6, 1e-6
WAVES = 64
N = (SIZE // PATCH) ** 2
p = {}


def new(name, *shape, scale=0.3):
    p[name] = (torch.randn(*shape) * scale).requires_grad_(True)


new('patch_embed.weight', D, 1, PATCH, PATCH)
new('patch_embed.bias', D)
new('pos_embed', N, D)
new('condition.time_in.weight', C, WAVES)
new('condition.time_in.bias', C)
new('condition.time_out.weight', C, C)
new('condition.time_out.bias', C)
new('condition.classes.weight', CLASSES + 1, C)
for i in range(LAYERS):
    b = f'blocks.{i}.'
    new(b + 'modulation.weight', 6 * D, C)
    new(b + 'modulation.bias', 6 * D)
    for name in ('q_proj', 'k_proj', 'v_proj', 'o_proj'):
        new(b + f'attn.{name}.weight', D, D)
    new(b + 'attn.attn_sub_norm.weight', D)
    new(b + 'mlp.up_proj.weight', INNER, D)
    new(b + 'mlp.down_proj.weight', D, INNER)
    new(b + 'mlp.ffn_sub_norm.weight', INNER)
new('last_modulation.weight', 2 * D, C)
new('last_modulation.bias', 2 * D)
new('last.weight', PATCH * PATCH, D)
new('last.bias', PATCH * PATCH)


def rms(x):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPS)


def modulated(x, scale, shift):
    return rms(rms(x) * (1 + scale[:, None]) + shift[:, None])


def forward(x, t, y):
    a = 1000 * t[:, None] * torch.exp(-math.log(10000) * torch.arange(WAVES // 2) / (WAVES // 2))
    c = F.linear(torch.cat([a.cos(), a.sin()], 1), p['condition.time_in.weight'], p['condition.time_in.bias'])
    c = F.linear(F.silu(c), p['condition.time_out.weight'], p['condition.time_out.bias'])
    c = F.silu(c + p['condition.classes.weight'][y])
    n = len(x)
    h = F.conv2d(x, p['patch_embed.weight'], p['patch_embed.bias'], stride=PATCH).flatten(2).transpose(1, 2)
    h = h + p['pos_embed']
    for i in range(LAYERS):
        b = f'blocks.{i}.'
        m = F.linear(c, p[b + 'modulation.weight'], p[b + 'modulation.bias']).chunk(6, 1)
        z = modulated(h, m[0], m[1])
        q, k, v = (F.linear(z, p[b + f'attn.{name}.weight']).view(n, N, HEADS, D // HEADS).transpose(1, 2)
                   for name in ('q_proj', 'k_proj', 'v_proj'))
        z = ((q @ k.transpose(-1, -2)) / math.sqrt(D // HEADS)).softmax(-1) @ v
        z = rms(z.transpose(1, 2).reshape(n, N, D)) * p[b + 'attn.attn_sub_norm.weight']
        h = h + m[2][:, None] * F.linear(z, p[b + 'attn.o_proj.weight'])
        z = F.relu(F.linear(modulated(h, m[3], m[4]), p[b + 'mlp.up_proj.weight'])) ** 2
        z = rms(z) * p[b + 'mlp.ffn_sub_norm.weight']
        h = h + m[5][:, None] * F.linear(z, p[b + 'mlp.down_proj.weight'])
    m = F.linear(c, p['last_modulation.weight'], p['last_modulation.bias']).chunk(2, 1)
    z = F.linear(modulated(h, m[0], m[1]), p['last.weight'], p['last.bias'])
    side = SIZE // PATCH
    return F.pixel_shuffle(z.transpose(1, 2).reshape(n, PATCH * PATCH, side, side), PATCH)


x, target = torch.randn(3, 1, SIZE, SIZE), torch.randn(3, 1, SIZE, SIZE)
t, y = torch.tensor([0.0, 0.35, 1.0]), torch.tensor([2, 0, 3])
found = forward(x, t, y)
((found - target) ** 2).mean().backward()
tensors = {name: value.detach() for name, value in p.items()}
tensors.update({'grad.' + name: value.grad for name, value in p.items()})
tensors.update({'in.x': x, 'in.times': t, 'in.labels': y.float(), 'in.target': target, 'out.prediction': found.detach()})
header, data = {}, b''
for name, value in tensors.items():
    raw = value.contiguous().numpy().tobytes()
    header[name] = {'dtype': 'F32', 'shape': list(value.shape), 'data_offsets': [len(data), len(data) + len(raw)]}
    data += raw
head = json.dumps(header).encode()
head += b' ' * (-len(head) % 8)
open(sys.argv[1] + '/dit.safetensors', 'wb').write(struct.pack('<Q', len(head)) + head + data)
