# SPDX-License-Identifier: Apache-2.0
"""`kbridge check` at real brokers that are used in a wrong way: a real client fails there, check names why, and with the lines that it
prints, word for word, the client is through.

Apart from tests/tools_check_test.py, whose set-ups need no broker, and tests/docker, where those are that need a container.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import fakes
from tests.e2e.clients import CONFLUENT, MORE_CLIENTS, Consumer, produce
from tests.e2e.direct import Direct
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.sasl import BROKER, PASSWORD, USER
from tests.e2e.tables import add_row
from tests.kafka.cluster import Cluster
from tests.kafka.net import free_port

(OLD,) = [client for client in MORE_CLIENTS if client.name == "confluent-2.3.0"]
LOOPBACK = "127.0.0.1"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
TABLE = ("kbridge check", ["set-up", "sentence", "applied", "then"])
SETTING = re.compile(r"^[a-z.]+=", re.MULTILINE)
# Of a certificate that nobody has signed but itself.
TRUST = ("-X", "enable.ssl.certificate.verification=false")
PATIENT = ("--timeout", "60s", "--produce")
IMPATIENT = ("--timeout", "2s", "--produce")
RECORDS = 1000
PARTITIONS = 6


def kbridge(*arguments: str, hosts: Path | None = None) -> subprocess.CompletedProcess:
    """With `hosts` in the place of the hosts file, for this one process."""
    command = [binary(), *arguments]
    if hosts:
        command = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts, *command]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=ENVIRONMENT)


def a_client_is_through(*arguments: str, hosts: Path | None = None) -> bool:
    """librdkafka, with a record there and back."""
    return kbridge("wait", *arguments, *PATIENT, hosts=hosts).returncode == 0


def a_client_fails(*arguments: str, hosts: Path | None = None) -> bool:
    return kbridge("wait", *arguments, *IMPATIENT, hosts=hosts).returncode == 1


class Finding:
    """The one thing that is wrong, as check sees it."""

    def __init__(self, name: str, *arguments: str, hosts: Path | None = None):
        done = kbridge("check", *arguments, "--json", hosts=hosts)
        (found,) = [each for each in json.loads(done.stdout)["findings"] if not each["note"]]
        assert (found["name"], done.returncode) == (name, 1), found
        self.name, self.sentence = name, found["sentence"]
        self.lines = [line for line in found["paste"].split("\n") if not line.startswith("#")]

    def settings(self, **own: str) -> list[str]:
        """Those of a client among the lines, as flags of `wait`; where they say … the user puts his own."""
        lines = [line for line in self.lines if SETTING.match(line) and not line.startswith("listeners=")]
        return [word for line in lines for word in ("-X", line.replace("…", own.get(line.split("=")[0].replace(".", "_"), "")))]

    def command(self) -> list[str]:
        """The line that starts kbridge, without its program; … stands for what is there already."""
        (line,) = [line for line in self.lines if line.startswith("kbridge ")][:1]
        return [word for word in line.split()[1:] if word != "…"]

    def note(self, applied: str, then: str) -> None:
        add_row(*TABLE, self.name, self.sentence, applied, then)


def is_fine(address: str, hosts: Path | None = None) -> bool:
    done = kbridge("check", address, "--json", hosts=hosts)
    return done.returncode == 0 and all(each["note"] for each in json.loads(done.stdout)["findings"])


@pytest.fixture(scope="module")
def three() -> Iterator[Cluster]:
    with Cluster(brokers=3) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def tls(tmp_path_factory) -> Iterator[Cluster]:
    with fakes.tls_cluster(tmp_path_factory.mktemp("tls")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def sasl() -> Iterator[Cluster]:
    with Cluster(security="SASL_PLAINTEXT", properties=BROKER) as cluster:
        yield cluster


def test_a_plaintext_client_at_a_listener_for_tls(tls):
    assert a_client_fails(tls.bootstrap)
    found = Finding("tls", tls.bootstrap)
    assert found.sentence == f"{tls.bootstrap} speaks TLS, and the client that is meant, like kbridge, speaks plaintext."
    assert found.settings() == ["-X", "security.protocol=SSL"]
    assert a_client_is_through(tls.bootstrap, *found.settings(), *TRUST)
    # The other way out: a listener for plaintext beside it.
    assert found.lines[-1].startswith("listeners=PLAINTEXT://")
    assert is_fine(tls.internal) and a_client_is_through(tls.internal)
    found.note("security.protocol=SSL; a plaintext listener", "through")


def test_a_client_for_tls_at_a_plaintext_listener(tls):
    assert a_client_fails(tls.internal, "-X", "security.protocol=SSL", *TRUST)
    found = Finding("plaintext", f"ssl://{tls.internal}")
    assert found.sentence == f"{tls.internal} speaks plaintext, and the client that is meant speaks TLS."
    assert a_client_is_through(tls.internal, *found.settings())
    found.note("security.protocol=PLAINTEXT", "through")


def test_a_client_without_a_user_at_a_listener_that_wants_one(sasl, tmp_path):
    proxy = Kbridge(sasl, tmp_path, binary())
    for address in (sasl.direct, proxy.address):
        assert a_client_fails(address)
        found = Finding("sasl", address)
        assert found.sentence == f"{address} is a broker that answers only who has authenticated (SASL)."
        assert a_client_is_through(proxy.address, *found.settings(sasl_username=USER, sasl_password=PASSWORD))
    found.note("security.protocol, sasl.mechanism, sasl.username, sasl.password", "through kbridge")
    proxy.stop()


def test_the_port_of_the_controller(three):
    broker = three.brokers[0]
    controller = f"{LOOPBACK}:{broker.controller_port}"
    assert a_client_fails(controller)
    found = Finding("controller", controller)
    assert found.sentence.startswith(f"{controller} is a KRaft controller, which serves no clients; the broker's listener is another port")
    (line,) = found.lines
    address = line.replace("9092", str(broker.client_port))  # "mostly 9092"
    assert is_fine(address) and a_client_is_through(address)
    found.note("the broker's port", "through")


def test_a_kbridge_in_front_of_itself(three, tmp_path):
    port = free_port()
    itself = f"localhost:{port}"
    with fakes.at(itself) as upstream:
        running = Kbridge(upstream, tmp_path, binary(), port=port)
    assert a_client_fails(itself)
    running.stop()
    found = Finding("loop", itself, "--listen", itself)
    assert found.sentence == f"kbridge would be in front of itself: {itself} is an address on which it listens."
    assert found.command() == ["BROKER:9092", "--listen", "localhost:29092"]
    right = Kbridge(three, tmp_path, binary(), port=port, upstream=three.brokers[0].bootstrap)
    assert is_fine(itself) and a_client_is_through(itself)
    right.stop()
    found.note("the broker as upstream", "through")


def test_a_name_that_is_an_ipv6_address_first(three, tmp_path):
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("cannot: a process may not have mounts of its own")
    hosts = tmp_path / "hosts"
    hosts.write_text("::1 both localhost\n127.0.0.1 both localhost\n")
    broker = three.brokers[0]
    asked = f"both:{broker.client_port}"
    found = Finding("ipv6-first", asked, hosts=hosts)
    assert found.sentence.startswith("both is an IPv6 address first, and nobody listens there;")
    assert found.lines[0] == broker.bootstrap
    assert is_fine(found.lines[0]) and a_client_is_through(found.lines[0])
    assert found.command() == ["--listen", f"localhost:{broker.client_port}"]
    proxy = Kbridge(three, tmp_path, binary())  # it listens on localhost
    assert is_fine(f"both:{proxy.port}", hosts) and a_client_is_through(f"both:{proxy.port}", hosts=hosts)
    proxy.stop()
    found.note("127.0.0.1; or kbridge on localhost", "through")


def test_an_old_client_that_knows_brokers_by_their_address(three, name, tmp_path):
    """At equal addresses it goes to one broker for all, and misses what the others lead; a client of today does not."""
    values = [str(number) for number in range(RECORDS)]
    Direct(three.internal).create_topic(name, PARTITIONS)
    port = free_port()
    equal = f"{LOOPBACK}:{port}"
    broken = Kbridge(three, tmp_path, binary(), "--advertise", equal, port=port)
    found = Finding("equal-addresses", equal)
    assert found.sentence.startswith(f"Several brokers are told as {equal}. Old clients (librdkafka before 2.10, kafkajs)")
    produce(CONFLUENT, equal, name, values, tmp_path)
    old, new = (Consumer(client, number, equal, name, f"{name}-{number}", tmp_path) for number, client in enumerate((OLD, CONFLUENT)))
    old.wait_for(1)
    assert sorted(new.wait_for(RECORDS)) == sorted(values)
    missed = RECORDS - len(old.values())
    assert missed > 0
    old.process.kill()
    new.process.kill()
    broken.stop()

    assert found.command() == ["--advertise", f"localhost:{port}"]
    right = Kbridge(three, tmp_path, binary(), *found.command(), port=port)
    assert is_fine(equal)
    again = Consumer(OLD, 2, equal, name, f"{name}-2", tmp_path)
    assert sorted(again.wait_for(RECORDS)) == sorted(values)
    again.stop()
    right.stop()
    found.note(f"a name; before, librdkafka 2.3.0 missed {missed} of {RECORDS} records", "it gets all")
