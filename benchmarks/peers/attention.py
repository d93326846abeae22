"""The attention of `umwelt bench attention` in PyTorch, as a line server.

Prints a line about itself, then answers each request line
    {"batch": 1, "heads": 8, "length": 1024, "size": 64, "causal": true, "repeats": 2}
with {"seconds": best time of forward + backward, "formulation": which one was fastest}.
The first request for a shape tries every formulation; later ones time the fastest of them alone.
"""
import json
import math
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)


class Problem:
    def __init__(self, request):
        batch, heads, self.length, size = (request[name] for name in ("batch", "heads", "length", "size"))
        shape = (batch * heads, self.length, size)
        self.causal = request["causal"]
        self.scale = 1 / math.sqrt(size)
        self.four = (batch, heads, self.length, size)
        generator = torch.Generator().manual_seed(1)
        self.query, self.key, self.value, self.gradient = (torch.randn(shape, generator=generator) for _ in range(4))
        self.hidden = torch.ones(self.length, self.length, dtype=torch.bool).triu(1)
        self.bias = torch.zeros(1, self.length, self.length).masked_fill_(self.hidden, -math.inf)
        self.buffers = None

    def inputs(self, four=False):
        tensors = (self.query, self.key, self.value)
        return [(t.view(self.four) if four else t).detach().requires_grad_() for t in tensors]

    def added_bias(self):
        query, key, value = self.inputs()
        if self.causal:
            scores = torch.baddbmm(self.bias, query, key.transpose(1, 2), alpha=self.scale)
        else:
            scores = torch.bmm(query * self.scale, key.transpose(1, 2))
        torch.bmm(torch.softmax(scores, -1), value).backward(self.gradient)

    def filled_in_place(self):
        query, key, value = self.inputs()
        scores = torch.bmm(query * self.scale, key.transpose(1, 2))
        if self.causal:
            scores.masked_fill_(self.hidden, -math.inf)
        torch.bmm(torch.softmax(scores, -1), value).backward(self.gradient)

    def library(self):
        query, key, value = self.inputs(four=True)
        output = torch._scaled_dot_product_attention(query, key, value, None, 0.0, False, self.causal)
        (output[0] if isinstance(output, tuple) else output).backward(self.gradient.view(self.four))

    def by_hand(self):
        """No tape, every large product written into memory that is already there."""
        with torch.no_grad():
            query, key, value, gradient = self.query, self.key, self.value, self.gradient
            if self.buffers is None:
                count = query.shape[0]
                self.buffers = [torch.empty(count, self.length, self.length) for _ in range(3)]
                self.outputs = [torch.empty_like(query) for _ in range(4)]
            scores, weights, slopes = self.buffers
            output, query_gradient, key_gradient, value_gradient = self.outputs
            if self.causal:
                torch.baddbmm(self.bias, query, key.transpose(1, 2), alpha=self.scale, out=scores)
            else:
                torch.bmm(query * self.scale, key.transpose(1, 2), out=scores)
            torch.softmax(scores, -1, out=weights)
            torch.bmm(weights, value, out=output)
            torch.bmm(weights.transpose(1, 2), gradient, out=value_gradient)
            torch.bmm(gradient, value.transpose(1, 2), out=scores)
            torch._softmax_backward_data(scores, weights, -1, torch.float32, grad_input=slopes)
            torch.bmm(slopes, key, out=query_gradient).mul_(self.scale)
            torch.bmm(slopes.transpose(1, 2), query, out=key_gradient).mul_(self.scale)

    def formulations(self):
        yield "added bias", self.added_bias
        yield "filled in place", self.filled_in_place
        yield "by hand", self.by_hand
        if hasattr(torch, "_scaled_dot_product_attention") or hasattr(torch._C._nn, "_scaled_dot_product_attention"):
            yield "library", self.library


if not hasattr(torch, "_scaled_dot_product_attention") and hasattr(torch._C._nn, "_scaled_dot_product_attention"):
    torch._scaled_dot_product_attention = torch._C._nn._scaled_dot_product_attention


def seconds(work, repeats):
    best = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def main():
    print(json.dumps({"name": "PyTorch", "version": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    fastest = {}
    problem, known = None, None
    for line in sys.stdin:
        request = json.loads(line)
        repeats = request.pop("repeats", 1)
        shape = json.dumps(request, sort_keys=True)
        if shape != known:
            problem, known = None, None
            problem, known = Problem(request), shape
        if shape not in fastest:
            trials = []
            for name, work in problem.formulations():
                work()
                trials.append((seconds(work, repeats), name))
            fastest[shape] = min(trials)[1]
            best, name = min(trials)
            answer = {"seconds": best, "formulation": name, "trials": {name: time for time, name in trials}}
        else:
            name = fastest[shape]
            answer = {"seconds": seconds(dict(problem.formulations())[name], repeats), "formulation": name}
        print(json.dumps(answer), flush=True)


main()
