"""The text model of `umwelt bench text` in PyTorch, as a line server: RMS norms, rotary positions, gated feed-forwards.

Prints a line about itself, then answers each request line. A training step (with "task": "train")
    {"task": "train", "vocabulary": 80, "context": 64, "width": 128, "layers": 4, "heads": 4, "hidden": 352, "batch": 12, "tied": false, "times": 5, "threads": 2}
gives {"seconds": the fastest step, "setting": which was fastest}. Decoding one token after another from a cache
    {"task": "decode", ..., "history": 256, "times": 64}
gives {"seconds": of one token, the mean over so many, "setting": ...}. The first request of a kind tries every setting for
a little; later ones time the best three, since a first look may mistake them. One token is so little work that one thread may
be faster than two.
"""
import json
import math
import sys
import time
from typing import List

import torch
from torch import Tensor, nn
from torch.nn import functional

torch.set_flush_denormal(True)


def rotation(positions, size):
    angles = torch.arange(positions)[:, None] * 10000.0 ** (-torch.arange(0, size, 2) / size)
    return angles.cos(), angles.sin()


def norm(x: Tensor, weight: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6) * weight


class Layer(nn.Module):
    """Queries, keys and values come from one product, and so do gate and up: never slower than apart."""

    def __init__(self, sizes):
        super().__init__()
        width, hidden = sizes["width"], sizes["hidden"]
        self.heads = sizes["heads"]
        self.norm1 = nn.Parameter(torch.ones(width))
        self.norm2 = nn.Parameter(torch.ones(width))
        self.join = nn.Linear(width, 3 * width, bias=False)
        self.output = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def mix(self, x, cosine, sine, bias, formulation):
        batch, time_, width = x.shape
        size = width // self.heads
        turned, v = self.join(x).view(batch, time_, 3, self.heads, size).split((2, 1), 2)
        first, second = turned.chunk(2, -1)
        turned = torch.cat((first * cosine - second * sine, second * cosine + first * sine), -1)
        q, k = turned.transpose(1, 3).unbind(2)  # [batch, heads, time, size]
        v = v.transpose(1, 3).squeeze(2)
        if formulation == "library":
            y = functional._scaled_dot_product_attention(q, k, v, None, 0.0, False, True)[0]
        elif formulation == "baddbmm":
            flat = (batch * self.heads, time_, size)
            q, k, v = q.reshape(flat), k.reshape(flat), v.reshape(flat)
            scores = torch.baddbmm(bias[None], q, k.transpose(1, 2), alpha=1 / math.sqrt(size))
            y = torch.bmm(scores.softmax(-1), v).view(batch, self.heads, time_, size)
        else:
            scores = q @ k.transpose(-1, -2) * (1 / math.sqrt(size)) + bias
            y = scores.softmax(-1) @ v
        return self.output(y.transpose(1, 2).reshape(batch, time_, width))

    def forward(self, x, cosine, sine, bias, formulation):
        x = x + self.mix(norm(x, self.norm1), cosine, sine, bias, formulation)
        gate, up = self.up(norm(x, self.norm2)).chunk(2, -1)
        return x + self.down(functional.silu(gate) * up)


