# SPDX-License-Identifier: Apache-2.0
"""What a client is told about the cluster is the same with and without kbridge, but for the brokers' addresses."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e import toolchains
from tests.e2e.clients import CLIENT_TIMEOUT_S, KCAT, Consumer, produce

HERE = Path(__file__).resolve().parent
GROUP_RECORDS = 100


@pytest.fixture
def used_cluster(direct, kafka, name, tmp_path):
    """The cluster with a topic that has records, and a group that has read them and gone."""
    direct.create_topic(name, 3)
    member = Consumer(KCAT, 0, kafka.internal, name, name, tmp_path)
    produce(KCAT, kafka.internal, name, [str(number) for number in range(GROUP_RECORDS)], tmp_path)
    member.process.wait_until(lambda: len(member.values()) == GROUP_RECORDS, CLIENT_TIMEOUT_S)
    member.stop()
    return kafka


@pytest.mark.core
def test_an_admin_client_is_told_the_same_and_only_kbridges_address(used_cluster, kbridge, name):
    directly, through = describe(used_cluster.internal), describe(kbridge.address)
    addresses = mask_addresses(through)
    assert set(addresses) == {kbridge.address}
    assert set(mask_addresses(directly)) == {used_cluster.internal}
    assert through["topics"][name] and through["groups"][name]["offsets"]
    assert through == directly


@pytest.mark.core
def test_kcat_lists_kbridge_as_the_only_broker(kbridge):
    listed = json.loads(run(["kcat", "-b", kbridge.address, "-L", "-J"]))
    assert listed["brokers"] == [{"id": 1, "name": kbridge.address}]


def describe(bootstrap: str) -> dict:
    return json.loads(run(toolchains.java_program(HERE / "java/Describe.java", bootstrap)))


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=CLIENT_TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    return done.stdout


def mask_addresses(described) -> list[str]:
    """Every {host, port} in it as HOST:PORT, and takes them out."""
    if isinstance(described, list):
        return [address for element in described for address in mask_addresses(element)]
    if not isinstance(described, dict):
        return []
    if {"host", "port"} <= described.keys():
        return [f"{described.pop('host')}:{described.pop('port')}"]
    return [address for element in described.values() for address in mask_addresses(element)]
