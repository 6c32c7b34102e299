# SPDX-License-Identifier: Apache-2.0
"""Each client produces and consumes through kbridge, on brokers that it could not use directly."""

import pytest

from tests.e2e.clients import CORE_CLIENTS, MORE_CLIENTS
from tests.e2e.exchange import group_of_two_gets_every_record_once

PARTITIONS = 4

CLIENTS = [pytest.param(client, id=client.name, marks=pytest.mark.core) for client in CORE_CLIENTS]
CLIENTS += [pytest.param(client, id=client.name) for client in MORE_CLIENTS]


@pytest.mark.feature("group of two")
@pytest.mark.parametrize("client", CLIENTS)
def test_a_group_of_two_gets_every_record_once(client, kafka, direct, kbridge, name, tmp_path):
    joined = kbridge.talks_to_broker
    group_of_two_gets_every_record_once(client, kbridge.address, direct, name, PARTITIONS, tmp_path, joined=joined)
