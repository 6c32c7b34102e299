# SPDX-License-Identifier: Apache-2.0
"""The admin listener over HTTP, in front of a mock broker: health, metrics, and who may see the page."""

import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
from pathlib import Path

import pytest
from confluent_kafka import Producer

from tests.e2e.flow import wait_until
from tests.exposition import Exposition, problems
from tests.kafka.net import free_port
from tests.kafka.process import Process

pytestmark = pytest.mark.core

BUILD = Path(os.environ.get("KBRIDGE_BUILD", Path(__file__).resolve().parents[1] / "build/dev"))
START_TIMEOUT_S = 60
STREAM_TIMEOUT_S = 10


class Admin:
    """kbridge with its admin listener, in front of a mock broker."""

    def __init__(self, folder: Path, *settings: str):
        self.mock = Process("mock", [str(BUILD / "kbridge-tools"), "mock"], folder / "mock.log")
        self.mock.wait_until(lambda: self.mock.log.read_text().count("\n") > 0, START_TIMEOUT_S)
        self.port, self.address = free_port(), f"localhost:{free_port()}"
        command = [str(BUILD / "kbridge"), self.mock.log.read_text().split()[0], "--listen", self.address]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
        admin = ["--admin.listen", f"*:{self.port}"]
        self.kbridge = Process("kbridge", [*command, *admin, *settings], folder / "kbridge.log", environment=environment)
        self.kbridge.wait_until(lambda: "nodes: " in self.log() or "1 node: " in self.log(), START_TIMEOUT_S)

    def log(self) -> str:
        return self.kbridge.log.read_text()

    def token(self) -> str:
        found = re.search(r"the page is at http://localhost:(\d+)/\?token=([0-9a-f]{32})\n", self.log())
        assert found and int(found[1]) == self.port
        return found[2]

    def connection(self, host: str = "127.0.0.1") -> http.client.HTTPConnection:
        return http.client.HTTPConnection(host, self.port, timeout=START_TIMEOUT_S)

    def ask(self, path: str, method: str = "GET", host: str = "127.0.0.1", **headers: str) -> tuple[int, str]:
        connection = self.connection(host)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        assert answer.getheader("Access-Control-Allow-Origin") is None
        return answer.status, answer.read().decode()

    def metrics(self) -> Exposition:
        status, text = self.ask("/metrics")
        assert status == 200
        return Exposition(text)

    def state(self) -> dict:
        return json.loads(self.ask("/api/state")[1])

    def produce(self, client_id: str, count: int = 1) -> None:
        producer = Producer({"bootstrap.servers": self.address, "client.id": client_id})
        for number in range(count):
            producer.produce("orders", f"record {number}")
        assert producer.flush(START_TIMEOUT_S) == 0


@pytest.fixture
def start(tmp_path):
    started = []

    def start_admin(*settings: str) -> Admin:
        started.append(Admin(tmp_path, *settings))
        return started[-1]

    yield start_admin
    for admin in started:
        assert admin.kbridge.stop(START_TIMEOUT_S) == 0, admin.kbridge.tail()
        assert "Sanitizer" not in admin.log()
        admin.mock.kill()


@pytest.fixture
def admin(start):
    return start()


def lan_address() -> str:
    """An address of this machine that is no loopback address."""
    addresses = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    if not addresses:
        pytest.skip("cannot: this machine has only loopback addresses")
    return addresses[0]


def test_without_the_setting_no_port_is_opened_and_no_token_is_printed(tmp_path):
    address = f"localhost:{free_port()}"
    kbridge = Process("kbridge", [str(BUILD / "kbridge"), "localhost:1", "--listen", address], tmp_path / "log")
    kbridge.wait_until(lambda: kbridge.log.read_text().count("listening on ") == 2, START_TIMEOUT_S)
    sockets = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True).stdout
    assert sum(f"pid={kbridge.pid}," in line for line in sockets.splitlines()) == 2
    assert "token" not in kbridge.log.read_text()
    assert kbridge.stop(START_TIMEOUT_S) == 0


def test_health_says_whether_kafka_answers_and_why_not(admin):
    assert admin.ask("/livez") == (200, "kbridge runs.\n")
    assert admin.ask("/readyz") == (200, "Kafka answers.\n")
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", admin.ask("/version")[1])
    broker = admin.mock.log.read_text().split()[0]
    admin.mock.kill()
    sentence = f"Kafka does not answer: {broker}: connection refused (nobody listens there).\n"
    wait_until(lambda: admin.ask("/readyz") == (503, sentence), f"/readyz: {sentence}")
    assert admin.ask("/livez") == (200, "kbridge runs.\n")


