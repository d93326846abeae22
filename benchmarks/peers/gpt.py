"""The GPT of `umwelt bench train` and of the golden losses, in PyTorch: pre-norm blocks, learned positions, exact GELU,
an untied head. Weights come from a formula of integers that every language computes alike."""
import math

import torch
from torch import nn
from torch.nn import functional


class Attention(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.heads = heads
        self.join = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.formulation = "bias"
        hidden = torch.ones(context, context, dtype=torch.bool).triu(1)
        self.register_buffer("bias", torch.zeros(context, context).masked_fill_(hidden, -math.inf), persistent=False)

    def forward(self, x):
        batch, time, width = x.shape
        size = width // self.heads
        q, k, v = self.join(x).view(batch, time, 3, self.heads, size).permute(2, 0, 3, 1, 4)
        if self.formulation == "library":
            y = functional._scaled_dot_product_attention(q, k, v, None, 0.0, False, True)[0]
        elif self.formulation == "baddbmm":
            flat = (batch * self.heads, time, size)
            q, k, v = q.reshape(flat), k.reshape(flat), v.reshape(flat)
            scores = torch.baddbmm(self.bias[None, :time, :time], q, k.transpose(1, 2), alpha=1 / math.sqrt(size))
            y = torch.bmm(scores.softmax(-1), v).view(batch, self.heads, time, size)
        else:
            scores = q @ k.transpose(-1, -2) * (1 / math.sqrt(size)) + self.bias[:time, :time]
            y = scores.softmax(-1) @ v
        return self.output(y.transpose(1, 2).reshape(batch, time, width))


class Block(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads, context)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class Gpt(nn.Module):
    def __init__(self, vocabulary, context, width, layers, heads):
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads, context) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)

    def forward(self, tokens, targets):
        x = self.token(tokens) + self.position.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.norm(x))
        return functional.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1))

    def choose(self, formulation):
        for block in self.blocks:
            block.attention.formulation = formulation


def hashed(index):
    """32 well mixed bits of an integer: the finaliser of MurmurHash3."""
    x = index & 0xFFFFFFFF
    x ^= x >> 16
    x = x * 0x85EBCA6B & 0xFFFFFFFF
    x ^= x >> 13
    x = x * 0xC2B2AE35 & 0xFFFFFFFF
    return x ^ x >> 16


def uniform(count, first):
    """Numbers in [-1, 1) with 23 bits each, exact in single precision."""
    return torch.tensor([(hashed(first + i) >> 8) / 2**23 - 1 for i in range(count)], dtype=torch.float32)


def fill(model):
    """Every weight from the formula, in the order of the parameters; norms start at one, biases at a small value."""
    first = 0
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            values = uniform(parameter.numel(), first).view(parameter.shape)
            first += parameter.numel()
            if "norm" in name:
                parameter.copy_(1 + 0.1 * values if name.endswith("weight") else 0.1 * values)
            else:
                parameter.copy_(0.1 * values)
