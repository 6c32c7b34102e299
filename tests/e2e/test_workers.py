# SPDX-License-Identifier: Apache-2.0
"""Several workers (--workers N) are, seen from outside, one kbridge: its limits, its log, its end, and each record once."""

import re
import subprocess
import threading
from contextlib import ExitStack, closing, suppress

import pytest

from tests.e2e import fakes
from tests.e2e.clients import CLIENT_TIMEOUT_S, CONFLUENT, JAVA, KCAT
from tests.e2e.direct import Direct
from tests.e2e.exchange import group_of_two_gets_every_record_once
from tests.e2e.kbridge import STOP_TIMEOUT_S, Kbridge, binary
from tests.e2e.raw import RawClient
from tests.e2e.served import leaders, served
from tests.e2e.wire import LISTEN, inodes_of, sockets
from tests.kafka.cluster import Cluster
from tests.kafka.net import free_ports

WORKERS = 3
WAIT_S = 60
PARTITIONS = 12
CLIENTS_AT_ONCE = 40
# What it finds out when its loops run, which is when all workers listen.
HAS_BEGUN = r"cluster \S+ has 1 node"
# A line of the log, the heads of the columns, or a line of traffic; and no second one within it.
TIME = r"\d\d:\d\d:\d\d\.\d{3}"
LINE = re.compile(rf"(\d{{4}}-\d\d-\d\dT{TIME}Z (info |warn ) |\d{{4}}-\d\d-\d\d UTC |{TIME} +#\d+ )((?!{TIME}).)+")

core = pytest.mark.core


@pytest.fixture(scope="module")
def broker():
    with fakes.mock(binary().with_name("kbridge-tools")) as upstream:
        yield upstream


@pytest.fixture(scope="module")
def three():
    with Cluster(brokers=3) as cluster:
        yield cluster


@pytest.fixture
def started(tmp_path):
    """Starts kbridge with several workers; it is stopped with the test."""
    running = []

    def start(upstream, *settings: str, workers: int = WORKERS) -> Kbridge:
        running.append(Kbridge(upstream, tmp_path, binary(), "--workers", str(workers), *settings))
        return running[-1]

    yield start
    for proxy in running:
        proxy.stop()


def is_served(client: RawClient) -> bool:
    with suppress(ConnectionError, AssertionError):  # reset, or cut short
        return bool(client.ask_api_versions())
    return False


def wait_logged(proxy: Kbridge, pattern: str) -> None:
    proxy.process.wait_until(lambda: proxy.log_contains(pattern), WAIT_S)


def listening_ports(proxy: Kbridge) -> list[int]:
    own = inodes_of(proxy.process.pid)
    return [socket.local_port for socket in sockets() if socket.state == LISTEN and socket.inode in own]


@core
def test_the_bound_of_connections_is_one_for_all_of_them(broker, started):
    limit = 10
    proxy = started(broker, "--limits.connections", str(limit))
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(RawClient(proxy.address))) for _ in range(CLIENTS_AT_ONCE)]
        answered = []
        threads = [threading.Thread(target=lambda one=one: answered.append(is_served(one))) for one in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)
        assert answered.count(True) == limit and len(answered) == CLIENTS_AT_ONCE
    wait_logged(proxy, rf"limits\.connections \({limit}\) is reached")


@core
def test_each_worker_listens_and_all_at_the_same_address(broker, started):
    proxy = started(broker)
    wait_logged(proxy, HAS_BEGUN)
    addresses = len(re.findall("listening on", proxy.log.read_text()))
    assert listening_ports(proxy) == [proxy.port] * WORKERS * addresses


@core
def test_a_free_port_of_the_kernels_choice_is_the_same_for_all(broker, started):
    proxy = started(broker, "--listen", "localhost:0")
    wait_logged(proxy, HAS_BEGUN)
    told = {int(port) for port in re.findall(r"listening on \S+:(\d+)", proxy.log.read_text())}
    assert set(listening_ports(proxy)) == told
    assert len(told) == 2


