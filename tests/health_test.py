# SPDX-License-Identifier: Apache-2.0
"""`kbridge health` tells by its exit code whether Kafka answers, which is more than an open port, and why not."""

import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from tests.kafka.net import free_port
from tests.kafka.process import Process

pytestmark = pytest.mark.core

BUILD = Path(os.environ.get("KBRIDGE_BUILD", Path(__file__).resolve().parents[1] / "build/dev"))
KBRIDGE = BUILD / "kbridge"
START_TIMEOUT_S = 60


def health(*arguments: str, **variables: str) -> tuple[int, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
    done = subprocess.run(
        [KBRIDGE, "health", *arguments], capture_output=True, text=True, timeout=60, env={**environment, **variables}
    )
    return done.returncode, (done.stdout + done.stderr).strip()


@pytest.fixture
def started(tmp_path):
    """Starts a process that ends with the test."""
    processes = []

    def start(*command: str) -> Process:
        log = tmp_path / f"{len(processes)}.log"
        processes.append(Process(command[0], [str(BUILD / command[0]), *command[1:]], log))
        processes[-1].wait_until(lambda: log.read_text().count("\n") > 0, START_TIMEOUT_S)
        return processes[-1]

    yield start
    for process in processes:
        process.kill()


@pytest.fixture
def proxy(started):
    """kbridge in front of a mock broker: the address, the broker, and kbridge."""
    broker = started("kbridge-tools", "mock")
    address = f"localhost:{free_port()}"
    return address, broker, started("kbridge", broker.log.read_text().split()[0], "--listen", address)


def test_kafka_answers(proxy):
    address, _, _ = proxy
    assert health(address) == (0, f"Kafka answers at {address}.")


def test_the_address_comes_from_the_listener_where_none_is_given(proxy):
    address, _, _ = proxy
    assert health(KBRIDGE_LISTEN=address.replace("localhost", "*")) == (0, f"Kafka answers at {address}.")


def test_an_open_port_is_not_enough(proxy):
    address, broker, _ = proxy
    broker.kill()
    assert health(address) == (1, f"Kafka does not answer at {address}: no answer came within 3 s.")


def test_the_log_is_not_filled_by_checks(proxy):
    address, _, kbridge = proxy
    before = kbridge.log.read_text()
    assert health(address)[0] == 0
    assert "is told" not in kbridge.log.read_text().removeprefix(before)


def test_nobody_listens():
    address = f"localhost:{free_port()}"
    assert health(address) == (1, f"Kafka does not answer at {address}: nobody can be reached there (Connection refused).")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"", "the connection ended without an answer (closed by the other side)"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "what came is no answer to the question"),
        (b"\x00\x00\x00\x0a\x00\x00\x6b\x62\x00\x00", "the connection ended without an answer (closed by the other side)"),
    ],
    ids=["nothing", "another protocol", "half an answer"],
)
def test_what_comes_is_no_answer(answer, sentence):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert health(address) == (1, f"Kafka does not answer at {address}: {sentence}.")
        thread.join()


@pytest.mark.parametrize("arguments", [("one", "two"), ("localhost:99999",), ("--listen",)])
def test_a_wrong_argument_is_2(arguments):
    code, sentence = health(*arguments)
    assert code == 2
    assert sentence.startswith("kbridge: ") and sentence.endswith(".")
