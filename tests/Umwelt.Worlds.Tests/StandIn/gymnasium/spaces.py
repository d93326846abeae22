# The spaces of the stand-in: as much of Gymnasium's as a bridge reads, in plain lists, so that tests need Python alone.


class Box:
    def __init__(self, low, high, shape, dtype="float32"):
        self.low, self.high, self.shape, self.dtype = low, high, shape, dtype


class Discrete:
    def __init__(self, n, start=0):
        self.n, self.start = n, start


class MultiDiscrete:
    def __init__(self, nvec):
        self.nvec, self.shape, self.dtype = nvec, (len(nvec),), "int64"


class MultiBinary:
    def __init__(self, n):
        self.shape, self.dtype = (n,), "int8"


class Text:
    pass


class Graph:
    pass


class Dict:
    def __init__(self, **spaces):
        self.spaces = spaces


class Tuple:
    def __init__(self, *spaces):
        self.spaces = spaces
