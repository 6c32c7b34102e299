# SPDX-License-Identifier: Apache-2.0
"""The cluster as it is, seen past the proxy: the tests prepare and check with it what clients do through the proxy."""

import time
from contextlib import closing

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from tests.e2e.raw import Fields, RawClient
from tests.kafka.process import POLL_S

ANSWER_TIMEOUT_S = 30


class Direct:
    def __init__(self, bootstrap: str):
        self._bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log.connection.close": False})

    def create_topic(self, name: str, partitions: int = 1) -> None:
        for created in self._admin.create_topics([NewTopic(name, partitions)]).values():
            created.result(ANSWER_TIMEOUT_S)

    def wait_led(self, topic: str) -> None:
        """Returns when each partition has a leader that knows it; a record sent before that is lost with acks=0."""
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
        """One record to each partition of the topic."""
        producer = Producer({"bootstrap.servers": self._bootstrap, "log.connection.close": False})
        for partition in producer.list_topics(topic, ANSWER_TIMEOUT_S).topics[topic].partitions:
            producer.produce(topic, value, partition=partition)
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

    def group_shares(self, group: str, members: int) -> bool:
        """True once the group is settled, with so many members that all have partitions: from then on nothing moves."""
        return sum(map(_has_partitions, self.group_assignments(group))) == members

    def group_assignments(self, group: str) -> list[bytes]:
        """What each member of a settled group has, in no order of members; nothing while the group is not settled."""
        # Not with the library: its group description, asked again and again while a coordinator is still to be found, hangs at
        # times, and aborts the process when it is given a timeout (librdkafka 2.16.0).
        for address in self._bootstrap.split(","):
            with closing(RawClient(address)) as broker:
                state, assignments = broker.ask_group(group)
            if state == "Stable":
                return sorted(assignments)
        return []


def _has_partitions(assignment: bytes) -> bool:
    if not assignment:
        return False
    fields = Fields(assignment)
    _version, topics = fields.number("h"), fields.number("i")
    return any(fields.bytes("h") and fields.number("i") > 0 for _ in range(topics))
