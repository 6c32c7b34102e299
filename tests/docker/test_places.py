# SPDX-License-Identifier: Apache-2.0
"""The same suite from every place: whom kbridge tells what, and whether that works there."""

import re
import shutil
import socket

import pytest

from tests.docker.bed import (
    NETWORK, PORT, Outcome, lan_address, network_address, outcome_of, suite_command, suite_in_container, suite_on_host,
)  # fmt: skip
from tests.docker.images import CLIENT

pytestmark = pytest.mark.docker

SEEN_ONLY = ("-k", "test_the_cluster_is_seen")
# Where only the way differs from another place, the slowest clients are left out.
QUICK = ("-k", "not java and not faust")
IPV6_SUBNET = "fd6b:6272:6964:6765::/64"
# The JDK and OpenSSL, which Faust asks for, would have to be compiled for musl too.
ON_MUSL = ("-k", "not java and not faust")
HOST_GATEWAY = "host.docker.internal:host-gateway"
TIMEOUT_S = 20


@pytest.fixture(scope="module")
def row(report):
    """Adds a row to the table at the end, and fails when the suite does."""
    report.append(f"{'from':<62} {'connected to':<29} {'told':<29} result")

    def add(place: str, address: str, outcome: Outcome, works: bool = True) -> str:
        report.append(f"{place:<62} {address:<29} {outcome.told:<29} {outcome.result}")
        assert outcome.passed == works, outcome.output
        return outcome.told

    return add


def has_ipv6_loopback() -> bool:
    try:
        with socket.create_connection(("::1", PORT), TIMEOUT_S):
            return True
    except OSError:
        return False


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_the_host_is_told_localhost(compose, row, host):
    if host == "[::1]" and not has_ipv6_loopback():
        pytest.skip("cannot: this engine does not publish ports on ::1")
    address, options = f"{host}:{PORT}", () if host == "localhost" else QUICK
    assert row("the host", address, suite_on_host(address, *options)) == f"localhost:{PORT}"


def test_a_sibling_is_told_the_address_of_the_proxy(engine, compose, row):
    own = compose.container("proxy").inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
    outcome = suite_in_container(engine, f"proxy:{PORT}", "--network", NETWORK)
    assert row("a sibling", f"proxy:{PORT}", outcome) == f"{own}:{PORT}"


def test_who_comes_from_within_the_container_is_told_localhost(engine, compose, row):
    """As through the port forwarder of rootless Podman, which stands inside."""
    proxy = compose.container("proxy")
    own = proxy.inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
    outcome = suite_in_container(engine, f"{own}:{PORT}", "--network", f"container:{proxy.name}", options=QUICK)
    assert row("within the proxy's own network", f"{own}:{PORT}", outcome) == f"localhost:{PORT}"


def test_a_sibling_is_told_the_name_that_advertise_network_gives(engine, compose, bed, row):
    bed.kbridge("--network-alias", "second", settings={"KBRIDGE_ADVERTISE_NETWORK": f"second:{PORT}"})
    outcome = suite_in_container(engine, f"second:{PORT}", "--network", NETWORK, options=QUICK)
    assert row("a sibling, advertise.network=second:29092", f"second:{PORT}", outcome) == f"second:{PORT}"


@pytest.mark.parametrize("where", ["flag", "variable", "file"])
def test_a_rule_for_a_network_is_taken_from_wherever_it_is_given(engine, compose, bed, row, tmp_path, where):
    subnet = network_address(engine, NETWORK, "Subnet")
    rule = f"{subnet}=named:{PORT}"
    file = tmp_path / "kbridge.yaml"
    file.write_text(f"advertise:\n  - {{from: {subnet}, as: 'named:{PORT}'}}\n")
    given = {
        "flag": {"arguments": ("--advertise", rule)},
        "variable": {"settings": {"KBRIDGE_ADVERTISE": rule}},
        "file": {"arguments": ("--config", "/kbridge.yaml")},
    }[where]
    bed.kbridge("--network-alias", "named", "--volume", f"{file}:/kbridge.yaml:ro", **given)
    outcome = suite_in_container(engine, f"named:{PORT}", "--network", NETWORK, options=SEEN_ONLY)
    assert row(f"a sibling, a rule for its network in a {where}", f"named:{PORT}", outcome) == f"named:{PORT}"


@pytest.fixture
def in_ipv6(engine, compose, bed):
    """A kbridge in a network that has IPv6 too, with Kafka; its own address there."""
    network = bed.network("kbridge-test-ipv6", "--ipv6", "--subnet", IPV6_SUBNET)
    kafka = compose.container("kafka").name
    engine.docker("network", "connect", "--alias", "kafka", network, kafka)
    proxy = bed.kbridge("--network-alias", "proxy6", network=network, publish=f"39092:{PORT}")
    yield network, proxy.inspect(f'{{{{(index .NetworkSettings.Networks "{network}").GlobalIPv6Address}}}}')
    engine.docker("network", "disconnect", network, kafka)


def test_over_ipv6_a_sibling_is_told_the_address_and_the_host_localhost(engine, in_ipv6, row):
    network, own = in_ipv6
    address = f"[{own}]:{PORT}"
    outcome = suite_in_container(engine, address, "--network", network, options=QUICK)
    assert row("a sibling, over IPv6", address, outcome) == address
    published = "[::1]:39092"
    told = row("the host, to a port published over IPv6", published, suite_on_host(published, *SEEN_ONLY))
    assert told == f"localhost:{PORT}"


