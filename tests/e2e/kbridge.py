# SPDX-License-Identifier: Apache-2.0
"""The proxy under test as a process, and what takes its place in the reference run.

KBRIDGE_BIN names the binary (build/kbridge unless told); KBRIDGE_BIN=direct lets the same tests run straight at the broker: what a
client does there, it must do through kbridge.
"""

import os
import re
from pathlib import Path

from tests.e2e.wire import Watch
from tests.kafka.cluster import Cluster
from tests.kafka.net import free_port
from tests.kafka.process import Process

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 60
# Requests that are under way may take timeouts.drain, 8 s.
STOP_TIMEOUT_S = 60
SANITIZER = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:")


def binary(variable: str = "KBRIDGE_BIN") -> Path:
    path = Path(os.environ.get(variable) or ROOT / "build/kbridge").absolute()
    if not path.exists():
        raise RuntimeError(f"{path} is not there: build it, or name another with {variable}")
    return path


def is_direct() -> bool:
    return os.environ.get("KBRIDGE_BIN") == "direct"


class Kbridge:
    """One kbridge in front of one cluster."""

    def __init__(self, kafka: Cluster, folder: Path, program: Path, *settings: str, port: int | None = None, upstream: str | None = None):
        self.port = port or free_port()
        self.address = f"localhost:{self.port}"
        self.log = folder / "kbridge.log"
        command = [str(program), "--listen", self.address, *settings, upstream or kafka.bootstrap]
        # KBRIDGE_BIN and its like are settings of the tests; kbridge would take them for its own.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
        said_before = self.log.stat().st_size if self.log.exists() else 0
        self.process = Process("kbridge", command, self.log, environment=environment)
        # It says so when it listens on all addresses, of forwards too; that it does on one is seen before.
        self.process.wait_until(lambda: "listening on " in self._said_since(said_before), START_TIMEOUT_S)
        self._watch = Watch([broker.client_port for broker in kafka.brokers], self.process.pid)

    def _said_since(self, begin: int) -> str:
        return self.log.read_bytes()[begin:].decode(errors="replace")

    def log_contains(self, pattern: str) -> bool:
        return re.search(pattern, self.log.read_text(errors="replace")) is not None

    def talks_to_broker(self) -> bool:
        """At this moment: a client that is through sooner than the next look leaves nothing behind."""
        return bool(self._watch.own())

    def stop(self) -> None:
        """The end of every test: an orderly stop, no sanitizer report, and nobody but kbridge was seen at the broker."""
        self._watch.stop()
        exit_code = self.process.stop(STOP_TIMEOUT_S)
        assert not SANITIZER.search(self.log.read_text(errors="replace")), f"a sanitizer reports:\n{self.process.tail()}"
        assert exit_code == 0, f"kbridge ended with {exit_code} on SIGTERM:\n{self.process.tail()}"
        assert not self._watch.strangers, f"connections to the broker that are not kbridge's: {self._watch.strangers}"


class NoKbridge:
    """The reference run: clients talk to the broker itself."""

    def __init__(self, kafka: Cluster):
        self.address = kafka.internal

    def talks_to_broker(self) -> bool:
        return True

    def stop(self) -> None:
        pass
