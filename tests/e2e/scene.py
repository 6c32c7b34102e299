# SPDX-License-Identifier: Apache-2.0
"""Traffic of several clients with everything in it that people look for: a group that rebalances, a topic and a group that are not
there, a leader that has moved, a transaction that is aborted.

Apart from test_real_traffic.py because it knows clients, and nothing of how traffic is shown.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient

from tests.e2e.clients import CLIENT_TIMEOUT_S, CONFLUENT, JAVA, MORE_CLIENTS, Consumer, produce, wait_for_members
from tests.e2e.direct import Direct
from tests.e2e.moves import move_replicas
from tests.e2e.raw import RawClient
from tests.e2e.served import leaders

AIOKAFKA = next(client for client in MORE_CLIENTS if client.name == "aiokafka")
PRODUCERS = [JAVA, CONFLUENT, AIOKAFKA]
RECORDS = 100
QUIET = {"log_level": 2}
NOT_LEADER_OR_FOLLOWER = 6


def play(address: str, direct: Direct, internal: str, folder: Path, go_on: Callable[[], None] = lambda: None) -> None:
    """go_on: what else is to be done at the end, while the members of the groups live."""
    direct.create_topic("orders", 6, 3)
    direct.create_topic("moved", 2, 3)
    members = [Consumer(CONFLUENT, 0, address, "orders", "billing", folder), Consumer(AIOKAFKA, 1, address, "orders", "audit", folder)]
    wait_for_members(members, lambda: direct.group_shares("billing", 1) and direct.group_shares("audit", 1))
    members.append(Consumer(JAVA, 2, address, "orders", "billing", folder))
    wait_for_members(members, lambda: direct.group_shares("billing", 2))
    for client in PRODUCERS:
        produce(client, address, "orders", [f"{client.name} {number}" for number in range(RECORDS)], folder)
    members[1].wait_for(len(PRODUCERS) * RECORDS)
    _abort(address)
    _ask_for_what_is_not_there(address)
    _follow_a_leader(address, internal, folder)
    go_on()
    for member in members:
        member.stop()


def _abort(address: str) -> None:
    producer = Producer({"bootstrap.servers": address, "client.id": "payer", "transactional.id": "payments-tx", **QUIET})
    producer.init_transactions(CLIENT_TIMEOUT_S)
    producer.begin_transaction()
    producer.produce("orders", "never paid")
    producer.flush(CLIENT_TIMEOUT_S)
    producer.abort_transaction(CLIENT_TIMEOUT_S)


def _ask_for_what_is_not_there(address: str) -> None:
    admin = AdminClient({"bootstrap.servers": address, "client.id": "asker", **QUIET})
    assert admin.list_topics("no-such-topic", CLIENT_TIMEOUT_S).topics["no-such-topic"].error
    (deleted,) = admin.delete_consumer_groups(["no-such-group"]).values()
    try:
        deleted.result(CLIENT_TIMEOUT_S)
    except KafkaException:
        return
    raise AssertionError("a group that is not there was deleted")


def _follow_a_leader(address: str, internal: str, folder: Path) -> None:
    """Nobody else asks who leads this topic, so both clients come to the one who did: a plain one, whose old versions every reader of
    recordings knows, and then a producer, which finds the new leader."""
    producer = Producer({"bootstrap.servers": address, "client.id": "steady", **QUIET})
    producer.produce("moved", "before", partition=1)
    assert producer.flush(CLIENT_TIMEOUT_S) == 0
    node = next(leader for leader, partition in leaders(internal, "moved") if partition == 0)
    others = [other for other in (1, 2, 3) if other != node]
    with closing(RawClient(address)) as plain:
        assert plain.knows_topic("moved")
        move_replicas(internal, "moved", dict.fromkeys((0, 1), [others[0], node, others[1]]), folder)
        assert plain.ask_records("moved") == NOT_LEADER_OR_FOLLOWER
    producer.produce("moved", "behind", partition=1)
    assert producer.flush(CLIENT_TIMEOUT_S) == 0
