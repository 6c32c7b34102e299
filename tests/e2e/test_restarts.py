# SPDX-License-Identifier: Apache-2.0
"""Kafka that comes late, Kafka and kbridge that are restarted in the middle: nothing is lost, and no application sees an error
that it would not see directly.

Each test has two applications on one broker at the same time, one through kbridge and one directly, so that they can be compared.
"""

import time
from pathlib import Path

import pytest

from tests.e2e.direct import Direct
from tests.e2e.flow import Flow, wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.tables import write_table
from tests.kafka.cluster import Cluster

ADVERTISED = "nowhere.invalid:1234"
PARTITIONS = 4
BEFORE = 100
AFTER = 200
# What the library shows, directly too, when a broker goes, and when one is there again that does not know its topics yet.
SHOWN_DIRECTLY = {"_TRANSPORT", "_ALL_BROKERS_DOWN", "UNKNOWN_TOPIC_OR_PART"}
# More than librdkafka waits for the first answer on a connection, 10 s.
LATE_S = 20
ROWS = []
HEAD = [
    "what happens", "way", "sent", "acknowledged", "received", "doubled", "longest pause of produce", "of consume", "errors shown"
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def table():
    ROWS.clear()
    yield
    write_table("Restarts", HEAD, ROWS)


@pytest.fixture(scope="module")
def kafka():
    with Cluster(advertise=ADVERTISED) as cluster:
        yield cluster


class Proxy:
    """kbridge on one port, through all its restarts."""

    def __init__(self, kafka: Cluster, folder: Path):
        self._kafka, self._folder = kafka, folder
        self.now = Kbridge(kafka, folder, binary())
        self.address = self.now.address

    def start(self) -> None:
        self.now = Kbridge(self._kafka, self._folder, binary(), port=self.now.port)

    def stop(self) -> None:
        self.now.stop()


def kill_kafka(kafka: Cluster, _proxy: Proxy) -> None:
    kafka.kill()
    kafka.start()


def restart_kafka(kafka: Cluster, _proxy: Proxy) -> None:
    kafka.restart()


def restart_kbridge(_kafka: Cluster, proxy: Proxy) -> None:
    proxy.stop()
    proxy.start()


def kill_kbridge(_kafka: Cluster, proxy: Proxy) -> None:
    proxy.now.process.kill()
    proxy.start()


def restart_both(kafka: Cluster, proxy: Proxy) -> None:
    kafka.kill()
    proxy.stop()
    proxy.start()
    kafka.start()


EVENTS = [
    pytest.param(restart_kafka, id="Kafka is restarted"),
    pytest.param(kill_kafka, id="Kafka is killed and started"),
    pytest.param(restart_kbridge, id="kbridge is restarted"),
    pytest.param(kill_kbridge, id="kbridge is killed and started"),
    pytest.param(restart_both, id="both are restarted"),
]


def check(event: str, kafka: Cluster, through: Flow, direct: Flow) -> None:
    for way, flow in (("directly", direct), ("through kbridge", through)):
        pauses = [f"{pause:.1f} s" for pause in flow.longest_pauses_s()]
        errors = ", ".join(sorted(flow.errors)) or "none"
        ROWS.append((event, way, flow.sent, len(flow.acked), len(flow.received), flow.doubled, *pauses, errors))
    for flow in (direct, through):
        assert not flow.failed, f"{flow.name}: records failed with {flow.failed}"
        assert sorted(flow.acked) == list(range(flow.sent)), f"{flow.name}: not all was acknowledged"
        assert sorted(flow.received) == list(range(flow.sent)), f"{flow.name}: records were lost"
        assert Direct(kafka.internal).record_count(flow.topic) == flow.sent, f"{flow.name}: records are in the log twice"
    assert through.errors <= direct.errors | SHOWN_DIRECTLY


@pytest.mark.parametrize("event", EVENTS)
def test_nothing_is_lost_when(event, kafka, tmp_path, name, request):
    proxy = Proxy(kafka, tmp_path)
    flows = Flow("through", proxy.address, name), Flow("direct", kafka.internal, f"{name}-direct")
    for flow in flows:
        Direct(kafka.internal).create_topic(flow.topic, PARTITIONS)
    try:
        for flow in flows:
            flow.start()
        for flow in flows:
            flow.wait_for_more(BEFORE)
        event(kafka, proxy)
        for flow in flows:
            flow.wait_for_more(AFTER)
        for flow in flows:
            flow.finish()
    finally:
        for flow in flows:
            flow.cancel()
        proxy.stop()
    check(request.node.callspec.id, kafka, *flows)


def test_clients_that_start_before_kafka_are_held_and_miss_nothing(tmp_path, name):
    kafka = Cluster(advertise=ADVERTISED)
    proxy = Proxy(kafka, tmp_path)
    flows = Flow("through", proxy.address, name), Flow("direct", kafka.internal, f"{name}-direct")
    try:
        begun = time.monotonic()
        for flow in flows:
            flow.start()
        proxy.now.process.wait_until(lambda: proxy.now.log_contains('"through-consumer" .* is told'), LATE_S)
        wait_until(lambda: time.monotonic() > begun + LATE_S, "Kafka is late", LATE_S + 1)
        assert flows[0].received.total() == 0
        kafka.start()
        for flow in flows:
            flow.wait_for_more(AFTER)
        for flow in flows:
            flow.finish()
        check(f"clients are started {LATE_S} s before Kafka", kafka, *flows)
    finally:
        for flow in flows:
            flow.cancel()
        proxy.stop()
        kafka.stop()
