# SPDX-License-Identifier: Apache-2.0
"""An application that produces and consumes without a break while the test takes away what it stands on, and counts.

Apart from test_restarts.py because it knows nothing of restarts: it only tells what reached it.
"""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaError, Producer

POLL_S = 0.02
# About 100 records a second: enough to see a pause of 50 ms, and little enough not to be one.
PACE_S = 0.01
MEMBERS = 2
WAIT_S = 60
COMMON = {"topic.metadata.refresh.interval.ms": 1000, "allow.auto.create.topics": True, "log.connection.close": False}
GROUP = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 500, "auto.offset.reset": "earliest"}


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = WAIT_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(POLL_S)


class Flow:
    """One idempotent producer and a group of two, from start() to finish(); numbers are sent as 0, 1, 2, ..."""

    def __init__(self, name: str, bootstrap: str, topic: str):
        self.name = name
        self.topic = topic
        self._bootstrap = bootstrap
        self._sending, self._receiving = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._produce)]
        self._threads += [threading.Thread(target=self._consume) for _ in range(MEMBERS)]
        self.sent = 0
        self.acked: list[int] = []
        self.received: Counter[int] = Counter()
        # Names of all errors that the library showed to the application, and of those that cost a record.
        self.errors: set[str] = set()
        self.failed: set[str] = set()
        self._ack_times: list[float] = []
        self._receive_times: list[float] = []

    def start(self) -> None:
        self._sending.set()
        self._receiving.set()
        for thread in self._threads:
            thread.start()

    def wait_for_more(self, count: int) -> None:
        """Returns when so many records have come that were sent from now on."""
        goal = self.sent + count
        wait_until(lambda: self.received[goal] > 0, f"record {goal} of {self.name} arrives; errors {self.errors}")

    def finish(self) -> None:
        self._sending.clear()
        self._threads[0].join()
        wait_until(self._is_through, f"all {len(self.acked)} records of {self.name} arrive; errors {self.errors}")
        self.cancel()

    def cancel(self) -> None:
        self._sending.clear()
        self._receiving.clear()
        for thread in self._threads:
            thread.join()

    @property
    def doubled(self) -> int:
        return self.received.total() - len(self.received)

    def longest_pauses_s(self) -> tuple[float, float]:
        """Between two acknowledgements, and between two records that arrive."""
        return _longest_gap(self._ack_times), _longest_gap(self._receive_times)

    def _is_through(self) -> bool:
        return len(self.received) >= len(self.acked)

    def _on_error(self, error: KafkaError) -> None:
        self.errors.add(error.name())

    def _on_delivery(self, number: int, error: KafkaError | None) -> None:
        if error:
            self.failed.add(error.name())
        else:
            self.acked.append(number)
            self._ack_times.append(time.monotonic())

    def _produce(self) -> None:
        settings = {"client.id": f"{self.name}-producer", "enable.idempotence": True, "error_cb": self._on_error}
        producer = Producer({"bootstrap.servers": self._bootstrap, **COMMON, **settings})
        for number in itertools.count():
            if not self._sending.is_set():
                break
            producer.produce(
                self.topic, str(number), on_delivery=lambda error, _, number=number: self._on_delivery(number, error)
            )
            self.sent = number + 1
            producer.poll(PACE_S)
        while self._receiving.is_set() and producer.flush(1) > 0:
            pass

    def _consume(self) -> None:
        settings = {"client.id": f"{self.name}-consumer", "group.id": self.topic, "error_cb": self._on_error}
        consumer = Consumer({"bootstrap.servers": self._bootstrap, **COMMON, **GROUP, **settings})
        consumer.subscribe([self.topic])
        while self._receiving.is_set():
            record = consumer.poll(POLL_S)
            if record is None:
                continue
            if record.error():
                self._on_error(record.error())
                continue
            self.received[int(record.value())] += 1
            self._receive_times.append(time.monotonic())
        consumer.close()


def _longest_gap(times: list[float]) -> float:
    ordered = sorted(times)
    return max((later - earlier for earlier, later in itertools.pairwise(ordered)), default=0.0)