@core
def test_a_second_kbridge_does_not_slip_in_beside_the_workers_of_the_first(broker, started):
    first = started(broker)
    command = [binary(), broker.bootstrap, "--listen", first.address, "--workers", str(WORKERS)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S)
    assert second.returncode == 1
    assert "address already in use; stop what listens there" in second.stderr


@core
def test_lines_of_several_workers_do_not_mix_and_what_all_find_out_is_told_once(broker, started):
    proxy = started(broker, "--traffic")

    def talk():
        for _ in range(10):
            with closing(RawClient(proxy.address)) as client:
                assert is_served(client)

    threads = [threading.Thread(target=talk) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    wait_logged(proxy, HAS_BEGUN)
    proxy.stop()  # what is not written yet is written then
    lines = proxy.log.read_text().splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert len([line for line in lines if " ApiVersions v0 " in line]) == 80
    assert len([line for line in lines if " has 1 node" in line]) == 1


@core
@pytest.mark.parametrize("upstream", ["there", "not there"])
def test_one_signal_stops_all_of_them_with_their_clients(broker, started, upstream, tmp_path):
    with fakes.nobody(tmp_path) as nobody:
        proxy = started(broker if upstream == "there" else nobody)
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(RawClient(proxy.address))) for _ in range(CLIENTS_AT_ONCE)]
        if upstream == "there":
            assert all(is_served(client) for client in clients)
        assert proxy.process.stop(STOP_TIMEOUT_S) == 0
        assert not any(is_served(client) for client in clients)
    assert len(re.findall(r"SIGTERM: stopping", proxy.log.read_text())) == 1


@core
def test_a_broker_that_is_missing_is_told_once(started, tmp_path):
    with fakes.nobody(tmp_path) as nobody:
        proxy = started(nobody)
    wait_logged(proxy, "waiting for the broker")
    clients = [RawClient(proxy.address) for _ in range(WORKERS)]
    for client in clients:
        client.close()
    proxy.stop()
    assert len(re.findall("waiting for the broker", proxy.log.read_text())) == 1


@pytest.mark.parametrize("client", [KCAT, CONFLUENT, JAVA], ids=lambda client: client.name)
def test_three_brokers_behind_two_workers_are_one_port(client, three, started, name, tmp_path):
    proxy = started(three, "--traffic", workers=2)
    group_of_two_gets_every_record_once(client, proxy.address, Direct(three.internal), name, PARTITIONS, tmp_path)
    own = leaders(three.internal, name)
    proxy.process.wait_until(lambda: served(proxy, "Produce", name) == served(proxy, "Fetch", name) == own, CLIENT_TIMEOUT_S)
    assert len(own) == PARTITIONS
    assert not proxy.log_contains(r" Produce v.* NOT_LEADER_OR_FOLLOWER")


@pytest.mark.parametrize("mode", ["ports", "loopback"])
def test_a_socket_for_each_broker_with_two_workers(mode, three, started, name, tmp_path):
    ports = free_ports(3)
    each = f"{ports[0]}-{ports[-1]}" if mode == "ports" else mode
    proxy = started(three, "--listen.per-broker", each, workers=2)
    group_of_two_gets_every_record_once(CONFLUENT, proxy.address, Direct(three.internal), name, PARTITIONS, tmp_path)


def test_health_and_a_forward_with_two_workers(three, started):
    target = f"127.0.0.1:{three.brokers[0].client_port}"
    (port,) = free_ports(1)
    proxy = started(three, "--forward", f"{port}={target}", workers=2)
    for _ in range(8):  # the kernel spreads them over both
        health = subprocess.run([binary(), "health", proxy.address], capture_output=True, text=True, timeout=WAIT_S)
        assert (health.returncode, health.stdout.strip()) == (0, f"Kafka answers at {proxy.address}.")
        with closing(RawClient(f"localhost:{port}")) as client:
            assert is_served(client)
