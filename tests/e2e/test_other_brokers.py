# SPDX-License-Identifier: Apache-2.0
"""The clients that most people have, on brokers of older versions and of the newest, one and three behind the one port."""

import pytest

from tests.e2e.clients import CONFLUENT, JAVA, JAVA_NEWEST, KAFKAJS, KCAT
from tests.e2e.exchange import group_of_two_gets_every_record_once
from tests.kafka.cluster import Cluster
from tests.kafka.jars import USUAL, VERSIONS

PARTITIONS = 6
PLACES = [(version, brokers) for version in VERSIONS if version != USUAL for brokers in (1, 3)]


@pytest.fixture(scope="module", params=PLACES, ids=[f"{version}-{brokers}" for version, brokers in PLACES])
def kafka(request):
    version, brokers = request.param
    with Cluster(version, brokers, advertise="own" if brokers > 1 else "nowhere.invalid:1234") as cluster:
        yield cluster


@pytest.mark.feature("group of two")
@pytest.mark.parametrize("client", [pytest.param(client, id=client.name) for client in (KCAT, CONFLUENT, JAVA, JAVA_NEWEST, KAFKAJS)])
def test_a_group_of_two_gets_every_record_of_other_versions_once(client, kafka, direct, kbridge, name, tmp_path):
    joined = kbridge.talks_to_broker
    group_of_two_gets_every_record_once(client, kbridge.address, direct, name, PARTITIONS, tmp_path, joined=joined)
