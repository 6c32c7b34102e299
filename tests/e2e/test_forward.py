# SPDX-License-Identifier: Apache-2.0
"""What is not Kafka goes to the target of a forward and back as it is, as if there were no kbridge between."""

import concurrent.futures
import contextlib
import hashlib
import http.client
import http.server
import random
import re
import select
import socket
import subprocess
import threading

import pytest

from tests.e2e import fakes
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.raw import RawClient
from tests.e2e.usage import peak_resident_bytes
from tests.kafka.cluster import Cluster
from tests.kafka.net import ask_zookeeper, free_port

LOOPBACK = "127.0.0.1"
TIMEOUT_S = 60
MIB = 1 << 20
STREAM_BYTES = 64 * MIB
# As for Kafka: base, and for each stalled reader at most one read.
PEAK_LIMIT_BYTES = 12 * MIB
# A socket that takes nothing for so long has nowhere to put it.
STALLED_S = 1

core = pytest.mark.core


@pytest.fixture(scope="module")
def broker():
    with fakes.mock(binary().with_name("kbridge-tools")) as upstream:
        yield upstream


class Forwarding:
    """A kbridge with one forward to a port of this machine, where somebody may listen or not."""

    def __init__(self, broker, folder, *settings: str, program=None, target_port: int | None = None):
        self.target_port = target_port or free_port()
        self.target = f"{LOOPBACK}:{self.target_port}"
        self.port = free_port()
        self.proxy = Kbridge(broker, folder, program or binary(), "--forward", f"{self.port}={self.target}", *settings)

    def listen(self) -> socket.socket:
        return socket.create_server((LOOPBACK, self.target_port))

    def connect(self) -> socket.socket:
        return socket.create_connection((LOOPBACK, self.port), TIMEOUT_S)

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """A client, and the target's side of its connection."""
        with self.listen() as listener:
            listener.settimeout(TIMEOUT_S)
            client = self.connect()
            target, _ = listener.accept()
        target.settimeout(TIMEOUT_S)
        return client, target

    def wait_logged(self, pattern: str) -> None:
        self.proxy.process.wait_until(lambda: self.proxy.log_contains(pattern), TIMEOUT_S)


@pytest.fixture
def forwarding(broker, tmp_path):
    """A function that starts a Forwarding; each is stopped with the test."""
    started = []

    def start(*settings: str, **more) -> Forwarding:
        started.append(Forwarding(broker, tmp_path, *settings, **more))
        return started[-1]

    yield start
    for each in started:
        each.proxy.stop()


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(MIB), b""))


@core
def test_the_client_may_close_its_half_and_still_read(forwarding):
    forward = forwarding()
    client, target = forward.pair()
    with client, target:
        client.sendall(b"question")
        client.shutdown(socket.SHUT_WR)
        assert read_all(target) == b"question"
        target.sendall(b"answer")
        target.close()
        assert read_all(client) == b"answer"
    forward.wait_logged(f"client {LOOPBACK}:\\d+ is forwarded to {forward.target}")
    forward.wait_logged("went: the client closed the connection; 8 B from it, 6 B to it")


@core
def test_the_target_may_close_its_half_and_still_read(forwarding):
    forward = forwarding()
    client, target = forward.pair()
    with client, target:
        target.sendall(b"welcome")
        target.shutdown(socket.SHUT_WR)
        assert read_all(client) == b"welcome"
        client.sendall(b"thanks")
        client.close()
        assert read_all(target) == b"thanks"
    forward.wait_logged(f"went: the target of the forward closed the connection: {forward.target}; 6 B from it, 7 B to it")


@core
def test_a_half_that_was_closed_before_the_target_came_is_closed_behind_its_bytes(forwarding):
    forward = forwarding()
    with forward.connect() as client:
        client.sendall(b"question")
        client.shutdown(socket.SHUT_WR)
        forward.wait_logged("waits for the target")
        with forward.listen() as listener:
            target, _ = listener.accept()
        with target:
            assert read_all(target) == b"question"
            target.sendall(b"answer")
        assert read_all(client) == b"answer"
    forward.wait_logged(f"{forward.target} is there")


@core
def test_a_target_that_is_not_there_is_waited_for_and_then_named(forwarding):
    forward = forwarding("--upstream.wait", "300ms")
    with forward.connect() as client:
        client.settimeout(TIMEOUT_S)
        assert read_all(client) == b""
    forward.wait_logged(
        f"went: the target of the forward could not be reached: {forward.target}: connection refused "
        r"\(nobody listens there\); tried for 300 ms \(upstream.wait\)"
    )


