# Drives Gymnasium environments for a parent process: messages come in on standard input and go out on standard output.
# The environment never sees those two: its own standard input is empty and its own prints go to standard error.
# Every request has one answer; the process ends when its standard input closes, whatever the environment is doing.
#
# A message is [length of the body: u32] [kind: u32] [body], little-endian. Bodies of commands and moments hold, for a
# fixed number of rows, one block for each leaf of the space, each block padded to 8 bytes, then the texts.
# Only the standard library is needed; numpy is used where the environment has loaded it.
import importlib
import json
import os
import signal
import struct
import sys
import threading
import time
import traceback
from array import array

NAME = "umwelt-host.py"  # What this file is called in tracebacks.
PROTOCOL = 1
MAKE, RESET, STEP, ACT = 1, 2, 3, 4
READY, MOMENTS, ERROR = 17, 18, 19
END, TRUNCATION, NOT_STEPPED = 1, 2, 255
MOST_CATEGORIES = 16  # More numbers than this become one vector in place of a channel each.
LARGEST_CATEGORY = 2**31 - 1
SMALLEST_PICTURE = 8
HEADER = struct.Struct("<II")
RESET_BODY = struct.Struct("<IIQ")


class Refusal(Exception):
    """Something about the environment that no moment can hold; the message says what."""

    def __init__(self, message, kind="refused"):
        super().__init__(message)
        self.kind = kind


def padded(size):
    return (size + 7) // 8 * 8


class Pipe:
    """The two ends that belong to the parent, moved away from where an environment would read and print."""

    def __init__(self):
        self._input, self._output = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        sys.stdout.reconfigure(line_buffering=True)
        self._poll = None
        self._spin = 0.0
        self._yield = None
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.close)
        try:
            import fcntl

            fcntl.fcntl(self._output, getattr(fcntl, "F_SETPIPE_SZ", 1031), 1 << 20)
        except (ImportError, OSError):
            pass  # A smaller pipe is slower, never wrong.

    def close(self):
        for end in (self._input, self._output):
            try:
                os.close(end)
            except OSError:
                pass

    def spin(self, seconds, shares):
        """Looks for the next message for this long before sleeping: waking a sleeper costs more than most steps."""
        try:
            import select

            self._poll = select.poll()
            self._poll.register(self._input, select.POLLIN)
            self._spin = seconds
            self._yield = getattr(os, "sched_yield", None) if shares else None
        except (ImportError, AttributeError):
            self._poll = None

    def watch(self):
        """Ends the process when the parent has gone, even in the middle of an endless step."""
        try:
            import select

            poll = select.poll()
            poll.register(self._input, 0)
        except (ImportError, AttributeError):
            return

        def wait():
            while True:
                if any(what & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, what in poll.poll()):
                    os._exit(0)

        threading.Thread(target=wait, daemon=True).start()

    def receive(self):
        if self._spin > 0 and not self._poll.poll(0):
            self._look()
        data = os.read(self._input, 1 << 16)
        while len(data) < 8:
            data += self._more(8 - len(data))
        length, kind = HEADER.unpack_from(data)
        if len(data) < length + 8:
            data = bytearray(data)
            while len(data) < length + 8:
                data += self._more(length + 8 - len(data))
        return kind, memoryview(data)[8:]

    def _look(self):
        poll, other, now = self._poll.poll, self._yield, time.perf_counter
        until = now() + self._spin
        while now() < until:
            if other:
                other()
            if poll(0) or poll(0) or poll(0):
                return

    def _more(self, size):
        piece = os.read(self._input, size)
        if not piece:
            os._exit(0)
        return piece

    def send(self, data):
        sent = os.write(self._output, data)
        while sent < len(data):
            sent += os.write(self._output, memoryview(data)[sent:])

    def send_json(self, kind, value):
        body = json.dumps(value).encode()
        self.send(HEADER.pack(len(body), kind) + body)


