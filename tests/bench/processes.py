# SPDX-License-Identifier: Apache-2.0
"""The programs of the benchmark: the model broker, the load generator, and what stands between them.

Apart, because what is measured with them (bench.py) and what is counted (counts.py) starts them in the same way.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.kafka.net import free_port
from tests.kafka.process import Process

ROOT = Path(__file__).resolve().parents[2]
START_SOON_S = 0.2
START_TIMEOUT_S = 60  # under valgrind, too
STOP_TIMEOUT_S = 60
LOAD_TIMEOUT_S = 120

# A proxy has a processor for itself; broker and load share another one.
_CPUS = sorted(os.sched_getaffinity(0))
PROXY_CPU, LOAD_CPU = _CPUS[0], _CPUS[-1]

HAPROXY = """global
    nbthread 1
defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
    {option}
listen bench
    bind 127.0.0.1:{port}
    server broker 127.0.0.1:{broker_port}
"""


def pinned(cpu: int, command: Sequence[str]) -> list[str]:
    return ["taskset", "--cpu-list", str(cpu), *command]


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Broker:
    """The model broker; as several nodes it is what kbridge routes to, all in one process."""

    def __init__(self, build: Path, folder: Path, record_bytes: int, nodes: int = 1, partitions: int = 1):
        said = folder / f"broker-of-{nodes}.port"
        command = pinned(LOAD_CPU, [str(build / "bench_broker"), str(record_bytes), str(nodes), str(partitions)])
        self.process = Process("the model broker", command, folder / "broker.log", output=said)
        self.process.wait_until(lambda: said.read_text().endswith("\n"), START_TIMEOUT_S)
        self.port = int(said.read_text())

    def stop(self) -> None:
        self.process.kill()


class Direct:
    """Nothing between client and broker."""

    def __init__(self, broker: Broker):
        self.port = broker.port

    def cpu_s(self) -> float:
        return 0.0

    def stop(self) -> None:
        pass


class Proxy:
    """Whatever listens on `port` and forwards to the broker."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, port: int, pin: bool = True):
        self.port = port
        self.process = Process(name, pinned(PROXY_CPU, command) if pin else command, folder / f"{name}.log")
        self.start_ms = self._start_ms()

    def _start_ms(self) -> float:
        """How long it takes until it accepts; at first asked again and again at once, so that the asking adds little."""
        began = time.monotonic()
        while not accepts(self.port) and time.monotonic() - began < START_SOON_S:
            continue
        self.process.wait_until(lambda: accepts(self.port), START_TIMEOUT_S)
        return (time.monotonic() - began) * 1e3

    def cpu_s(self) -> float:
        """What all its threads have used, user and system, to the nanosecond (the first number of schedstat)."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def stop(self) -> None:
        self.process.stop(STOP_TIMEOUT_S)


def start_kbridge(
    build: Path, folder: Path, broker: Broker, *settings: str, under: Sequence[str] = (), pin: bool = True
) -> Proxy:
    """`under`: a command, such as strace, that kbridge becomes a child of or runs in."""
    port = free_port()
    command = [*under, str(build / "kbridge"), f"127.0.0.1:{broker.port}", "--listen", f"127.0.0.1:{port}", *settings]
    return Proxy("kbridge", command, folder, port, pin)


def find_haproxy() -> str:
    # Debian's package puts it where only root's path leads.
    program = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        raise SystemExit("There is no haproxy on this machine; ./dev bench installs it.")
    return program


def haproxy_version() -> str:
    said = subprocess.run([find_haproxy(), "-v"], check=True, capture_output=True, text=True).stdout
    return said.split()[2]


def start_haproxy(folder: Path, broker: Broker, splice: bool, port: int | None = None) -> Proxy:
    name = "haproxy-splice" if splice else "haproxy"
    port = port or free_port()
    settings = folder / f"{name}.cfg"
    option = "option splice-auto" if splice else ""
    settings.write_text(HAPROXY.format(option=option, port=port, broker_port=broker.port))
    return Proxy(name, [find_haproxy(), "-db", "-f", str(settings)], folder, port)


def run_load(build: Path, way: Direct | Proxy, load: Sequence[object]) -> dict[str, float]:
    """What the load generator says, and `cpu_s`, which the way has used from its first request to the last answer."""
    command = pinned(LOAD_CPU, [str(build / "bench_load"), str(way.port), *map(str, load)])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout.readline() != "ready\n":
            raise SystemExit(f"The load generator could not begin: {' '.join(command)}")
        before_s = way.cpu_s()
        said, _ = process.communicate("go\n", LOAD_TIMEOUT_S)
        used_s = way.cpu_s() - before_s
    if process.returncode != 0:
        raise SystemExit(f"The load generator failed: {' '.join(command)}")
    return {**json.loads(said), "cpu_s": used_s}
