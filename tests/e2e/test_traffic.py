# SPDX-License-Identifier: Apache-2.0
"""What kbridge shows of real traffic: each line of JSON is of the schema, filters hold, and it is switched while it runs."""

import json
import os
import signal
from pathlib import Path

import fastjsonschema
import pytest
from confluent_kafka import Consumer, Producer

from tests.e2e.clients import CLIENT_TIMEOUT_S
from tests.e2e.kbridge import ROOT, Kbridge, binary
from tests.e2e.wire import connected

FLUSH_S = 60
# Long enough to be worth compressing.
VALUE = "secret value " * 100


@pytest.fixture
def start(kafka, tmp_path):
    """Starts kbridge with these settings; it is stopped at the end of the test."""
    started: list[Kbridge] = []

    def run(*settings: str) -> Kbridge:
        started.append(Kbridge(kafka, tmp_path, binary(), "--traffic.file", str(tmp_path / "traffic"), *settings))
        return started[-1]

    yield run
    for proxy in started:
        proxy.stop()


def send(proxy: Kbridge, topic: str, client: str = "sender") -> None:
    producer = Producer({"bootstrap.servers": proxy.address, "client.id": client, "compression.type": "lz4"})
    producer.produce(topic, VALUE, "secret key")
    assert producer.flush(FLUSH_S) == 0


def fetch(proxy: Kbridge, topic: str) -> None:
    consumer = Consumer({"bootstrap.servers": proxy.address, "group.id": topic, "client.id": "reader", "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    message = consumer.poll(CLIENT_TIMEOUT_S)
    assert message is not None and message.value() == VALUE.encode()
    consumer.close()


def lines(tmp_path: Path) -> list[dict]:
    """Whole lines only: the file is read while it is written."""
    text = (tmp_path / "traffic").read_text()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def test_each_line_of_json_is_of_the_schema_and_says_what_the_clients_did(start, direct, name, tmp_path):
    direct.create_topic(name, 1)
    proxy = start("--traffic=json", "--traffic-all")
    send(proxy, name)
    fetch(proxy, name)
    proxy.process.stop(FLUSH_S)
    shown = lines(tmp_path)
    validate = fastjsonschema.compile(json.loads((ROOT / "proxy/watch/traffic.schema.json").read_text()))
    for line in shown:
        validate(line)
    by_api = {line["api"]: line for line in shown if not line.get("errors")}
    assert {"Produce", "Fetch", "Metadata", "JoinGroup", "OffsetCommit"} <= by_api.keys()
    produced = by_api["Produce"]
    assert produced["topics"][0]["partitions"] == [{"partition": 0, "offset": 0}]
    assert produced["records"]["count"] == 1 and produced["records"]["compression"] == ["lz4"]
    assert produced["client"] == "sender" and produced["software"].startswith("confluent-kafka-python")
    assert by_api["Metadata"]["told"] == proxy.address
    assert by_api["OffsetCommit"]["topics"][0]["partitions"] == [{"partition": 0, "offset": 1}]
    assert "secret" not in (tmp_path / "traffic").read_text()


def test_filters_let_pass_what_they_name_and_nothing_else(start, direct, name, tmp_path):
    for topic in (f"{name}-a", f"{name}-b"):
        direct.create_topic(topic, 1)
    proxy = start("--traffic=json", "--only", "produce,metadata", "--topic", "*-a", "--client", "send*")
    for client in ("sender", "other"):
        for topic in (f"{name}-a", f"{name}-b"):
            send(proxy, topic, client)
    proxy.process.stop(FLUSH_S)
    shown = lines(tmp_path)
    assert {line["api"] for line in shown} == {"Produce", "Metadata"}
    assert {line["client"] for line in shown} == {"sender"}
    assert [line["topics"][0]["name"] for line in shown if line["api"] == "Produce"] == [f"{name}-a"]


def test_lines_begin_and_end_with_sigusr1(start, direct, name, tmp_path):
    direct.create_topic(name, 1)
    proxy = start()
    send(proxy, name, "before")
    # What this client asked last may be answered after it has gone.
    proxy.process.wait_until(lambda: not connected(proxy.process.pid), FLUSH_S)
    os.kill(proxy.process.pid, signal.SIGUSR1)
    proxy.process.wait_until(lambda: proxy.log_contains("traffic lines are on"), FLUSH_S)
    send(proxy, name, "between")
    os.kill(proxy.process.pid, signal.SIGUSR1)
    proxy.process.wait_until(lambda: proxy.log_contains("traffic lines are off"), FLUSH_S)
    send(proxy, name, "behind")
    proxy.process.stop(FLUSH_S)
    text = (tmp_path / "traffic").read_text()
    assert "between" in text and "before" not in text and "behind" not in text


def test_a_filter_that_names_no_api_is_a_mistake(kafka, tmp_path):
    with pytest.raises(Exception, match="is no API of Kafka"):
        Kbridge(kafka, tmp_path, binary(), "--only", "fetsch")
