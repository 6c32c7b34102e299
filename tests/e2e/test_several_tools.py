# SPDX-License-Identifier: Apache-2.0
"""Kafka's own command-line tools print through kbridge, on three brokers, what they print directly; what kbridge cannot offer
fails with an error that says so."""

import re
import subprocess

import pytest

from tests.e2e import toolchains
from tests.e2e.clients import CLIENT_TIMEOUT_S, KCAT, Consumer, produce
from tests.e2e.direct import Direct
from tests.e2e.kbridge import Kbridge, binary
from tests.kafka.cluster import Cluster

PARTITIONS = 6
RECORDS = 300
TOPIC, GROUP = "tools", "tools"
TOOLS = "org.apache.kafka.tools"
GROUPS = f"{TOOLS}.consumer.group.ConsumerGroupCommand"
CONFIGS = "kafka.admin.ConfigCommand"

# What changes nothing, so that both ways must print the same.
QUESTIONS = {
    "topics": [f"{TOOLS}.TopicCommand", "--describe"],
    "configs of broker 1": [CONFIGS, "--describe", "--all", "--entity-type", "brokers", "--entity-name", "1"],
    "configs of broker 2": [CONFIGS, "--describe", "--all", "--entity-type", "brokers", "--entity-name", "2"],
    "configs of broker 3": [CONFIGS, "--describe", "--all", "--entity-type", "brokers", "--entity-name", "3"],
    "loggers of broker 2": [CONFIGS, "--describe", "--entity-type", "broker-loggers", "--entity-name", "2"],
    "configs of topics": [CONFIGS, "--describe", "--all", "--entity-type", "topics"],
    "groups": [GROUPS, "--list", "--state"],
    "offsets of groups": [GROUPS, "--describe", "--all-groups"],
    "groups of all types": [f"{TOOLS}.GroupsCommand", "--list"],
    "a reset that is only planned": [
        GROUPS, "--group", GROUP, "--reset-offsets", "--to-earliest", "--all-topics", "--dry-run",
    ],
    "transactions": [f"{TOOLS}.TransactionsCommand", "list"],
    "hanging transactions": [f"{TOOLS}.TransactionsCommand", "find-hanging", "--broker-id", "2"],
    "producers": [f"{TOOLS}.TransactionsCommand", "describe-producers", "--topic", TOPIC, "--partition", "0"],
    "offsets": [f"{TOOLS}.GetOffsetShell", "--topic", TOPIC],
    "reassignments": [f"{TOOLS}.reassign.ReassignPartitionsCommand", "--list"],
    "quorum": [f"{TOOLS}.MetadataQuorumCommand", "describe", "--status"],
    "endpoints": [f"{TOOLS}.ClusterTool", "list-endpoints"],
    "versions": [f"{TOOLS}.BrokerApiVersionsCommand"],
}  # fmt: skip
# Only these two are not offered while several brokers share a port.
NOT_OFFERED = re.compile(r"(AlterReplicaLogDirs|DescribeLogDirs)\(\d+\): .*")
MASKS = [
    (re.compile(r"(127\.0\.0\.1|localhost)[: ]\d+", re.IGNORECASE), "ADDRESS"),
    (NOT_OFFERED, r"\1"),
    (re.compile(r"(HighWatermark|MaxFollowerLag|MaxFollowerLagTimeMs): +-?\d+"), r"\1"),
    # The logging library of the tools complains of its own settings, with the time.
    (re.compile(r"^.* main ERROR Reconfiguration failed.*\n", re.MULTILINE), ""),
]


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three brokers with records, and a group that has read them and gone."""
    folder = tmp_path_factory.mktemp("three")
    with Cluster(brokers=3) as cluster:
        Direct(cluster.internal).create_topic(TOPIC, PARTITIONS)
        produce(KCAT, cluster.internal, TOPIC, [str(number) for number in range(RECORDS)], folder)
        member = Consumer(KCAT, 0, cluster.internal, TOPIC, GROUP, folder)
        member.process.wait_until(lambda: len(member.values()) == RECORDS, CLIENT_TIMEOUT_S)
        member.stop()
        yield cluster


@pytest.fixture
def proxy(three, tmp_path):
    proxy = Kbridge(three, tmp_path, binary())
    yield proxy
    proxy.stop()


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_tool_prints_the_same_with_and_without_kbridge(question, three, proxy):
    directly, through = (ask(QUESTIONS[question], bootstrap) for bootstrap in (three.internal, proxy.address))
    assert directly and through == directly
    assert proxy.log_contains(r"client .* is told ")  # a tool is quicker than one can look at sockets


def test_log_dirs_are_refused_with_an_error_that_names_them(three, proxy):
    ran = run([f"{TOOLS}.LogDirsCommand", "--describe"], proxy.address)
    assert ran.returncode != 0
    assert "does not support DESCRIBE_LOG_DIRS" in ran.stdout + ran.stderr


def test_records_are_deleted_at_each_leader(three, proxy, tmp_path):
    topic = "deleted"
    Direct(three.internal).create_topic(topic, PARTITIONS)
    produce(KCAT, three.internal, topic, [str(number) for number in range(RECORDS)], tmp_path)
    until = tmp_path / "until.json"
    wanted = ",".join(f'{{"topic":"{topic}","partition":{partition},"offset":-1}}' for partition in range(PARTITIONS))
    until.write_text(f'{{"version":1,"partitions":[{wanted}]}}')
    ask([f"{TOOLS}.DeleteRecordsCommand", "--offset-json-file", str(until)], proxy.address)
    first, last = (
        ask([f"{TOOLS}.GetOffsetShell", "--topic", topic, "--time", time], three.internal) for time in ("-2", "-1")
    )
    assert first == last and len(first) == PARTITIONS


def run(tool: list[str], bootstrap: str) -> subprocess.CompletedProcess:
    """Most tools take their options in any place, some only in front of their subcommand."""
    command = toolchains.java(tool[0], "--bootstrap-server", bootstrap, *tool[1:])
    if tool[0] == f"{TOOLS}.ClusterTool":
        command = toolchains.java(*tool, "--bootstrap-server", bootstrap)
    return subprocess.run(command, capture_output=True, text=True, timeout=CLIENT_TIMEOUT_S)


def ask(tool: list[str], bootstrap: str) -> list[str]:
    """What it prints, without addresses, and in one order: brokers and groups come as they answer."""
    ran = run(tool, bootstrap)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    printed = ran.stdout
    for pattern, mask in MASKS:
        printed = pattern.sub(mask, printed)
    return sorted(line.rstrip() for line in printed.splitlines())
