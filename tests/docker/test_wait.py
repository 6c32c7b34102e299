# SPDX-License-Identifier: Apache-2.0
"""`wait` as a container: how long it takes, and with what it ends, with Kafka late, absent, only half there or without the topic.

Apart from tests/e2e, which has more of such cases, because names and addresses are those of containers here.
"""

import time

import pytest

from tests.docker.bed import NETWORK, PORT
from tests.docker.images import KAFKA, KBRIDGE

pytestmark = pytest.mark.docker

PROJECT = "kbridge-test-wait"
TIMEOUT_S = 5


@pytest.fixture
def waits(bed, report):
    """Starts `kbridge wait`; its row is told when it has ended."""

    def start(case: str, network: str, *arguments: str):
        begun = time.monotonic()
        container = bed.start(KBRIDGE, "--network", network, command=("wait", *arguments))

        def end() -> tuple[int, str]:
            code, last = container.ended()
            report.append(f"wait, {case}: {code} after {time.monotonic() - begun:.1f} s: {last}")
            return code, last

        return end

    return start


@pytest.mark.parametrize(
    ("case", "arguments", "says"),
    [
        ("the topic is missing", (f"proxy:{PORT}", "--topic", "missing"), "missing"),
        ("Kafka is there only at bootstrap", ("kafka:9092",), "localhost:9092"),
        ("Kafka is absent", ("absent:9092",), "absent"),
    ],
)
def test_what_is_not_there_ends_with_1_and_the_reason(compose, waits, case, arguments, says):
    code, last = waits(case, NETWORK, *arguments, "--timeout", f"{TIMEOUT_S}s")()
    assert code == 1
    assert says in last


def test_kafka_that_starts_late_is_waited_for(bed, waits):
    network = bed.network(PROJECT)
    bed.start(KBRIDGE, "--network", network, "--network-alias", "proxy", command=("kafka:9092",))
    end = waits("Kafka starts after it", network, f"proxy:{PORT}", "--create", "orders:3", "--produce")
    bed.start(KAFKA, "--network", network, "--network-alias", "kafka")
    code, last = end()
    assert code == 0
    assert last.startswith(f"proxy:{PORT} is ready after")
