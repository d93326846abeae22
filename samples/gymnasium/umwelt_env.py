"""A world of a running `umwelt serve` as a Gymnasium environment, over OpenEnv: one connection is one life.

    pip install gymnasium
    umwelt serve house
    python samples/gymnasium/umwelt_env.py ws://127.0.0.1:7070

Whatever trains on Gymnasium's environments can live in the house this way, and in a dream as soon as a server shows one.
"""

import base64
import json
import os
import socket
import struct
import sys
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

import gymnasium
import numpy as np


class UmweltEnv(gymnasium.Env):
    """Observations and actions are dictionaries of the world's channels; `terminated` and `truncated` are told apart."""

    metadata = {"render_modes": ["rgb_array"]}

    def __init__(self, server="ws://127.0.0.1:7070", world="house", token=None):
        address = urlsplit(server)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with urlopen(Request(f"http://{address.netloc}/schema?world={quote(world)}", headers=headers)) as answer:
            schema = json.load(answer)
        self.metadata = {**self.metadata, "render_fps": schema["rate"]}
        self.render_mode = "rgb_array"
        self._motors = [c for c in schema["channels"] if c["role"] == "Motor"]
        self._senses = [c for c in schema["channels"] if c["role"] == "Sense"]
        self.action_space = gymnasium.spaces.Dict({c["name"]: _space(c) for c in self._motors})
        self.observation_space = gymnasium.spaces.Dict({c["name"]: _space(c) for c in self._senses})
        self._socket = _WebSocket(address.hostname, address.port or 80, f"/ws?world={quote(world)}", headers)
        self._last = None

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._ask("reset", {} if seed is None else {"seed": seed})[0], {}

    def step(self, action):
        said = {name: value.tolist() if isinstance(value, np.ndarray) else int(value) if not isinstance(value, str) else value for name, value in action.items()}
        observation, data = self._ask("step", said)
        return observation, float(data["reward"] or 0.0), data["observation"]["terminated"], data["observation"]["truncated"], {}

    def render(self):
        pictures = [self._last[c["name"]] for c in self._senses if c["kind"] == "image"] if self._last else []
        return pictures[0] if pictures else None

    def close(self):
        self._socket.close()

    def _ask(self, kind, data):
        self._socket.send(json.dumps({"type": kind, "data": data}))
        answer = json.loads(self._socket.receive())
        if answer["type"] == "error":
            raise ValueError(answer["data"]["message"])
        self._last = {c["name"]: _value(c, answer["data"]["observation"][c["name"]]) for c in self._senses}
        return self._last, answer["data"]


def _shape(channel):
    return {
        "image": lambda: (channel["height"], channel["width"], channel.get("colours", 3)),
        "sound": lambda: (channel["samples"], channel.get("ears", 1)),
        "vector": lambda: (channel["size"],),
    }[channel["kind"]]()


def _space(channel):
    spaces = gymnasium.spaces
    if channel["kind"] == "image":
        return spaces.Box(0, 255, _shape(channel), np.uint8)
    if channel["kind"] == "sound":
        return spaces.Box(-32768, 32767, _shape(channel), np.int16)
    if channel["kind"] == "category":
        return spaces.Discrete(channel["count"])
    if channel["kind"] == "text":
        return spaces.Text(4096, min_length=0)
    bound = lambda key, usual: np.array([usual if v is None else v for v in channel.get(key) or [None] * channel["size"]], np.float32)
    return spaces.Box(bound("minimum", -np.inf), bound("maximum", np.inf), dtype=np.float32)


def _value(channel, value):
    if channel["kind"] == "text":
        return value or ""
    if channel["kind"] == "category":
        return int(value or 0)
    if channel["kind"] == "vector":
        return np.zeros(_shape(channel), np.float32) if value is None else np.array([np.nan if v is None else v for v in value], np.float32)
    dtype = np.uint8 if channel["kind"] == "image" else np.int16
    return np.zeros(_shape(channel), dtype) if value is None else np.frombuffer(base64.b64decode(value["base64"]), dtype).reshape(_shape(channel))


class _WebSocket:
    """As much of RFC 6455 as a client needs that sends and receives whole texts."""

    def __init__(self, host, port, path, headers):
        self._connection = socket.create_connection((host, port))
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._connection.makefile("rb")
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", *(f"{name}: {value}" for name, value in headers.items())]
        self._connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        status = self._stream.readline().decode()
        while self._stream.readline().strip():
            pass
        if " 101 " not in status:
            raise ConnectionError(f"the server refused: {status.strip()}")

    def send(self, text):
        self._frame(0x1, text.encode())

    def receive(self):
        parts = []
        while True:
            first, second = self._read(2)
            length = second & 0x7F
            if length >= 126:
                length = struct.unpack(">H" if length == 126 else ">Q", self._read(2 if length == 126 else 8))[0]
            payload = self._read(length)
            kind = first & 0x0F
            if kind == 0x9:
                self._frame(0xA, payload)
            elif kind == 0x8:
                raise ConnectionError("the server closed the connection")
            elif kind in (0x0, 0x1):
                parts.append(payload)
                if first & 0x80:
                    return b"".join(parts).decode()

    def close(self):
        try:
            self._frame(0x8, b"")
        finally:
            self._connection.close()

    def _frame(self, kind, payload):
        length = struct.pack(">B", 0x80 | len(payload)) if len(payload) < 126 else struct.pack(">BH", 0x80 | 126, len(payload))
        mask = os.urandom(4)
        self._connection.sendall(bytes([0x80 | kind]) + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))

    def _read(self, count):
        data = self._stream.read(count)
        if len(data) < count:
            raise ConnectionError("the connection broke")
        return data


if __name__ == "__main__":
    env = UmweltEnv(*sys.argv[1:])
    observation, _ = env.reset(seed=7)
    total = 0.0
    for moment in range(200):
        observation, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        total += reward
        if terminated or truncated:
            env.reset()
    print(f"lived 200 moments; sensed {', '.join(observation)}; reward {total:.2f}")
    env.close()