def test_a_broker_that_stands_still_is_not_ready(admin):
    os.kill(admin.mock.pid, signal.SIGSTOP)
    try:
        silent = (503, "Kafka does not answer: no answer came within 3 s.\n")
        wait_until(lambda: admin.ask("/readyz") == silent, "/readyz says that no answer came")
    finally:
        os.kill(admin.mock.pid, signal.SIGCONT)
    wait_until(lambda: admin.ask("/readyz")[0] == 200, "/readyz is well again")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_metrics_keep_the_conventions_and_count_what_clients_did(start, workers):
    admin = start("--workers", workers)
    for client in ("billing", 'odd "name"\\', "billing"):
        admin.produce(client, 3)
    wait_until(lambda: admin.metrics().value("kbridge_connections_open") == 0, "all clients are gone")
    metrics = admin.metrics()
    assert problems(metrics) == []
    assert metrics.total("kbridge_connections_accepted_total") == metrics.total("kbridge_connections_ended_total") > 0
    assert metrics.value("kbridge_connections_ended_total", reason="client_closed") == metrics.total("kbridge_connections_ended_total")
    assert metrics.total("kbridge_clients_told_total", rule="loopback") == metrics.total("kbridge_clients_told_total") > 0
    assert metrics.total("kbridge_requests_total", api="Produce") == metrics.value("kbridge_request_duration_seconds_count", api="Produce")
    requests = metrics.by("kbridge_client_requests_total", "client_id")
    assert set(requests) == {"billing", 'odd "name"\\'}
    assert sum(requests.values()) == metrics.total("kbridge_requests_total")
    for direction in ("in", "out"):
        total = metrics.value("kbridge_bytes_total", direction=direction)
        assert total == metrics.total("kbridge_api_bytes_total", direction=direction) > 0
        assert total == metrics.total("kbridge_client_bytes_total", direction=direction)
    assert metrics.value("kbridge_topic_record_bytes_total", topic="orders", direction="in") > 0


API_VERSIONS, METADATA = 18, 3
UNSUPPORTED_VERSION = 35


class Counting:
    """A client that sends whole requests, waits for each answer, and counts."""

    def __init__(self, admin: Admin, client_id: bytes):
        host, _, port = admin.address.rpartition(":")
        self.client_id, self.requests, self.sent, self.received = client_id, 0, 0, 0
        self.socket = socket.create_connection((host, int(port)), START_TIMEOUT_S)
        self.stream = self.socket.makefile("rb")

    def ask(self, api_key: int, version: int, body: bytes = b"") -> bytes:
        head = struct.pack(">hhih", api_key, version, self.requests, len(self.client_id)) + self.client_id
        frame = struct.pack(">i", len(head + body)) + head + body
        self.socket.sendall(frame)
        size = self.stream.read(4)
        answer = self.stream.read(*struct.unpack(">i", size))
        self.requests, self.sent, self.received = self.requests + 1, self.sent + len(frame), self.received + 4 + len(answer)
        return answer

    def close(self) -> None:
        self.stream.close()
        self.socket.close()


@pytest.mark.parametrize("workers", ["1", "3"])
def test_metrics_are_what_the_clients_counted(start, workers):
    admin = start("--workers", workers)
    clients = [Counting(admin, f"client-{number}".encode()) for number in range(6)]
    errors = 0
    for number, client in enumerate(clients):
        for _ in range(number):
            client.ask(API_VERSIONS, 0)
        for _ in range(2 * number):
            client.ask(METADATA, 1, b"\0\0\0\0")  # of no topic
        answer = client.ask(API_VERSIONS, 3, b"\0\2x\2y\0")  # more than the mock knows
        errors += struct.unpack(">h", answer[4:6])[0] == UNSUPPORTED_VERSION
    metrics = admin.metrics()
    assert metrics.value("kbridge_connections_open") == len(clients)
    assert metrics.value("kbridge_requests_total", api="ApiVersions", version="0") == 15
    assert metrics.value("kbridge_requests_total", api="Metadata", version="1") == 30
    assert metrics.total("kbridge_request_duration_seconds_count") == sum(client.requests for client in clients)
    assert errors == metrics.value("kbridge_errors_total", api="ApiVersions", error="UNSUPPORTED_VERSION") == len(clients)
    for client in clients:
        name = client.client_id.decode()
        counted = (client.requests, client.sent, client.received)
        seen = [metrics.value("kbridge_client_requests_total", client_id=name)]
        seen += [metrics.value("kbridge_client_bytes_total", client_id=name, direction=direction) for direction in ("in", "out")]
        assert tuple(seen) == counted, name
        client.close()


