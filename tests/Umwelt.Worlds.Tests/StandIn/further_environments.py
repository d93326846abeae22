# A module that brings an environment of its own, to be named as module:environment.
import gymnasium


class Further(gymnasium.Counter):
    pass


gymnasium.KNOWN["Further-v0"] = Further
