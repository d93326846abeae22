"""CartPole in Python alone: the loop that the bridge is measured against, with the same commands and the same seeds.

Prints one JSON line with versions, then answers each JSON line {"rows": n, "steps": k} with
{"seconds": s, "resets": r}.
"""
import json
import sys
import time

import gymnasium

ENVIRONMENT = "CartPole-v1"


def command(step, row):
    """The same well-mixed bit as on the other side of the bridge."""
    return ((step * 16 + row + 1) * 2654435761 % (1 << 32)) >> 19 & 1


def run(rows, steps):
    environments = [gymnasium.make(ENVIRONMENT) for _ in range(rows)]
    commands = [[command(step, row) for row in range(rows)] for step in range(steps)]
    for row, environment in enumerate(environments):
        environment.reset(seed=row)
    seed, resets = rows, 0
    start = time.perf_counter()
    for actions in commands:
        for row, environment in enumerate(environments):
            _, _, terminated, truncated, _ = environment.step(actions[row])
            if terminated or truncated:
                environment.reset(seed=seed)
                seed += 1
                resets += 1
    return {"seconds": time.perf_counter() - start, "resets": resets}


def main():
    print(json.dumps({"name": "Gymnasium", "version": gymnasium.__version__, "python": sys.executable}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(run(request["rows"], request["steps"])), flush=True)


main()
