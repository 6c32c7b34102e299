# SPDX-License-Identifier: Apache-2.0
"""`kbridge wait` at a real cluster of three brokers: what it says, its exit code, and how long it takes.

The cluster's CLIENT listeners advertise a name that nobody can resolve, its DIRECT ones themselves: a Kafka that can be reached only
at bootstrap, and one that is as it should be.
"""

import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.e2e.direct import Direct
from tests.e2e.flow import wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.served import leaders
from tests.e2e.tables import add_row
from tests.kafka.cluster import Cluster
from tests.kafka.net import free_port

ADVERTISED = "nowhere.invalid"
PATIENT = ("--timeout", "120s")
# For one look at least, which takes up to 2 s, on a busy machine too.
IMPATIENT_S = 3
IMPATIENT = ("--timeout", f"{IMPATIENT_S}s")
# The look that is under way when time is up may end, and a busy machine adds to that; the default would be 60 s.
LATE_S = 40
TABLE = ("kbridge wait", ["Kafka", "exit code", "took", "last line"])


class Wait:
    """`kbridge wait` as a process."""

    def __init__(self, *arguments: str):
        self._begun = time.monotonic()
        self._process = subprocess.Popen([binary(), "wait", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, kafka: str) -> tuple[int, str, list[str]]:
        """Exit code, what the command behind -- printed, and the lines that were said; a row of the table."""
        printed, said = self._process.communicate(timeout=240)
        self.took_s = time.monotonic() - self._begun
        lines = said.splitlines()
        add_row(*TABLE, kafka, self._process.returncode, f"{self.took_s:.1f} s", lines[-1])
        return self._process.returncode, printed, lines

    def fails(self, kafka: str, reason: str) -> None:
        """Ends with 1 when time is up, and its last line has the reason."""
        code, _, said = self.end(kafka)
        assert code == 1, said
        assert reason in said[-1]
        assert IMPATIENT_S <= self.took_s < IMPATIENT_S + LATE_S


@pytest.fixture(scope="module")
def awaited() -> Iterator[tuple[Cluster, Wait]]:
    """A cluster, and who has waited for it since before it was started."""
    cluster = Cluster(brokers=3, advertise=f"{ADVERTISED}:1234")
    wait = Wait(cluster.direct, *PATIENT, "--produce", "--", "echo", "the tests")
    try:
        yield cluster.start(), wait
    finally:
        cluster.stop()


@pytest.fixture
def cluster(awaited) -> Cluster:
    return awaited[0]


def test_a_kafka_that_comes_late_is_waited_for_and_then_the_command_runs(awaited):
    cluster, wait = awaited
    code, printed, said = wait.end("comes late")
    assert (code, printed) == (0, "the tests\n"), said
    assert said[0] == f"{cluster.direct} is not there yet: nobody can be reached there (Connection refused)."
    assert said[-1].startswith(f"{cluster.direct} is ready after ")


def test_a_kafka_that_is_there_needs_no_second_look(cluster, name):
    direct = Direct(cluster.internal)
    direct.create_topic(name, 3)
    direct.make_coordinators()
    code, _, said = Wait(cluster.direct, "--topic", f"{name}:3", "--group", name, f"tcp://{cluster.brokers[0].direct}").end(
        "is there, with topic and group"
    )
    assert code == 0
    assert [line.split(" is ready after ")[0] for line in said] == [cluster.direct, f"tcp://{cluster.brokers[0].direct}"]


def test_a_record_goes_there_and_back_through_kbridge(cluster, tmp_path):
    proxy = Kbridge(cluster, tmp_path, binary(), "--traffic", "--only", "produce,fetch", upstream=cluster.direct)
    code, _, said = Wait(proxy.address, *PATIENT, "--produce").end("is there, through kbridge, with a record there and back")
    assert code == 0, said
    for api in ("Produce", "Fetch"):
        proxy.process.wait_until(lambda api=api: proxy.log_contains(rf" {api} v.* kbridge-wait\["), LATE_S)
    proxy.stop()


def test_a_kafka_that_can_be_reached_only_at_bootstrap_is_not_there(cluster):
    reason = f"Kafka answers, and tells clients to come to {ADVERTISED}:123"
    Wait(cluster.bootstrap, *IMPATIENT).fails("reachable only at bootstrap", reason)
    Wait(cluster.bootstrap, *IMPATIENT, "--produce").fails("reachable only at bootstrap, with a record", reason)


def test_where_no_kafka_is_the_reason_is_told(cluster):
    Wait(f"127.0.0.1:{free_port()}", *IMPATIENT).fails("absent", "nobody can be reached there (Connection refused).")
    controller = f"127.0.0.1:{cluster.brokers[0].controller_port}"
    Wait(controller, *IMPATIENT).fails("a controller", "it accepts connections, and Kafka does not answer there yet")


def test_a_topic_that_is_missing_is_named_and_made_when_that_is_wanted(cluster, name):
    Wait(cluster.direct, *IMPATIENT, "--topic", name).fails("topic missing", f"there is no topic {name}.")
    code, _, said = Wait(cluster.direct, *PATIENT, "--create", f"{name}:5").end("topic missing, and --create")
    assert code == 0, said
    assert len(leaders(cluster.internal, name)) == 5
    Wait(cluster.direct, *IMPATIENT, "--topic", f"{name}:6").fails(
        "too few partitions", f"topic {name} has 5 partitions, and 6 are wanted."
    )


def test_a_partition_without_a_leader_is_named_until_it_has_one(cluster, name):
    Direct(cluster.internal).create_topic(name, 6)
    seen = cluster.brokers[0]
    cluster.brokers[2].kill()
    try:
        wait_until(lambda: any(node < 0 for node, _ in leaders(seen.internal, name)), "a partition loses its leader")
        Wait(seen.direct, *IMPATIENT, "--topic", name).fails("half up: no leader", f"of topic {name} has no leader.")
        wait = Wait(seen.direct, *PATIENT, "--topic", name)
    finally:
        cluster.start()
    assert wait.end("half up, and then up")[0] == 0
