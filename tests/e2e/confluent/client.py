# SPDX-License-Identifier: Apache-2.0
"""confluent-kafka as a client: `produce` sends stdin line by line, `consume` prints each record's value until SIGTERM.

A program of its own, not a function of the tests, so that any version of the library can run it. KAFKA_SETTINGS are more settings
of the library, in JSON.
"""

import json
import os
import signal
import sys

from confluent_kafka import Consumer, KafkaError, Producer


MORE = json.loads(os.environ.get("KAFKA_SETTINGS", "{}"))


def produce(bootstrap: str, topic: str) -> None:
    failures: list[KafkaError] = []
    producer = Producer({"bootstrap.servers": bootstrap, "sticky.partitioning.linger.ms": 0, **MORE})
    for line in sys.stdin:
        while True:
            try:
                producer.produce(topic, line.rstrip("\n"), on_delivery=lambda error, _: error and failures.append(error))
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    unsent = producer.flush(60)
    if unsent or failures:
        sys.exit(f"{unsent} records were not sent, {len(failures)} failed, first with: {failures[:1]}")


def consume(bootstrap: str, topic: str, group: str) -> None:
    stopped = False

    def stop(*_) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest", **MORE})
    consumer.subscribe([topic])
    while not stopped:
        for record in consumer.consume(500, timeout=0.2):
            if record.error():
                sys.exit(f"a record has an error: {record.error()}")
            print(record.value().decode(), flush=True)
    consumer.close()


if __name__ == "__main__":
    {"produce": produce, "consume": consume}[sys.argv[1]](*sys.argv[2:])
