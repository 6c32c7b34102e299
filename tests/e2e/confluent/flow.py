# SPDX-License-Identifier: Apache-2.0
"""confluent-kafka as an application that goes on whatever happens; what it does and prints is told in flow.py of the tests.

Apart from client.py because here every record's time counts, and every error that the library shows.
"""

import itertools
import signal
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaError, Producer

PACE_S = 0.01
POLL_S = 0.02
END_S = 60
# A topic that a broker does not know (yet) is given up after 30 s, counted from the first record for it, and not from when a broker came.
COMMON = {
    "topic.metadata.refresh.interval.ms": 1000, "topic.metadata.propagation.max.ms": 600_000, "allow.auto.create.topics": True,
    "log.connection.close": False,
}  # fmt: skip
GROUP = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 500, "auto.offset.reset": "earliest"}
_printing = threading.Lock()


def say(what: str, value: object) -> None:
    with _printing:
        print(what, value, f"{time.time():.3f}", flush=True)


def show(error: KafkaError) -> None:
    say("error", error.name())


def produce(bootstrap: str, topic: str, told_to_end: threading.Event) -> int:
    """How many were sent, when all have been acknowledged or given up."""
    producer = Producer({"bootstrap.servers": bootstrap, **COMMON, "enable.idempotence": True, "error_cb": show})
    for number in itertools.count():
        if told_to_end.is_set():
            producer.flush(END_S)
            return number
        say("sent", number)
        producer.produce(
            topic, str(number),
            on_delivery=lambda error, _, number=number: say("failed", error.name()) if error else say("acknowledged", number),
        )  # fmt: skip
        producer.poll(PACE_S)


def consume(bootstrap: str, topic: str, got: set[int], all_done: threading.Event) -> None:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic, **COMMON, **GROUP, "error_cb": show})
    consumer.subscribe([topic])
    while not all_done.is_set():
        record = consumer.poll(POLL_S)
        if record is not None and record.error():
            show(record.error())
        elif record is not None:
            got.add(int(record.value()))
            say("received", int(record.value()))
    consumer.close()


def main(bootstrap: str, topic: str) -> None:
    told_to_end, all_done = threading.Event(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told_to_end.set())
    got: set[int] = set()
    members = [threading.Thread(target=consume, args=(bootstrap, topic, got, all_done)) for _ in range(2)]
    for member in members:
        member.start()
    sent = produce(bootstrap, topic, told_to_end)
    deadline = time.monotonic() + END_S
    while len(got) < sent and time.monotonic() < deadline:
        time.sleep(POLL_S)
    all_done.set()
    for member in members:
        member.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
