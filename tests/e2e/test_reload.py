# SPDX-License-Identifier: Apache-2.0
"""SIGHUP reads the settings again: new clients follow the new ones, old clients go on, and a bad file changes nothing."""

import os
import signal
import time
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from tests.e2e import fakes
from tests.e2e.flow import wait_until
from tests.e2e.kbridge import Kbridge, binary

pytestmark = pytest.mark.core

WAIT_S = 60
RELOADS = 20
# Behind a kbridge that is slower than this loop; librdkafka would refuse more than 100,000.
QUEUED_MAX = 50_000


class Reloaded:
    """kbridge with a settings file that the test writes again."""

    def __init__(self, upstream, folder: Path, *settings: str):
        self.file = folder / "kbridge.yaml"
        self.file.write_text("log: info\n")
        self.proxy = Kbridge(upstream, folder, binary(), "--config", str(self.file), *settings)

    def reload(self, text: str, said: str) -> None:
        before = self.count(said)
        self.file.write_text(text)
        os.kill(self.proxy.process.pid, signal.SIGHUP)
        wait_until(lambda: self.count(said) > before, said)

    def count(self, said: str) -> int:
        return self.proxy.log.read_text().count(said)


def told(address: str) -> str:
    (broker,) = AdminClient({"bootstrap.servers": address}).list_topics(timeout=WAIT_S).brokers.values()
    return f"{broker.host}:{broker.port}"


@pytest.fixture(params=["1", "3"])
def reloaded(request, tmp_path):
    with fakes.mock(binary().with_name("kbridge-tools")) as upstream:
        reloaded = Reloaded(upstream, tmp_path, "--workers", request.param)
        yield reloaded
        reloaded.proxy.stop()


READ = "SIGHUP: the settings are read again"


def test_who_connects_after_it_is_told_by_the_new_settings(reloaded):
    address = reloaded.proxy.address
    assert told(address) == address
    reloaded.reload("advertise: any=127.0.0.1\n", READ)
    wait_until(lambda: told(address) == address.replace("localhost", "127.0.0.1"), "a client is told the new address")
    reloaded.reload("{}\n", READ)
    wait_until(lambda: told(address) == address, "a client is told the old address again")


def test_a_bad_file_changes_nothing_and_the_log_says_why(reloaded):
    address = reloaded.proxy.address
    reloaded.reload("advertise: any=127.0.0.1\n", READ)
    reloaded.reload("advertse: any=kafka\n", f'SIGHUP: nothing has changed: {reloaded.file}:1: "advertse" is no setting; did you mean advertise?')
    wait_until(lambda: told(address) == address.replace("localhost", "127.0.0.1"), "the good settings still hold")


def test_what_cannot_change_is_named(reloaded):
    reloaded.reload("log: debug\nforward: 8081=registry:8081\n", READ)
    for name in ("log", "forward"):
        assert reloaded.proxy.log_contains(f"SIGHUP: {name} cannot change while kbridge runs, and stays as it was; restart kbridge for that")
    assert not reloaded.proxy.log_contains("SIGHUP: listen")


def test_no_record_is_lost_while_it_is_reloaded_under_load(reloaded):
    sent, failed, stored = 0, [], []
    producer = Producer({"bootstrap.servers": reloaded.proxy.address, "linger.ms": 1})
    for number in range(RELOADS):
        until = time.monotonic() + 0.1
        while time.monotonic() < until:
            if len(producer) >= QUEUED_MAX:
                producer.poll(0.01)
                continue
            producer.produce("news", str(sent), partition=0,
                             on_delivery=lambda error, record: failed.append(error) if error else stored.append(record.offset()))  # fmt: skip
            sent += 1
            producer.poll(0)
        reloaded.reload(f"limits: {{in_flight: {100 + number}}}\nadvertise: any=127.0.0.{1 + number % 2}\n", READ)
    assert producer.flush(WAIT_S) == 0
    assert not failed
    assert sorted(stored) == list(range(sent))
    assert not reloaded.proxy.log_contains(" ended: | went: (?!the client closed)")
