# SPDX-License-Identifier: Apache-2.0
"""What kbridge shows of real traffic: each line of JSON is of the schema, filters hold, and it is switched while it runs."""

import json
import os
import signal
from pathlib import Path

import fastjsonschema
import pytest
from confluent_kafka import Consumer, Producer

from tests.e2e.clients import CLIENT_TIMEOUT_S, JAVA, KAFKAJS, produce
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


def shown_records(tmp_path: Path, api: str) -> list[tuple[str, dict]]:
    """(codec, record) of each record that lines of this API show; all lines are of the schema."""
    validate = fastjsonschema.compile(json.loads((ROOT / "proxy/watch/traffic.schema.json").read_text()))
    shown = []
    for line in lines(tmp_path):
        validate(line)
        for record in line.get("records", {}).get("shown", []) if line.get("api") == api else []:
            (codec,) = line["records"]["compression"]
            shown.append((codec, record))
    return shown


@pytest.mark.parametrize("client", [JAVA, KAFKAJS], ids=lambda client: client.name)
def test_records_of_each_codec_are_shown_as_they_were_sent_and_as_they_are_fetched(client, start, direct, name, tmp_path):
    # Without further packages, kafkajs has only this one.
    codecs = ["gzip"] if client is KAFKAJS else ["none", "gzip", "snappy", "lz4", "zstd"]
    sent = [(codec, f"{codec} {number} {VALUE}") for codec in codecs for number in range(3)]
    for codec in codecs:
        direct.create_topic(f"{name}-{codec}", 1)
    proxy = start("--traffic=json", "--only", "produce,fetch", "--records", "2000")
    for codec in codecs:
        values = [value for of, value in sent if of == codec]
        produce(client, proxy.address, f"{name}-{codec}", values, tmp_path, {"compression.type": codec})
        reader = Consumer({"bootstrap.servers": proxy.address, "group.id": name, "auto.offset.reset": "earliest"})
        reader.subscribe([f"{name}-{codec}"])
        while values:
            message = reader.poll(CLIENT_TIMEOUT_S)
            assert message is not None and message.value().decode() == values.pop(0)
        reader.close()
    proxy.process.stop(FLUSH_S)
    produced, fetched = shown_records(tmp_path, "Produce"), shown_records(tmp_path, "Fetch")
    # As a set: what is not acknowledged in time is sent again.
    assert {(codec, record["value"]) for codec, record in produced} == set(sent)
    assert {(codec, record["value"]) for codec, record in fetched} == set(sent)
    assert {record["topic"] for _, record in fetched} == {f"{name}-{codec}" for codec in codecs}
    assert {(record["offset"], record["value"].split()[1]) for _, record in fetched} == {(n, str(n)) for n in range(3)}


def test_records_are_lines_of_their_own_with_keys_headers_schemas_and_the_ends_of_transactions(start, direct, name, tmp_path):
    direct.create_topic(name, 1)
    proxy = start("--traffic", "--records", "40")
    producer = Producer({"bootstrap.servers": proxy.address, "transactional.id": name})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(name, '{"id": 1}', "k1", headers={"trace": "4bf9"})
    producer.produce(name, b"\0\0\0\0\x07\x02\xff", None)
    producer.produce(name, "x" * 50, "long")
    producer.produce(name, None, "gone")
    assert producer.flush(FLUSH_S) == 0
    producer.abort_transaction()
    from_first = {"group.id": name, "auto.offset.reset": "earliest", "isolation.level": "read_uncommitted"}
    reader = Consumer({"bootstrap.servers": proxy.address, **from_first})
    reader.subscribe([name])
    for _ in range(4):
        assert reader.poll(CLIENT_TIMEOUT_S) is not None
    proxy.process.wait_until(lambda: "transaction aborted" in (tmp_path / "traffic").read_text(), FLUSH_S)
    reader.close()
    proxy.process.stop(FLUSH_S)
    text = (tmp_path / "traffic").read_text()
    for at in ("", "@0"):
        assert f'\n{" " * 20}{name}-0{at}  k1 = {{"id": 1}}  trace=4bf9\n' in text
    assert f"{name}-0@1  null = (schema 7) 0x02ff\n" in text
    assert f"{name}-0@2  long = {'x' * 40}…\n" in text
    assert f"{name}-0@3  gone = null\n" in text
    assert f"{name}-0@4  transaction aborted\n" in text


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
