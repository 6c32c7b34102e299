# SPDX-License-Identifier: Apache-2.0
"""What happens at each bound: nothing grows past it, it is told in a sentence, and those within it notice nothing."""

import itertools
import resource
import socket
import struct
import time
from pathlib import Path

import pytest

from tests.e2e import fakes
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.mistakes import TOO_MANY_CONNECTIONS, TOO_MANY_SOCKETS, lines_with, note
from tests.e2e.raw import RawClient
from tests.e2e.usage import cpu_s, descriptor_count, resident_bytes
from tests.kafka.net import free_port
from tests.kafka.process import Process

WAIT_S = 60
MIB = 1 << 20
CONNECTIONS = 5
STALLED = 60
IN_FLIGHT = 10
FRAME = 1 << 20
DESCRIPTORS = 100
CROWD = 300
# While it cannot accept: a few attempts cost next to nothing, a spin costs all there is.
WATCH_S = 3
IDLE_CPU_SHARE = 0.2
API_VERSIONS_V0 = struct.pack(">ihhih", 10, 18, 0, 7, -1)


@pytest.fixture(scope="module")
def broker():
    with fakes.mock(binary().with_name("kbridge-tools")) as upstream:
        yield upstream


@pytest.fixture
def bounded(broker, tmp_path):
    """Makes a kbridge with these settings, which knows its broker."""
    made = []

    def make(*settings: str) -> Kbridge:
        proxy = Kbridge(broker, tmp_path, binary(), *settings)
        made.append(proxy)
        proxy.process.wait_until(lambda: proxy.log_contains("cluster .* has 1 node"), WAIT_S)
        return proxy

    yield make
    for proxy in made:
        proxy.stop()


def connect(proxy: Kbridge) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), WAIT_S)


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def served(proxy: Kbridge, count: int) -> list[RawClient]:
    clients = [RawClient(proxy.address) for _ in range(count)]
    for client in clients:
        client.ask_api_versions()
    return clients


def test_one_client_more_than_limits_connections_is_refused_and_the_others_go_on(bounded):
    proxy = bounded("--limits.connections", str(CONNECTIONS))
    clients = served(proxy, CONNECTIONS)
    for refused in range(1, 4):
        with connect(proxy) as one_more:
            assert is_closed(one_more), f"client {refused} above the limit is served"
    for client in clients:
        client.ask_api_versions()
    line, *_ = lines_with(proxy.process, f"{TOO_MANY_CONNECTIONS.format(limit=CONNECTIONS)}1")
    note("more clients than limits.connections", line)
    for client in clients:
        client.close()

    def has_room() -> bool:
        with connect(proxy) as next_one:
            next_one.sendall(API_VERSIONS_V0)
            return not is_closed(next_one)

    proxy.process.wait_until(has_room, WAIT_S)


def test_requests_above_limits_in_flight_wait_and_are_all_answered_in_order(bounded):
    proxy = bounded("--limits.in_flight", str(IN_FLIGHT))
    count = 20 * IN_FLIGHT
    with connect(proxy) as client:
        requests = (struct.pack(">ihhih", 10, 18, 0, number, -1) for number in range(count))
        client.sendall(b"".join(requests))
        answers = client.makefile("rb")
        for number in range(count):
            (length,) = struct.unpack(">i", answers.read(4))
            assert struct.unpack(">i", answers.read(length)[:4]) == (number,)


def test_no_more_than_limits_in_flight_are_under_way(tmp_path):
    with fakes.counting_server() as upstream:
        proxy = Kbridge(upstream, tmp_path, binary(), "--limits.in_flight", str(IN_FLIGHT))
        with connect(proxy) as client:
            request = struct.pack(">ihhi", 8, fakes.UNKNOWN_API, 0, 7)
            client.sendall(request * 2 * IN_FLIGHT)
            proxy.process.wait_until(lambda: upstream.requests >= IN_FLIGHT, WAIT_S)
            # Whatever else came would come at once: it is there already.
            proxy.process.wait_until(stands_still(lambda: upstream.requests), WAIT_S)
            assert upstream.requests == IN_FLIGHT
        proxy.stop()


def test_a_request_of_limits_frame_passes_and_one_byte_more_does_not(bounded):
    proxy = bounded("--limits.frame", str(FRAME))
    with connect(proxy) as within, connect(proxy) as above:
        # An API that nobody knows passes untouched: what becomes of it is the broker's matter.
        within.sendall(struct.pack(">ihhi", FRAME, 999, 0, 7) + bytes(FRAME - 8))
        above.sendall(struct.pack(">ihhi", FRAME + 1, 999, 0, 7))
        assert is_closed(above)
        proxy.process.wait_until(lambda: proxy.log_contains("impossible frame length: 1048577 bytes"), WAIT_S)
        within.shutdown(socket.SHUT_WR)
        is_closed(within)
    assert not proxy.log_contains("impossible frame length: 1048576 bytes")


