# SPDX-License-Identifier: Apache-2.0
"""What depends on more than one coordinator at a time, on three brokers behind the one port: transactions over partitions of all
leaders, an exactly-once loop, groups of the new protocol (KIP-848), share groups."""

import itertools
import time
from collections import defaultdict

import pytest
from confluent_kafka import Consumer as KafkaConsumer
from confluent_kafka import Producer, TopicPartition

from tests.e2e.clients import CLIENT_TIMEOUT_S, JAVA_SHARE, KCAT, Consumer, produce, wait_for_members
from tests.e2e.direct import Direct
from tests.e2e.exchange import wait_all_begun
from tests.e2e.flow import wait_until
from tests.e2e.raw import RawClient
from tests.e2e.served import leaders, served
from tests.kafka.cluster import Cluster

PARTITIONS = 12
TRANSACTIONS = 30
RECORDS = 3000
# What waits in a broker for so long must not hold up a question; and how soon that must have been answered.
LONG_S = 50
SOON_S = 15
READY_S = 60


@pytest.fixture(scope="module")
def three():
    with Cluster(brokers=3) as cluster:
        yield cluster


@pytest.fixture
def topic(three, name):
    Direct(three.internal).create_topic(name, PARTITIONS)
    return name


def test_only_committed_transactions_over_all_leaders_are_read_each_in_order(three, proxy, topic):
    producer = transactional(proxy.address, topic)
    for transaction in range(TRANSACTIONS):
        producer.begin_transaction()
        for partition in range(PARTITIONS):
            producer.produce(topic, str(transaction), partition=partition)
        producer.flush()  # what is aborted before it was sent never gets there
        if transaction % 3:
            producer.commit_transaction()
        else:
            producer.abort_transaction()
    committed = [transaction for transaction in range(TRANSACTIONS) if transaction % 3]

    read = read_committed(proxy.address, topic, len(committed) * PARTITIONS)

    assert read == dict.fromkeys(range(PARTITIONS), committed)
    proxy.process.wait_until(lambda: served(proxy, "Produce", topic) == leaders(three.internal, topic), CLIENT_TIMEOUT_S)
    with_markers = TRANSACTIONS * PARTITIONS * 2
    assert Direct(three.internal).record_count(topic) == with_markers


def test_an_exactly_once_loop_copies_every_record_once(three, proxy, topic, tmp_path):
    """The group and the transaction have coordinators of their own, and the offsets go through both."""
    copy = f"{topic}-copy"
    Direct(three.internal).create_topic(copy, PARTITIONS)
    produce(KCAT, proxy.address, topic, [str(number) for number in range(RECORDS)], tmp_path)
    consumer = group_member(proxy.address, topic, {"enable.auto.commit": False})
    producer = transactional(proxy.address, topic)
    copied = 0
    for turn in itertools.count():
        records = consumer.consume(100, CLIENT_TIMEOUT_S)
        assert records, f"only {copied} records came"
        producer.begin_transaction()
        for record in records:
            assert not record.error(), record.error()
            producer.produce(copy, record.value(), partition=record.partition())
        offsets = consumer.position(consumer.assignment())
        producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata())
        if turn % 3 == 2:  # given up and done again
            producer.abort_transaction()
            for committed in consumer.committed(consumer.assignment(), CLIENT_TIMEOUT_S):
                consumer.seek(TopicPartition(topic, committed.partition, max(committed.offset, 0)))
            continue
        producer.commit_transaction()
        copied += len(records)
        if copied == RECORDS:
            break
    consumer.close()

    read = read_committed(proxy.address, copy, RECORDS)

    assert sorted(itertools.chain(*read.values())) == list(range(RECORDS))


