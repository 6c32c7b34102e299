# SPDX-License-Identifier: Apache-2.0
"""`kbridge wait` without a real Kafka: other services, the command behind --, and what is written wrong."""

import http.server
import os
import pty
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e import fakes
from tests.e2e.flow import wait_until
from tests.kafka.net import free_port, metadata_nodes

pytestmark = pytest.mark.core

BUILD = Path(os.environ.get("KBRIDGE_BUILD", Path(__file__).resolve().parents[1] / "build/dev"))
KBRIDGE = BUILD / "kbridge"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
SHORT = ("--timeout", "300ms")
# For more than one look, on a busy machine too.
SOME_LOOKS = ("--timeout", "2s")


def wait(*arguments: str) -> tuple[int, str, list[str]]:
    done = subprocess.run([KBRIDGE, "wait", *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr.splitlines()


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/subjects" else 503)
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def registry():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_each_address_is_waited_for():
    with registry() as other, fakes.mock(BUILD / "kbridge-tools") as mock:
        code, _, said = wait(mock.bootstrap, f"tcp://{other}", f"http://{other}/subjects")
    assert code == 0
    assert [line.split(" is ready after ")[0] for line in said] == [mock.bootstrap, f"tcp://{other}", f"http://{other}/subjects"]


def test_a_page_with_an_error_is_not_there():
    with registry() as other:
        code, _, said = wait(f"http://{other}/", *SOME_LOOKS)
    assert code == 1
    assert said[0] == f"http://{other}/ is not there yet: it answers with status 503."
    assert said[-1].endswith("s: it answers with status 503.")


def test_the_same_reason_is_told_once_and_at_the_end():
    address = f"127.0.0.1:{free_port()}"
    code, _, said = wait(address, *SOME_LOOKS)
    assert code == 1
    assert len(said) == 2
    assert said[0] == f"{address} is not there yet: nobody can be reached there (Connection refused)."


def test_on_a_terminal_one_line_changes():
    ours, theirs = pty.openpty()
    process = subprocess.Popen([KBRIDGE, "wait", f"127.0.0.1:{free_port()}", *SOME_LOOKS], stderr=theirs)
    os.close(theirs)
    assert process.wait(60) == 1
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert shown.count("\n") == 1
    assert shown.count("\r\x1b[K") > 2


def test_the_command_takes_its_place_and_its_exit_code():
    with registry() as other:
        assert wait(f"tcp://{other}", "--", "sh", "-c", "echo ran; exit 7")[:2] == (7, "ran\n")
        assert wait(f"tcp://{other}", "--", "no-such-command")[0] == 127


def test_the_command_does_not_run_when_time_is_up():
    assert wait(f"tcp://127.0.0.1:{free_port()}", *SHORT, "--", "echo", "ran")[:2] == (1, "")


@contextmanager
def mock_behind_kbridge(*settings: str):
    """Its address. It is started at once, and may be there later."""
    port = free_port()
    command = [KBRIDGE, "mock", "--listen", f"localhost:{port}", *settings]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    yield f"localhost:{port}"
    process.terminate()
    assert process.wait(30) == 0


def test_a_kafka_that_comes_late_is_waited_for():
    port = free_port()
    waiting = subprocess.Popen([KBRIDGE, "wait", f"localhost:{port}", "--", "echo", "ran"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)  # fmt: skip
    assert "is not there yet: nobody can be reached there" in waiting.stderr.readline()
    mock = subprocess.Popen([KBRIDGE, "mock", "--listen", f"localhost:{port}"], stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    printed, said = waiting.communicate(timeout=60)
    mock.terminate()
    assert mock.wait(30) == 0
    assert (waiting.returncode, printed) == (0, "ran\n")
    assert "is ready after" in said


def test_a_kafka_that_can_be_reached_only_at_bootstrap_is_not_there():
    with mock_behind_kbridge("--advertise", "nowhere.invalid:1234") as address:
        host, port = address.split(":")
        wait_until(lambda: metadata_nodes(host, int(port)), "the mock answers")
        code, _, said = wait(address, "--timeout", "3s")
    assert code == 1
    assert "Kafka answers, and tells clients to come to nowhere.invalid:1234, where nowhere.invalid does not resolve" in said[-1]


def test_a_topic_with_too_few_partitions_is_not_there():
    with mock_behind_kbridge("--topic", "orders:2") as address:
        assert wait(address, "--topic", "orders:2")[0] == 0
        code, _, said = wait(address, "--topic", "orders:3", *SOME_LOOKS)
    assert code == 1
    assert said[-1].endswith("topic orders has 2 partitions, and 3 are wanted.")


def test_a_record_goes_there_and_back():
    with fakes.mock(BUILD / "kbridge-tools") as mock:
        assert wait(mock.bootstrap, "--produce", "--group", "readers")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "`kbridge wait` needs an address, for example kafka:9092."),
        (("kafka:9092", "--topic", "orders:0"), "--topic orders:0: expected from 1 to 1000 partitions."),
        (("kafka:9092", "--timeout", "10"), '--timeout 10: "10" has no unit; expected a time from 1ms to 24h, in ms, s, m or h, for example 60s.'),
        (("https://registry",), "https://registry: expected HOST:PORT of Kafka, tcp://HOST:PORT or http://HOST:PORT/PATH."),
        (("tcp://registry",), "registry needs a port, for example zookeeper:2181."),
        (("kafka:9092", "-X", "x"), "-X x: expected NAME=VALUE, at most 32 of them."),
        (("kafka:9092", "-X", "no.such=1"), 'kafka:9092: librdkafka does not start: No such configuration property: "no.such".'),
        (("kafka:9092", "--prodce"), "--prodce is not known, or has no value."),
    ],
)
def test_what_is_written_wrong_ends_with_a_sentence_and_2(arguments, sentence):
    code, printed, said = wait(*arguments)
    assert (code, printed) == (2, "")
    assert said[0] == sentence