def test_stalled_readers_together_hold_no_more_than_limits_held(tmp_path):
    answer = 16 * MIB
    with fakes.flooding_server(answer) as upstream:
        # The release build: sanitizers have a memory of their own.
        proxy = Kbridge(upstream, tmp_path, binary("KBRIDGE_RELEASE_BIN"), "--limits.held", "1MiB")
        pid = proxy.process.pid
        before = resident_bytes(pid)
        stalled = [connect(proxy) for _ in range(STALLED)]
        for client in stalled:
            client.sendall(struct.pack(">ihhi", 8, fakes.UNKNOWN_API, 0, 7))
        for client in stalled:
            assert client.recv(1, socket.MSG_PEEK)
        proxy.process.wait_until(stands_still(lambda: bytes_moved(pid)), WAIT_S)
        held = resident_bytes(pid) - before
        print(f"{STALLED} stalled readers: {held / MIB:.1f} MiB")

        # Once it is full each further one costs a small read; and the shared buffer may have grown to 1 MiB.
        assert held < 2 * MIB + STALLED * (16 + 8) * 1024
        # And nothing is lost of what they did not take.
        assert len(stalled[0].makefile("rb").read(4 + answer)) == 4 + answer
        for client in stalled:
            client.close()
        proxy.stop()


def bytes_moved(pid: int) -> int:
    fields = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(fields["rchar"]) + int(fields["wchar"])


def stands_still(number):
    """A condition that holds once the number has been the same for a second."""
    seen = [(number(), time.monotonic())]

    def holds() -> bool:
        now = number(), time.monotonic()
        if now[0] != seen[0][0]:
            seen[0] = now
        return now[1] - seen[0][1] > 1

    return holds


def test_a_dial_that_takes_longer_than_timeouts_dial_is_given_up_and_tried_again(tmp_path):
    with fakes.silent_host(tmp_path) as upstream:
        proxy = Kbridge(upstream, tmp_path, binary(), "--timeouts.dial", "200ms", "--upstream.wait", "1s")
        begun = time.monotonic()
        with connect(proxy) as client:
            client.sendall(API_VERSIONS_V0)
            assert is_closed(client)
            took = time.monotonic() - begun
        proxy.stop()
    assert 1 <= took < WAIT_S
    assert proxy.log_contains(r"could not be reached: .*: connection timed out .*; tried for 1 s \(upstream\.wait\)")


def test_a_started_frame_has_timeouts_header_and_a_whole_one_all_the_time(bounded):
    proxy = bounded("--timeouts.header", "300ms")
    with connect(proxy) as silent, connect(proxy) as started:
        begun = time.monotonic()
        started.sendall(API_VERSIONS_V0[:6])
        assert is_closed(started)
        assert time.monotonic() - begun >= 0.3
        # Who has begun nothing has all the time there is.
        silent.sendall(API_VERSIONS_V0)
        assert not is_closed(silent)
    proxy.process.wait_until(lambda: proxy.log_contains(r"nothing came for 300 ms \(timeouts\.header\)"), WAIT_S)


def test_the_descriptors_of_a_process_are_raised_to_what_it_may_have(bounded):
    proxy = bounded()
    soft, hard = resource.prlimit(proxy.process.pid, resource.RLIMIT_NOFILE)
    assert soft == hard


def free_descriptor(pid: int) -> int:
    """The lowest, which the process would be given next."""
    used = {int(descriptor.name) for descriptor in Path(f"/proc/{pid}/fd").iterdir()}
    return next(number for number in itertools.count() if number not in used)


def test_without_any_descriptor_left_it_does_not_spin_and_recovers(bounded):
    proxy = bounded()
    pid = proxy.process.pid
    good = served(proxy, 1)[0]
    # What it asked its broker itself is over, so that nothing of it is given back meanwhile.
    proxy.process.wait_until(stands_still(lambda: descriptor_count(pid)), WAIT_S)
    # Taken away behind its back, so that accept itself fails.
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (free_descriptor(pid), before[1]))

    begun, cpu_before = time.monotonic(), cpu_s(pid)
    refused = 0
    while time.monotonic() < begun + WATCH_S:
        with connect(proxy) as one_more:
            refused += is_closed(one_more)
        good.ask_api_versions()
        time.sleep(0.05)
    cpu = cpu_s(pid) - cpu_before
    assert refused > 0
    assert cpu < IDLE_CPU_SHARE * WATCH_S, f"{cpu:.2f} s of CPU in {WATCH_S} s"

    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    for client in [*served(proxy, 1), good]:
        client.ask_api_versions()
        client.close()


def test_a_crowd_above_ulimit_is_refused_with_a_sentence_and_whoever_is_accepted_is_served(broker, tmp_path):
    port = free_port()
    log = tmp_path / "kbridge.log"
    command = f"ulimit -n {DESCRIPTORS}; exec {binary()} --listen 127.0.0.1:{port} {broker.bootstrap}"
    process = Process("kbridge", ["sh", "-c", command], log)
    process.wait_until(lambda: "has 1 node" in log.read_text(), WAIT_S)

    crowd = [socket.create_connection(("127.0.0.1", port), WAIT_S) for _ in range(CROWD)]

    line, *_ = lines_with(process, f"{TOO_MANY_SOCKETS.format(limit=DESCRIPTORS // 2)}1")
    note(f"{CROWD} clients, and {DESCRIPTORS} file descriptors", line)
    # Half of them for clients, one link for each: nobody who was let in is left without.
    assert sum(is_answered(connection) for connection in crowd) == DESCRIPTORS // 4
    assert descriptor_count(process.pid) < DESCRIPTORS
    for connection in crowd:
        connection.close()
    process.wait_until(lambda: is_answered(socket.create_connection(("127.0.0.1", port), WAIT_S)), WAIT_S)
    assert "could not be accepted" not in log.read_text()
    assert process.stop(WAIT_S) == 0


def is_answered(connection: socket.socket) -> bool:
    try:
        connection.sendall(API_VERSIONS_V0)
    except OSError:
        return False
    return not is_closed(connection)
