# SPDX-License-Identifier: Apache-2.0
"""A steady stream of numbered records through an idempotent producer, and a group of two that reads it: for tests in which
something dies meanwhile.

Apart from clients.py because here every record's time is looked at, in two streams at once: one directly, one through kbridge.
"""

import threading
import time
from collections import defaultdict

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from tests.e2e.direct import Direct
from tests.e2e.flow import wait_until

RECORDS_PER_S = 5000
BATCHES_PER_S = 50
PARTITIONS = 12
MEMBERS = 2
END_TIMEOUT_S = 120
# Of a cluster that goes on when one of three brokers is dead.
REPLICATED = {
    "offsets.topic.replication.factor": 3,
    "transaction.state.log.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
    "min.insync.replicas": 2,
    # Leaders move back to a broker soon after it has come back.
    "leader.imbalance.check.interval.seconds": 3,
}
READ_TIMEOUT_S = 60
# Otherwise an idle librdkafka hears of new leaders only every 5 minutes, and waits 10 s between two attempts to connect.
COMMON = {"reconnect.backoff.max.ms": 1000, "log.connection.close": False, "log_level": 2}


class Stream:
    """Record n goes to partition n mod 12 and has the value n. Times are seconds of time.monotonic."""

    def __init__(self, bootstrap: str, topic: str):
        self.bootstrap, self.topic = bootstrap, topic
        self.sent = 0
        self.failures: list[KafkaError] = []
        self.acknowledged_at: dict[int, list[float]] = defaultdict(list)
        self.received_at: dict[int, list[float]] = defaultdict(list)
        self.received: dict[tuple[int, int], int] = {}
        self.received_again = 0
        self._lock = threading.Lock()
        self._end_of_production, self._end = threading.Event(), threading.Event()
        self._producer = threading.Thread(target=self._produce, daemon=True)
        self._members = [threading.Thread(target=self._consume, daemon=True) for _ in range(MEMBERS)]

    def start(self) -> "Stream":
        for thread in [*self._members, self._producer]:
            thread.start()
        return self

    def finish(self) -> None:
        """Returns when everything that was sent has been received, or no more comes."""
        self._end_of_production.set()
        self._producer.join()
        deadline = time.monotonic() + END_TIMEOUT_S
        while len(self.received) < self.sent and time.monotonic() < deadline and not self.failures:
            time.sleep(0.05)
        self._end.set()
        for member in self._members:
            member.join()

    def wait_flowing(self) -> None:
        """Returns when every partition has brought a record from now on."""
        begin = time.monotonic()

        def flows() -> bool:
            return all(self.received_at[partition] and self.received_at[partition][-1] > begin for partition in range(PARTITIONS))

        wait_until(flows, f"records come of each partition of {self.topic}", END_TIMEOUT_S)

    def longest_pause(self, times: dict[int, list[float]], begin: float, end: float) -> float:
        """The longest time within [begin, end] in which nothing came of some partition."""
        return max(_longest_pause(at, begin, end) for at in times.values())

    def check(self, bootstrap: str) -> None:
        """Every record is there once, in order, and the group has got exactly what is there."""
        assert not self.failures, self.failures[:3]
        stored = self.stored(bootstrap)
        for partition in range(PARTITIONS):
            assert stored[partition] == list(range(partition, self.sent, PARTITIONS)), f"partition {partition}"
        assert self.received == {(p, offset): value for p, values in stored.items() for offset, value in enumerate(values)}

    def stored(self, bootstrap: str) -> dict[int, list[int]]:
        """What the partitions hold, in their order, read past every proxy."""
        reader = Consumer({
            **COMMON, "bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False,
            "enable.partition.eof": True,
        })  # fmt: skip
        reader.assign([TopicPartition(self.topic, partition, 0) for partition in range(PARTITIONS)])
        values: dict[int, list[int]] = defaultdict(list)
        ended: set[int] = set()
        while len(ended) < PARTITIONS:
            records = reader.consume(1000, READ_TIMEOUT_S)
            assert records, f"the partitions of {self.topic} cannot be read to their ends, but {sorted(ended)}"
            for record in records:
                if not record.error():
                    values[record.partition()].append(int(record.value()))
                elif record.error().code() == KafkaError._PARTITION_EOF:
                    ended.add(record.partition())
                else:
                    raise KafkaException(record.error())
        reader.close()
        return values

    def _produce(self) -> None:
        producer = Producer({
            **COMMON, "bootstrap.servers": self.bootstrap, "enable.idempotence": True, "linger.ms": 5,
            "message.timeout.ms": END_TIMEOUT_S * 1000, "queue.buffering.max.messages": 1_000_000,
        })  # fmt: skip
        due_at = time.monotonic()
        while not self._end_of_production.is_set():
            for _ in range(RECORDS_PER_S // BATCHES_PER_S):
                producer.produce(self.topic, str(self.sent), partition=self.sent % PARTITIONS, on_delivery=self._delivered)
                self.sent += 1
            due_at += 1 / BATCHES_PER_S
            producer.poll(max(0, due_at - time.monotonic()))
        if unsent := producer.flush(END_TIMEOUT_S):
            self.failures.append(KafkaError(KafkaError._MSG_TIMED_OUT, f"{unsent} records were not sent"))

    def _delivered(self, error: KafkaError | None, record: Message) -> None:
        if error:
            self.failures.append(error)
        else:
            self.acknowledged_at[record.partition()].append(time.monotonic())

    def _consume(self) -> None:
        consumer = Consumer({
            **COMMON, "bootstrap.servers": self.bootstrap, "group.id": self.topic, "auto.offset.reset": "earliest",
        })  # fmt: skip
        consumer.subscribe([self.topic])
        while not self._end.is_set():
            records, now = consumer.consume(1000, timeout=0.1), time.monotonic()
            with self._lock:
                for record in records:
                    self._take(record, now)
        consumer.close()

    def _take(self, record: Message, now: float) -> None:
        if record.error():
            self.failures.append(record.error())
            return
        place = (record.partition(), record.offset())
        self.received_again += place in self.received
        self.received[place] = int(record.value())
        self.received_at[record.partition()].append(now)


def create_topics(bootstrap: str, *topics: str) -> None:
    """Topics with three replicas."""
    for topic in topics:
        Direct(bootstrap).create_topic(topic, PARTITIONS, replicas=3)


def _longest_pause(at: list[float], begin: float, end: float) -> float:
    within = [begin, *(moment for moment in at if begin <= moment <= end), end]
    return max(later - earlier for earlier, later in zip(within, within[1:], strict=False))
