# SPDX-License-Identifier: Apache-2.0
"""What kbridge is put in front of by mistake, and the mock broker where any broker will do.

Each is a context manager that takes a folder and gives an Upstream, so that a list of mistakes needs one line for each.
"""

import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.kafka.cluster import Cluster
from tests.kafka.net import free_port

LOOPBACK = "127.0.0.1"
READ_SIZE = 4096
# It passes untouched, because nobody knows it.
UNKNOWN_API = 999


@dataclass
class Upstream:
    """An address for kbridge to stand in front of, in the place of a Cluster; nobody is watched there."""

    bootstrap: str
    brokers: list = field(default_factory=list)
    requests: int = 0


@contextmanager
def mock(tools: Path) -> Iterator[Upstream]:
    """kbridge's own mock of a broker: it is there at once."""
    process = subprocess.Popen([tools, "mock"], stdout=subprocess.PIPE, text=True)
    try:
        yield Upstream(process.stdout.readline().strip())
    finally:
        process.kill()
        process.communicate()


@contextmanager
def at(address: str) -> Iterator[Upstream]:
    yield Upstream(address)


def nobody(_folder: Path):
    return at(f"{LOOPBACK}:{free_port()}")


@contextmanager
def silent_host(_folder: Path) -> Iterator[Upstream]:
    """Connecting to it never succeeds and never fails: its backlog is full, so the kernel drops what comes."""
    with socket.create_server((LOOPBACK, free_port()), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield Upstream(f"{LOOPBACK}:{listener.getsockname()[1]}")
        for client in waiting:
            client.close()


@contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[Upstream]:
    """Leaves each connection to `serve` until that returns."""
    with socket.create_server((LOOPBACK, free_port())) as listener:
        thread = threading.Thread(target=_accept, args=(listener, serve), daemon=True)
        thread.start()
        yield Upstream(f"{LOOPBACK}:{listener.getsockname()[1]}")
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(listener: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # it has been shut down
        threading.Thread(target=_serve, args=(connection, serve), daemon=True).start()


def _serve(connection: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    with connection, suppress(OSError):
        serve(connection)


def closing_server(_folder: Path):
    """A forwarded port behind which nobody listens, and many a server that does not understand."""
    return server(lambda connection: connection.recv(READ_SIZE))


def flooding_server(answer_size: int):
    """Answers no question but that of UNKNOWN_API: with so many bytes."""

    def serve(connection: socket.socket) -> None:
        requests = connection.makefile("rb")
        while length := requests.read(4):
            request = requests.read(*struct.unpack(">i", length))
            if struct.unpack_from(">h", request) == (UNKNOWN_API,):
                connection.sendall(struct.pack(">i", answer_size) + request[4:8] + bytes(answer_size - 4))

    return server(serve)


@contextmanager
def counting_server() -> Iterator[Upstream]:
    """Counts the requests of UNKNOWN_API, and answers none."""

    def serve(connection: socket.socket) -> None:
        requests = connection.makefile("rb")
        while length := requests.read(4):
            request = requests.read(*struct.unpack(">i", length))
            upstream.requests += struct.unpack_from(">h", request) == (UNKNOWN_API,)

    with server(serve) as upstream:
        yield upstream


def http_server(_folder: Path):
    def serve(connection: socket.socket) -> None:
        connection.recv(READ_SIZE)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    return server(serve)


def openssl_server(folder: Path):
    """OpenSSL, which takes plaintext for a record of a wrong version, and says nothing."""
    certificate, key = _make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def serve(connection: socket.socket) -> None:
        # The engine is apart from the socket, so that all has been read before that is closed.
        came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        came.write(connection.recv(READ_SIZE))
        with suppress(ssl.SSLError):
            context.wrap_bio(came, goes, server_side=True).do_handshake()
        connection.sendall(goes.read())

    return server(serve)


def tls_cluster(folder: Path) -> Cluster:
    """A real Kafka whose listener for clients is for TLS."""
    certificate, key = _make_certificate(folder)
    store = folder / "broker.pem"
    store.write_text(key.read_text() + certificate.read_text())
    return Cluster(security="SSL", properties={"ssl.keystore.type": "PEM", "ssl.keystore.location": store})


@contextmanager
def tls_broker(folder: Path) -> Iterator[Upstream]:
    with tls_cluster(folder) as cluster:
        yield Upstream(cluster.bootstrap)


def _make_certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return certificate, key


@contextmanager
def zookeeper(_folder: Path) -> Iterator[Upstream]:
    """A real one, without a broker."""
    cluster = Cluster("2.8.2", java_options=[])
    try:
        cluster.zookeeper.start()
        yield Upstream(f"{LOOPBACK}:{cluster.zookeeper.port}")
    finally:
        cluster.stop()


@contextmanager
def controller(_folder: Path) -> Iterator[Upstream]:
    """The controller's listener of a real Kafka."""
    with Cluster() as cluster:
        yield Upstream(f"{LOOPBACK}:{cluster.brokers[0].controller_port}")
