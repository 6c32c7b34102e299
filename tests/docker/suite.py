# SPDX-License-Identifier: Apache-2.0
"""Somebody's tests of something that needs Kafka: they know one address, KAFKA, and run unchanged on a host and in containers.

Not collected with kbridge's own tests: those run this file, as their users would, with pytest and whatever clients are there.
KAFKA_JARS is the folder of Kafka's jars, FAUST_PACKAGES that of the Python packages which faust/app.py beside this file needs; RECORDS,
PARTITIONS and REPLICAS are of the topic that a group reads.
"""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

KAFKA = os.environ["KAFKA"]
RECORDS = int(os.environ.get("RECORDS", 1000))
PARTITIONS = int(os.environ.get("PARTITIONS", 4))
REPLICAS = int(os.environ.get("REPLICAS", 1))
TIMEOUT_S = 60
VALUES = sorted(f"value-{number}" for number in range(RECORDS))


@pytest.fixture
def topic():
    return f"suite-{uuid.uuid4().hex}"


@pytest.fixture
def admin():
    return AdminClient({"bootstrap.servers": KAFKA})


def run(*command: str, text: str = "", **variables: str) -> list[str]:
    environment = {**os.environ, **variables}
    done = subprocess.run(command, env=environment, input=text, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout}{done.stderr}"
    return done.stdout.splitlines()


def java(main: str, *arguments: str, text: str = "") -> list[str]:
    return run("java", "-Xlog:disable", "-XX:TieredStopAtLevel=1", "-cp", f"{os.environ['KAFKA_JARS']}/*", main,
               "--bootstrap-server", KAFKA, *arguments, text=text)  # fmt: skip


def test_the_cluster_is_seen_at_an_address(admin):
    (broker,) = admin.list_topics(timeout=TIMEOUT_S).brokers.values()
    print(f"TOLD {f'[{broker.host}]' if ':' in broker.host else broker.host}:{broker.port}")


def test_a_group_gets_every_record(topic, admin):
    print(f"TOPIC {topic}")
    admin.create_topics([NewTopic(topic, PARTITIONS, REPLICAS)])[topic].result(TIMEOUT_S)
    producer = Producer({"bootstrap.servers": KAFKA})
    for value in VALUES:
        producer.produce(topic, value, value)  # by its key, so that each partition gets its share
    assert producer.flush(TIMEOUT_S) == 0
    settings = {"bootstrap.servers": KAFKA, "group.id": topic, "auto.offset.reset": "earliest"}
    members = [Consumer(settings) for _ in range(2)]
    for member in members:
        member.subscribe([topic])
    got = []
    while len(got) < RECORDS:
        for member in members:
            records = member.consume(RECORDS, 0.1)
            assert not [record.error() for record in records if record.error()]
            got += [record.value().decode() for record in records]
    for member in members:
        member.close()
    assert sorted(got) == VALUES


def test_an_admin_sees_what_it_has_made(topic, admin):
    admin.create_topics([NewTopic(topic, 3, 1, config={"retention.ms": "123456"})])[topic].result(TIMEOUT_S)
    assert len(admin.list_topics(topic, TIMEOUT_S).topics[topic].partitions) == 3
    resource = ConfigResource("topic", topic)
    assert admin.describe_configs([resource])[resource].result(TIMEOUT_S)["retention.ms"].value == "123456"
    admin.delete_topics([topic])[topic].result(TIMEOUT_S)


def test_kcat_gets_what_it_has_sent(topic):
    run("kcat", "-P", "-b", KAFKA, "-t", topic, text="".join(f"{value}\n" for value in VALUES))
    got = run("kcat", "-C", "-q", "-e", "-b", KAFKA, "-t", topic, "-o", "beginning")
    assert sorted(got) == VALUES


def test_java_gets_what_it_has_sent(topic):
    java("org.apache.kafka.tools.ConsoleProducer", "--topic", topic, text="".join(f"{value}\n" for value in VALUES))
    got = java("org.apache.kafka.tools.consumer.ConsoleConsumer", "--topic", topic, "--group", topic, "--from-beginning",
               "--max-messages", str(RECORDS))  # fmt: skip
    assert sorted(got) == VALUES


def test_faust_adds_up_in_a_table_what_went_through_two_agents():
    packages = Path(os.environ["FAUST_PACKAGES"])
    if packages.parent.name != f"python3.{sys.version_info.minor}":
        pytest.skip(f"cannot: the packages are for {packages.parent.name}")
    said = run(sys.executable, str(Path(__file__).with_name("faust") / "app.py"), PYTHONPATH=str(packages))
    assert [line for line in said if line.startswith("SUMS right: 1000 payments")], said
