# A stand-in for Gymnasium: `make` and a few environments, good and bad, so that the bridge is tested without the real one.
import json
import os
import random
import sys
import time

from . import spaces

__version__ = "0.0-stand-in"
UNBOUNDED = float("inf")


class Picture:
    """As much of an array as a rendered picture has to be."""

    def __init__(self, shade):
        self.shape = (4, 6, 3)
        self._rows = [[[shade + row, column, 200] for column in range(6)] for row in range(4)]

    def tolist(self):
        return self._rows


class Counter:
    """Sees how often it stepped, the last action, a random number; ends when the actions sum to 5, is cut after 30 steps."""

    metadata = {"render_fps": 25}
    observation_space = spaces.Box([0, -1, 0], [UNBOUNDED, 1, 1], (3,))
    action_space = spaces.Discrete(3, start=-1)

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.random = random.Random(seed)
        self.steps = self.sum = 0
        return [0, 0, self.random.random()], {}

    def step(self, action):
        self.steps += 1
        self.sum += action
        return [self.steps, action, self.random.random()], 0.1 * action, self.sum >= 5, self.steps >= 30, {}

    def render(self):
        return Picture(self.steps)


class Both(Counter):
    """Ends and is cut at once with its second step."""

    def step(self, action):
        observation, reward, _, _, _ = super().step(action)
        return observation, reward, self.steps >= 2, self.steps >= 2, {}


class Everything:
    """One of each space; what it was told to do it says as JSON."""

    metadata = {}
    observation_space = spaces.Dict(
        arm=spaces.Dict(Angle=spaces.Box(-1.0, 1.0, (2, 2), "float64")),
        eye=spaces.Box(0, 255, (2, 3, 3), "uint8"),
        pair=spaces.Tuple(spaces.Discrete(4, start=10), spaces.Discrete(1)),
        multi=spaces.MultiDiscrete([2, 5]),
        grid=spaces.MultiDiscrete([3] * 17),
        bits=spaces.MultiBinary(2),
        nothing=spaces.Box([], [], (0,)),
        said=spaces.Text(),
    )
    action_space = spaces.Dict(
        force=spaces.Box([-1.0, -UNBOUNDED], [1.0, UNBOUNDED], (2,)),
        gear=spaces.Discrete(3, start=5),
        level=spaces.Box(0, 9, (1,), "int64"),
        switches=spaces.MultiBinary(2),
        pair=spaces.Tuple(spaces.Discrete(2), spaces.MultiDiscrete([4, 4])),
        word=spaces.Text(),
    )

    def _see(self, said):
        return {
            "arm": {"Angle": [[0.25, -0.5], [self.steps, 1.0]]},
            "eye": [[[row * 9 + column * 3 + colour for colour in range(3)] for column in range(3)] for row in range(2)],
            "pair": (12, 0),
            "multi": [1, 4],
            "grid": [self.steps % 3] * 17,
            "bits": [1, 0],
            "nothing": [],
            "said": said,
        }

    def reset(self, *, seed=None, options=None):
        self.steps = 0
        return self._see(f"é {seed}"), {}

    def step(self, action):
        self.steps += 1
        return self._see(json.dumps(action)), 1, False, False, {}


class Misbehaving(Counter):
    """Does what it was made for with its third step."""

    def __init__(self, how="raise"):
        self.how = how

    def step(self, action):
        result = super().step(action)
        return getattr(self, "_" + self.how)(*result) if self.steps == 3 else result

    def _raise(self, *_):
        raise ValueError("the floor\ngave way")

    def _hang(self, *_):
        while True:
            time.sleep(0.01)

    def _exit(self, *_):
        sys.exit(7)

    def _die(self, *_):
        os.write(2, b"last words\n")
        os._exit(9)

    def _print(self, *result):
        print("rubbish" * 100)
        os.write(1, b"\x00\xff" * 100_000)
        os.system("echo rubbish of a child")
        assert sys.stdin.read() == ""
        return result

    def _nan(self, observation, *rest):
        return ([observation[0], float("nan"), 0], *rest)

    def _infinite_reward(self, observation, reward, *rest):
        return (observation, float("inf"), *rest)

    def _shape(self, observation, *rest):
        return ([*observation, 1], *rest)

    def _nothing(self, observation, *rest):
        return (None, *rest)


class WrongCategory(Counter):
    observation_space = spaces.Discrete(3)

    def reset(self, **arguments):
        super().reset(**arguments)
        return 2, {}

    def step(self, action):
        return 3, 0.0, False, False, {}


class Unspeakable(Counter):
    observation_space = spaces.Dict(net=spaces.Graph())


KNOWN = {
    "Counter-v0": Counter,
    "Both-v0": Both,
    "Everything-v0": Everything,
    "Misbehaving-v0": Misbehaving,
    "WrongCategory-v0": WrongCategory,
    "Unspeakable-v0": Unspeakable,
}


class NameNotFound(Exception):
    pass


def make(name, render_mode=None, **arguments):
    module, _, name = name.rpartition(":")
    if module:
        __import__(module)
    if name not in KNOWN:
        raise NameNotFound(f"Environment `{name}` doesn't exist.")
    return KNOWN[name](**arguments)
