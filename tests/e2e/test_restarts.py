# SPDX-License-Identifier: Apache-2.0
"""Kafka that comes late, Kafka and kbridge that are restarted in the middle: nothing is lost, and no application sees an error
that it would not see directly.

Each client runs twice on one broker at the same time, once through kbridge and once directly, so that they can be compared; and all
of them go on from one event to the next, so that each event happens to all at once.
"""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.direct import Direct
from tests.e2e.flow import PROGRAMS, Flow, wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.tables import add_row
from tests.kafka.cluster import Cluster

ADVERTISED = "nowhere.invalid:1234"
PARTITIONS = 4
BEFORE = 100
AFTER = 200
# What librdkafka shows, directly too, when a broker goes, and when one is there again that does not know its topics yet.
SHOWN_DIRECTLY = {"_TRANSPORT", "_ALL_BROKERS_DOWN", "UNKNOWN_TOPIC_OR_PART"}
# More than librdkafka waits for the first answer on a connection, 10 s.
LATE_S = 20
THROUGH, DIRECTLY = "through kbridge", "directly"
HEAD = [
    "what happens", "client", "way", "sent", "acknowledged", "received", "doubled", "longest pause of produce", "of consume",
    "errors shown",
]  # fmt: skip


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


class Crowd:
    """All clients, both ways, on one broker."""

    def __init__(self, kafka: Cluster, folder: Path):
        self.kafka, self.proxy = kafka, Proxy(kafka, folder)
        self._folder = folder
        self.pairs: list[tuple[Flow, Flow]] = []

    def start(self, name: str, prepare: Callable[[str], None] = lambda topic: None) -> None:
        for client in PROGRAMS:
            pair = []
            for way, address in ((THROUGH, self.proxy.address), (DIRECTLY, self.kafka.internal)):
                topic = f"{name}-{client}-{way.split()[0]}"
                prepare(topic)
                pair.append(Flow(client, way, address, topic, self._folder))
            self.pairs.append(tuple(pair))

    @property
    def flows(self) -> list[Flow]:
        return [flow for pair in self.pairs for flow in pair]

    def wait_for_more(self, count: int) -> None:
        """Returns when all that each has sent until now has come, and so many more."""
        goals = [(flow, flow.sent_count() + count) for flow in self.flows]
        for flow, goal in goals:
            flow.wait_for(goal)

    def note(self, event: str) -> None:
        """A row of the table for each; and nobody has seen through kbridge what would not be seen directly."""
        for flow in self.flows:
            counts, errors = flow.counts(), ", ".join(sorted(flow.errors)) or "none"
            pauses = [f"{pause:.1f} s" for pause in flow.longest_pauses_s()]
            add_row("Restarts", HEAD, event, flow.client, flow.way, *counts, *pauses, errors)
        for through, directly in self.pairs:
            assert not through.failed and not directly.failed, (through.failed, directly.failed)
            assert through.errors <= directly.errors | SHOWN_DIRECTLY, through.client

    def finish(self) -> None:
        """The end of all, and all that was ever sent is there once, and has come."""
        for flow in self.flows:
            flow.finish()
            everything = set(range(len(flow.sent)))
            assert flow.acknowledged == everything, f"{flow.client} {flow.way}: not all was acknowledged"
            assert set(flow.received) == everything, f"{flow.client} {flow.way}: records were lost"
            stored = Direct(self.kafka.internal).record_count(flow.topic)
            assert stored == len(everything), f"{flow.client} {flow.way}: records are in the log twice"

    def stop(self) -> None:
        for flow in self.flows:
            flow.process.kill()
        self.proxy.stop()


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    with Cluster(advertise=ADVERTISED) as kafka:
        crowd = Crowd(kafka, tmp_path_factory.mktemp("restarts"))
        crowd.start("restarts", lambda topic: Direct(kafka.internal).create_topic(topic, PARTITIONS))
        yield crowd
        crowd.stop()


def restart_kafka(crowd: Crowd) -> None:
    crowd.kafka.restart()


def kill_kafka(crowd: Crowd) -> None:
    crowd.kafka.kill()
    crowd.kafka.start()


def restart_kbridge(crowd: Crowd) -> None:
    crowd.proxy.stop()
    crowd.proxy.start()


def kill_kbridge(crowd: Crowd) -> None:
    crowd.proxy.now.process.kill()
    crowd.proxy.start()


def restart_both(crowd: Crowd) -> None:
    crowd.kafka.kill()
    crowd.proxy.stop()
    crowd.proxy.start()
    crowd.kafka.start()


EVENTS = [
    pytest.param(restart_kafka, id="Kafka is restarted"),
    pytest.param(kill_kafka, id="Kafka is killed and started"),
    pytest.param(restart_kbridge, id="kbridge is restarted"),
    pytest.param(kill_kbridge, id="kbridge is killed and started"),
    pytest.param(restart_both, id="both are restarted"),
]


@pytest.mark.parametrize("event", EVENTS)
def test_nothing_is_lost_when(event, crowd, request):
    crowd.wait_for_more(BEFORE)
    for flow in crowd.flows:
        flow.begin()
    event(crowd)
    crowd.wait_for_more(AFTER)
    crowd.note(request.node.callspec.id)


def test_after_all_of_that_every_record_is_in_the_log_once(crowd):
    crowd.wait_for_more(BEFORE)
    crowd.finish()
    for flow in crowd.flows:
        add_row("Restarts", HEAD, "all of these, to the end", flow.client, flow.way, *flow.totals(), "", "", "")


def test_clients_that_start_before_kafka_are_held_and_miss_nothing(tmp_path, name):
    kafka = Cluster(advertise=ADVERTISED)
    crowd = Crowd(kafka, tmp_path)
    try:
        begun = time.monotonic()
        crowd.start(name)
        told = [f'client .* \\({software} .* is told' for software in ("confluent-kafka-python", "apache-kafka-java")]
        wait_until(lambda: all(map(crowd.proxy.now.log_contains, told)), "the clients have come")
        wait_until(lambda: time.monotonic() > begun + LATE_S, "Kafka is late", LATE_S + 1)
        assert not any(flow.counts()[2] for flow in crowd.flows)
        kafka.start()
        crowd.wait_for_more(AFTER)
        crowd.finish()
        crowd.note(f"clients are started {LATE_S} s before Kafka")
    finally:
        crowd.stop()
        kafka.stop()
