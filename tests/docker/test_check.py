# SPDX-License-Identifier: Apache-2.0
"""`kbridge check` in set-ups that are broken as only containers can break them, each built for real; the lines that it prints, put in
their place; and the set-up that works then.

Apart from tests/tools_check_test.py because names, published ports and neighbours of Docker are real here.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.docker.bed import HERE, PORT, Bed, Compose, variables
from tests.docker.images import KAFKA, KBRIDGE, ROOT

pytestmark = pytest.mark.docker

NETWORK = "kbridge-test-broken"
PROJECT = "kbridge-test-mended"
ZOOKEEPER = "kbridge-test-zookeeper"
NATIVE = Path(os.environ.get("KBRIDGE_BUILD", ROOT / "build/dev")) / "kbridge"
DESKTOP = "host.docker.internal"
# One broker that tells, at one port, a name of its own network, and at another one localhost.
BROKER = {
    "NODE_ID": 1,
    "PROCESS_ROLES": "broker,controller",
    "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
    "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "INTER_BROKER_LISTENER_NAME": "NAMED",
    "LISTENERS": "NAMED://:9092,CONTROLLER://:9093,LOCAL://:9096",
    "ADVERTISED_LISTENERS": "NAMED://kafka:9092,LOCAL://localhost:9096",
    "LISTENER_SECURITY_PROTOCOL_MAP": "NAMED:PLAINTEXT,CONTROLLER:PLAINTEXT,LOCAL:PLAINTEXT",
    "OFFSETS_TOPIC_REPLICATION_FACTOR": 1,
    "GROUP_INITIAL_REBALANCE_DELAY_MS": 0,
}
# A record to each of three partitions, in Python; ends with 1 when one is lost.
SEND_TO_EACH = """
import sys
from confluent_kafka import Producer
lost = []
producer = Producer({"bootstrap.servers": sys.argv[1], "message.timeout.ms": 10000})
for partition in range(3):
    producer.produce("orders", "record", partition=partition, on_delivery=lambda error, _: error and lost.append(error))
