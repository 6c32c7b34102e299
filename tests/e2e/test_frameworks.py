# SPDX-License-Identifier: Apache-2.0
"""Whole applications on Kafka Streams, Kafka Connect and Faust come to right results, on one broker and on three behind the one
port."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer as KafkaConsumer

from tests.e2e import toolchains
from tests.e2e.clients import CLIENT_TIMEOUT_S, KCAT, produce
from tests.kafka.cluster import Cluster
from tests.kafka.net import free_port
from tests.kafka.process import Process

HERE = Path(__file__).resolve().parent
FAUST = HERE.parents[1] / "tests/docker/faust"
PARTITIONS = 6
LINES = 3000
WORDS = 20
# As short as WordCount.java has it for a classic group.
STREAMS_GROUPS = {
    "group.streams.session.timeout.ms": 6000, "group.streams.min.session.timeout.ms": 6000,
    "group.streams.heartbeat.interval.ms": 1000, "group.streams.min.heartbeat.interval.ms": 1000,
}  # fmt: skip
CONNECT_SETTINGS = """
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
"""


@pytest.fixture(scope="module", params=[1, 3], ids=["one", "three"])
def kafka(request):
    """One broker whose address nobody can reach, and three that share kbridge's port."""
    advertise = "own" if request.param > 1 else "nowhere.invalid:1234"
    with Cluster(brokers=request.param, advertise=advertise, properties=STREAMS_GROUPS) as cluster:
        yield cluster


@pytest.mark.parametrize("protocol", [
    pytest.param("classic", marks=pytest.mark.feature("application", client="Kafka Streams")),
    pytest.param("streams", marks=pytest.mark.feature("streams groups", client="Kafka Streams")),
])  # fmt: skip
def test_kafka_streams_counts_every_word_once_and_goes_on_from_its_changelog(protocol, kafka, kbridge, direct, name, tmp_path):
    counts = f"{name}-counts"
    for topic in (name, counts):
        direct.create_topic(topic, PARTITIONS)
    reader = KafkaConsumer({
        "bootstrap.servers": kbridge.address, "group.id": name, "isolation.level": "read_committed",
        "auto.offset.reset": "earliest",
    })  # fmt: skip
    reader.subscribe([counts])
    said: dict[str, int] = {}
    for turn in (1, 2):  # the second has an empty folder, and must get the counts of the first from the changelog
        command = word_count(kbridge.address, name, counts, tmp_path / f"state-{turn}", protocol)
        application = start("the word count", command, tmp_path)
        lines = [f"word-{number % WORDS} every" for number in range(LINES)]
        produce(KCAT, kbridge.address, name, lines, tmp_path)
        expected = {"every": turn * LINES} | {f"word-{number}": turn * LINES // WORDS for number in range(WORDS)}
        application.wait_until(lambda said=said, expected=expected: read_counts(reader, said) == expected, CLIENT_TIMEOUT_S)
        application.stop(CLIENT_TIMEOUT_S)
    # What it said at its end has come too: a word that was counted twice would have more by now.
    direct.write_everywhere(counts, "the end")
    ends = wait_for(lambda: read_counts(reader, said).get("the end") == PARTITIONS)
    reader.close()
    assert ends and said == expected | {"the end": PARTITIONS}


@pytest.mark.feature("application", client="Kafka Connect")
def test_kafka_connect_copies_a_file_through_a_topic(kafka, kbridge, direct, name, tmp_path):
    source, sink = tmp_path / "source.txt", tmp_path / "sink.txt"
    lines = [f"line {number}" for number in range(LINES)]
    source.write_text("".join(f"{line}\n" for line in lines))
    sink.touch()
    direct.create_topic(name, PARTITIONS)
    worker = start("Kafka Connect", connect(kbridge.address, name, source, sink, tmp_path), tmp_path)
    worker.wait_until(lambda: len(sink.read_text().splitlines()) >= LINES, CLIENT_TIMEOUT_S)
    worker.stop(CLIENT_TIMEOUT_S)
    assert sorted(sink.read_text().splitlines()) == sorted(lines)
    assert direct.record_count(name) == LINES


@pytest.mark.feature("application", client="faust-streaming")
def test_faust_gets_the_sums_of_its_table_right(kafka, kbridge, tmp_path):
    command = ["env", f"KAFKA={kbridge.address}", toolchains.python(FAUST / "requirements.txt"), str(FAUST / "app.py")]
    application = start("the Faust application", command, tmp_path)
    application.finish(CLIENT_TIMEOUT_S)
    assert "SUMS right" in application.log.read_text()


def start(name: str, command: list[str], folder: Path) -> Process:
    return Process(name, command, folder / "application.log")


def word_count(bootstrap: str, lines: str, counts: str, state_folder: Path, protocol: str) -> list[str]:
    jars = toolchains.maven_jars(HERE / "kafka-streams/pom.xml")
    return toolchains.java_program(
        HERE / "kafka-streams/WordCount.java", bootstrap, lines, counts, str(state_folder), protocol, jars=jars
    )


def connect(bootstrap: str, topic: str, source: Path, sink: Path, folder: Path) -> list[str]:
    """A standalone worker with one connector that reads a file, and one that writes a file."""
    files = {
        "worker": f"bootstrap.servers={bootstrap}\nlisteners=http://127.0.0.1:{free_port()}\nplugin.discovery=only_scan\n"
        f"offset.storage.file.filename={folder / 'offsets'}\noffset.flush.interval.ms=1000{CONNECT_SETTINGS}",
        "source": f"name=source\nconnector.class=FileStreamSource\nfile={source}\ntopic={topic}\n",
        "sink": f"name=sink\nconnector.class=FileStreamSink\nfile={sink}\ntopics={topic}\n",
    }
    for name, text in files.items():
        (folder / f"{name}.properties").write_text(text)
    jars = toolchains.maven_jars(HERE / "kafka-connect/pom.xml")
    arguments = [str(folder / f"{name}.properties") for name in files]
    return toolchains.java("org.apache.kafka.connect.cli.ConnectStandalone", *arguments, jars=jars)


def read_counts(reader: KafkaConsumer, said: dict[str, int]) -> dict[str, int]:
    """Takes in what has come, the newest count of each word; a record without a word is counted itself."""
    for record in reader.consume(500, 0.1):
        assert not record.error(), record.error()
        if record.key() is None:
            said[record.value().decode()] = said.get(record.value().decode(), 0) + 1
        else:
            said[record.key().decode()] = int(record.value())
    return said


def wait_for(condition: Callable[[], bool]) -> bool:
    """Whether it comes true in time; the condition itself waits a little."""
    deadline = time.monotonic() + CLIENT_TIMEOUT_S
    while time.monotonic() < deadline:
        if condition():
            return True
    return False
