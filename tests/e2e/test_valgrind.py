# SPDX-License-Identifier: Apache-2.0
"""What is shipped, under valgrind, with a client of each kind of end: no error, no block left, and an empty event loop.

Apart from the sanitizers' runs, because they cannot see memory that was never written, and are another build than the one shipped.
"""

import shlex
import socket
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer

from tests.e2e import fakes
from tests.e2e.kbridge import Kbridge, binary

RECORDS = 200
READY_TIMEOUT_S = 60
ERROR_EXIT_CODE = 99
VALGRIND = [
    "valgrind", "--leak-check=full", "--show-leak-kinds=all", "--errors-for-leak-kinds=all", "--track-fds=yes",
    f"--error-exitcode={ERROR_EXIT_CODE}",
]  # fmt: skip


def under_valgrind(folder: Path) -> Path:
    program = folder / "kbridge-under-valgrind"
    program.write_text(f'#!/bin/sh\nexec {shlex.join([*VALGRIND, str(binary("KBRIDGE_RELEASE_BIN"))])} "$@"\n')
    program.chmod(0o755)
    return program


@pytest.fixture
def proxy(tmp_path):
    with fakes.mock(binary().with_name("kbridge-tools")) as broker:
        proxy = Kbridge(broker, tmp_path, under_valgrind(tmp_path), "--timeouts.header", "1s", "--traffic")
        proxy.process.wait_until(lambda: proxy.log_contains("cluster .* has 1 node"), READY_TIMEOUT_S)
        yield proxy


def produce_and_consume(bootstrap: str) -> list[int]:
    producer = Producer({"bootstrap.servers": bootstrap})
    for number in range(RECORDS):
        producer.produce("valgrind", str(number))
    assert producer.flush(READY_TIMEOUT_S) == 0
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "valgrind", "auto.offset.reset": "earliest"})
    consumer.subscribe(["valgrind"])
    records = consumer.consume(RECORDS, READY_TIMEOUT_S)
    consumer.close()
    return sorted(int(record.value()) for record in records)


def test_a_client_and_those_that_end_otherwise_leave_nothing_behind_under_valgrind(proxy):
    assert produce_and_consume(proxy.address) == list(range(RECORDS))
    with socket.create_connection(("127.0.0.1", proxy.port)) as garbage, socket.create_connection(("127.0.0.1", proxy.port)) as begun:
        garbage.sendall(b"GET / HTTP/1.1\r\n\r\n")
        begun.sendall(b"\0\0\0\x64\0")
        assert garbage.recv(1) == b"" and begun.recv(1) == b""
    held = socket.create_connection(("127.0.0.1", proxy.port))  # still there when kbridge is told to stop
    # Exit code 0: valgrind has found nothing, and worker_close that each handle of the loop is closed.
    proxy.stop()
    held.close()
    log = proxy.log.read_text()
    assert "ERROR SUMMARY: 0 errors" in log
    assert "All heap blocks were freed -- no leaks are possible" in log
    assert "was never closed" not in log
