# SPDX-License-Identifier: Apache-2.0
"""The Kafka clients that the tests run, each a command line with the same contract.

`produce` sends every line of stdin as one record and succeeds once all are acknowledged. `consume` joins a group and prints the
value of each record on a line, until SIGTERM. Both take settings of the library, by Kafka's names for them. `transact` sends the
value of each line of stdin to every partition in one transaction, and commits or aborts it, as the line says.
One list, so that a new client is one entry and goes through every test.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e import toolchains
from tests.kafka.jars import NEWEST, USUAL
from tests.kafka.process import Process, wait_together

HERE = Path(__file__).resolve().parent
# A client that hangs fails its test, with the proxy's log; one that is only slow, on a busy machine, does not.
CLIENT_TIMEOUT_S = 120

Settings = Mapping[str, object]


@dataclass(frozen=True)
class Client:
    """produce(bootstrap, topic, settings), consume(bootstrap, topic, group, settings) and transact(bootstrap, topic) make command
    lines; value reads a printed line."""

    name: str
    produce: Callable[[str, str, Settings], list[str]]
    consume: Callable[[str, str, str, Settings], list[str]]
    transact: Callable[[str, str], list[str]] | None = None
    value: Callable[[str], str | None] = lambda line: line


class Consumer:
    """A running member of a group, and the values it has printed."""

    def __init__(
        self, client: Client, number: int, bootstrap: str, topic: str, group: str, folder: Path, settings: Settings | None = None
    ):
        self._client = client
        self._output = folder / f"consumer-{number}.out"
        log = folder / f"consumer-{number}.log"
        name = f"consumer {number} of {client.name}"
        self.process = Process(name, client.consume(bootstrap, topic, group, settings or {}), log, self._output)

    def values(self) -> list[str]:
        lines = self._output.read_text().split("\n")[:-1]
        return [value for value in map(self._client.value, lines) if value is not None]

    def printed_bytes(self) -> int:
        return self._output.stat().st_size

    def wait_for(self, count: int) -> list[str]:
        """Returns the values as soon as there are so many."""
        self.process.wait_until(lambda: len(self.values()) >= count, CLIENT_TIMEOUT_S)
        return self.values()

    def stop(self) -> None:
        self.process.stop(CLIENT_TIMEOUT_S)


def wait_for_members(members: Sequence[Consumer], condition: Callable[[], bool]) -> None:
    """Returns when the condition holds. A member that ends fails it at once, whichever it is: the others only wait for it."""
    wait_together([member.process for member in members], condition, CLIENT_TIMEOUT_S)


def produce(
    client: Client, bootstrap: str, topic: str, values: list[str], folder: Path, settings: Settings | None = None
) -> None:
    """Runs a producer to its end; fails unless it says that all went well."""
    _feed(client, client.produce(bootstrap, topic, settings or {}), values, folder)


def transact(client: Client, bootstrap: str, topic: str, transactions: list[str], folder: Path) -> None:
    """Runs transactions, each `commit VALUE` or `abort VALUE`; fails unless the client says that all went so."""
    _feed(client, client.transact(bootstrap, topic), transactions, folder)


def _feed(client: Client, command: list[str], lines: list[str], folder: Path) -> None:
    source = folder / "producer.in"
    source.write_text("".join(f"{line}\n" for line in lines))
    log = folder / "producer.log"
    Process(f"the producer of {client.name}", command, log, folder / "producer.out", source).finish(CLIENT_TIMEOUT_S)


def _program(name: str, command: Callable[[], list[str]]) -> Client:
    """A client that is a program of ours: its command line is made when it is needed, and then takes an action."""
    return Client(
        name,
        produce=lambda bootstrap, topic, settings: [*command(), "produce", bootstrap, topic, *_pairs(settings)],
        consume=lambda bootstrap, topic, group, settings: [*command(), "consume", bootstrap, topic, group, *_pairs(settings)],
        transact=lambda bootstrap, topic: [*command(), "transact", bootstrap, topic],
    )


def _member(settings: Settings) -> Settings:
    """Of a member of a group: it learns by its heartbeat that another one has come, after 3 s unless told. In the new protocol the
    broker says how often, and the setting is refused."""
    return settings if "group.protocol" in settings else {"heartbeat.interval.ms": 300, **settings}


def _pairs(settings: Settings, *option: str) -> list[str]:
    """NAME=VALUE of each, behind an option if there is one."""
    return [word for name, value in settings.items() for word in (*option, f"{name}={value}")]


def _python(folder: str, program: str) -> Client:
    return _program(folder, lambda: [toolchains.python(HERE / folder / "requirements.txt"), str(HERE / program)])


def _go(folder: str) -> Client:
    return _program(folder, lambda: [toolchains.go_program(HERE / folder)])


def _java_tool(name: str, bootstrap: str, *arguments: str, version: str = USUAL) -> list[str]:
    return toolchains.java(name, "--bootstrap-server", bootstrap, *arguments, version=version)


def _java_console(
    name: str, version: str, package: str, consumer_package: str, produce_option: str, consume_option: str
) -> Client:
    return Client(
        name,
        produce=lambda bootstrap, topic, settings: _java_tool(
            f"{package}.ConsoleProducer", bootstrap, "--topic", topic,
            # Unless told, it waits for an answer for 1.5 s, and then sends again what may be there already.
            "--request-timeout-ms", str(1000 * CLIENT_TIMEOUT_S),
            # It would not look at the setting.
            "--compression-codec", str(settings.get("compression.type", "none")),
            *_pairs({"batch.size": 200, **settings}, produce_option), version=version,
        ),
        consume=lambda bootstrap, topic, group, settings: _java_tool(
            f"{consumer_package}.ConsoleConsumer", bootstrap, "--topic", topic, "--group", group, "--from-beginning",
            *_pairs(_member(settings), consume_option), version=version,
        ),
        transact=lambda bootstrap, topic: toolchains.java_program(HERE / "java/Transactions.java", bootstrap, topic),
    )  # fmt: skip


def _verified_value(line: str) -> str | None:
    event = json.loads(line)
    return event["value"] if event["name"] == "record_data" else None


# Without keys, a producer stays with one partition for a while, and 10,000 small records are not a while: each is told to move on
# sooner, so that both members of a group get something.
KCAT = Client(
    "kcat",
    produce=lambda bootstrap, topic, settings: [
        "kcat", "-P", "-b", bootstrap, "-t", topic, "-X", "sticky.partitioning.linger.ms=0", *_pairs(settings, "-X"),
    ],
    # It would end where all its connections are closed at once, as a broker does with those who do not authenticate again: -E.
    consume=lambda bootstrap, topic, group, settings: [
        "kcat", "-u", "-E", "-b", bootstrap, "-X", "auto.offset.reset=earliest", *_pairs(_member(settings), "-X"), "-G", group, topic,
    ],
)  # fmt: skip


def java_verifiable(records: int) -> Client:
    """Sends numbers of its own, 0, 1, 2, ..., which are the very values that the tests use."""
    return Client(
        "java-verifiable",
        produce=lambda bootstrap, topic, _settings: _java_tool(
            "org.apache.kafka.tools.VerifiableProducer", bootstrap, "--topic", topic, "--max-messages", str(records),
            "--repeating-keys", "100",
        ),
        consume=lambda bootstrap, topic, group, _settings: _java_tool(
            "org.apache.kafka.tools.VerifiableConsumer", bootstrap, "--topic", topic, "--group-id", group, "--verbose"
        ),
        value=_verified_value,
    )  # fmt: skip


JAVA_VERIFIABLE = java_verifiable(10_000)

# Members of a share group; the producer is another's, for there is nothing special about it.
JAVA_SHARE = Client(
    "java-share",
    produce=KCAT.produce,
    consume=lambda bootstrap, topic, group, settings: _java_tool(
        "org.apache.kafka.tools.consumer.ConsoleShareConsumer", bootstrap, "--topic", topic, "--group", group,
        *_pairs(settings, "--command-property"),
    ),
)  # fmt: skip

CONFLUENT = _program("confluent-kafka", lambda: [sys.executable, str(HERE / "confluent/client.py")])
KAFKAJS = _program("kafkajs", lambda: ["node", str(toolchains.npm_project(HERE / "kafkajs") / "client.js")])


def _java_console_of_tools(name: str, version: str) -> Client:
    return _java_console(
        name, version, "org.apache.kafka.tools", "org.apache.kafka.tools.consumer", "--command-property", "--command-property"
    )


JAVA = _java_console_of_tools("java-console", USUAL)
# Says in ApiVersions v5 which node it means (KIP-1242).
JAVA_NEWEST = _java_console_of_tools(f"java-console-{NEWEST}", NEWEST)

# What most people have, in every test run.
CORE_CLIENTS = [KCAT, CONFLUENT, KAFKAJS, JAVA, JAVA_VERIFIABLE]

MORE_CLIENTS = [
    _python("confluent-2.3.0", "confluent/client.py"),
    _python("aiokafka", "aiokafka/client.py"),
    _python("kafka-python", "kafka-python/client.py"),
    _go("franz-go"),
    _go("sarama"),
    _go("kafka-go"),
    _java_console("java-console-2.8.2", "2.8.2", "kafka.tools", "kafka.tools", "--producer-property", "--consumer-property"),
]
