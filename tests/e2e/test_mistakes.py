# SPDX-License-Identifier: Apache-2.0
"""Each mistake, made for real: the sentence that kbridge prints, and that nobody else is harmed. The list is mistakes.py."""

import os
import re
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e import fakes
from tests.e2e.kbridge import ROOT, Kbridge, binary
from tests.e2e.mistakes import (
    ANSWER_TIMEOUT_S,
    BOUNDS,
    BROKER,
    CLIENT_MISTAKES,
    LOOP,
    PERMISSION_DENIED,
    PORT_IN_USE,
    SENTENCES,
    STAMP,
    START_MISTAKES,
    UPSTREAM_MISTAKES,
    WARNINGS,
    lines_with,
    note,
)
from tests.e2e.raw import RawClient
from tests.kafka.net import free_port

REPETITIONS = 1000
# A stretch of time, but for the first one, which is shorter.
COUNTED_S = 10

core = pytest.mark.core
UPSTREAMS = [
    pytest.param(mistake, id=mistake.name, marks=[] if mistake.real else [core]) for mistake in UPSTREAM_MISTAKES
]


@pytest.fixture(scope="module")
def broker():
    with fakes.mock(binary().with_name("kbridge-tools")) as upstream:
        yield upstream


@pytest.fixture
def proxy(broker, tmp_path):
    proxy = Kbridge(broker, tmp_path, binary(), *BOUNDS)
    proxy.process.wait_until(lambda: proxy.log_contains("cluster .* has 1 node"), ANSWER_TIMEOUT_S)
    yield proxy
    proxy.stop()


def provoke(proxy: Kbridge, mistake) -> None:
    """Returns when kbridge has closed the connection."""
    with socket.create_connection(("127.0.0.1", proxy.port), ANSWER_TIMEOUT_S) as connection, suppress(ConnectionResetError):
        mistake.send(connection)
        while connection.recv(4096):
            pass


@core
@pytest.mark.parametrize("mistake", CLIENT_MISTAKES, ids=lambda mistake: mistake.name)
def test_a_client_that_is_wrong_is_told_and_harms_nobody(mistake, proxy):
    good = RawClient(proxy.address)
    before = good.ask_api_versions()

    provoke(proxy, mistake)

    (line,) = lines_with(proxy.process, mistake.sentence)
    assert re.match(r"client 127\.0\.0\.1:\d+ went: ", line)
    assert good.ask_api_versions()[4:] == before[4:]
    good.close()
    note(mistake.name, line)


@core
def test_a_mistake_made_a_thousand_times_is_one_line_and_a_count(proxy):
    good = RawClient(proxy.address)
    good.ask_api_versions()
    http = CLIENT_MISTAKES[1]
    assert "HTTP" in http.sentence

    begun = time.monotonic()
    for _ in range(REPETITIONS):
        provoke(proxy, http)
    took_s = time.monotonic() - begun

    good.ask_api_versions()
    good.close()
    proxy.stop()
    lines = [STAMP.sub("", line) for line in proxy.log.read_text().splitlines() if http.sentence in line]
    counts = [int(count) for line in lines for count in re.findall(r"\(… (\d+) more like this in the last \d+ s\)$", line)]
    # The first one, and a line with a count for each stretch of time that has passed meanwhile.
    assert sum(counts) == REPETITIONS - 1
    assert len(lines) == 1 + len(counts) <= 4 + took_s / COUNTED_S
    note(f"the same, {REPETITIONS} times", lines[-1])


@pytest.mark.parametrize("mistake", UPSTREAMS)
def test_an_upstream_that_is_no_broker_is_told(mistake, tmp_path):
    with mistake.upstream(tmp_path) as upstream:
        proxy = Kbridge(upstream, tmp_path, binary(), *mistake.settings)
        try:
            (line,) = lines_with(proxy.process, mistake.sentence.format(upstream=upstream.bootstrap))
        finally:
            proxy.stop()
    note(mistake.name, line.replace(upstream.bootstrap, "HOST:PORT") if "invalid" not in line else line)


@core
def test_an_upstream_that_is_kbridge_itself_is_told(tmp_path):
    port = free_port()
    address = f"{fakes.LOOPBACK}:{port}"
    with fakes.at(address) as upstream:
        proxy = Kbridge(upstream, tmp_path, binary(), port=port)
        try:
            (line,) = lines_with(proxy.process, LOOP.format(upstream=address))
        finally:
            proxy.stop()
    note("the upstream is kbridge itself", line.replace(address, "HOST:PORT"))


def started(*arguments: str, variables: tuple[tuple[str, str], ...] = (), before: tuple[str, ...] = ()):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
    return subprocess.run(
        [*before, str(binary()), *arguments],
        env={**environment, **dict(variables)},
        capture_output=True,
        text=True,
        timeout=ANSWER_TIMEOUT_S,
    )


def only_line(done: subprocess.CompletedProcess) -> str:
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return STAMP.sub("", line).removeprefix("kbridge: ")


@core
@pytest.mark.parametrize("mistake", START_MISTAKES, ids=lambda mistake: mistake.name)
def test_a_wrong_start_ends_with_one_sentence(mistake, tmp_path):
    file = tmp_path / "kbridge.yaml"
    more = ()
    if mistake.file is not None:
        file.write_text(mistake.file)
        more = ("--config", str(file))
    done = started(*mistake.arguments, *more, variables=mistake.variables)
    assert only_line(done) == mistake.sentence.format(file=file)
    assert done.returncode == mistake.exit_code
    note(mistake.name, only_line(done).replace(str(file), "kbridge.yaml"))


@core
def test_a_port_in_use_ends_it_with_one_sentence(broker):
    port = broker.bootstrap.rsplit(":", 1)[1]
    done = started(BROKER, "--listen", f"{fakes.LOOPBACK}:{port}")
    assert (done.returncode, only_line(done)) == (1, PORT_IN_USE.format(port=port))
    note("the port is in use", only_line(done).replace(port, "PORT"))


@core
def test_a_port_that_needs_a_privilege_ends_it_with_one_sentence():
    # In a network of its own every port is free, and in a user namespace of its own it has no privilege, whoever runs the test.
    alone = ("unshare", "--user", "--net")
    if subprocess.run([*alone, "true"], capture_output=True).returncode != 0:
        pytest.skip("cannot: this machine does not let unshare make a user and a network namespace")
    if Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text().strip() == "0":
        pytest.skip("cannot: on this machine every port is for everybody")
    done = started(BROKER, "--listen", "*:80", before=alone)
    assert (done.returncode, only_line(done)) == (1, PERMISSION_DENIED)
    note("a port below 1024 without the privilege", only_line(done))


@core
def test_the_readme_says_what_to_do_of_all_that_kbridge_says_and_of_nothing_else():
    faq = (ROOT / "README.md").read_text().split("## What kbridge said, and what to do\n")[1].split("\n## ")[0]
    quotes = re.findall(r"^\| `([^`]+)` \|", faq, re.MULTILINE)
    assert [quote for quote in quotes if not any(quote in sentence for sentence in [*SENTENCES, *WARNINGS])] == []
    assert set(WARNINGS) <= set(quotes)
    assert [warning for warning, file in WARNINGS.items() if warning not in (ROOT / file).read_text()] == []
    # Who starts it with a wrong word has been told already what to write instead.
    own_words = {mistake.sentence for mistake in START_MISTAKES if mistake.exit_code == 2}
    others = [sentence for sentence in SENTENCES if sentence not in own_words]
    assert [sentence for sentence in others if not any(quote in sentence for quote in quotes)] == []