def test_two_members_of_a_group_of_the_new_protocol_get_every_record_once(three, proxy, topic, tmp_path):
    members = [group_member(proxy.address, topic, {"group.protocol": "consumer"}) for _ in range(2)]
    values: list[list[int]] = [[], []]
    deadline = time.monotonic() + CLIENT_TIMEOUT_S
    while not all(len(member.assignment()) == PARTITIONS // 2 for member in members):
        assert time.monotonic() < deadline, "the group did not settle"
        take(members, values)
    produce(KCAT, proxy.address, topic, [str(number) for number in range(RECORDS)], tmp_path)
    while sum(map(len, values)) < RECORDS:
        assert time.monotonic() < deadline, f"only {sum(map(len, values))} records came"
        take(members, values)
    for member in members:
        member.close()
    assert sorted(values[0] + values[1]) == list(range(RECORDS)) and all(values)
    assert proxy.log_contains(r" ConsumerGroupHeartbeat v")
    proxy.process.wait_until(lambda: served(proxy, "Fetch", topic) == leaders(three.internal, topic), CLIENT_TIMEOUT_S)


def test_a_share_group_gets_every_record_of_all_leaders_once(three, proxy, topic, tmp_path):
    members = [Consumer(JAVA_SHARE, number, proxy.address, topic, topic, tmp_path) for number in range(2)]
    everywhere = leaders(three.internal, topic)
    wait_all_begun(members, Direct(three.internal), topic, PARTITIONS)
    values = [str(number) for number in range(RECORDS)]
    produce(KCAT, proxy.address, topic, values, tmp_path)

    def got() -> list[str]:
        return [value for member in members for value in member.values() if value.isdigit()]

    wait_for_members(members, lambda: len(got()) >= RECORDS)
    for member in members:
        member.stop()
    assert sorted(got()) == sorted(values)
    proxy.process.wait_until(lambda: served(proxy, "ShareFetch", topic) == everywhere, CLIENT_TIMEOUT_S)


def test_a_question_does_not_wait_behind_a_long_poll(three, proxy, topic):
    direct = Direct(three.internal)
    leader = next(node for node, partition in leaders(three.internal, topic) if partition == 0)
    group = group_elsewhere(direct, topic, leader)
    client = RawClient(proxy.address)
    client.send_fetch(topic, 1000, LONG_S)
    client.send_join(group, LONG_S)
    wait_until(lambda: "Rebalance" in direct.group_state(group), f"{group} has a member", SOON_S)
    assert not served(proxy, "Fetch", topic)
    client.close()


def test_a_question_does_not_wait_behind_a_join(three, proxy, topic):
    direct = Direct(three.internal)
    busy = group_elsewhere(direct, f"{topic}-busy", 0)
    group = group_elsewhere(direct, topic, direct.coordinator(busy))
    first, second = RawClient(proxy.address), RawClient(proxy.address)
    first.send_join(busy, LONG_S)
    first.read_answer()
    second.send_join(busy, LONG_S)
    wait_until(lambda: direct.group_state(busy) == "PreparingRebalance", "the first member is to join again", SOON_S)
    second.send_join(group, LONG_S)
    wait_until(lambda: "Rebalance" in direct.group_state(group), f"{group} has a member", SOON_S)
    assert direct.group_state(busy) == "PreparingRebalance"
    first.close()
    second.close()


def group_elsewhere(direct: Direct, name: str, node: int) -> str:
    """A group that kbridge has not heard of and another node coordinates: one node serves one request of a connection after the
    other, directly too."""
    direct.make_coordinators()
    for number in itertools.count():
        group = f"{name}-{number}"
        wait_until(lambda group=group: direct.coordinator(group) > 0, f"{group} has a coordinator", READY_S)
        if direct.coordinator(group) != node:
            return group


def transactional(bootstrap: str, name: str) -> Producer:
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": name})
    producer.init_transactions(CLIENT_TIMEOUT_S)
    return producer


def group_member(bootstrap: str, topic: str, settings: dict) -> KafkaConsumer:
    consumer = KafkaConsumer({
        "bootstrap.servers": bootstrap, "group.id": topic, "auto.offset.reset": "earliest", **settings,
    })  # fmt: skip
    consumer.subscribe([topic])
    return consumer


def take(members: list[KafkaConsumer], values: list[list[int]]) -> None:
    for member, taken in zip(members, values, strict=True):
        for record in member.consume(500, 0.1):
            assert not record.error(), record.error()
            taken.append(int(record.value()))


def read_committed(bootstrap: str, topic: str, count: int) -> dict[int, list[int]]:
    """The values of each partition, in the order in which they come; reads on for a moment, for what must not come."""
    consumer = group_member(bootstrap, topic, {"group.id": f"{topic}-reader", "isolation.level": "read_committed"})
    read: dict[int, list[int]] = defaultdict(list)
    deadline = time.monotonic() + CLIENT_TIMEOUT_S
    while (records := consumer.consume(500, 1)) or sum(map(len, read.values())) < count:
        assert time.monotonic() < deadline, f"of {count} records came {sum(map(len, read.values()))}"
        for record in records:
            assert not record.error(), record.error()
            read[record.partition()].append(int(record.value()))
    consumer.close()
    return read
