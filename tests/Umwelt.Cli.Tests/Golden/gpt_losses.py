"""Makes gpt_losses.json: twenty losses of a small GPT trained by PyTorch's AdamW in double and in single precision.

    /usr/bin/python3 gpt_losses.py > gpt_losses.json
"""
import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "benchmarks" / "peers"))
import gpt  # noqa: E402

SIZES = dict(vocabulary=61, context=24, width=48, layers=3, heads=4)
BATCH, STEPS = 5, 20


def losses(dtype):
    torch.manual_seed(0)
    model = gpt.Gpt(**SIZES)
    gpt.fill(model)
    model.to(dtype)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
    result = []
    for step in range(STEPS):
        count = BATCH * (SIZES["context"] + 1)
        tokens = [gpt.hashed(1_000_000 + step * count + i) % SIZES["vocabulary"] for i in range(count)]
        # Every second token repeats its neighbour, so that there is something to learn.
        tokens = [tokens[i - 1] if i % 2 else tokens[i] for i in range(count)]
        batch = torch.tensor(tokens).view(BATCH, -1)
        loss = model(batch[:, :-1], batch[:, 1:].contiguous())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        result.append(loss.item())
    return result


print(json.dumps({
    "sizes": SIZES, "batch": BATCH, "torch": torch.__version__,
    "double": losses(torch.float64), "single": losses(torch.float32),
}, indent=1))
