# SPDX-License-Identifier: Apache-2.0
"""Three brokers of this machine behind the one port of a container: the same suite from the host, from a sibling and from one on musl,
each record once, and each broker asked for its own partitions only. Nothing says what siblings are told: kbridge has found its name."""

import re
import socket

import pytest

from tests.docker.bed import PORT, Outcome, network_address, suite_in_container, suite_on_host
from tests.docker.images import CLIENT, KBRIDGE
from tests.e2e.direct import Direct
from tests.e2e.flow import wait_until
from tests.e2e.served import leaders, told_by_brokers
from tests.kafka.cluster import Cluster

pytestmark = pytest.mark.docker

NETWORK = "kbridge-test-several"
RECORDS = 30_000
PARTITIONS = 12
TOPIC = {"RECORDS": str(RECORDS), "PARTITIONS": str(PARTITIONS), "REPLICAS": "3"}
GROUP_ONLY = ("-k", "test_a_group")


@pytest.fixture(scope="module")
def three(engine):
    """At the address of this machine that containers reach."""
    address = network_address(engine, "bridge")
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            pytest.skip(f"cannot: {address}, where containers reach the engine's machine, is not here")
    with Cluster(brokers=3, host=address, logs_requests=True) as cluster:
        yield cluster


@pytest.fixture
def proxy(bed, three):
    network = bed.network(NETWORK)
    options = ["--network", network, "--network-alias", "proxy", "--publish", f"{PORT}:{PORT}"]
    proxy = bed.start(KBRIDGE, *options, command=(three.bootstrap,))
    proxy.wait_logged("has 3 nodes")
    return proxy


def run_suite(engine, where: str, image: str) -> Outcome:
    if where == "the host":
        return suite_on_host(f"localhost:{PORT}", *GROUP_ONLY, settings=TOPIC)
    return suite_in_container(engine, f"proxy:{PORT}", "--network", NETWORK, options=GROUP_ONLY, image=image, settings=TOPIC)


def test_a_sibling_is_told_for_each_broker_a_spelling_of_the_name_that_dockers_dns_has(engine, proxy, report):
    listed = engine.docker("run", "--rm", "--network", NETWORK, CLIENT, "kcat", "-L", "-b", f"proxy:{PORT}")
    told = re.findall(rf"broker (\d) at (\S+):{PORT}", listed)
    report.append(f"three brokers, a sibling: {', '.join(f'{node} at {host}' for node, host in told)}")
    assert [node for node, _ in told] == ["1", "2", "3"]
    assert len({host for _, host in told}) == 3
    (name,) = {host.lower() for _, host in told}
    assert name.endswith(f".{NETWORK}")
    assert "clients that know nodes by their address" not in proxy.log()


@pytest.mark.parametrize("where", ["the host", "a sibling", "a sibling on musl"])
def test_a_group_gets_every_record_of_three_brokers_once(engine, musl, three, proxy, where, report):
    outcome = run_suite(engine, where, musl if "musl" in where else CLIENT)
    assert outcome.passed, f"{outcome.output}\n{proxy.log()}"

    topic = re.search(r"TOPIC (\S+)", outcome.output).group(1)
    own, ends = leaders(three.internal, topic), Direct(three.internal).ends(topic)
    shares = {node: sum(ends[partition] for leader, partition in own if leader == node) for node in (1, 2, 3)}
    told = sorted(set(re.findall(r"is told (\S+):", proxy.log())))
    report.append(f"three brokers, {where}, told {', '.join(told)}: {sum(ends)} records once; "
                  + ", ".join(f"node {node} has {share} of its own partitions" for node, share in shares.items()))  # fmt: skip
    assert sum(ends) == RECORDS and all(ends)
    # A leader may be asked before it knows that it is one: the topic has just been made.
    without_error = {(node, partition, 0) for node, partition in own}
    for api in ("PRODUCE", "FETCH"):
        wait_until(lambda api=api: without_error <= told_by_brokers(three, api, topic), f"all leaders log their {api}")
        assert {(node, partition) for node, partition, _ in told_by_brokers(three, api, topic)} == own
