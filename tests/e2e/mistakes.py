# SPDX-License-Identifier: Apache-2.0
"""The mistakes that people make with kbridge: what is done, and the sentence that must come of it.

Apart from test_mistakes.py because this is the list that people read: a new mistake is one row.
"""

import re
import socket
import ssl
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.e2e import fakes
from tests.e2e.fakes import LOOPBACK, Upstream
from tests.e2e.tables import add_row
from tests.kafka.process import Process

ANSWER_TIMEOUT_S = 60
# Small bounds, so that they are met soon.
BOUNDS = ["--timeouts.header", "300ms", "--limits.frame", "1MiB"]
# What is another in every run: when it was said, and the port from which the client came.
STAMP = re.compile(r"^\S+ (?:error|warn |info ) ")
PEER = re.compile(r"^client (\S+):\d+ ")


@dataclass(frozen=True)
class ClientMistake:
    """Something that a client sends to kbridge; its connection is then closed, and the sentence names the client."""

    name: str
    send: Callable[[socket.socket], None]
    sentence: str


@dataclass(frozen=True)
class UpstreamMistake:
    """Something that kbridge is put in front of; real: it takes seconds to start."""

    name: str
    upstream: Callable[[Path], AbstractContextManager[Upstream]]
    sentence: str
    settings: tuple[str, ...] = ()
    real: bool = False


@dataclass(frozen=True)
class StartMistake:
    """A way to start kbridge; it ends with this exit code."""

    name: str
    arguments: tuple[str, ...]
    sentence: str
    file: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    exit_code: int = 2


# ---- clients