def flatten(value):
    """The numbers of nested lists in order."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from flatten(item)
    elif hasattr(value, "tolist"):
        yield from flatten(value.tolist())
    else:
        yield value


def extent(shape):
    size = 1
    for length in shape:
        size *= int(length)
    return size


def bounds(values, size):
    """One number, a list of them, or None where nothing is bounded; None in a list for an unbounded number."""
    numbers = [float(number) for number in flatten(values)]
    numbers = [number if abs(number) < float("inf") else None for number in numbers]
    if len(numbers) == 1:
        numbers *= size
    if all(number == numbers[0] for number in numbers):
        return numbers[0] if numbers else None
    return numbers


class Leaf:
    """A space without parts: one channel."""

    def __init__(self, path, kind, space, shape=(), **facts):
        self.path, self.kind, self.space, self.shape = path, kind, space, tuple(int(length) for length in shape)
        self.size = extent(self.shape)
        self.facts = facts
        self.bytes = {"box": 4 * self.size, "image": self.size, "category": 4, "text": 4}[kind]

    @property
    def name(self):
        return ".".join(self.path)

    def describe(self):
        return {"path": self.path, "kind": self.kind, "shape": list(self.shape), **self.facts}


class Tree:
    """A space as nested parts: ("leaf", leaf), ("many", leaf list, space), ("dict", {key: part}) or ("tuple", [part])."""

    def __init__(self, space, root, is_sense):
        self.leaves = []
        self._is_sense = is_sense
        self.root = self._part(space, [root])

    def _leaf(self, *arguments, **facts):
        leaf = Leaf(*arguments, **facts)
        if leaf.size > 0:
            self.leaves.append(leaf)
        return leaf

    def _part(self, space, path):
        kind = next((base.__name__ for base in type(space).__mro__ if base.__name__ in PARTS), None)
        if kind is None:
            raise Refusal(f"space '{'.'.join(path)}' is {type(space).__name__}, which no channel holds")
        return PARTS[kind](self, space, path)

    def _dict(self, space, path):
        return ("dict", {key: self._part(part, [*path, str(key)]) for key, part in space.spaces.items()})

    def _tuple(self, space, path):
        return ("tuple", [self._part(part, [*path, str(i)]) for i, part in enumerate(space.spaces)])

    def _box(self, space, path):
        shape = tuple(space.shape)
        if str(space.dtype) == "uint8" and self._is_sense:
            if len(shape) == 2 and min(shape) >= SMALLEST_PICTURE:
                return ("leaf", self._leaf(path, "image", space, (*shape, 1)))
            if len(shape) == 3 and shape[2] in (1, 3, 4):
                return ("leaf", self._leaf(path, "image", space, shape))
        size = extent(shape)
        return ("leaf", self._leaf(path, "box", space, shape, low=bounds(space.low, size), high=bounds(space.high, size)))

    def _category(self, space, path, count, start):
        if not 0 < count <= LARGEST_CATEGORY:
            raise Refusal(f"space '{'.'.join(path)}' has {count} values; a category has at most {LARGEST_CATEGORY}")
        return self._leaf(path, "category", space, (1,), count=count, start=start)

    def _discrete(self, space, path):
        return ("leaf", self._category(space, path, int(space.n), int(getattr(space, "start", 0))))

    def _multi(self, space, path, counts, starts):
        shape = tuple(space.shape)
        if len(counts) > MOST_CATEGORIES:
            high = [start + count - 1 for start, count in zip(starts, counts)]
            return ("leaf", self._leaf(path, "box", space, shape, low=bounds(starts, len(counts)), high=bounds(high, len(counts))))
        return ("many", [self._category(space, [*path, str(i)], count, start) for i, (count, start) in enumerate(zip(counts, starts))], space)

    def _multi_discrete(self, space, path):
        counts = [int(count) for count in flatten(space.nvec)]
        starts = [int(start) for start in flatten(getattr(space, "start", [0] * len(counts)))]
        return self._multi(space, path, counts, starts)

    def _multi_binary(self, space, path):
        size = extent(space.shape)
        return self._multi(space, path, [2] * size, [0] * size)

    def _text(self, space, path):
        return ("leaf", self._leaf(path, "text", space))


PARTS = {
    "Box": Tree._box,
    "Discrete": Tree._discrete,
    "MultiDiscrete": Tree._multi_discrete,
    "MultiBinary": Tree._multi_binary,
    "Text": Tree._text,
    "Dict": Tree._dict,
    "Tuple": Tree._tuple,
}


class Moments:
    """An answer with room for some rows, filled in place and sent again and again."""

    def __init__(self, rows, tree, frame):
        leaves = tree.leaves + ([frame] if frame else [])
        self._numpy = sys.modules.get("numpy")
        at = 8 + padded(rows)
        self._places = {}
        rewards = at
        at += 8 * rows
        for leaf in leaves:
            self._places[leaf] = at
            at += padded(leaf.bytes * rows)
        self._fixed = at
        self._rows = rows
        self.out = bytearray(at)
        self._memory = memoryview(self.out)
        HEADER.pack_into(self.out, 0, at - 8, MOMENTS)
        self.endings = self._memory[8 : 8 + rows]
        self.rewards = self._memory[rewards : rewards + 8 * rows].cast("d")
        self._texts = []
        self.write = self._writer(tree.root)
        self.picture = self._numbers(frame, "B") if frame else None

    def begin(self):
        self._texts.clear()

    def finished(self):
        if not self._texts:
            return self.out
        texts = b"".join(self._texts)
        message = self.out + texts
        HEADER.pack_into(message, 0, len(message) - 8, MOMENTS)
        return message

    def _writer(self, part):
        what, inner = part[0], part[1]
        if what == "dict":
            parts = [(key, self._writer(value)) for key, value in inner.items()]

            def write_dict(value, row):
                for key, write in parts:
                    write(value[key], row)

            return write_dict
        if what == "tuple":
            parts = [self._writer(value) for value in inner]

            def write_tuple(value, row):
                if len(value) != len(parts):
                    raise Refusal(f"a tuple of {len(value)} came where the space has {len(parts)}", "shape")
                for write, item in zip(parts, value):
                    write(item, row)

            return write_tuple
        if what == "many":
            parts = [self._category(leaf) for leaf in inner]

            def write_many(value, row):
                numbers = list(flatten(value))
                if len(numbers) != len(parts):
                    raise Refusal(f"{len(numbers)} numbers came where the space has {len(parts)}", "shape")
                for write, number in zip(parts, numbers):
                    write(number, row)

            return write_many
        if inner.size == 0:
            return lambda value, row: None
        if inner.kind == "category":
            return self._category(inner)
        if inner.kind == "text":
            return self._text(inner)
        return self._numbers(inner, "f" if inner.kind == "box" else "B")

    def _numbers(self, leaf, code):
        place, size, shape, rows = self._places[leaf], leaf.size, leaf.shape, self._rows
        given = tuple(leaf.space.shape) if leaf.space is not None else shape
        if self._numpy is None:
            return self._listed(leaf, code)
        numpy, array_type = self._numpy, self._numpy.ndarray
        view = numpy.frombuffer(self.out, code, rows * size, place).reshape(rows, *given)
        own = view.dtype

        def write(value, row):
            if type(value) is not array_type or value.shape != given or value.dtype is not own:
                value = numpy.asarray(value)
                if value.shape != given:
                    raise Refusal(f"'{leaf.name}' has shape {value.shape}; its space says {given}", "shape")
                if value.dtype.kind not in ("u" if code == "B" else "fiub"):
                    raise Refusal(f"'{leaf.name}' holds {value.dtype}, not {'bytes' if code == 'B' else 'numbers'}", "shape")
            view[row] = value

        return write

    def _listed(self, leaf, code):
        place, size = self._places[leaf], leaf.size
        view = self._memory[place : place + leaf.bytes * self._rows].cast(code)

        def write(value, row):
            numbers = list(flatten(value))
            if len(numbers) != size:
                raise Refusal(f"'{leaf.name}' has {len(numbers)} numbers; its space says {size}", "shape")
            view[row * size : (row + 1) * size] = memoryview(array(code, numbers))

        return write

    def _category(self, leaf):
        place, count, start = self._places[leaf], leaf.facts["count"], leaf.facts["start"]
        view = self._memory[place : place + 4 * self._rows].cast("i")

        def write(value, row):
            number = int(value) - start
            if not 0 <= number < count:
                raise Refusal(f"'{leaf.name}' is {value}; its space holds {count} values from {start}", "shape")
            view[row] = number

        return write

    def _text(self, leaf):
        place = self._places[leaf]
        view = self._memory[place : place + 4 * self._rows].cast("I")

        def write(value, row):
            if not isinstance(value, str):
                raise Refusal(f"'{leaf.name}' is {type(value).__name__}, not text", "shape")
            data = value.encode("utf-8", "replace")
            view[row] = len(data)
            self._texts.append(data)

        return write


class Commands:
    """Turns the body of a step into one action a row."""

    def __init__(self, rows, tree):
        self._rows = rows
        self._numpy = sys.modules.get("numpy")
        self._columns = {}
        self._blocks = []
        at = padded(rows)
        for leaf in tree.leaves:
            self._blocks.append((leaf, at))
            at += padded(leaf.bytes * rows)
        self._fixed = at
        self._action = self._maker(tree.root)
        self._plain = None
        part = tree.root
        if part[0] == "leaf" and part[1].kind == "category" and part[1].facts["start"] == 0 and part[1].facts["count"] > 1:
            self._plain = struct.Struct(f"<{rows}i"), self._blocks[0][1]

    def actions(self, body, mask):
        if self._plain:
            numbers, at = self._plain
            return numbers.unpack_from(body, at)
        for leaf, at in self._blocks:
            if leaf.kind == "category":
                self._columns[leaf] = struct.unpack_from(f"<{self._rows}i", body, at)
            elif leaf.kind == "box":
                self._columns[leaf] = body[at : at + leaf.bytes * self._rows].cast("f")
            elif leaf.kind == "image":
                self._columns[leaf] = body[at : at + leaf.bytes * self._rows]
        self._read_texts(body, mask)
        return [self._action(row) if mask[row] else None for row in range(self._rows)]

    def _read_texts(self, body, mask):
        lengths = {leaf: struct.unpack_from(f"<{self._rows}I", body, at) for leaf, at in self._blocks if leaf.kind == "text"}
        if not lengths:
            return
        columns = {leaf: [""] * self._rows for leaf in lengths}
        at = self._fixed
        for row in range(self._rows):
            for leaf, sizes in lengths.items():
                if mask[row]:
                    columns[leaf][row] = str(body[at : at + sizes[row]], "utf-8", "replace")
                    at += sizes[row]
        self._columns.update(columns)

    def _maker(self, part):
        what, inner = part[0], part[1]
        if what == "dict":
            parts = [(key, self._maker(value)) for key, value in inner.items()]
            return lambda row: {key: make(row) for key, make in parts}
        if what == "tuple":
            parts = [self._maker(value) for value in inner]
            return lambda row: tuple(make(row) for make in parts)
        if what == "many":
            parts = [self._maker(("leaf", leaf)) for leaf in inner]
            return lambda row: self._array([make(row) for make in parts], part[2])
        leaf, columns = inner, self._columns
        if leaf.kind == "category":
            most, start = leaf.facts["count"] - 1, leaf.facts["start"]
            return lambda row: min(columns[leaf][row], most) + start
        if leaf.kind == "text":
            return lambda row: columns[leaf][row]
        size = leaf.size
        return lambda row: self._array(columns[leaf][row * size : (row + 1) * size] if size else (), leaf.space)

    def _array(self, numbers, space):
        """Numbers in the type and shape of a space, inside its bounds where rounding moved them out."""
        if self._numpy is None:
            numbers = list(numbers)
            return numbers if "float" in str(space.dtype) else [round(number) for number in numbers]
        dtype = self._numpy.dtype(space.dtype)
        values = self._numpy.array(numbers, "f" if dtype.kind == "f" else None)
        if dtype != values.dtype:
            values = self._numpy.rint(values) if dtype.kind in "iub" and values.dtype.kind == "f" else values.astype(dtype)
            if hasattr(space, "low"):
                values = self._numpy.clip(values, space.low.ravel(), space.high.ravel())
            values = values.astype(dtype)
        return values.reshape(space.shape)


class Host:
    def __init__(self, pipe):
        self._pipe = pipe
        self._row = None
        self._first = 0
        self._environments = []
        self._occupant = None
        self._seen = []

    def run(self):
        kind, body = self._pipe.receive()
        try:
            if kind != MAKE:
                raise Refusal(f"the first message is of kind {kind}", "protocol")
            self._make(json.loads(bytes(body)))
            while True:
                kind, body = self._pipe.receive()
                if kind == STEP:
                    self._step(body)
                elif kind == RESET:
                    self._reset(*RESET_BODY.unpack_from(body)[::2])
                elif kind == ACT and self._occupant:
                    self._act(body)
                else:
                    raise Refusal(f"a message of kind {kind} came", "protocol")
        except BaseException as error:
            self._fail(error)

    def _fail(self, error):
        frames = error.__traceback__
        while frames.tb_next and frames.tb_frame.f_code.co_filename == NAME:
            frames = frames.tb_next
        inner = traceback.extract_tb(frames)[-1]
        refused = isinstance(error, Refusal)
        self._pipe.send_json(
            ERROR,
            {
                "kind": error.kind if refused else "exit" if isinstance(error, SystemExit) else "exception",
                "type": type(error).__name__,
                "message": str(error),
                "row": None if self._row is None else self._row + self._first,
                "where": None if refused else f"{inner.filename}:{inner.lineno} in {inner.name}",
                "traceback": None if refused else "".join(traceback.format_exception(type(error), error, frames)),
            },
        )
        sys.stdout.flush()
        os._exit(1)

    def _make(self, request):
        if request["protocol"] != PROTOCOL:
            raise Refusal(f"this host speaks protocol {PROTOCOL}, not {request['protocol']}", "protocol")
        if sys.version_info < (3, 9):
            raise Refusal("Python 3.9 or later is needed; this is " + sys.version.split()[0], "python")
        self._first = request["first"]
        try:
            import gymnasium
        except ModuleNotFoundError as error:
            if error.name != "gymnasium":
                raise
            raise Refusal(sys.executable, "missing") from None
        arguments = dict(request["arguments"])
        if request["render"]:
            arguments["render_mode"] = "rgb_array"
        self._environments = [gymnasium.make(request["environment"], **arguments) for _ in range(request["count"])]
        one = self._environments[0]
        senses, motors = Tree(one.observation_space, "obs", True), Tree(one.action_space, "action", False)
        frame = self._frame(one) if request["render"] else None
        rows = request["count"]
        self._moments = Moments(rows, senses, frame)
        self._one = self._moments if rows == 1 else Moments(1, senses, frame)
        self._commands = Commands(rows, motors)
        self._steps = [environment.step for environment in self._environments]
        if request.get("occupant"):
            self._occupant, self._acts = self._function(request["occupant"]), Moments(rows, motors, None)
        self._seen = [None] * rows
        rate = (getattr(one, "metadata", None) or {}).get("render_fps")
        self._pipe.spin(request["spin"] * 1e-6, request["shares"])
        self._pipe.send_json(
            READY,
            {
                "protocol": PROTOCOL,
                "python": sys.version.split()[0],
                "gymnasium": str(getattr(gymnasium, "__version__", "unknown")),
                "rate": float(rate) if rate else None,
                "senses": [leaf.describe() for leaf in senses.leaves],
                "motors": [leaf.describe() for leaf in motors.leaves],
                "frame": list(frame.shape) if frame else None,
            },
        )

    @staticmethod
    def _function(name):
        module, _, attribute = name.partition(":")
        function = importlib.import_module(module)
        for part in attribute.split("."):
            function = getattr(function, part)
        if not callable(function):
            raise Refusal(f"occupant '{name}' is {type(function).__name__}, not a function")
        return function

    def _frame(self, environment):
        environment.reset(seed=0)
        picture = environment.render()
        shape = tuple(getattr(picture, "shape", ()))
        if len(shape) != 3 or shape[2] not in (1, 3, 4):
            raise Refusal(f"render() gives {type(picture).__name__} of shape {shape}, not a picture", "render")
        return Leaf(["sight"], "image", None, shape)

    def _reset(self, row, seed):
        self._row = row
        moments = self._one
        moments.begin()
        observation, _ = self._environments[row].reset(seed=seed)
        self._seen[row] = observation
        moments.write(observation, 0)
        moments.rewards[0] = 0.0
        moments.endings[0] = 0
        if moments.picture:
            moments.picture(self._environments[row].render(), 0)
        self._row = None
        self._pipe.send(moments.finished())

    def _act(self, body):
        acts = self._acts
        acts.begin()
        for row, environment in enumerate(self._environments):
            if body[row]:
                self._row = row
                acts.write(self._occupant(self._seen[row], environment), row)
        self._row = None
        self._pipe.send(acts.finished())

    def _step(self, body):
        moments, steps = self._moments, self._steps
        write, rewards, endings, picture = moments.write, moments.rewards, moments.endings, moments.picture
        actions = self._commands.actions(body, body)
        moments.begin()
        for row in range(len(steps)):
            if not body[row]:
                endings[row] = NOT_STEPPED
                continue
            self._row = row
            observation, reward, terminated, truncated, _ = steps[row](actions[row])
            self._seen[row] = observation
            write(observation, row)
            rewards[row] = reward
            endings[row] = END if terminated else TRUNCATION if truncated else 0
            if picture:
                picture(self._environments[row].render(), row)
        self._row = None
        self._pipe.send(moments.finished())


def main():
    pipe = Pipe()
    try:
        import faulthandler

        faulthandler.enable()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except (ImportError, OSError, ValueError):
        pass
    pipe.watch()
    sys.argv = ["umwelt-host"]
    Host(pipe).run()


main()
