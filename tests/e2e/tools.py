# SPDX-License-Identifier: Apache-2.0
"""Kafka's own command-line tools: what the tests do with each, and what of its output is another in every run.

Apart from test_tools.py and test_several_tools.py because both go through this one list.
"""

import json
import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Producer

from tests.e2e import toolchains
from tests.e2e.clients import CLIENT_TIMEOUT_S, KCAT, Consumer, produce
from tests.e2e.direct import Direct
from tests.e2e.kbridge import Kbridge
from tests.e2e.served import leaders
from tests.kafka.cluster import Cluster

HERE = Path(__file__).resolve().parent
PARTITIONS = 6
RECORDS = 300
TOPIC, GROUP, TRANSACTION = "tools", "tools", "tools"
NEW = "tools-new"
# Some tools refuse to work where nobody is authorized.
AUTHORIZED = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",
}

HEAD = ["tool", "commands", "lines printed directly", "through kbridge"]
PACKAGE = "org.apache.kafka.tools"
TOPICS = f"{PACKAGE}.TopicCommand"
GROUPS = f"{PACKAGE}.consumer.group.ConsumerGroupCommand"
CONFIGS = "kafka.admin.ConfigCommand"
TRANSACTIONS = f"{PACKAGE}.TransactionsCommand"
OFFSETS = f"{PACKAGE}.GetOffsetShell"
REASSIGNMENT = f"{PACKAGE}.reassign.ReassignPartitionsCommand"
LOG_DIRS = f"{PACKAGE}.LogDirsCommand"
FEATURES = f"{PACKAGE}.FeatureCommand"
QUORUM = f"{PACKAGE}.MetadataQuorumCommand"
ACLS = f"{PACKAGE}.AclCommand"
CLUSTER = f"{PACKAGE}.ClusterTool"
CLIENT_METRICS = f"{PACKAGE}.ClientMetricsCommand"

# What is answered before the brokers know of it: the next question has to wait for that.
CHANGES = {"--create", "--alter", "--add", "--remove", "--delete"}
# What is another in every run.
MASKS = [
    (re.compile(r"(127\.0\.\d+\.\d+|localhost)[: ]\d+", re.IGNORECASE), "ADDRESS"),
    (re.compile(r"(TopicId: )\S+"), r"\1ID"),
    (re.compile(r"(HighWatermark|MaxFollowerLag|MaxFollowerLagTimeMs): +-?\d+"), r"\1"),
    (re.compile(r"Epoch: \d+$", re.MULTILINE), "Epoch"),
    # Of a replica of the quorum: how far it is, and when it was last heard.
    (re.compile(r"^(\d+\s+\S{22})\s+\d+\s+\d+\s+-?\d+\s+-?\d+\s+(\w+)", re.MULTILINE), r"\1 \2"),
    # Of a producer and of a transaction: when it was last heard, and in the column behind that, how long it lasts; the padding of
    # that depends on its digits. A producer has another number behind the time, but in its last column.
    (re.compile(r"\b\d{13}\b"), "TIME"),
    (re.compile(r"\bTIME *\t\d+ *\t(?=\S)"), "TIME\t"),
    # The logging library of the tools complains of its own settings, with the time.
    (re.compile(r"^.* main ERROR Reconfiguration failed.*\n", re.MULTILINE), ""),
]


@dataclass(frozen=True)
class Tool:
    """Commands that leave everything as they found it. {folder} has the files of prepared(); what names {broker} is for each of
    them."""

    name: str
    commands: tuple[tuple[str, ...], ...]


def _tool(name: str, *commands: str) -> Tool:
    return Tool(name, tuple(tuple(command.split()) for command in commands))


_TOPIC_CONFIG = f"{CONFIGS} --entity-type topics --entity-name {TOPIC}"
_QUOTA = f"{CONFIGS} --entity-type users --entity-name alice --entity-type clients --entity-name shop"
_SCRAM = f"{CONFIGS} --entity-type users --entity-name alice"
_OF_BROKER = f"{CONFIGS} --entity-type brokers --entity-name"
_OF_LOGGER = f"{CONFIGS} --entity-type broker-loggers --entity-name"
_ALICE = "--allow-principal User:alice --operation Read --topic"