def _bytes(data: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(data)


def _say_hello_in_tls(connection: socket.socket) -> None:
    context = ssl.create_default_context()
    with suppress(OSError):
        context.wrap_socket(connection.dup(), server_hostname="localhost")


def _frame(api_key: int, version: int, rest: bytes) -> bytes:
    body = struct.pack(">hhi", api_key, version, 1) + rest
    return struct.pack(">i", len(body)) + body


METADATA = 3
FOREIGN = "the client does not speak plaintext Kafka: it speaks {} to a plaintext Kafka port: {}"
SIZE = "the client sent an impossible frame length: {}, where 8 to limits.frame = 1048576 are allowed: {}"
OURS_ONLY = "only Kafka clients can use this port"
NO_PROXY = "turn that off in the balancer that connects to this port"
NO_CLIENT = "this is no Kafka client"

CLIENT_MISTAKES = [
    ClientMistake(
        "a client speaks TLS",
        _say_hello_in_tls,
        FOREIGN.format("TLS", "set the client's security.protocol to PLAINTEXT (or SASL_PLAINTEXT)"),
    ),
    ClientMistake("a browser speaks HTTP", _bytes(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), FOREIGN.format("HTTP", OURS_ONLY)),
    ClientMistake(
        "a client speaks HTTP/2", _bytes(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), FOREIGN.format("HTTP/2", OURS_ONLY)
    ),
    ClientMistake("a client speaks SSH", _bytes(b"SSH-2.0-OpenSSH_9.2\r\n"), FOREIGN.format("SSH", OURS_ONLY)),
    ClientMistake(
        "a balancer sends the PROXY protocol, v1",
        _bytes(b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 29092\r\n"),
        FOREIGN.format("the PROXY protocol", NO_PROXY),
    ),
    ClientMistake(
        "a balancer sends the PROXY protocol, v2",
        _bytes(b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12)),
        FOREIGN.format("the PROXY protocol", NO_PROXY),
    ),
    ClientMistake(
        "a frame length below 8",
        _bytes(struct.pack(">i", 7) + bytes(7)),
        SIZE.format('7 bytes (they look like "\\x00\\x00\\x00\\x07")', NO_CLIENT),
    ),
    ClientMistake(
        "a negative frame length",
        _bytes(struct.pack(">i", -2)),
        SIZE.format('-2 bytes (they look like "\\xff\\xff\\xff\\xfe")', NO_CLIENT),
    ),
    ClientMistake(
        "a frame length above limits.frame",
        _bytes(struct.pack(">i", (1 << 20) + 1)),
        SIZE.format(
            '1048577 bytes (they look like "\\x00\\x10\\x00\\x01")',
            "either this is no Kafka client, or limits.frame is too small for it",
        ),
    ),
    ClientMistake(
        "text, not Kafka",
        _bytes(b"hello, is anybody there?\n"),
        SIZE.format(
            '1751477356 bytes (they look like "hell")',
            "either this is no Kafka client, or limits.frame is too small for it",
        ),
    ),
    ClientMistake(
        "a started request stands still",
        _bytes(struct.pack(">ihh", 100, METADATA, 1)),
        "the client began a frame and sent no more: nothing came for 300 ms (timeouts.header) behind "
        '"\\x00\\x00\\x00d\\x00\\x03\\x00\\x01": either this is no Kafka client, or what lies between it and kbridge '
        "stands still",
    ),
    ClientMistake(
        "a version that kbridge does not know",
        _bytes(_frame(METADATA, 99, b"\xff\xff")),
        "the client used a version that kbridge does not know: Metadata v99 is not in the versions that this kbridge "
        "reads, 0 to 13; clients that ask with ApiVersions first are told so; else update kbridge",
    ),
    ClientMistake(
        "a request that is garbage",
        _bytes(_frame(METADATA, 1, b"\x7f\xff" + bytes(range(40)))),
        "the client sent a request that is not Kafka's: Metadata v1 of 54 bytes cannot be read: at ClientId, "
        "a length goes beyond its end",
    ),
]

# ---- what stands upstream

NOT_A_BROKER = (
    "with 1 request not answered; so end ZooKeeper, a listener for TLS, and a forwarded port behind which nobody "
    "listens: what must be there is a plaintext listener of a Kafka broker"
)
WAITING = "waiting for the broker: "
START_IT = "; kbridge tries again every second: start the broker, or correct upstream"
ANSWERS = "what answers there is not a plaintext Kafka broker: the broker at {upstream}: it speaks "
PLAIN = ", and kbridge needs a plaintext Kafka listener there"
CLOSED = "the broker closed the connection: the broker at {upstream}: it closed the connection, "

UPSTREAM_MISTAKES = [
    UpstreamMistake(
        "nobody listens at the broker's address",
        fakes.nobody,
        WAITING + "{upstream}: connection refused (nobody listens there)" + START_IT,
    ),
    UpstreamMistake(
        "the broker's name does not resolve",
        lambda _: fakes.at("nowhere.invalid:9092"),
        WAITING + "nowhere.invalid: name does not resolve" + START_IT,
    ),
    UpstreamMistake(
        "nothing comes back from the broker's address",
        fakes.silent_host,
        WAITING + "{upstream}: connection timed out (nobody answers there: a wrong address, or a firewall)" + START_IT,
        ("--timeouts.dial", "300ms"),
    ),
    UpstreamMistake("the broker closes at once", fakes.closing_server, WAITING + CLOSED + NOT_A_BROKER),
    UpstreamMistake(
        "the listener of the broker is for TLS", fakes.tls_broker, WAITING + ANSWERS + "TLS" + PLAIN, real=True
    ),
    UpstreamMistake("a server for TLS that says nothing", fakes.openssl_server, WAITING + CLOSED + NOT_A_BROKER),
    UpstreamMistake("the broker speaks HTTP", fakes.http_server, WAITING + ANSWERS + "HTTP" + PLAIN),
    UpstreamMistake("the broker is ZooKeeper", fakes.zookeeper, WAITING + CLOSED + NOT_A_BROKER, real=True),
    UpstreamMistake(
        "the broker is a KRaft controller",
        fakes.controller,
        WAITING + "what answers there is not a plaintext Kafka broker: the broker at {upstream}: it does not offer "
        "Metadata, so it is a KRaft controller; what must be there is a plaintext listener of a broker",
        real=True,
    ),
]

# ---- how kbridge is started

BROKER = "localhost:9092"
SIZES = "expected a size from 1KiB to 2147483647B, in B, KiB, MiB or GiB, for example 100MiB."

START_MISTAKES = [
    StartMistake("no broker is given", (), "No broker is given; name one, for example `kbridge kafka:9092`, or set upstream "
                 "in the file or KBRIDGE_UPSTREAM."),
    StartMistake("an address that is none", ("kafka:9092:1",),
                 'argument or flag --upstream: "kafka:9092:1" has several colons; an IPv6 address is written in brackets; '
                 "expected HOST:PORT, for example kafka:9092."),
    StartMistake("a command is misspelt", ("wiat", BROKER),
                 'there is no command "wiat"; wait was probably meant (a broker of that name needs its port behind it)'),
    StartMistake("a flag is misspelt", (BROKER, "--limts.frame", "1MiB"),
                 'flag "--limts.frame" is not known; did you mean --limits.frame?'),
    StartMistake("a flag's value is wrong", (BROKER, "--limits.frame", "3"),
                 f'flag --limits.frame: "3" is out of range; {SIZES}'),
    StartMistake("a variable is misspelt", (BROKER,),
                 'variable "KBRIDGE_LIMITS_FRAM" is not known; did you mean KBRIDGE_LIMITS_FRAME?',
                 variables=(("KBRIDGE_LIMITS_FRAM", "1MiB"),)),
    StartMistake("a variable's value is wrong", (BROKER,),
                 'variable KBRIDGE_TIMEOUTS_DIAL: "soon" does not begin with a whole number; expected a time from 1ms to 1h, '
                 "in ms, s, m or h, for example 10s.",
                 variables=(("KBRIDGE_TIMEOUTS_DIAL", "soon"),)),
    StartMistake("a key of the file is misspelt", (BROKER,), '{file}:3: "limits.frme" is no setting; did you mean limits.frame?',
                 file="log: warn\nlimits:\n  frme: 1MiB\n"),
    StartMistake("a value in the file is wrong", (BROKER,),
                 f'{{file}}:2: limits.frame: "lots" does not begin with a whole number; {SIZES}',
                 file="limits:\n  frame: lots\n"),
    StartMistake("the file is not there", (BROKER, "--config", "/nowhere/kbridge.yaml"),
                 'The settings file "/nowhere/kbridge.yaml" cannot be opened: No such file or directory.'),
    StartMistake("the file is no YAML", (BROKER,), "{file}:2: this is not YAML: did not find expected ',' or '}}'.",
                 file="limits: {frame: 1MiB\n"),
    StartMistake("a forward without a target", (BROKER, "--forward", "8081"),
                 'flag --forward: "8081" is no forward; expected LISTEN=TARGET, for example 8081=registry:8081.'),
    StartMistake("an address that this machine has not", (BROKER, "--listen", "192.0.2.1:29092"),
                 "cannot listen on 192.0.2.1:29092: address not available; no interface of this machine has this address, "
                 "choose another one with --listen", exit_code=1),
]  # fmt: skip

LOOP = (
    WAITING + "the upstream is kbridge itself: {upstream} is an address on which kbridge itself listens; give the broker's "
    "address as upstream, or another one for kbridge with --listen"
)
PORT_IN_USE = (
    f"cannot listen on {LOOPBACK}:{{port}}: address already in use; stop what listens there, or choose another port with "
    "--listen"
)
PERMISSION_DENIED = (
    "cannot listen on 0.0.0.0:80: permission denied; ports below 1024 need a privilege, choose another one with --listen"
)

# ---- more than there may be

TOO_MANY_CONNECTIONS = (
    "a client was refused: limits.connections ({limit}) is reached; raise it where so many are meant; refused so far: "
)
TOO_MANY_SOCKETS = (
    "a client was refused: the system lets kbridge open no more than {limit} sockets (raise it with `ulimit -n`, or "
    "LimitNOFILE); refused so far: "
)

SENTENCES = [mistake.sentence for mistake in (*CLIENT_MISTAKES, *UPSTREAM_MISTAKES, *START_MISTAKES)]
SENTENCES += [LOOP, PORT_IN_USE, PERMISSION_DENIED, TOO_MANY_CONNECTIONS, TOO_MANY_SOCKETS]

# What kbridge says while it does its work, and the tests that have seen that.
WARNINGS = {
    "which it can hardly reach: it comes from outside the networks": "tests/unit/watch/wording_test.c",
    "clients that know nodes by their address": "tests/unit/bridge/alike_test.c",
    "was dialled at": "tests/e2e/test_dial.py",
    "which proves it to one broker only": "tests/e2e/test_several_sasl.py",
    "has waited for 1 s behind that to": "tests/unit/bridge/late_test.c",
}


def lines_with(process: Process, sentence: str) -> list[str]:
    """The lines of kbridge's log with this sentence, once there are any."""

    def found() -> list[str]:
        return [line for line in process.log.read_text().splitlines() if sentence in line]

    process.wait_until(found, ANSWER_TIMEOUT_S)
    return [STAMP.sub("", line) for line in found()]


def note(mistake: str, line: str) -> None:
    """A row of the table of mistakes."""
    add_row("Mistakes, and what kbridge says", ["mistake", "what kbridge says"], mistake, PEER.sub(r"client \1:PORT ", line))
