# SPDX-License-Identifier: Apache-2.0
"""Tests of an application whose orders go through Kafka, with their schema in a Schema Registry, beside ZooKeeper.

They know one host name, SERVICES, and are the same on a developer's machine, in a container and in CI.
"""

import json
import os
import socket
import struct
import urllib.request
import uuid

from confluent_kafka import Consumer, Producer

HOST = os.environ.get("SERVICES", "localhost")
KAFKA = f"{HOST}:29092"
REGISTRY = f"http://{HOST}:8081"
ZOOKEEPER = (HOST, 32181)
TIMEOUT_S = 60
SCHEMA = json.dumps({"type": "object", "properties": {"amount": {"type": "integer"}}})


def ask_registry(path: str, question: dict | None = None) -> dict:
    body = json.dumps(question).encode() if question else None
    request = urllib.request.Request(REGISTRY + path, body, {"Content-Type": "application/vnd.schemaregistry.v1+json"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        return json.load(answer)


def test_orders_arrive_with_the_schema_that_they_were_sent_with():
    topic = f"orders-{uuid.uuid4().hex}"
    schema_id = ask_registry(f"/subjects/{topic}-value/versions", {"schemaType": "JSON", "schema": SCHEMA})["id"]
    producer = Producer({"bootstrap.servers": KAFKA})
    for amount in range(100):
        producer.produce(topic, struct.pack(">bi", 0, schema_id) + json.dumps({"amount": amount}).encode())
    assert producer.flush(TIMEOUT_S) == 0

    consumer = Consumer({"bootstrap.servers": KAFKA, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    values = [record.value() for record in consumer.consume(100, TIMEOUT_S)]
    consumer.close()
    (seen_id,) = {struct.unpack_from(">bi", value)[1] for value in values}
    assert ask_registry(f"/schemas/ids/{seen_id}")["schema"] == SCHEMA
    assert sum(json.loads(value[5:])["amount"] for value in values) == sum(range(100))


def test_zookeeper_answers():
    with socket.create_connection(ZOOKEEPER, TIMEOUT_S) as connection:
        connection.sendall(b"srvr")
        assert b"Zookeeper version" in b"".join(iter(lambda: connection.recv(4096), b""))
