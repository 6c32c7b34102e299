# SPDX-License-Identifier: Apache-2.0
"""Brokers die and come back under load: through kbridge nothing is lost, nothing doubled, and the pauses are those that clients
have without it.

KBRIDGE_KILL_ROUNDS says how many brokers are killed, one after the other; 9 take three minutes.
"""

import itertools
import os
import statistics
import time

import pytest
from confluent_kafka.admin import AdminClient

from tests.e2e.flow import wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.load import END_TIMEOUT_S, REPLICATED, Stream, create_topics
from tests.kafka.cluster import Broker, Cluster

ROUNDS = int(os.environ.get("KBRIDGE_KILL_ROUNDS", 3))
ROUND_S = 20
DEAD_S = 8
# What the clock of a busy machine adds to a pause.
TOLERANCE_S = 1


@pytest.fixture(scope="module")
def cluster():
    with Cluster(brokers=3, properties=REPLICATED) as cluster:
        yield cluster


@pytest.fixture
def proxy(cluster, tmp_path):
    proxy = Kbridge(cluster, tmp_path, binary())
    yield proxy
    proxy.stop()


@pytest.mark.timeout(300 + 9 * ROUNDS * ROUND_S)
def test_brokers_that_die_and_come_back_cost_no_record_and_no_longer_pause_than_without_kbridge(cluster, proxy, name):
    streams = {"directly": Stream(cluster.internal, f"{name}-directly"), "through": Stream(proxy.address, f"{name}-through")}
    create_topics(cluster.internal, *(stream.topic for stream in streams.values()))
    for stream in streams.values():
        stream.start()
    for stream in streams.values():
        stream.wait_flowing()

    brokers = itertools.cycle(cluster.brokers)
    rounds = [kill_and_restart(broker, cluster) for broker in itertools.islice(brokers, ROUNDS)]
    if not are_as_without(streams, rounds):
        # What else runs here makes one pause or the other longer, by chance: then the medians of three times as many decide.
        rounds += [kill_and_restart(broker, cluster) for broker in itertools.islice(brokers, 2 * ROUNDS)]

    for stream in streams.values():
        stream.finish()
    for way, stream in streams.items():
        report(way, stream, rounds)
    for stream in streams.values():
        stream.check(cluster.internal)
    assert are_as_without(streams, rounds)


def kill_and_restart(broker: Broker, cluster: Cluster) -> tuple[float, float]:
    """The begin and the end of this round."""
    admin = AdminClient({"bootstrap.servers": cluster.internal, "log.connection.close": False, "log_level": 2})
    begin = time.monotonic()
    broker.kill()
    time.sleep(DEAD_S)  # how long it is dead is what this test is about
    broker.start()
    wait_until(
        lambda: time.monotonic() > begin + ROUND_S and has_all_replicas(admin), f"{broker.node_id} has caught up", END_TIMEOUT_S
    )
    return begin, time.monotonic()


def has_all_replicas(admin: AdminClient) -> bool:
    topics = admin.list_topics(timeout=END_TIMEOUT_S).topics.values()
    return all(len(partition.isrs) == len(partition.replicas) for topic in topics for partition in topic.partitions.values())


def pauses_of(stream: Stream, rounds: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """The longest of each round, of the producer and of the group."""
    return tuple([stream.longest_pause(times, *within) for within in rounds] for times in (stream.acknowledged_at, stream.received_at))


def are_as_without(streams: dict[str, Stream], rounds: list[tuple[float, float]]) -> bool:
    """Looks at the medians, since one pause or another is long by chance."""
    both = zip(pauses_of(streams["directly"], rounds), pauses_of(streams["through"], rounds), strict=True)
    medians = [tuple(map(statistics.median, pauses)) for pauses in both]
    return all(through <= 1.2 * directly + TOLERANCE_S for directly, through in medians)


def report(way: str, stream: Stream, rounds: list[tuple[float, float]]) -> None:
    produced, consumed = ([round(pause, 2) for pause in pauses] for pauses in pauses_of(stream, rounds))
    print(
        f"{way}: {stream.sent} sent, {len(stream.received)} received, {stream.received_again} again; pauses of the producer"
        f" {produced} s, of the group {consumed} s"
    )
