# SPDX-License-Identifier: Apache-2.0
"""The cluster as it is, seen past the proxy: the tests prepare and check with it what clients do through the proxy."""

import time
from contextlib import closing

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType

from tests.e2e.flow import wait_until
from tests.e2e.raw import Fields, RawClient
from tests.kafka.process import POLL_S

ANSWER_TIMEOUT_S = 60
# A setting of a broker that changes nothing of what the tests look at.
MARK = "log.roll.jitter.ms"


class Direct:
    def __init__(self, bootstrap: str):
        self._bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log.connection.close": False})

    def create_topic(self, name: str, partitions: int = 1, replicas: int = 1) -> None:
        """Returns when every broker knows the topic, and every leader that it is one: before, a client that comes to one of several
        is told that there is no such topic, confluent-kafka with an error of its consumer; and with acks=0 a record is lost."""
        for created in self._admin.create_topics([NewTopic(name, partitions, replicas)]).values():
            created.result(ANSWER_TIMEOUT_S)
        wait_until(lambda: all(_knows(address, name) for address in self._bootstrap.split(",")), f"every broker knows {name}")
        self._wait_led(name)

    def settle(self, node_ids: list[int]) -> None:
        """Returns when these brokers know of every change that has been made so far."""
        # They learn of changes in their order. The second one here is made when all have begun with the first, so whoever knows
        # of that has done with everything before.
        for operation, marked in ((AlterConfigOpType.SET, True), (AlterConfigOpType.DELETE, False)):
            entry = ConfigEntry(MARK, "1", incremental_operation=operation)
            brokers = [ConfigResource(ResourceType.BROKER, str(at), incremental_configs=[entry]) for at in node_ids]
            for altered in [self._admin.incremental_alter_configs([broker])[broker] for broker in brokers]:
                altered.result(ANSWER_TIMEOUT_S)
            for at in node_ids:
                wait_until(lambda at=at, marked=marked: self._is_marked(at) == marked, f"broker {at} knows of a change")

    def _is_marked(self, node_id: int) -> bool:
        (described,) = self._admin.describe_configs([ConfigResource(ResourceType.BROKER, str(node_id))]).values()
        return described.result(ANSWER_TIMEOUT_S)[MARK].value == "1"

    def _wait_led(self, topic: str) -> None:
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        while True:
            try:
                self.ends(topic)
                return
            except KafkaException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(POLL_S)

    def write_everywhere(self, topic: str, value: str) -> None:
        """One record to each partition of the topic; {partition} in the value is its number."""
        producer = Producer({"bootstrap.servers": self._bootstrap, "log.connection.close": False})
        for partition in producer.list_topics(topic, ANSWER_TIMEOUT_S).topics[topic].partitions:
            producer.produce(topic, value.format(partition=partition), partition=partition)
        assert producer.flush(ANSWER_TIMEOUT_S) == 0

    def record_count(self, topic: str) -> int:
        """How many records have ever been written to all partitions of the topic."""
        return sum(self.ends(topic))

    def ends(self, topic: str) -> list[int]:
        """Where each partition of the topic ends; asks the leader of each."""
        consumer = Consumer({"bootstrap.servers": self._bootstrap, "group.id": "unused"})
        try:
            partitions = consumer.list_topics(topic, ANSWER_TIMEOUT_S).topics[topic].partitions
            return [consumer.get_watermark_offsets(TopicPartition(topic, at), ANSWER_TIMEOUT_S)[1] for at in partitions]
        finally:
            consumer.close()

    def make_coordinators(self) -> None:
        """Returns when groups can have coordinators: the first one that is asked for makes the topic of their offsets."""
        consumer = Consumer({"bootstrap.servers": self._bootstrap, "group.id": "unused"})
        consumer.committed([TopicPartition("unused", 0)], ANSWER_TIMEOUT_S)
        consumer.close()

    def coordinator(self, group: str) -> int:
        """The node that coordinates the group; 0 while none does."""
        nodes = enumerate(self._bootstrap.split(","), 1)
        return next((node for node, address in nodes if _ask(address, group)[0]), 0)

    def group_state(self, group: str) -> str:
        """As its coordinator says; empty or "Dead" for a group that nobody has joined."""
        return "".join(_ask(address, group)[0] for address in self._bootstrap.split(","))

    def group_shares(self, group: str, members: int) -> bool:
        """True once the group is settled, with so many members that all have partitions: from then on nothing moves."""
        return sum(map(_has_partitions, self.group_assignments(group))) == members

    def group_assignments(self, group: str) -> list[bytes]:
        """What each member of a settled group has, in no order of members; nothing while the group is not settled."""
        # Not with the library: its group description, asked again and again while a coordinator is still to be found, hangs at
        # times, and aborts the process when it is given a timeout (librdkafka 2.16.0).
        for address in self._bootstrap.split(","):
            state, assignments = _ask(address, group)
            if state == "Stable":
                return sorted(assignments)
        return []


def _knows(address: str, topic: str) -> bool:
    with closing(RawClient(address)) as broker:
        return broker.knows_topic(topic)


def _ask(address: str, group: str) -> tuple[str, list[bytes]]:
    with closing(RawClient(address)) as broker:
        return broker.ask_group(group)


def _has_partitions(assignment: bytes) -> bool:
    if not assignment:
        return False
    fields = Fields(assignment)
    _version, topics = fields.number("h"), fields.number("i")
    return any(fields.bytes("h") and fields.number("i") > 0 for _ in range(topics))
