# SPDX-License-Identifier: Apache-2.0
"""kafka-python as a client: `produce` sends stdin line by line, `consume` prints each record's value until SIGTERM."""

import signal
import sys

from kafka import KafkaConsumer, KafkaProducer

ACKNOWLEDGED_TIMEOUT_S = 30


def produce(bootstrap: str, topic: str) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    sent = [producer.send(topic, line.rstrip("\n").encode(), key=line.encode()) for line in sys.stdin]
    for record in sent:
        record.get(ACKNOWLEDGED_TIMEOUT_S)
    producer.close()


def consume(bootstrap: str, topic: str, group: str) -> None:
    stopped = False

    def stop(*_) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    consumer = KafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", heartbeat_interval_ms=300
    )
    while not stopped:
        for records in consumer.poll(timeout_ms=200).values():
            for record in records:
                print(record.value.decode(), flush=True)
    consumer.close()


if __name__ == "__main__":
    {"produce": produce, "consume": consume}[sys.argv[1]](*sys.argv[2:])
