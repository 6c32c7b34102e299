# SPDX-License-Identifier: Apache-2.0
"""The Kafka clients that the tests run, each a command line with the same contract.

`produce` sends every line of stdin as one record and succeeds once all are acknowledged. `consume` joins a group and prints the
value of each record on a line, until SIGTERM. One list, so that a new client is one entry and goes through every test.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.e2e import toolchains
from tests.kafka.jars import NEWEST
from tests.kafka.process import Process

HERE = Path(__file__).resolve().parent
# A client that hangs fails its test soon, with the proxy's log.
CLIENT_TIMEOUT_S = 60


@dataclass(frozen=True)
class Client:
    """produce(bootstrap, topic) and consume(bootstrap, topic, group) make command lines; value reads a printed line."""

    name: str
    produce: Callable[[str, str], list[str]]
    consume: Callable[[str, str, str], list[str]]
    value: Callable[[str], str | None] = lambda line: line


class Consumer:
    """A running member of a group, and the values it has printed."""

    def __init__(self, client: Client, number: int, bootstrap: str, topic: str, group: str, folder: Path):
        self._client = client
        self._output = folder / f"consumer-{number}.out"
        log = folder / f"consumer-{number}.log"
        name = f"consumer {number} of {client.name}"
        self.process = Process(name, client.consume(bootstrap, topic, group), log, self._output)

    def values(self) -> list[str]:
        lines = self._output.read_text().split("\n")[:-1]
        return [value for value in map(self._client.value, lines) if value is not None]

    def stop(self) -> None:
        self.process.stop(CLIENT_TIMEOUT_S)


def produce(client: Client, bootstrap: str, topic: str, values: list[str], folder: Path) -> None:
    """Runs a producer to its end; fails unless it says that all went well."""
    source = folder / "producer.in"
    source.write_text("".join(f"{value}\n" for value in values))
    command = client.produce(bootstrap, topic)
    log = folder / "producer.log"
    Process(f"the producer of {client.name}", command, log, folder / "producer.out", source).finish(CLIENT_TIMEOUT_S)


def _program(name: str, command: Callable[[], list[str]]) -> Client:
    """A client that is a program of ours: its command line is made when it is needed, and then takes an action."""
    return Client(
        name,
        produce=lambda bootstrap, topic: [*command(), "produce", bootstrap, topic],
        consume=lambda bootstrap, topic, group: [*command(), "consume", bootstrap, topic, group],
    )


def _python(folder: str, program: str) -> Client:
    return _program(folder, lambda: [toolchains.python(HERE / folder / "requirements.txt"), str(HERE / program)])


def _go(folder: str) -> Client:
    return _program(folder, lambda: [toolchains.go_program(HERE / folder)])


def _java_tool(name: str, bootstrap: str, *arguments: str, version: str = NEWEST) -> list[str]:
    return toolchains.java(name, "--bootstrap-server", bootstrap, *arguments, version=version)


def _java_console(name: str, version: str, package: str, consumer_package: str) -> Client:
    return Client(
        name,
        produce=lambda bootstrap, topic: _java_tool(
            f"{package}.ConsoleProducer", bootstrap, "--topic", topic, "--max-partition-memory-bytes", "100", version=version
        ),
        consume=lambda bootstrap, topic, group: _java_tool(
            f"{consumer_package}.ConsoleConsumer", bootstrap, "--topic", topic, "--group", group, "--from-beginning",
            version=version,
        ),
    )  # fmt: skip


def _verified_value(line: str) -> str | None:
    event = json.loads(line)
    return event["value"] if event["name"] == "record_data" else None


# Without keys, a producer stays with one partition for a while, and 10,000 small records are not a while: each is told to move on
# sooner, so that both members of a group get something.
KCAT = Client(
    "kcat",
    produce=lambda bootstrap, topic: ["kcat", "-P", "-b", bootstrap, "-t", topic, "-X", "sticky.partitioning.linger.ms=0"],
    consume=lambda bootstrap, topic, group: [
        "kcat", "-u", "-b", bootstrap, "-X", "auto.offset.reset=earliest", "-G", group, topic,
    ],
)  # fmt: skip

# Sends numbers of its own, 0, 1, 2, ..., which are the very values that the tests use.
JAVA_VERIFIABLE = Client(
    "java-verifiable",
    produce=lambda bootstrap, topic: _java_tool(
        "org.apache.kafka.tools.VerifiableProducer", bootstrap, "--topic", topic, "--max-messages", "10000",
        "--repeating-keys", "100",
    ),
    consume=lambda bootstrap, topic, group: _java_tool(
        "org.apache.kafka.tools.VerifiableConsumer", bootstrap, "--topic", topic, "--group-id", group, "--verbose"
    ),
    value=_verified_value,
)  # fmt: skip

# What most people have, in every test run.
CORE_CLIENTS = [
    KCAT,
    _program("confluent-kafka", lambda: [sys.executable, str(HERE / "confluent/client.py")]),
    _program("kafkajs", lambda: ["node", str(toolchains.npm_project(HERE / "kafkajs") / "client.js")]),
    _java_console("java-console", NEWEST, "org.apache.kafka.tools", "org.apache.kafka.tools.consumer"),
    JAVA_VERIFIABLE,
]

MORE_CLIENTS = [
    _python("confluent-2.3.0", "confluent/client.py"),
    _python("aiokafka", "aiokafka/client.py"),
    _python("kafka-python", "kafka-python/client.py"),
    _go("franz-go"),
    _go("sarama"),
    _go("kafka-go"),
    _java_console("java-console-2.8.2", "2.8.2", "kafka.tools", "kafka.tools"),
]
