# SPDX-License-Identifier: Apache-2.0
"""`kbridge mock`: which client does what against it, how soon it is up, and how much memory it takes."""

import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.clients import CORE_CLIENTS, JAVA_VERIFIABLE, MORE_CLIENTS, Consumer, produce
from tests.e2e.kbridge import binary
from tests.e2e.tables import add_row
from tests.kafka.net import free_port, metadata_nodes

RECORDS = 500
PARTITIONS = 4
# As it is shipped: sanitizers have time and memory of their own.
UP_S = 0.2
ATTEMPTS = 30
RESIDENT_MAX_KIB = 64 << 10
TABLE = ("kbridge mock", ["client", "one broker", "three brokers"])
# The others wait for ever, at the mock itself too, without kbridge: it knows too little of what they ask first.
WAIT_FOR_EVER = {"java-console", "java-console-2.8.2", "kafka-python", "franz-go", "sarama"}
CLIENTS = [client for client in [*CORE_CLIENTS, *MORE_CLIENTS] if client.name not in WAIT_FOR_EVER and client is not JAVA_VERIFIABLE]


class Mock:
    def __init__(self, *arguments: str, program: Path | None = None):
        self.port = free_port()
        self.address = f"localhost:{self.port}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
        begun = time.monotonic()
        command = [program or binary(), "mock", "--listen", self.address, *arguments]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)
        while not metadata_nodes("127.0.0.1", self.port):
            assert self._process.poll() is None
        self.up_s = time.monotonic() - begun

    def resident_kib(self) -> int:
        """Of both its processes."""
        pids = subprocess.run(["ps", "-o", "rss=", "--pid", str(self._process.pid), "--ppid", str(self._process.pid)],
                              capture_output=True, text=True, check=True)  # fmt: skip
        return sum(map(int, pids.stdout.split()))

    def stop(self) -> int:
        self._process.terminate()
        return self._process.wait(60)


@contextmanager
def mock(*arguments: str, program: Path | None = None):
    running = Mock(*arguments, program=program)
    try:
        yield running
    finally:
        assert running.stop() == 0


def gets_what_was_sent(client, brokers: int, folder) -> None:
    folder.mkdir()
    values = [str(number) for number in range(RECORDS)]
    with mock("--brokers", str(brokers), "--topic", f"news:{PARTITIONS}") as running:
        produce(client, running.address, "news", values, folder)
        reader = Consumer(client, 0, running.address, "news", "readers", folder)
        got = reader.wait_for(RECORDS)
        reader.process.kill()
    assert sorted(got) == sorted(values)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_a_client_gets_what_it_has_sent(client, tmp_path):
    gets_what_was_sent(client, 1, tmp_path / "one")
    gets_what_was_sent(client, 3, tmp_path / "three")
    add_row(*TABLE, client.name, "yes", "yes")


def test_it_is_up_in_200_ms_and_small():
    took, resident = [], []
    while len(took) < 5 or (min(took) >= UP_S and len(took) < ATTEMPTS):  # what else runs here makes it slower, never faster
        with mock(program=binary("KBRIDGE_RELEASE_BIN")) as running:
            took.append(running.up_s)
            resident.append(running.resident_kib())
    add_row(*TABLE, "up, ms (the fastest)", f"{1000 * min(took):.0f}", "")
    add_row(*TABLE, "resident, KiB (both processes)", max(resident), "")
    assert min(took) < UP_S
    assert max(resident) < RESIDENT_MAX_KIB
