# SPDX-License-Identifier: Apache-2.0
"""Free ports, and the one question that tells whether a broker serves.

Apart from cluster.py because tests without a broker need free ports too.
"""

import random
import socket
import struct

# Below the ports that kernels give to outgoing connections (32768 on Linux): none of those can take the port while a broker restarts.
PORTS = range(20000, 32768)
# What kbridge, its examples and its documentation use by number, which tests of them must find free.
FIXED = {28092, *range(29092, 29193)}
_given: set[int] = set(FIXED)
LOOPBACKS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))

# Metadata v1, correlation id 1, no client id, and no topics asked for: understood by all brokers from 0.10 to 4.x.
METADATA_V1 = struct.pack(">ihhihi", 14, 3, 1, 1, -1, 0)
# ApiVersions v0 likewise.
API_VERSIONS_V0 = struct.pack(">ihhih", 10, 18, 0, 1, -1)
ANSWER_TIMEOUT_S = 20
ANSWER_MAX_BYTES = 1 << 20


def free_port(host: str = "127.0.0.1") -> int:
    """A port on which nobody listens now, on any loopback address, and that nobody else of this process was given."""
    while True:
        port = random.choice(PORTS)
        if port in _given:
            continue
        if _can_bind(socket.AF_INET, host, port) and _can_bind(socket.AF_INET6, "::1", port):
            _given.add(port)
            return port


def _can_bind(family: int, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((host, port))
            return True
    except OSError:
        # A machine without IPv6 cannot bind ::1, but nobody else can take the port there either.
        return family == socket.AF_INET6 and not socket.has_dualstack_ipv6()


def metadata_nodes(host: str, port: int) -> list[tuple[int, str, int]]:
    """(node id, host, port) of each broker that the broker at this address knows; none when it does not answer yet."""
    try:
        with socket.create_connection((host, port), ANSWER_TIMEOUT_S) as connection:
            connection.sendall(METADATA_V1)
            (length,) = struct.unpack(">i", _read(connection, 4))
            if not 0 < length <= ANSWER_MAX_BYTES:
                return []
            return _nodes(_read(connection, length))
    except OSError:
        return []


def answers(host: str, port: int) -> bool:
    """True where a broker answers clients, also those that have not authenticated yet."""
    try:
        with socket.create_connection((host, port), ANSWER_TIMEOUT_S) as connection:
            connection.sendall(API_VERSIONS_V0)
            return len(_read(connection, 4)) == 4
    except OSError:
        return False


def ask_zookeeper(host: str, port: int, question: bytes) -> str:
    """The answer to one of its four-letter questions; empty when it does not answer."""
    try:
        with socket.create_connection((host, port), ANSWER_TIMEOUT_S) as connection:
            connection.sendall(question)
            return b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    except OSError:
        return ""


def _read(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(length - len(parts))
        if not part:
            raise ConnectionResetError("the broker closed the connection in the middle of its answer")
        parts += part
    return bytes(parts)


def _nodes(answer: bytes) -> list[tuple[int, str, int]]:
    _correlation, count = struct.unpack_from(">ii", answer)
    at, nodes = 8, []
    for _ in range(count):
        node_id, length = struct.unpack_from(">ih", answer, at)
        host = answer[at + 6 : at + 6 + length].decode()
        (port, rack_length) = struct.unpack_from(">ih", answer, at + 6 + length)
        nodes.append((node_id, host, port))
        at += 6 + length + 6 + max(rack_length, 0)
    return nodes


def free_ports(count: int) -> range:
    """As many ports in a row, each as free_port gives them."""
    while True:
        ports = range(first := free_port(), first + count)
        are_new = _given.isdisjoint(ports[1:])
        if are_new and all(_can_bind(family, host, port) for family, host in LOOPBACKS for port in ports):
            _given.update(ports)
            return ports