producer.flush()
sys.exit(bool(lost))
"""
# Where `docker run` puts a container, by where somebody asks from; the host needs none.
PLACES = {"a sibling": ("--network", NETWORK), "another network": ("--add-host", f"{DESKTOP}:host-gateway")}


class Asker:
    """Runs kbridge where a client would run."""

    def __init__(self, engine):
        self._engine = engine

    def run(self, where: str, *arguments: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
        if where == "the host":
            return self._engine.run([str(NATIVE), *arguments])
        return self._engine.try_docker("run", "--rm", *PLACES[where], *options, KBRIDGE, *arguments)

    def finding(self, where: str, address: str, name: str, options: tuple[str, ...] = ()) -> dict:
        done = self.run(where, "check", address, "--json", options=options)
        found = {finding["name"]: finding for finding in json.loads(done.stdout)["findings"]}
        assert name in found, done.stdout
        assert done.returncode == (0 if found[name]["note"] else 1)
        assert self.run(where, "check", address, options=options).stdout.count(found[name]["sentence"]) == 1
        return found[name]

    def assert_works(self, where: str, address: str) -> None:
        waited = self.run(where, "wait", address, "--produce", "--timeout", "180s")
        assert waited.returncode == 0, waited.stdout
        checked = self.run(where, "check", address)
        assert checked.returncode == 0 and checked.stdout.endswith("Nothing is wrong here.\n"), checked.stdout


@pytest.fixture(scope="module")
def asker(engine, images):
    """With Kafka and ZooKeeper in one network. A port of Kafka is published, and one behind which nobody listens."""
    images.build(ZOOKEEPER, HERE / "zookeeper")
    bed, asker = Bed(engine), Asker(engine)
    settings = variables({f"KAFKA_{name}": value for name, value in BROKER.items()})
    try:
        at = ["--network", bed.network(NETWORK), "--network-alias"]
        bed.start(KAFKA, *at, "kafka", "--publish", "39092:9092", "--publish", "39099:9099", *settings)
        bed.start(ZOOKEEPER, *at, "zookeeper", "--env", "ZOOKEEPER_CLIENT_PORT=2181")
        asker.assert_works("a sibling", "kafka:9092")
        assert asker.run("a sibling", "wait", "tcp://zookeeper:2181", "--timeout", "180s").returncode == 0
        yield asker
    finally:
        bed.close()


@dataclass(frozen=True)
class Broken:
    name: str
    where: str
    asked: str
    says: str
    then: str  # the address that works, with the lines
    lines: int = 0  # which of the pasted alternatives
    proxy: dict | None = None  # the kbridge that is there already


BROKEN = [
    Broken("compose-name", "the host", "localhost:39092", "Clients are told kafka:9092, a name that does not resolve here", f"localhost:{PORT}"),
    Broken("advertised-localhost", "a sibling", "kafka:9096", "Clients are told localhost:9096, which is the machine or container", f"proxy:{PORT}"),
    Broken("unpublished-port", "the host", "localhost:39192", f"39192 is the port that is published, {PORT} is not", f"localhost:{PORT}",
           proxy={"ports": [f"39192:{PORT}"]}),
    Broken("unpublished-port", "the host", "localhost:39192", f"39192 is the port that is published, {PORT} is not", "localhost:39192",
           lines=1, proxy={"ports": [f"39192:{PORT}"]}),
    Broken("docker-desktop", "another network", f"{DESKTOP}:{PORT}", f"clients are told localhost:{PORT}, which in a container is", f"{DESKTOP}:{PORT}",
           proxy={"ports": [f"{PORT}:{PORT}"]}),
]  # fmt: skip


def pasted(finding: dict, number: int) -> str:
    """One of the alternatives that are to be pasted; each stands below its comment."""
    return [lines for lines in re.split(r"^# .*\n?", finding["paste"], flags=re.MULTILINE) if lines][number]


class Proxy(Compose):
    """A kbridge in a compose file, in the network of the broken broker."""

    def __init__(self, engine, file: Path, service: dict):
        service = {"image": KBRIDGE, "command": "kafka:9092", **service}
        file.write_text(yaml.safe_dump({
            "version": "3.5", "services": {"proxy": service}, "networks": {"default": {"external": True, "name": NETWORK}},
        }))  # fmt: skip
        super().__init__(engine, PROJECT, file)

    def __enter__(self) -> "Proxy":
        super().__enter__()
        self.container("proxy").wait_logged("has 1 node")
        return self


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: f"{broken.name}-{broken.lines}")
def test_the_lines_that_are_printed_put_it_right(engine, asker, broken, tmp_path, report):
    file = tmp_path / "compose.yaml"
    if broken.proxy:
        with Proxy(engine, file, broken.proxy):
            finding = asker.finding(broken.where, broken.asked, broken.name)
    else:
        finding = asker.finding(broken.where, broken.asked, broken.name)
    assert broken.says in finding["sentence"]
    lines = pasted(finding, broken.lines)
    service = yaml.safe_load(lines)
    with Proxy(engine, file, {**(broken.proxy or {}), **service.get("proxy", service)}):
        asker.assert_works(broken.where, broken.then)
    report.append(f"check from {broken.where}, {broken.asked}: {broken.name}; mended with {' '.join(lines.split())}: {broken.then} works")


@pytest.mark.parametrize(
    ("name", "asked", "says"),
    [
        ("zookeeper", "zookeeper:2181", "zookeeper:2181 is ZooKeeper; clients of Kafka talk to a broker, mostly at port 9092."),
        ("not-kafka", "proxy:28092", "What answers at proxy:28092 is no Kafka: another service"),
    ],
)
def test_a_real_service_that_is_no_broker_is_named(asker, bed, name, asked, says, report):
    """kbridge's own metrics are HTTP."""
    bed.start(KBRIDGE, "--network", NETWORK, "--network-alias", "proxy", command=("kafka:9092",)).wait_logged("has 1 node")
    assert asker.finding("a sibling", asked, name)["sentence"].startswith(says)
    for address in ("kafka:9092", f"proxy:{PORT}"):
        asker.assert_works("a sibling", address)
    report.append(f"check from a sibling, {asked}: {name}; mended with the broker's port: works")


def test_a_published_port_behind_which_nobody_listens_is_named(asker, report):
    finding = asker.finding("the host", "localhost:39099", "closes")
    assert "a published port behind which nobody listens" in finding["sentence"]
    report.append("check from the host, a published port behind which nobody listens: closes")


def test_musl_needs_a_name_of_dns_where_brokers_are_told_in_other_letters(engine, asker, bed, musl, report):
    """Three brokers, told as one name in three spellings; musl finds a name of /etc/hosts in one of them only."""
    mock = ("mock", "--brokers", "3", "--topic", "orders:3")
    proxy = bed.start(KBRIDGE, "--network", NETWORK, "--network-alias", "proxy", command=(*mock, "--advertise", f"inhosts:{PORT}"))
    address = proxy.inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
    in_hosts = ("--add-host", f"inhosts:{address}")
    finding = asker.finding("a sibling", f"inhosts:{PORT}", "musl-hosts", options=in_hosts)
    assert finding["note"] and "in their exact case only." in finding["sentence"]

    def sends(host: str) -> bool:
        run = ["run", "--rm", "--network", NETWORK, *in_hosts, musl, "-c", SEND_TO_EACH, f"{host}:{PORT}"]
        return engine.try_docker(*run).returncode == 0

    assert not sends("inhosts")
    proxy.remove()
    environment = yaml.safe_load(pasted(finding, 0))["environment"]
    bed.start(KBRIDGE, "--network", NETWORK, "--network-alias", "proxy", *variables(environment), command=mock).wait_healthy()
    assert sends("proxy")
    report.append(f"check from a sibling, a name of /etc/hosts: musl-hosts; mended with {environment}: works on musl")