TOOLS = [
    _tool("topics", f"{TOPICS} --describe", f"{TOPICS} --list"),
    _tool(
        "topics: create, alter, delete",
        f"{TOPICS} --create --topic {NEW} --replica-assignment 1,1 --config retention.ms=60000",
        f"{TOPICS} --describe --topic {NEW}",
        f"{TOPICS} --alter --topic {NEW} --partitions 3 --replica-assignment 1,1,1",
        f"{TOPICS} --describe --topic {NEW}",
        f"{TOPICS} --delete --topic {NEW}",
        f"{TOPICS} --list",
    ),
    _tool("configs of topics", f"{CONFIGS} --entity-type topics --describe --all"),
    _tool(
        "configs of a topic: alter",
        f"{_TOPIC_CONFIG} --alter --add-config max.message.bytes=4096",
        f"{_TOPIC_CONFIG} --describe",
        f"{_TOPIC_CONFIG} --alter --delete-config max.message.bytes",
        f"{_TOPIC_CONFIG} --describe",
    ),
    _tool("configs of a broker", f"{_OF_BROKER} {{broker}} --describe --all"),
    _tool(
        "configs of a broker: alter",
        f"{_OF_BROKER} {{broker}} --alter --add-config message.max.bytes=17000000",
        f"{_OF_BROKER} {{broker}} --describe",
        f"{_OF_BROKER} {{broker}} --alter --delete-config message.max.bytes",
    ),
    _tool("loggers of a broker", f"{_OF_LOGGER} {{broker}} --describe"),
    _tool(
        "client quotas",
        f"{_QUOTA} --alter --add-config producer_byte_rate=1024",
        f"{_QUOTA} --describe",
        f"{_QUOTA} --alter --delete-config producer_byte_rate",
        f"{_QUOTA} --describe",
    ),
    _tool(
        "SCRAM credentials",
        f"{_SCRAM} --alter --add-config SCRAM-SHA-256=[iterations=4096,password=unused]",
        f"{_SCRAM} --describe",
        f"{_SCRAM} --alter --delete-config SCRAM-SHA-256",
    ),
    _tool(
        "client metrics",
        f"{CLIENT_METRICS} --alter --name {NEW} --metrics org.apache.kafka.producer. --interval 1000",
        f"{CLIENT_METRICS} --describe --name {NEW}",
        f"{CLIENT_METRICS} --delete --name {NEW}",
        f"{CLIENT_METRICS} --list",
    ),
    _tool(
        "consumer groups",
        f"{GROUPS} --list --state",
        f"{GROUPS} --describe --all-groups",
        f"{GROUPS} --describe --all-groups --state",
        f"{GROUPS} --describe --all-groups --members --verbose",
    ),
    _tool(
        "consumer groups: reset, delete",
        f"{GROUPS} --group {GROUP} --reset-offsets --to-earliest --topic {TOPIC} --dry-run",
        f"{GROUPS} --group {NEW} --reset-offsets --to-offset 3 --topic {TOPIC} --execute",
        f"{GROUPS} --group {NEW} --describe",
        f"{GROUPS} --group {NEW} --delete-offsets --topic {TOPIC}:0",
        f"{GROUPS} --group {NEW} --delete",
        f"{GROUPS} --list",
    ),
    _tool(
        "groups of all types",
        f"{PACKAGE}.GroupsCommand --list",
        f"{PACKAGE}.consumer.group.ShareGroupCommand --list",
        f"{PACKAGE}.streams.StreamsGroupCommand --list",
    ),
    _tool("transactions: list", f"{TRANSACTIONS} list"),
    _tool(
        "transactions",
        f"{TRANSACTIONS} describe --transactional-id {TRANSACTION}",
        f"{TRANSACTIONS} describe-producers --topic {TOPIC} --partition 0",
        f"{TRANSACTIONS} find-hanging --broker-id {{broker}}",
    ),
    _tool(
        "leader election",
        f"{PACKAGE}.LeaderElectionCommand --election-type preferred --topic {TOPIC} --partition 0",
    ),
    _tool("reassignment", f"{REASSIGNMENT} --execute --reassignment-json-file {{folder}}/as-it-is.json"),
    _tool(
        "reassignment: list, verify",
        f"{REASSIGNMENT} --list",
        f"{REASSIGNMENT} --verify --reassignment-json-file {{folder}}/as-it-is.json",
    ),
    _tool("log dirs", f"{LOG_DIRS} --describe"),
    _tool("features", f"{FEATURES} describe", f"{FEATURES} downgrade --feature transaction.version=1 --dry-run"),
    _tool("quorum", f"{QUORUM} describe --status", f"{QUORUM} describe --replication"),
    _tool(
        "delete records",
        f"{PACKAGE}.DeleteRecordsCommand --offset-json-file {{folder}}/until.json",
        f"{OFFSETS} --topic {TOPIC} --time earliest",
    ),
    _tool("get offsets", f"{OFFSETS} --topic {TOPIC}", f"{OFFSETS} --topic-partitions {TOPIC}:0-3 --time max-timestamp"),
    _tool(
        "ACLs",
        f"{ACLS} --add {_ALICE} {TOPIC}",
        f"{ACLS} --list",
        f"{ACLS} --remove --force {_ALICE} {TOPIC}",
        f"{ACLS} --list",
    ),
    _tool("cluster", f"{CLUSTER} cluster-id", f"{CLUSTER} list-endpoints"),
    _tool("broker API versions", f"{PACKAGE}.BrokerApiVersionsCommand"),
]