def test_the_page_is_for_this_machine_or_the_token(admin):
    lan = lan_address()
    for path in ("/", "/api/state", "/api/filter"):
        assert admin.ask(path)[0] == 200
        assert admin.ask(path, host=lan)[0] == 401
        assert admin.ask(f"{path}?token={admin.token()}", host=lan)[0] == 200
        assert admin.ask(path, host=lan, Authorization=f"Bearer {admin.token()}")[0] == 200
    for path in ("/metrics", "/livez", "/readyz", "/version"):
        assert admin.ask(path, host=lan)[0] == 200
    assert admin.ask("/api/traffic?print=true", "POST", host=lan)[0] == 401


def test_a_strange_host_gets_nothing(admin):
    for path in ("/", "/metrics", "/livez", "/api/state"):
        assert admin.ask(path, Host="rebound.example")[0] == 403


def test_only_our_own_page_may_switch(admin):
    assert admin.ask("/api/traffic?print=true", "POST", Origin="http://evil.example")[0] == 403
    assert admin.ask("/api/traffic?print=true")[0] == 405
    assert "traffic lines are on" not in admin.log()
    assert admin.ask("/api/traffic?print=true", "POST", Origin=f"http://127.0.0.1:{admin.port}")[0] == 200
    assert "traffic lines are on" in admin.log()
    assert admin.ask("/api/traffic?print=true&only=nothing", "POST")[0] == 400
    assert admin.ask("/api/filter?only=produce,fetch") == (200, "\n")
    assert '"nothing" is no API of Kafka' in admin.ask("/api/filter?only=nothing")[1]


def test_the_page_runs_nothing_but_its_own_script(admin):
    connection = admin.connection()
    connection.request("GET", "/")
    answer = connection.getresponse()
    policy, page = answer.getheader("Content-Security-Policy"), answer.read().decode()
    nonce = re.search(r"script-src 'nonce-([0-9a-f]{32})'", policy)[1]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert page.count(f'nonce="{nonce}"') == 2 and "@NONCE@" not in page
    assert admin.ask("/")[1] != page
    assert not re.findall(r'(?:src|href)\s*=\s*"(?:https?:)?//', page)


def test_the_state_names_who_is_connected_and_what_he_was_told(admin):
    producer = Producer({"bootstrap.servers": admin.address, "client.id": "shop"})
    producer.produce("orders", "one")
    assert producer.flush(START_TIMEOUT_S) == 0
    state = admin.state()
    assert state["ready"] and state["kind"] == "one" and len(state["brokers"]) == 1
    shops = [each for each in state["connections"] if each["client"] == "shop"]
    assert shops and all(each["told"] == admin.address and each["rule"] == "loopback" for each in shops)
    assert any(link["state"] == "up" for each in shops for link in each["links"])
    assert [topic["name"] for topic in state["topics"]] == ["orders"]


def read_events(connection: http.client.HTTPConnection, wanted: str) -> dict:
    """The first event of this name."""
    answer = connection.getresponse()
    name = ""
    while line := answer.readline().decode():
        if line.startswith("event: "):
            name = line.removeprefix("event: ").strip()
        elif line.startswith("data: ") and name == wanted:
            return json.loads(line.removeprefix("data: "))
    raise AssertionError(f"the stream ended without an event {wanted}")


def test_traffic_streams_as_the_filter_lets_it(admin):
    connection = admin.connection()
    connection.request("GET", "/api/events?traffic=true&only=produce&client=sh*")
    wait_until(lambda: admin.state()["totals"]["open"] == 0, "nobody is connected")
    admin.produce("other")
    admin.produce("shop")
    lines = read_events(connection, "traffic")["lines"]
    assert {(each["line"]["client"], each["line"]["api"]) for each in lines} == {("shop", "Produce")}
    assert lines[0]["about"].startswith("orders") and lines[0]["line"]["outcome"] == "answered"


def test_a_reader_that_stands_still_blocks_nobody(admin):
    still = socket.create_connection(("127.0.0.1", admin.port))
    still.sendall(b"GET /api/events?traffic=true HTTP/1.1\r\nHost: localhost\r\n\r\n")
    admin.produce("shop", 10)
    assert admin.ask("/readyz")[0] == 200
    still.close()


def test_a_listener_that_cannot_be_had_is_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [str(BUILD / "kbridge"), "localhost:1", "--listen", "localhost:0", "--admin.listen", f"127.0.0.1:{port}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_TIMEOUT_S)
    assert done.returncode == 1
    assert f"cannot serve the page on 127.0.0.1:{port}: address already in use; choose another address with --admin.listen" in done.stderr
