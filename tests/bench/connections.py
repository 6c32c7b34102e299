# SPDX-License-Identifier: Apache-2.0
"""What connections cost while nothing passes, and what a start costs: memory, wake-ups, time.

Apart from bench.py, because it is counted once, not timed in rounds.
"""

import resource
import socket
import struct
import time
from contextlib import ExitStack
from pathlib import Path

from tests.bench.processes import Broker, Proxy, start_haproxy, start_kbridge

IDLE_CONNECTIONS = 5000
IDLE_S = 3
CONNECTS = 3000
API_VERSIONS_V0 = struct.pack(">ihhih", 10, 18, 0, 1, -1)
ANSWER_TIMEOUT_S = 20

STARTERS = {
    "kbridge": start_kbridge,
    "haproxy": lambda build, folder, broker: start_haproxy(folder, broker, splice=False),
}


def _status(proxy: Proxy, name: str) -> int:
    lines = Path(f"/proc/{proxy.process.pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))


def resident_bytes(proxy: Proxy) -> int:
    return _status(proxy, "VmRSS") << 10


def peak_bytes(proxy: Proxy) -> int:
    return _status(proxy, "VmHWM") << 10


def wake_ups(proxy: Proxy) -> int:
    return _status(proxy, "voluntary_ctxt_switches")


def ask(client: socket.socket) -> None:
    """One round trip, after which the proxy has a connection to the broker, too."""
    client.sendall(API_VERSIONS_V0)
    (length,) = struct.unpack(">i", _read(client, 4))
    _read(client, length)


def _read(client: socket.socket, length: int) -> bytes:
    got = b""
    while len(got) < length:
        part = client.recv(length - len(got))
        if not part:
            raise SystemExit("A connection ended before its answer had come.")
        got += part
    return got


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), ANSWER_TIMEOUT_S)


def may_open_many() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def measure(way: str, build: Path, folder: Path) -> dict[str, float]:
    """All of it for one proxy, in front of a model broker of its own."""
    may_open_many()
    found: dict[str, float] = {}
    folder = folder / way
    folder.mkdir()
    broker = Broker(build, folder, 100)
    with ExitStack() as stack:
        stack.callback(broker.stop)
        proxy = STARTERS[way](build, folder, broker)
        stack.callback(proxy.stop)
        found["start-up, ms"] = proxy.start_ms
        connect(proxy).close()
        base = resident_bytes(proxy)
        found["base memory, MiB"] = base / (1 << 20)
        began, cpu_s = time.monotonic(), proxy.cpu_s()
        for _ in range(CONNECTS):
            with connect(proxy) as client:
                ask(client)
        found["connects/s"] = CONNECTS / (time.monotonic() - began)
        found["CPU µs/connect"] = (proxy.cpu_s() - cpu_s) / CONNECTS * 1e6
        base = resident_bytes(proxy)
        for _ in range(IDLE_CONNECTIONS):
            ask(stack.enter_context(connect(proxy)))
        time.sleep(IDLE_S)  # what was needed for the last answers is given back, as time passes
        found["memory per idle connection, KiB"] = (resident_bytes(proxy) - base) / IDLE_CONNECTIONS / 1024
        before = wake_ups(proxy)
        time.sleep(IDLE_S)  # this is what is measured: how often it wakes in that time
        found[f"wake-ups/s, {IDLE_CONNECTIONS:,} idle"] = (wake_ups(proxy) - before) / IDLE_S
    return found