@core
def test_a_target_that_is_kbridge_itself_is_refused_with_a_sentence(broker, tmp_path):
    port = free_port()
    proxy = Kbridge(broker, tmp_path, binary(), "--forward", f"{port}=localhost:{port}")
    with socket.create_connection((LOOPBACK, port), TIMEOUT_S) as client:
        assert read_all(client) == b""
    proxy.process.wait_until(
        lambda: proxy.log_contains(
            f"went: the target of the forward is kbridge itself: localhost:{port} is an address on which kbridge itself listens; "
            "give the address of the service that is meant, or another one for kbridge with --forward"
        ),
        TIMEOUT_S,
    )
    proxy.stop()


@core
def test_clients_of_kafka_and_of_forwards_share_one_limit(forwarding):
    forward = forwarding("--limits.connections", "2")
    kafka = RawClient(forward.proxy.address)
    kafka.ask_api_versions()
    client, target = forward.pair()
    with client, target, forward.connect() as refused:
        with contextlib.suppress(ConnectionResetError):
            assert read_all(refused) == b""
        forward.wait_logged(r"a client was refused: limits.connections \(2\) is reached")
        client.sendall(b"still served")
        assert target.recv(MIB) == b"still served"
    kafka.ask_api_versions()
    kafka.close()


class Stream:
    """Bytes for one direction, which are sent as far as they go, and all others once they are read."""

    def __init__(self, to: socket.socket, seed: int):
        self._to = to
        self._rest = memoryview(random.Random(seed).randbytes(STREAM_BYTES))
        self.digest = hashlib.sha256(self._rest).hexdigest()

    def fill(self) -> None:
        """Sends until nothing more is taken."""
        self._to.setblocking(False)
        while select.select([], [self._to], [], STALLED_S)[1]:
            self._rest = self._rest[self._to.send(self._rest[:MIB]) :]
            assert self._rest, "all of it was taken, though nobody reads"

    def finish(self) -> None:
        self._to.settimeout(TIMEOUT_S)
        self._to.sendall(self._rest)
        self._to.shutdown(socket.SHUT_WR)


def read_digest(connection: socket.socket) -> str:
    digest = hashlib.sha256()
    while part := connection.recv(MIB):
        digest.update(part)
    return digest.hexdigest()


@pytest.mark.slow
def test_64_mib_in_each_direction_past_readers_that_stall_take_12_mib_of_memory(forwarding):
    forward = forwarding(program=binary("KBRIDGE_RELEASE_BIN"))
    client, target = forward.pair()
    with client, target, concurrent.futures.ThreadPoolExecutor() as threads:
        up, down = Stream(client, 1), Stream(target, 2)
        for stream in (up, down):
            stream.fill()
        finished = [threads.submit(stream.finish) for stream in (up, down)]
        read = [threads.submit(read_digest, end) for end in (target, client)]
        assert [each.result(TIMEOUT_S) for each in read] == [up.digest, down.digest]
        assert [each.result(TIMEOUT_S) for each in finished] == [None, None]
    peak = peak_resident_bytes(forward.proxy.process.pid)
    print(f"peak resident memory: {peak / MIB:.1f} MiB")
    assert peak < PEAK_LIMIT_BYTES


class Page(http.server.BaseHTTPRequestHandler):
    """An answer that says what was asked, whose connection is kept for the next question."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = f"{self.path} ".encode() + self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


@core
def test_http_passes_with_several_requests_on_a_connection(forwarding):
    with http.server.ThreadingHTTPServer((LOOPBACK, 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        forward = forwarding(target_port=server.server_port)
        connection = http.client.HTTPConnection(LOOPBACK, forward.port, timeout=TIMEOUT_S)
        for size in (10, 100_000, 10):
            connection.request("POST", f"/subjects/{size}", b"x" * size)
            assert connection.getresponse().read() == f"/subjects/{size} ".encode() + b"x" * size
        connection.close()
        server.shutdown()


# What the shell prints when it has connected, from a thread of its own: before the answer, behind it, or never.
CONNECTED = re.compile(r"\nWATCHER::\n|\nWatchedEvent state:SyncConnected .*\n")


def test_zookeeper_is_served_as_it_is(forwarding):
    with Cluster("2.8.2", brokers=0, java_options=()) as cluster:
        forward = forwarding(target_port=cluster.zookeeper.port)
        assert ask_zookeeper(LOOPBACK, forward.port, b"ruok") == "imok"

        def shell(port: int, *command: str) -> str:
            """What ZooKeeper's own client says in a session of its own, behind the address."""
            main = cluster.java("org.apache.zookeeper.ZooKeeperMain", "-server", f"{LOOPBACK}:{port}", *command)
            said = subprocess.run(main, capture_output=True, text=True, timeout=TIMEOUT_S, check=True).stdout
            return CONNECTED.sub("", said).removeprefix(f"Connecting to {LOOPBACK}:{port}\n")

        shell(forward.port, "create", "/forwarded", "by kbridge")
        direct, forwarded = (shell(port, "get", "/forwarded") for port in (cluster.zookeeper.port, forward.port))
        assert "by kbridge" in direct
        assert forwarded == direct
