# SPDX-License-Identifier: Apache-2.0
"""A client that does what no library does: it asks and does not read, asks one broker only, or connects and does nothing.

Requests are of old versions that every broker from 0.11 to 4.x understands, so they stay the same forever.
"""

import socket
import struct

ANSWER_TIMEOUT_S = 60

FETCH = 1
METADATA = 3
JOIN_GROUP = 11
DESCRIBE_GROUPS = 15
API_VERSIONS = 18


class RawClient:
    """One plain connection."""

    def __init__(self, address: str):
        host, port = address.rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), ANSWER_TIMEOUT_S)
        self._correlation = 0

    def ask_api_versions(self) -> bytes:
        self._send(API_VERSIONS, 0, b"")
        return self.read_answer()

    def send_fetch(self, topic: str, max_bytes: int, wait_s: int = 1) -> None:
        """Asks for the first partition from its beginning, and does not read; an empty one is answered after this time."""
        header = struct.pack(">iiiib", -1, wait_s * 1000, 1, max_bytes, 0)
        partition = struct.pack(">iiqi", 1, 0, 0, max_bytes)
        self._send(FETCH, 4, header + struct.pack(">i", 1) + _text(topic) + partition)

    def ask_records(self, topic: str) -> int:
        """Asks for the first partition from its beginning; the error code of it."""
        self.send_fetch(topic, 1000, wait_s=0)
        answer = Fields(self.read_answer())
        _correlation, _throttled, _topics, _topic = answer.number("i"), answer.number("i"), answer.number("i"), answer.bytes("h")
        _partitions, _partition = answer.number("i"), answer.number("i")
        return answer.number("h")

    def send_join(self, group: str, wait_s: int) -> None:
        """Wants to be a new member, and does not read; answered when all other members have joined again, or after this time."""
        member = struct.pack(">ii", 30_000, wait_s * 1000) + _text("")
        protocols = _text("consumer") + struct.pack(">i", 1) + _text("range") + struct.pack(">i", 0)
        self._send(JOIN_GROUP, 2, _text(group) + member + protocols)

    def ask_group(self, group: str) -> tuple[str, list[bytes]]:
        """The group's state and its members' assignments; an empty state when this broker does not (yet) coordinate it."""
        self._send(DESCRIBE_GROUPS, 0, struct.pack(">i", 1) + _text(group))
        answer = Fields(self.read_answer())
        _correlation, _groups, _error, _group = answer.number("i"), answer.number("i"), answer.number("h"), answer.bytes("h")
        state, _kind, _protocol = answer.bytes("h").decode(), answer.bytes("h"), answer.bytes("h")
        members = [[answer.bytes(length) for length in "hhhii"] for _ in range(answer.number("i"))]
        return state, [assignment for *_, assignment in members]

    def knows_topic(self, topic: str) -> bool:
        """True when the broker asked knows it; it is not created by asking."""
        self._send(METADATA, 4, struct.pack(">i", 1) + _text(topic) + b"\0")
        answer = Fields(self.read_answer())
        _correlation, _throttled = answer.number("i"), answer.number("i")
        for _ in range(answer.number("i")):
            _node, _host, _port, _rack = answer.number("i"), answer.bytes("h"), answer.number("i"), answer.bytes("h")
        _cluster, _controller, _topics = answer.bytes("h"), answer.number("i"), answer.number("i")
        return answer.number("h") == 0

    def has_answer(self) -> bool:
        return bool(self._socket.recv(1, socket.MSG_PEEK))

    def read_answer(self) -> bytes:
        """The next whole answer, without its length; fails when it is cut short or belongs to another request."""
        (length,) = struct.unpack(">i", self._read(4))
        answer = self._read(length)
        assert struct.unpack_from(">i", answer)[0] == self._correlation
        return answer

    def close(self) -> None:
        self._socket.close()

    def _send(self, api: int, version: int, body: bytes) -> None:
        self._correlation += 1
        client_id = b"raw"
        header = struct.pack(">hhih", api, version, self._correlation, len(client_id)) + client_id
        self._socket.sendall(struct.pack(">i", len(header) + len(body)) + header + body)

    def _read(self, length: int) -> bytes:
        got = bytearray()
        while len(got) < length:
            part = self._socket.recv(length - len(got))
            assert part, f"the connection was closed after {len(got)} of {length} bytes"
            got += part
        return bytes(got)


class Fields:
    """Reads what a struct holds, one field after the other."""

    def __init__(self, data: bytes):
        self._data = data
        self._at = 0

    def number(self, kind: str) -> int:
        (value,) = struct.unpack_from(f">{kind}", self._data, self._at)
        self._at += struct.calcsize(kind)
        return value

    def bytes(self, length_kind: str) -> bytes:
        length = max(self.number(length_kind), 0)  # -1 is null
        self._at += length
        return self._data[self._at - length : self._at]


def _text(text: str) -> bytes:
    return struct.pack(">h", len(text.encode())) + text.encode()
