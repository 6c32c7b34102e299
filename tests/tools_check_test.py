# SPDX-License-Identifier: Apache-2.0
"""`kbridge check`: set-ups that are broken in the ways that people break them, what it says, and that its lines put each right.

Most are made with kbridge's own mock and a wrong --advertise: what a client is told is all that matters, not who tells it. Those that
need a real broker are in tests/e2e/test_check.py.
"""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e import fakes
from tests.kafka.net import free_port

pytestmark = pytest.mark.core

BUILD = Path(os.environ.get("KBRIDGE_BUILD", Path(__file__).resolve().parents[1] / "build/dev"))
KBRIDGE = BUILD / "kbridge"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
NOBODY = 1  # a port at which nobody listens


def kbridge(*arguments: str, hosts: Path | None = None) -> subprocess.CompletedProcess:
    """With `hosts` in the place of the hosts file, for this one process."""
    command = [KBRIDGE, *arguments]
    if hosts:
        command = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts, *command]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=ENVIRONMENT)


@contextmanager
def mock(*settings: str) -> Iterator[None]:
    process = subprocess.Popen([KBRIDGE, "mock", *settings], stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        while "cluster" not in process.stderr.readline():
            assert process.poll() is None
        yield
    finally:
        process.kill()
        process.communicate()


def names(done: subprocess.CompletedProcess) -> list[str]:
    return [finding["name"] for finding in json.loads(done.stdout)["findings"] if not finding["note"]]


def is_fine(address: str, hosts: Path | None = None) -> bool:
    checked = kbridge("check", address, "--json", hosts=hosts)
    waited = kbridge("wait", address.removeprefix("ssl://"), "--timeout", "60s", hosts=hosts)
    return checked.returncode == 0 and names(checked) == [] and waited.returncode == 0


def own_address() -> str:
    """An address of this machine that is no loopback; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]


@dataclass(frozen=True)
class Setup:
    """kbridge's mock with settings, looked at from `asked`; {port} is a free port, {own} an address of this machine."""

    name: str
    broken: tuple[str, ...]
    asked: str
    sentence: str
    line: str  # of those to paste
    right: tuple[str, ...]  # the settings with that line
    asked_then: str | None = None
    hosts: str | None = None


SETUPS = [
    Setup("advertised-localhost", ("--listen", "{own}:{port}", "--advertise", f"localhost:{NOBODY}"), "{own}:{port}",
          f"Clients are told localhost:{NOBODY}, which is the machine or container that the client itself runs in; you came to {{own}}:{{port}}.",
          'environment: { KBRIDGE_ADVERTISE: "{own}:{port}" }', ("--listen", "{own}:{port}", "--advertise", "{own}:{port}")),
    Setup("docker-desktop", ("--listen", "{own}:{port}", "--advertise", f"localhost:{NOBODY}"), "host.docker.internal:{port}",
          f"You came through host.docker.internal:{{port}}, and clients are told localhost:{NOBODY}, which in a container is the container itself.",
          'environment: { KBRIDGE_ADVERTISE_GATEWAY: "host.docker.internal:{port}" }',
          ("--listen", "{own}:{port}", "--advertise", "host.docker.internal:{port}"), hosts="{own} host.docker.internal\n127.0.0.1 localhost\n"),
    Setup("compose-name", ("--listen", "localhost:{port}", "--advertise", "kafka-of-compose:9092"), "localhost:{port}",
          "Clients are told kafka-of-compose:9092, a name that does not resolve here;", "  image: kbridge", ("--listen", "localhost:{port}")),
    Setup("name", ("--listen", "localhost:{port}", "--advertise", "kafka.invalid:9092"), "localhost:{port}",
          "Clients are told kafka.invalid:9092, and kafka.invalid does not resolve here.", "kbridge localhost:{port}", ("--listen", "localhost:{port}")),
    Setup("unpublished-port", ("--listen", "localhost:{port}", "--advertise", f"localhost:{NOBODY}"), "localhost:{port}",
          f"Clients are told localhost:{NOBODY}, and nobody listens there: {{port}} is the port that is published, {NOBODY} is not.",
          'environment: { KBRIDGE_ADVERTISE_GATEWAY: "localhost:{port}" }', ("--listen", "localhost:{port}", "--advertise", "localhost:{port}")),
    Setup("equal-addresses", ("--brokers", "3", "--listen", "127.0.0.1:{port}", "--advertise", "127.0.0.1:{port}"), "127.0.0.1:{port}",
          "Several brokers are told as 127.0.0.1:{port}.", "kbridge … --advertise localhost:{port}",
          ("--brokers", "3", "--listen", "127.0.0.1:{port}", "--advertise", "localhost:{port}")),
    Setup("ipv6-first", ("--listen", "127.0.0.1:{port}"), "both:{port}",
          "both is an IPv6 address first, and nobody listens there;", "kbridge … --listen localhost:{port}", ("--listen", "localhost:{port}"),
          hosts="::1 both localhost\n127.0.0.1 both localhost\n"),
    Setup("plaintext", ("--listen", "localhost:{port}"), "ssl://localhost:{port}", "localhost:{port} speaks plaintext, and the client that is meant speaks TLS.",
          "security.protocol=PLAINTEXT", ("--listen", "localhost:{port}"), asked_then="localhost:{port}"),
]  # fmt: skip


@pytest.mark.parametrize("setup", SETUPS, ids=lambda setup: setup.name)
def test_a_broken_set_up_is_recognised_and_its_lines_put_it_right(setup, tmp_path):
    values = {"port": str(free_port()), "own": own_address()}

    def fill(text: str) -> str:
        return text.replace("{port}", values["port"]).replace("{own}", values["own"])

    hosts = None
    if setup.hosts:
        hosts = tmp_path / "hosts"
        hosts.write_text(fill(setup.hosts))
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
            pytest.skip("cannot: a process may not have mounts of its own")
    with mock(*map(fill, setup.broken)):
        done = kbridge("check", fill(setup.asked), hosts=hosts)
        assert done.returncode == 1, done.stdout
        assert fill(setup.sentence) in done.stdout
        assert f"      {fill(setup.line)}\n" in done.stdout
        assert setup.name in names(kbridge("check", fill(setup.asked), "--json", hosts=hosts))
    with mock(*map(fill, setup.right)):
        assert is_fine(fill(setup.asked_then or setup.asked), hosts)


# ---- what is no broker


def four_letters(connection: socket.socket) -> None:
    if connection.recv(4) == b"srvr":
        connection.sendall(b"Zookeeper version: 3.8.4\n")


def says(answer: bytes):
    def serve(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    return fakes.server(serve)


STRANGERS = {
    "zookeeper": (lambda: fakes.server(four_letters), "is ZooKeeper; clients of Kafka talk to a broker, mostly at port 9092."),
    "not-kafka": (lambda: says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "is no Kafka: another service"),
    "closes": (lambda: fakes.closing_server(None), "accepts connections and closes them without an answer"),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_what_is_no_broker_is_named_and_the_broker_in_its_place_is_fine(name):
    server, sentence = STRANGERS[name]
    with server() as upstream:
        done = kbridge("check", upstream.bootstrap)
        assert done.returncode == 1
        assert sentence in done.stdout
        assert names(kbridge("check", upstream.bootstrap, "--json")) == [name]
    port = free_port()
    with mock("--listen", f"localhost:{port}"):
        assert is_fine(f"localhost:{port}")


def test_nobody_and_a_name_that_does_not_resolve_are_told_apart():
    assert names(kbridge("check", f"127.0.0.1:{NOBODY}", "--json")) == ["nobody"]
    assert names(kbridge("check", "nowhere.invalid:9092", "--json")) == ["asked-name"]


def test_names_of_the_hosts_file_in_other_letters_are_noted_because_of_musl():
    port = free_port()
    with mock("--brokers", "3", "--listen", f"localhost:{port}"):
        done = kbridge("check", f"localhost:{port}")
        assert done.returncode == 0
        assert "(Only a note.) Broker 1 is told as Localhost" in done.stdout
        assert "musl (Alpine) finds names of that file in their exact case only." in done.stdout


# ---- a configuration


def test_a_proxy_in_front_of_itself_is_seen_before_it_starts():
    port = free_port()
    done = kbridge("check", f"localhost:{port}", "--listen", f"*:{port}")
    assert done.returncode == 1
    assert f"kbridge would be in front of itself: localhost:{port} is an address on which it listens." in done.stdout
    with mock("--listen", f"localhost:{port}"):
        assert kbridge("check", f"localhost:{port}", "--listen", f"*:{free_port()}").returncode == 0


def test_a_port_that_is_taken_and_a_forward_that_leads_nowhere_are_named():
    port, other = free_port(), free_port()
    with mock("--listen", f"localhost:{port}"):
        done = kbridge("check", f"localhost:{port}", "--listen", f"127.0.0.1:{port}", "--forward", f"{other}=127.0.0.1:{NOBODY}")
    assert done.returncode == 1
    assert f"kbridge cannot listen on 127.0.0.1:{port}: Address already in use." in done.stdout
    assert f"Nobody can be reached at the target of a forward, 127.0.0.1:{NOBODY}." in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("a:b:c",), 'kbridge: check: "a:b:c" has several colons'),
        ((), "kbridge: No broker is given"),
        (("kafka:9092", "--lisen", "*"), 'kbridge: flag "--lisen" is not known; did you mean --listen?'),
    ],
)
def test_what_is_written_wrong_ends_with_2(arguments, sentence):
    done = kbridge("check", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(sentence)
