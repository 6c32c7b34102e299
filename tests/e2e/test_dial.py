# SPDX-License-Identifier: Apache-2.0
"""Brokers that advertise what kbridge cannot reach: a rule says where they are, and without one the log says what is missing."""

import pytest

from tests.e2e.clients import CLIENT_TIMEOUT_S, KCAT, Consumer, produce
from tests.e2e.direct import Direct
from tests.e2e.kbridge import Kbridge, binary
from tests.kafka.cluster import Cluster
from tests.kafka.process import Process

ADVERTISED, FIRST_PORT = "nowhere.invalid", 1234
RECORDS = 1000
PARTITIONS = 4


@pytest.fixture(scope="module")
def two():
    with Cluster(brokers=2, advertise=f"{ADVERTISED}:{FIRST_PORT}") as cluster:
        yield cluster


def test_rules_say_where_brokers_are_dialled(two, name, tmp_path):
    rules = [f"{ADVERTISED}:{FIRST_PORT + at}={broker.bootstrap}" for at, broker in enumerate(two.brokers)]
    proxy = Kbridge(two, tmp_path, binary(), "--upstream.dial", ",".join(rules))
    Direct(two.internal).create_topic(name, PARTITIONS)
    values = [str(number) for number in range(RECORDS)]
    produce(KCAT, proxy.address, name, values, tmp_path)
    member = Consumer(KCAT, 0, proxy.address, name, name, tmp_path)
    member.process.wait_until(lambda: len(member.values()) >= RECORDS, CLIENT_TIMEOUT_S)
    member.stop()
    proxy.stop()
    assert sorted(member.values()) == sorted(values)


def test_a_broker_that_cannot_be_dialled_is_named_with_what_it_advertises(two, name, tmp_path):
    proxy = Kbridge(two, tmp_path, binary())
    Direct(two.internal).create_topic(name, PARTITIONS)
    reader = Process("kcat", ["kcat", "-C", "-b", proxy.address, "-t", name], tmp_path / "kcat.log")
    told = rf"node 2, which advertises {ADVERTISED}:{FIRST_PORT + 1}, was dialled at {ADVERTISED}: name does not resolve"
    reader.wait_until(lambda: proxy.log_contains(told), CLIENT_TIMEOUT_S)
    reader.kill()
    proxy.stop()