class Tools:
    """One JVM in which they run."""

    def __init__(self, log: Path, masks: Sequence[tuple[re.Pattern, str]] = ()):
        self._log, self._masks = log, [*MASKS, *masks]
        with open(log, "wb") as said:
            command = toolchains.java_program(HERE / "java/Tools.java")
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True)

    def run(self, command: tuple[str, ...], bootstrap: str) -> tuple[int, str]:
        """Exit code and output. Most tools take their options in any place, some only in front of their subcommand."""
        where = ("--bootstrap-server", bootstrap)
        words = (*command, *where) if command[0] == CLUSTER else (command[0], *where, *command[1:])
        watchdog = threading.Timer(CLIENT_TIMEOUT_S, self._process.kill)
        watchdog.start()
        print(json.dumps(words), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        watchdog.cancel()
        assert answer, f"no answer within {CLIENT_TIMEOUT_S} s of {words}:\n{self._log.read_text()}"
        ran = json.loads(answer)
        return ran["exit"], ran["printed"]

    def ask(self, tool: Tool, bootstrap: str, cluster: Cluster, folder: Path) -> list[list[str]]:
        """What each of its commands prints, masked, and in one order: brokers and groups come as they answer."""
        brokers, direct = [broker.node_id for broker in cluster.brokers], Direct(cluster.internal)
        printed, changed = [], False
        for command in expand(tool.commands, cluster, folder):
            changes = not CHANGES.isdisjoint(command)
            if changed and not changes:
                direct.settle(brokers)
            printed.append(self._ask(command, bootstrap))
            changed = changes
        if changed:
            direct.settle(brokers)
        return printed

    def compare(self, tool: Tool, proxy: Kbridge, cluster: Cluster, folder: Path) -> tuple[object, ...]:
        """Fails unless it prints the same both ways; its row of the table."""
        # Through kbridge first: what it changes there, it changes for real.
        through = self.ask(tool, proxy.address, cluster, folder)
        directly = self.ask(tool, cluster.internal, cluster, folder)
        assert any(directly)
        assert through == directly, f"through kbridge: {through}\ndirectly: {directly}"
        assert proxy.log_contains(r"client .* is told ")  # a tool is quicker than one can look at sockets
        return tool.name, len(directly), sum(map(len, directly)), "the same"

    def stop(self) -> None:
        self._process.communicate(timeout=CLIENT_TIMEOUT_S)

    def _ask(self, command: tuple[str, ...], bootstrap: str) -> list[str]:
        code, printed = self.run(command, bootstrap)
        assert code == 0, printed
        for pattern, mask in self._masks:
            printed = pattern.sub(mask, printed)
        return sorted(line.rstrip() for line in printed.splitlines())


def expand(commands: tuple[tuple[str, ...], ...], cluster: Cluster, folder: Path) -> Iterator[tuple[str, ...]]:
    """What names {broker} is for each of them."""
    for command in commands:
        brokers = cluster.brokers if "{broker}" in command else cluster.brokers[:1]
        for broker in brokers:
            yield tuple(word.format(folder=folder, broker=broker.node_id) for word in command)


@contextmanager
def prepared(cluster: Cluster, folder: Path) -> Iterator[None]:
    """A topic with records, a group that has read them and gone, a transaction that is open meanwhile, and the tools' files."""
    Direct(cluster.internal).create_topic(TOPIC, PARTITIONS)
    produce(KCAT, cluster.internal, TOPIC, [str(number) for number in range(RECORDS)], folder)
    member = Consumer(KCAT, 0, cluster.internal, TOPIC, GROUP, folder)
    member.process.wait_until(lambda: len(member.values()) == RECORDS, CLIENT_TIMEOUT_S)
    member.stop()
    _write_files({at: node for node, at in sorted(leaders(cluster.internal, TOPIC))}, folder)
    producer = Producer({
        "bootstrap.servers": cluster.internal, "transactional.id": TRANSACTION, "transaction.timeout.ms": 900_000,
    })  # fmt: skip
    producer.init_transactions(CLIENT_TIMEOUT_S)
    producer.begin_transaction()
    producer.produce(TOPIC, "never committed", partition=0)
    producer.flush(CLIENT_TIMEOUT_S)
    yield
    producer.abort_transaction(CLIENT_TIMEOUT_S)


def _write_files(nodes: dict[int, int], folder: Path) -> None:
    partitions = [{"topic": TOPIC, "partition": at, "replicas": [node]} for at, node in nodes.items()]
    (folder / "as-it-is.json").write_text(json.dumps({"version": 1, "partitions": partitions}))
    until = [{"topic": TOPIC, "partition": at, "offset": 3} for at in nodes]
    (folder / "until.json").write_text(json.dumps({"version": 1, "partitions": until}))
