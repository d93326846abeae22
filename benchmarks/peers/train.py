"""The training step of `umwelt bench train` in PyTorch, as a line server.

Prints a line about itself, then answers each request line
    {"vocabulary": 4096, "context": 256, "width": 256, "layers": 6, "heads": 4, "batch": 8, "steps": 1, "threads": 2}
with {"seconds": time of the fastest step, "setting": which was fastest, "peak_bytes": growth of the process at its largest}.
The first request tries every setting (attention, optimiser); later ones time the best. With "setting" given, only that
one is run: a fresh process that does so knows its own memory.
"""
import json
import sys
import time

import torch

import gpt

torch.set_flush_denormal(True)


def memory(field):
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith(field):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


class Trainer:
    def __init__(self, request, formulation, foreach):
        sizes = {name: request[name] for name in ("vocabulary", "context", "width", "layers", "heads")}
        torch.manual_seed(1)
        self.model = gpt.Gpt(**sizes)
        self.model.choose(formulation)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=1e-4, weight_decay=0.1, foreach=foreach)
        shape = (request["batch"], request["context"])
        self.tokens = torch.randint(sizes["vocabulary"], shape)
        self.targets = torch.randint(sizes["vocabulary"], shape)

    def step(self):
        start = time.perf_counter()
        loss = self.model(self.tokens, self.targets)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        loss.item()
        return time.perf_counter() - start

    def best(self, steps):
        return min(self.step() for _ in range(steps))


SETTINGS = [[formulation, foreach] for formulation in ("bias", "baddbmm", "library") for foreach in (False, True)]


def choose(request):
    before = memory("VmRSS:")
    try:
        with open("/proc/self/clear_refs", "w") as clear:
            clear.write("5")
    except OSError:
        before = None
    results = []
    for setting in [request["setting"]] if "setting" in request else SETTINGS:
        try:
            trainer = Trainer(request, *setting)
            trainer.step()
            results.append((trainer.best(2), setting))
        except (RuntimeError, AttributeError, TypeError) as error:
            print(setting, error, file=sys.stderr)
        trainer = None
    setting = min(results)[1]
    trainer = Trainer(request, *setting)
    trainer.step()
    return trainer, setting, memory("VmHWM:") - before if before is not None else None


chosen = {}
print(json.dumps({"name": "PyTorch", "version": torch.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    torch.set_num_threads(request.get("threads", 2))
    key = json.dumps({k: v for k, v in request.items() if k != "steps"}, sort_keys=True)
    if key not in chosen:
        chosen[key] = choose(request)
    trainer, setting, peak = chosen[key]
    print(json.dumps({
        "seconds": trainer.best(request.get("steps", 1)),
        "setting": setting,
        "peak_bytes": peak if "setting" in request else None,
    }), flush=True)
