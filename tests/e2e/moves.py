# SPDX-License-Identifier: Apache-2.0
"""Partitions where a test wants them, by Kafka's own tool, past every proxy.

Apart from the tests because more than one of them moves leaders under running clients.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.e2e import toolchains
from tests.e2e.clients import CLIENT_TIMEOUT_S
from tests.e2e.flow import wait_until
from tests.e2e.load import END_TIMEOUT_S
from tests.e2e.served import leaders

TOOL = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"


def move_replicas(bootstrap: str, topic: str, wanted: Mapping[int, Sequence[int]], folder: Path) -> None:
    """Puts each partition on these nodes, and returns when the first of them leads it: the cluster must see to that by itself, as
    load.REPLICATED says."""
    plan = folder / "plan.json"
    plan.write_text(json.dumps({
        "version": 1,
        "partitions": [{"topic": topic, "partition": at, "replicas": list(nodes)} for at, nodes in wanted.items()],
    }))  # fmt: skip
    command = toolchains.java(TOOL, "--bootstrap-server", bootstrap, "--execute", "--reassignment-json-file", str(plan))
    ran = subprocess.run(command, capture_output=True, text=True, timeout=CLIENT_TIMEOUT_S)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    led = {(nodes[0], partition) for partition, nodes in wanted.items()}
    wait_until(lambda: leaders(bootstrap, topic) == led, "the leaders have moved", END_TIMEOUT_S)
