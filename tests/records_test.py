# SPDX-License-Identifier: Apache-2.0
"""Records in traffic lines (--records), sent and fetched by librdkafka through kbridge with each of its codecs."""

import json
from pathlib import Path

import fastjsonschema
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from tests.admin_test import START_TIMEOUT_S, Admin

pytestmark = pytest.mark.core

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
SCHEMA = Path(__file__).resolve().parents[1] / "proxy/watch/traffic.schema.json"
# Long enough to be worth compressing.
LONG = "a long value " * 50
RECORDS = [
    ("k1", LONG, {"trace": "4bf9"}),
    (None, b"\0\0\0\0\x07\x02\xff", {}),
    ("käy", "line\n", {}),
    ("gone", None, {}),
]
SHOWN = [
    {"key": "k1", "value": LONG, "headers": [{"key": "trace", "value": "4bf9"}], "header_count": 1},
    {"value_schema": 7, "value_hex": "02ff"},
    {"key": "käy", "value": "line\n"},
    {"key": "gone"},
]


@pytest.fixture
def lines(tmp_path):
    """Runs a producer and a consumer for each codec; the lines that kbridge printed with these settings."""

    def run(*settings: str) -> list[str]:
        file = tmp_path / "traffic"
        admin = Admin(tmp_path, "--traffic.file", str(file), "--only", "produce,fetch", *settings)
        for codec in CODECS:
            exchange(admin.address, codec)
        assert admin.kbridge.stop(START_TIMEOUT_S) == 0, admin.kbridge.tail()
        assert "Sanitizer" not in admin.log()
        admin.mock.kill()
        return file.read_text().splitlines()

    return run


def exchange(address: str, codec: str) -> None:
    """To and from a topic of its own."""
    producer = Producer({"bootstrap.servers": address, "compression.type": codec, "linger.ms": 200})
    for key, value, headers in RECORDS:
        producer.produce(codec, value, key, partition=0, headers=headers)
    assert producer.flush(START_TIMEOUT_S) == 0
    reader = Consumer({"bootstrap.servers": address, "group.id": codec})
    reader.assign([TopicPartition(codec, 0, 0)])
    for _ in RECORDS:
        assert reader.poll(START_TIMEOUT_S) is not None
    reader.close()


def test_records_of_each_codec_are_shown_as_they_were_sent_and_as_they_are_fetched(lines):
    validate = fastjsonschema.compile(json.loads(SCHEMA.read_text()))
    of = {(api, codec): [] for api in ("Produce", "Fetch") for codec in CODECS}
    compressed = set()
    for line in map(json.loads, lines("--traffic=json", "--records", "1000")):
        validate(line)
        for record in line.get("records", {}).get("shown", []):
            compressed.update(line["records"]["compression"])
            of[line["api"], record.pop("topic")].append(record)
    assert compressed == set(CODECS)
    for (api, codec), records in of.items():
        assert [record.pop("partition") for record in records] == [0] * len(records), (api, codec)
        assert all(record.pop("timestamp") > 0 for record in records)
        if api == "Fetch":  # a consumer may fetch twice
            by_offset = {record.pop("offset"): record for record in records}
            assert list(by_offset) == [0, 1, 2, 3]
            records = list(by_offset.values())
        assert records == SHOWN, (api, codec)


def test_lines_for_people_have_a_line_for_each_record_cut_at_the_length_that_was_asked_for(lines):
    text = lines("--traffic", "--records", "20")
    for codec in CODECS:
        for at in ("", "@0"):
            assert f"{' ' * 20}{codec}-0{at}  k1 = {LONG[:20]}…  trace=4bf9" in text
        assert f"{' ' * 20}{codec}-0@1  null = (schema 7) 0x02ff" in text
        assert f"{' ' * 20}{codec}-0@2  käy = line\\n" in text
        assert f"{' ' * 20}{codec}-0@3  gone = null" in text


def test_without_the_setting_no_record_is_shown(lines):
    text = "\n".join(lines("--traffic=json"))
    assert '"Produce"' in text and "shown" not in text and LONG[:20] not in text
