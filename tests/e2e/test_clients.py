# SPDX-License-Identifier: Apache-2.0
"""Each client produces and consumes through kbridge, on brokers that it could not use directly."""

import pytest

from tests.e2e.clients import CLIENT_TIMEOUT_S, CORE_CLIENTS, MORE_CLIENTS, Consumer, produce

RECORDS = 10_000
PARTITIONS = 4
MEMBERS = 2

CLIENTS = [pytest.param(client, id=client.name, marks=pytest.mark.core) for client in CORE_CLIENTS]
CLIENTS += [pytest.param(client, id=client.name) for client in MORE_CLIENTS]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_group_of_two_gets_every_record_once(client, kafka, direct, kbridge, name, tmp_path):
    values = [str(number) for number in range(RECORDS)]
    direct.create_topic(name, PARTITIONS)
    members = [Consumer(client, number, kbridge.address, name, name, tmp_path) for number in range(MEMBERS)]
    for member in members:
        member.process.wait_until(lambda: direct.group_shares(name, MEMBERS), CLIENT_TIMEOUT_S)

    produce(client, kbridge.address, name, values, tmp_path)

    for member in members:
        member.process.wait_until(lambda: sum(len(each.values()) for each in members) >= RECORDS, CLIENT_TIMEOUT_S)
    for member in members:
        member.stop()
    assert direct.record_count(name) == RECORDS
    assert all(member.values() for member in members), "one member got nothing"
    assert sorted(value for member in members for value in member.values()) == sorted(values)
    assert kbridge.talked_to_broker()
