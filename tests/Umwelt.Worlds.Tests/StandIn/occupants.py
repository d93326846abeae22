# People who act in the stand-in's environments.
def counting(observation, environment):
    return 1 if observation[2] > 0.5 else -1


def everything(observation, environment):
    return {
        "force": [0.5, -3.0],
        "gear": 6,
        "level": [7],
        "switches": [1, 0],
        "pair": (1, [2, 3]),
        "word": "grüß " + observation["said"],
    }


def reckless(observation, environment):
    return 7


def clumsy(observation, environment):
    raise KeyError("where am I")


nobody = 3
