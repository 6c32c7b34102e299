# SPDX-License-Identifier: Apache-2.0
"""`kbridge-tools mock` is a broker for tests: it says where it listens, serves kcat, and ends with 0 when told to."""

import os
import re
import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kafka.net import free_port

pytestmark = pytest.mark.core

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("KBRIDGE_BUILD", ROOT / "build/dev"))
TOOLS = BUILD / "kbridge-tools"
KBRIDGE = BUILD / "kbridge"


@contextmanager
def mock(*arguments):
    """A running mock and its bootstrap servers."""
    process = subprocess.Popen([TOOLS, "mock", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def kcat(servers, *arguments, given=""):
    done = subprocess.run(["kcat", "-b", servers, *arguments], input=given, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(*arguments):
    done = subprocess.run([TOOLS, *arguments], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def test_a_topic_that_was_asked_for_is_there():
    with mock("--topic", "orders:3", "--topic=plain") as (_, servers):
        listed = kcat(servers, "-L")
    assert " 1 brokers:" in listed
    assert 'topic "orders" with 3 partitions' in listed
    assert 'topic "plain" with 1 partitions' in listed


def test_a_record_that_was_produced_is_consumed():
    with mock() as (_, servers):
        kcat(servers, "-P", "-t", "news", "-p", "0", given="hello\n")
        assert kcat(servers, "-C", "-t", "news", "-p", "0", "-o", "beginning", "-e", "-q") == "hello\n"


def test_it_has_as_many_brokers_as_were_asked_for():
    with mock("--brokers", "3") as (_, servers):
        assert len(servers.split(",")) == 3
        assert " 3 brokers:" in kcat(servers, "-L")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_with_0(stop):
    with mock() as (process, servers):
        process.send_signal(stop)
        rest, said = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, "")
    assert said.startswith(f"A mock of 1 broker listens on {servers}, with 0 topics; others are made when they are used. It keeps")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--brokers", "0"], "--brokers 0: expected a number from 1 to 100."),
        (["--brokers", "three"], "--brokers three: expected a number from 1 to 100."),
        (["--topic", "orders:0"], "--topic orders:0: expected from 1 to 1000 partitions."),
        (["--topic", ":3"], "--topic :3: the name must have from 1 to 249 characters."),
        (["--topic"], "--topic is not known, or has no value."),
        (["--bootstrap"], "--bootstrap is not known, or has no value."),
    ],
)
def test_what_is_written_wrong_ends_with_a_sentence_and_2(arguments, sentence):
    assert refused("mock", *arguments).splitlines()[0] == sentence


def test_an_unknown_command_is_refused_and_the_known_ones_named():
    said = refused("mok")
    assert said.startswith('kbridge-tools has no command "mok".\n')
    assert "  kbridge mock   Kafka for tests" in said


@contextmanager
def kbridge_mock(*arguments):
    """kbridge in front of its mock, and the address of both."""
    address = f"localhost:{free_port()}"
    command = [KBRIDGE, "mock", "--listen", address, *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KBRIDGE_")}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        yield process, address
    finally:
        process.kill()
        process.communicate()


def test_kbridge_mock_is_the_mock_behind_kbridge_on_its_one_port():
    with kbridge_mock("--brokers", "3", "--topic=orders:3") as (_, address):
        subprocess.run([KBRIDGE, "wait", address], check=True, timeout=60)
        listed = kcat(address, "-L")
    assert " 3 brokers:" in listed and 'topic "orders" with 3 partitions' in listed
    assert re.findall(r"broker \d at (\S+)", listed.lower()) == [address] * 3


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_kbridge_ends_its_mock_too(stop):
    with kbridge_mock() as (process, address):
        subprocess.run([KBRIDGE, "wait", address], check=True, timeout=60)
        (child,) = children_of(process.pid)
        process.send_signal(stop)
        assert process.wait(30) == 0
    assert not Path(f"/proc/{child}").exists()


def children_of(pid):
    return subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["kafka:9092"], "kbridge: `kbridge mock` brings its own brokers; leave out the address."),
        (["--lisen", "*:1"], 'kbridge: flag "--lisen" is not known; did you mean --listen?'),
        (["--brokers", "0"], "--brokers 0: expected a number from 1 to 100."),
    ],
)
def test_what_is_written_wrong_for_either_of_the_two_ends_with_2(arguments, sentence):
    done = subprocess.run([KBRIDGE, "mock", *arguments], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, sentence)


def test_kbridge_without_its_tools_says_where_it_looked(tmp_path):
    lonely = shutil.copy(KBRIDGE, tmp_path)
    done = subprocess.run([lonely, "mock"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    looked = tmp_path.resolve() / "kbridge-tools"
    assert done.stderr == f"kbridge: the command is in {looked}, which cannot be started: No such file or directory.\n"


def test_the_proxy_never_loads_librdkafka():
    needed = subprocess.run(["ldd", KBRIDGE], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "libuv" in needed and "librdkafka" not in needed