class Model(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.heads = sizes["heads"]
        self.embedding = nn.Embedding(sizes["vocabulary"], sizes["width"])
        self.layers = nn.ModuleList(Layer(sizes) for _ in range(sizes["layers"]))
        self.norm = nn.Parameter(torch.ones(sizes["width"]))
        self.head = nn.Linear(sizes["width"], sizes["vocabulary"], bias=False)
        nn.init.normal_(self.embedding.weight, std=0.02)
        if sizes["tied"]:
            self.head.weight = self.embedding.weight
        cosine, sine = rotation(sizes["context"], sizes["width"] // sizes["heads"])
        hidden = torch.ones(sizes["context"], sizes["context"], dtype=torch.bool).triu(1)
        self.register_buffer("cosine", cosine[:, None, None], persistent=False)  # [time, 1, 1, size / 2]
        self.register_buffer("sine", sine[:, None, None], persistent=False)
        self.register_buffer("bias", torch.zeros(hidden.shape).masked_fill_(hidden, -math.inf), persistent=False)
        self.formulation = "bias"

    def forward(self, tokens, targets):
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x, self.cosine, self.sine, self.bias, self.formulation)
        return functional.cross_entropy(self.head(norm(x, self.norm)).flatten(0, 1), targets.flatten())


class Trainer:
    """A full step: forward, backward, clipping to a norm of 1, AdamW that decays matrices only."""

    NAMES = ("formulation", "foreach", "traced")
    SETTINGS = [[formulation, foreach, traced] for traced in (False, True) for formulation in ("bias", "baddbmm", "library") for foreach in (False, True)]

    def __init__(self, request, formulation, foreach, traced):
        torch.manual_seed(1)
        self.foreach, self.threads = foreach, request["threads"]
        self.model = Model(request)
        self.model.formulation = formulation
        self.parameters = list(self.model.parameters())
        matrices = [p for p in self.parameters if p.dim() > 1]
        scales = [p for p in self.parameters if p.dim() == 1]
        groups = [{"params": matrices, "weight_decay": 0.1}, {"params": scales, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99), foreach=foreach)
        text = torch.randint(request["vocabulary"], (1_000_000,))
        self.text, self.shape = text, (request["batch"], request["context"])
        self.call = torch.jit.trace(self.model, self.batch(), check_trace=False) if traced else self.model

    def batch(self):
        rows, length = self.shape
        at = torch.randint(len(self.text) - length - 1, (rows,)).tolist()
        return (torch.stack([self.text[i : i + length] for i in at]), torch.stack([self.text[i + 1 : i + length + 1] for i in at]))

    def clip(self):
        if not self.foreach:
            nn.utils.clip_grad_norm_(self.parameters, 1.0)
            return
        gradients = [p.grad for p in self.parameters]
        total = torch.stack(torch._foreach_norm(gradients)).norm()
        torch._foreach_mul_(gradients, min(1.0, 1.0 / (total.item() + 1e-6)))

    def step(self):
        torch.set_num_threads(self.threads)
        start = time.perf_counter()
        loss = self.call(*self.batch())
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.clip()
        self.optimiser.step()
        loss.item()
        return time.perf_counter() - start

    def look(self):
        for _ in range(4):
            self.step()
        return self.time(4)

    def time(self, times):
        return min(self.step() for _ in range(times))


def product(weight: Tensor, x: Tensor, asVector: bool) -> Tensor:
    return torch.mv(weight, x) if asVector else functional.linear(x.unsqueeze(0), weight).squeeze(0)


def decode(
    token: int, position: int, asVector: bool, embedding: Tensor, weights: List[List[Tensor]], last: Tensor, head: Tensor,
    keys: List[Tensor], values: List[Tensor], cosine: Tensor, sine: Tensor) -> Tensor:
    x = embedding[token]
    heads, size = keys[0].size(0), keys[0].size(2)
    for i, w in enumerate(weights):
        y = product(w[1], norm(x, w[0]), asVector).view(3, heads, size)
        turned, v = y[:2], y[2]
        first, second = turned.chunk(2, -1)
        c, s = cosine[position], sine[position]
        turned = torch.cat((first * c - second * s, second * c + first * s), -1)
        keys[i][:, position] = turned[1]
        values[i][:, position] = v
        scores = torch.bmm(turned[0].unsqueeze(1), keys[i][:, : position + 1].transpose(1, 2)) * (1 / math.sqrt(size))
        y = torch.bmm(scores.softmax(-1), values[i][:, : position + 1])
        x = x + product(w[2], y.view(-1), asVector)
        gate, up = product(w[4], norm(x, w[3]), asVector).chunk(2, -1)
        x = x + product(w[5], functional.silu(gate) * up, asVector)
    return product(head, norm(x, last), asVector)


class Decoder:
    """One token after another at batch 1, the likeliest each time, keys and values written into memory that is there."""

    NAMES = ("threads", "precision", "vector", "scripted")
    SETTINGS = [[threads, precision, vector, scripted] for threads in (2, 1) for precision in ("float32", "bfloat16") for vector in (False, True) for scripted in (False, True)]

    def __init__(self, request, threads, precision, vector, scripted):
        torch.manual_seed(1)
        self.threads = min(threads, request["threads"])
        model, kind = Model(request).requires_grad_(False).to(getattr(torch, precision)), getattr(torch, precision)
        heads, size = request["heads"], request["width"] // request["heads"]
        self.history, self.room = request["history"], request["context"]
        shape = (heads, self.room, size)
        self.keys = [torch.randn(shape).to(kind) for _ in range(request["layers"])]
        self.values = [torch.randn(shape).to(kind) for _ in range(request["layers"])]
        weights = [[l.norm1, l.join.weight, l.output.weight, l.norm2, l.up.weight, l.down.weight] for l in model.layers]
        cosine, sine = rotation(self.room, size)
        self.rest = (vector, model.embedding.weight, weights, model.norm, model.head.weight, self.keys, self.values, cosine.to(kind), sine.to(kind))
        self.call = scripted_decode() if scripted else decode

    def look(self):
        self.time(3)
        return self.time(8)

    def time(self, times):
        torch.set_num_threads(self.threads)
        token = 1
        with torch.inference_mode():
            start = time.perf_counter()
            for i in range(times):
                token = int(self.call(token, self.history + i, *self.rest).argmax())
            return (time.perf_counter() - start) / times


def scripted_decode():
    if "decode" not in scripts:
        scripts["decode"] = torch.jit.script(decode)
    return scripts["decode"]


def choose(kind, request):
    results = []
    for setting in kind.SETTINGS:
        try:
            results.append((kind(request, *setting).look(), setting))
        except (RuntimeError, AttributeError, TypeError) as error:
            print(setting, error, file=sys.stderr)
    results.sort(key=lambda result: result[0])
    print(json.dumps(results), file=sys.stderr)
    best = [(setting, kind(request, *setting)) for _, setting in results[:3]]
    for _, candidate in best:
        candidate.look()
    return best


scripts = {}
chosen = {}
print(json.dumps({"name": "PyTorch", "version": torch.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    key = json.dumps({k: v for k, v in request.items() if k != "times"}, sort_keys=True)
    kind = Trainer if request["task"] == "train" else Decoder
    if key not in chosen:
        chosen[key] = choose(kind, request)
    seconds, setting = min((candidate.time(request["times"]), setting) for setting, candidate in chosen[key])
    print(json.dumps({"seconds": seconds, "setting": dict(zip(kind.NAMES, setting))}), flush=True)
