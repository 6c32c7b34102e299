# SPDX-License-Identifier: Apache-2.0
"""confluent-kafka as a client: `produce` sends stdin line by line, `consume` prints each record's value until SIGTERM; `transact`
sends each line of stdin, `commit VALUE` or `abort VALUE`, to every partition in a transaction.

A program of its own, not a function of the tests, so that any version of the library can run it. KAFKA_SETTINGS are more settings
of the library, in JSON.
"""

import json
import os
import signal
import sys

from confluent_kafka import Consumer, KafkaError, Producer


MORE = json.loads(os.environ.get("KAFKA_SETTINGS", "{}"))


def produce(bootstrap: str, topic: str, *settings: str) -> None:
    failures: list[KafkaError] = []
    producer = Producer({"bootstrap.servers": bootstrap, "sticky.partitioning.linger.ms": 0, **MORE, **pairs(settings)})
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


def transact(bootstrap: str, topic: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": topic})
    producer.init_transactions(60)
    for line in sys.stdin:
        outcome, value = line.split()
        producer.begin_transaction()
        for partition in producer.list_topics(topic, 60).topics[topic].partitions:
            producer.produce(topic, value, partition=partition)
        producer.flush(60)  # what is aborted before it was sent never gets there
        {"commit": producer.commit_transaction, "abort": producer.abort_transaction}[outcome](60)


def consume(bootstrap: str, topic: str, group: str, *settings: str) -> None:
    stopped = False

    def stop(*_) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    given = {**MORE, **pairs(settings)}
    # A member learns by its heartbeat that another one has come; in the new protocol the broker says how often.
    heartbeat = {} if "group.protocol" in given else {"heartbeat.interval.ms": 300}
    consumer = Consumer({
        "bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest", **heartbeat, **given,
    })  # fmt: skip
    consumer.subscribe([topic])
    while not stopped:
        for record in consumer.consume(500, timeout=0.2):
            if record.error():
                sys.exit(f"a record has an error: {record.error()}")
            print(record.value().decode(), flush=True)
    consumer.close()


def pairs(settings: tuple[str, ...]) -> dict[str, str]:
    return dict(setting.split("=", 1) for setting in settings)


if __name__ == "__main__":
    {"produce": produce, "consume": consume, "transact": transact}[sys.argv[1]](*sys.argv[2:])
