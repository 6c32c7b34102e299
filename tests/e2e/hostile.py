# SPDX-License-Identifier: Apache-2.0
"""What hostile clients and brokers do to kbridge, and what must come of each: a new attack is one row.

Apart from test_hostile.py because this is the list that people read. The broker here does wrong only to who asks it for that, so
that a client which behaves well can be watched beside each attack.
"""

import random
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from tests.e2e import fakes
from tests.e2e.fakes import LOOPBACK, UNKNOWN_API

TIMEOUT_S = 60
HEADER_TIMEOUT = "2s"
CONNECTIONS_MAX = 1000
SETTINGS = ["--timeouts.header", HEADER_TIMEOUT, "--limits.connections", str(CONNECTIONS_MAX)]
MIB = 1 << 20

API_VERSIONS, METADATA, OFFSET_FETCH = 18, 3, 9
FLOOD_BYTES = 32 * MIB


# ---- the broker: what it answers to UNKNOWN_API goes by the version that is asked for

RIGHT, WRONG_ID, TOO_MUCH, TOO_LITTLE, OUT_OF_ORDER, NOTHING, ENDLESS, NEGATIVE, GARBAGE = range(9)


def framed(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


def _other(correlation: bytes) -> bytes:
    return struct.pack(">I", (struct.unpack(">I", correlation)[0] + 1) & 0xFFFFFFFF)


MISDEEDS: dict[int, Callable[[bytes], bytes]] = {
    RIGHT: lambda id_: framed(id_),
    WRONG_ID: lambda id_: framed(_other(id_)),
    TOO_MUCH: lambda id_: framed(id_) * 3,
    TOO_LITTLE: lambda id_: struct.pack(">i", 1000) + id_ + b"cut off",
    OUT_OF_ORDER: lambda id_: framed(_other(id_)) + framed(id_),
    NOTHING: lambda _: b"",
    ENDLESS: lambda id_: struct.pack(">i", FLOOD_BYTES) + id_ + bytes(FLOOD_BYTES - 4),
    NEGATIVE: lambda _: struct.pack(">i", -5),
    GARBAGE: lambda _: bytes(range(256)) * 16,
}


def misbehaving_broker():
    """Answers ApiVersions and Metadata as one broker, and UNKNOWN_API with a misdeed."""

    def serve(connection: socket.socket) -> None:
        host, port = connection.getsockname()
        node = struct.pack(">ih", 1, len(host)) + host.encode() + struct.pack(">ih", port, -1)
        answers = {
            API_VERSIONS: struct.pack(">hi6h", 0, 2, METADATA, 1, 1, API_VERSIONS, 0, 0),
            METADATA: struct.pack(">i", 1) + node + struct.pack(">ii", 1, 0),
        }
        requests = connection.makefile("rb")
        while length := requests.read(4):
            request = requests.read(*struct.unpack(">i", length))
            key, version, id_ = *struct.unpack_from(">hh", request), request[4:8]
            connection.sendall(MISDEEDS[version](id_) if key == UNKNOWN_API else framed(id_ + answers.get(key, b"")))
            if version == TOO_LITTLE and key == UNKNOWN_API:
                return

    return fakes.server(serve)


# ---- what clients do; each returns what became of its connections


def connect(port: int) -> socket.socket:
    return socket.create_connection((LOOPBACK, port), TIMEOUT_S)


def header(key: int, version: int = 0, id_: int = 7) -> bytes:
    return struct.pack(">hhih", key, version, id_, -1)


def is_closed(connection: socket.socket) -> bool:
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def count_closed(connections: Iterable[socket.socket]) -> str:
    connections = list(connections)
    closed = sum(is_closed(connection) for connection in connections)
    for connection in connections:
        connection.close()
    return f"closed {closed} of {len(connections)}"


def sending(data: bytes, times: int = 200) -> Callable[[int], str]:
    """Connections that each send this, and wait."""

    def attack(port: int) -> str:
        connections = [connect(port) for _ in range(times)]
        for connection in connections:
            with suppress(ConnectionError):
                connection.sendall(data)
        return count_closed(connections)

    return attack


def slow_loris(port: int) -> str:
    """A byte each 200 ms, as long as it takes for the whole header, which is longer than timeouts.header, from many at once."""
    connections = [connect(port) for _ in range(200)]
    request = framed(header(API_VERSIONS))
    for place in range(len(request)):
        for connection in connections:
            connection.sendall(request[place : place + 1])
        time.sleep(0.2)
    answered = sum(bool(connection.recv(4)) for connection in connections)
    for connection in connections:
        connection.close()
    return f"answered {answered} of {len(connections)}, each when its request was whole"


def crowd(port: int) -> str:
    """10,000 connections, each kept for as long as it lives."""
    kept: list[socket.socket] = []
    refused = 0
    for _ in range(10_000):
        connection = connect(port)
        connection.setblocking(False)
        kept.append(connection)
        if len(kept) > CONNECTIONS_MAX:
            oldest = kept.pop()
            oldest.settimeout(TIMEOUT_S)
            refused += is_closed(oldest)
            oldest.close()
    for connection in kept:
        connection.close()
    return f"refused {refused} at once"


def never_reads(port: int) -> str:
    connections = [connect(port) for _ in range(20)]
    for connection in connections:
        connection.sendall(framed(header(UNKNOWN_API, ENDLESS)))
    for connection in connections:
        assert connection.recv(1, socket.MSG_PEEK)
    time.sleep(2)  # the stall itself
    got = len(connections[0].makefile("rb").read(4 + FLOOD_BYTES))
    for connection in connections:
        connection.close()
    return f"waited for {len(connections)}, each with an answer of 32 MiB; one that read at last got all of it: {got == 4 + FLOOD_BYTES}"


def half_closes(port: int) -> str:
    connections = [connect(port) for _ in range(500)]
    for connection in connections:
        connection.shutdown(socket.SHUT_WR)
    return count_closed(connections)


def speaks_garbage(port: int) -> str:
    dice = random.Random(7)
    connections = [connect(port) for _ in range(500)]
    for connection in connections:
        with suppress(ConnectionError):
            # A length that is allowed, so that more than the length is looked at.
            connection.sendall(struct.pack(">i", dice.randrange(8, 4096)) + dice.randbytes(4096))
            connection.shutdown(socket.SHUT_WR)
    return count_closed(connections)


def speaks_tls(port: int) -> str:
    connections = [connect(port) for _ in range(20)]
    context = ssl.create_default_context()
    for connection in connections:
        with suppress(OSError):
            context.wrap_socket(connection.dup(), server_hostname="localhost")
    return count_closed(connections)


def floods(port: int) -> str:
    """As many requests as go, without reading an answer, and then all answers."""
    connection = connect(port)
    connection.settimeout(2)
    sent = 0
    batch = framed(header(API_VERSIONS)) * 1000
    with suppress(TimeoutError):
        while sent < 500_000:
            connection.sendall(batch)
            sent += 1000
    connection.close()
    return f"was not read on behind about {sent // 1000} thousand requests" if sent < 500_000 else "read all 500 thousand"


def asking(misdeed: int, times: int = 1) -> Callable[[int], str]:
    """Provokes a misdeed of the broker."""

    def attack(port: int) -> str:
        connections = [connect(port) for _ in range(20)]
        for connection in connections:
            connection.sendall(framed(header(UNKNOWN_API, misdeed)) * times)
        return count_closed(connections)

    return attack


def asks_who_is_silent(port: int) -> str:
    connections = [connect(port) for _ in range(200)]
    for connection in connections:
        connection.sendall(framed(header(UNKNOWN_API, NOTHING)))
    time.sleep(3)  # longer than any of its patience with clients: a broker may take its time
    for connection in connections:
        connection.setblocking(False)
        with suppress(BlockingIOError):
            assert connection.recv(1), "closed, and a long poll would have been as well"
        connection.close()
    return f"held all {len(connections)} until they left"


@dataclass(frozen=True)
class Attack:
    name: str
    attack: Callable[[int], str]  # the port of kbridge
    outcome: str  # what it must return, as a pattern
    sentence: str | None = None  # in the log, as a pattern
    several: bool = False  # with several brokers kbridge reads where a request belongs; one broker gets all as it is


LENGTH = "the client sent an impossible frame length: {} bytes"
UNREADABLE = "the client sent a request that is not Kafka's: {} cannot be read: "
UPSTREAM = "the broker"

ATTACKS = [
    Attack("clients: a header byte by byte", slow_loris, "answered 200 of 200"),
    Attack("clients: a frame length, and silence", sending(struct.pack(">i", 100)), "closed 200 of 200",
           r"the client began a frame and sent no more: nothing came for 2 s \(timeouts\.header\)"),
    Attack("clients: half a header, and silence", sending(framed(header(METADATA, 1) + bytes(100))[:9]), "closed 200 of 200",
           "the client began a frame and sent no more"),
    Attack("clients: a frame of 2 GiB", sending(struct.pack(">i", 0x7FFFFFFF) + header(METADATA)), "closed 200 of 200",
           LENGTH.format("2147483647")),
    Attack("clients: a frame of -1", sending(struct.pack(">i", -1)), "closed 200 of 200", LENGTH.format("-1")),
    Attack("clients: an array of 2 billion groups", sending(framed(header(OFFSET_FETCH, 8) + b"\0\xff\xff\xff\xff\x07")),
           "closed 200 of 200", UNREADABLE.format(r"OffsetFetch v8 of \d+ bytes") + "at Groups, a length goes beyond its end", several=True),
    Attack("clients: a name longer than its request", sending(framed(header(OFFSET_FETCH, 1) + b"\x7f\xffgroup")),
           "closed 200 of 200", UNREADABLE.format(r"OffsetFetch v1 of \d+ bytes") + "at GroupId, a length goes beyond its end", several=True),
    Attack("clients: a name of -2 bytes", sending(framed(header(OFFSET_FETCH, 1) + b"\xff\xfegroup")),
           "closed 200 of 200", UNREADABLE.format(r"OffsetFetch v1 of \d+ bytes") + "at GroupId, a length is negative", several=True),
    Attack("clients: 10,000 above limits.connections", crowd, "refused (8999|9000|9001) at once",
           rf"a client was refused: limits\.connections \({CONNECTIONS_MAX}\) is reached; raise it"),
    Attack("clients: 20 that never read their 32 MiB", never_reads, "got all of it: True"),
    Attack("clients: half-closed at once", half_closes, "closed 500 of 500"),
    Attack("clients: random bytes", speaks_garbage, "closed 500 of 500"),
    Attack("clients: TLS", speaks_tls, "closed 20 of 20", "it speaks TLS to a plaintext Kafka port"),
    Attack("clients: a flood of pipelined requests", floods, "was not read on|read all"),
    Attack("a broker: wrong correlation ids", asking(WRONG_ID), "closed 20 of 20", r"it answered correlation id 8 where 7 was due"),
    Attack("a broker: three answers for one request", asking(TOO_MUCH), "closed 20 of 20", UPSTREAM),
    Attack("a broker: half an answer", asking(TOO_LITTLE), "closed 20 of 20", "the broker closed the connection"),
    Attack("a broker: answers out of order", asking(OUT_OF_ORDER, 2), "closed 20 of 20", r"it answered correlation id 8 where 7 was due"),
    Attack("a broker: no answer", asks_who_is_silent, "held all 200"),
    Attack("a broker: an answer of -5 bytes", asking(NEGATIVE), "closed 20 of 20", "a response of -5 bytes is impossible"),
    Attack("a broker: garbage", asking(GARBAGE), "closed 20 of 20", UPSTREAM),
]  # fmt: skip