@pytest.mark.parametrize("host", ["proxy", "named"])
def test_a_sibling_on_musl_reaches_what_it_is_told(engine, musl, compose, bed, row, host):
    if host == "named":
        bed.kbridge("--network-alias", host, settings={"KBRIDGE_ADVERTISE_NETWORK": f"{host}:{PORT}"})
    outcome = suite_in_container(engine, f"{host}:{PORT}", "--network", NETWORK, options=ON_MUSL, image=musl)
    row("a sibling on musl", f"{host}:{PORT}", outcome)


def test_a_container_with_the_hosts_network_is_told_localhost(engine, compose, row):
    outcome = suite_in_container(engine, f"localhost:{PORT}", "--network", "host")
    assert row("a container with the host's network", f"localhost:{PORT}", outcome) == f"localhost:{PORT}"


def test_host_docker_internal_needs_to_be_advertised(engine, compose, row):
    """Such a container looks just like the host, and is told the host's localhost, where it finds nobody."""
    address, there = f"host.docker.internal:{PORT}", ["--add-host", HOST_GATEWAY]
    outcome = suite_in_container(engine, address, *there, options=SEEN_ONLY)
    send = f"echo record | kcat -P -b {address} -t unreachable -X message.timeout.ms=3000"
    outcome.passed = engine.try_docker("run", "--rm", *there, CLIENT, "sh", "-c", send).returncode == 0
    outcome.result = "passes" if outcome.passed else "cannot send"
    assert row("another network", address, outcome, works=False) == f"localhost:{PORT}"
    assert f"with --advertise.gateway {address}" in compose.container("proxy").log()


def test_another_network_works_through_host_docker_internal_that_is_advertised(engine, compose, bed, row):
    address = "host.docker.internal:39092"
    bed.kbridge(publish=f"39092:{PORT}", settings={"KBRIDGE_ADVERTISE_GATEWAY": address})
    outcome = suite_in_container(engine, address, "--add-host", HOST_GATEWAY)
    assert row(f"another network, advertise.gateway={address}", address, outcome) == address


def test_a_container_started_through_a_mounted_socket_works_as_a_sibling(engine, compose, row):
    endpoint = engine.docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    if not endpoint.startswith("unix://"):
        pytest.skip(f"cannot: the engine is at {endpoint}, which is no socket to be mounted")
    mounts = [
        "--volume", f"{endpoint.removeprefix('unix://')}:/var/run/docker.sock",
        "--volume", f"{shutil.which('docker')}:/usr/local/bin/docker:ro",
    ]  # fmt: skip
    inner = ["docker", "run", "--network", NETWORK, *suite_command(f"proxy:{PORT}", *QUICK)]
    outcome = outcome_of(engine.try_docker("run", "--rm", "--network", "none", *mounts, CLIENT, *inner))
    row("a container started through a mounted docker.sock", f"proxy:{PORT}", outcome)


def test_a_changed_published_port_needs_one_setting(compose, bed, row):
    address = "localhost:39092"
    bed.kbridge(publish=f"39092:{PORT}", settings={"KBRIDGE_ADVERTISE_GATEWAY": address})
    assert row(f"the host, advertise.gateway={address}", address, suite_on_host(address, *QUICK)) == address


def test_a_job_of_bitbucket_is_told_the_docker_host_that_the_variable_names(engine, compose, bed, row):
    docker_host = network_address(engine, "bridge")
    settings = {"BITBUCKET_DOCKER_HOST_INTERNAL": docker_host, "KBRIDGE_LISTEN": "*:39092"}
    bed.kbridge(publish="39092:39092", settings=settings)
    address = f"{docker_host}:39092"
    outcome = suite_in_container(engine, address, options=QUICK)
    assert row("another network, $BITBUCKET_DOCKER_HOST_INTERNAL", address, outcome) == address


def test_the_hosts_own_address_is_warned_of_with_the_line_that_mends_it(engine, compose, bed, row):
    lan = lan_address()
    if not lan:
        pytest.skip("cannot: this machine has no network")
    address = f"{lan}:39092"
    doubted = bed.kbridge(publish=f"39092:{PORT}")
    outcome = suite_on_host(address, *SEEN_ONLY)
    warning = doubted.wait_logged(r"warn .*").group()
    outcome.told = re.search(r"is told (\S+), which it can hardly reach", warning).group(1)
    row("the host, by its address in the LAN (with a warning)", address, outcome)
    doubted.remove()

    flag, rule = re.search(r"(--advertise) (\S+=HOST:PORT)", warning).groups()
    line = (flag, rule.replace("HOST:PORT", address))
    bed.kbridge(publish=f"39092:{PORT}", arguments=line)
    assert row(f"the host, {' '.join(line)}", address, suite_on_host(address, *QUICK)) == address


def test_a_proxy_in_two_networks_knows_both(engine, compose, bed, row):
    other = bed.network("kbridge-test-other")
    proxy = bed.kbridge(publish=f"39092:{PORT}")
    engine.docker("network", "connect", "--alias", "proxy", other, proxy.name)
    outcome = suite_in_container(engine, f"proxy:{PORT}", "--network", other, options=QUICK)
    told = row("a sibling in the proxy's second network", f"proxy:{PORT}", outcome)
    own = proxy.inspect(f'{{{{(index .NetworkSettings.Networks "{other}").IPAddress}}}}')
    assert told == f"{own}:{PORT}"
